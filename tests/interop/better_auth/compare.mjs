// Owns: what two records of the same scene do not have in common, and which of it is allowed.

/** Every leaf of `value` by its path. An empty object or list is a leaf, so that it differs from none; no headers are none. */
function leaves(value, path, found) {
  if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
    for (const [key, one] of Object.entries(value)) leaves(one, path ? `${path}.${key}` : key, found);
  } else if (value === null || typeof value !== 'object') {
    found.set(path, value);
  } else if (path !== 'header' && path !== 'cookie') {
    found.set(path, Array.isArray(value) ? '<empty list>' : '<nothing>');
  }
  return found;
}

/** Of two records by label, the differences: where, in which field, what each side has (`undefined` for nothing). */
export function differences(scene, better, ours) {
  const found = [];
  for (const label of new Set([...Object.keys(better), ...Object.keys(ours)])) {
    const [theirs, own] = [better[label], ours[label]].map((step) => leaves(step ?? {}, '', new Map()));
    for (const field of new Set([...theirs.keys(), ...own.keys()])) {
      const [upstream, doorward] = [theirs.get(field), own.get(field)];
      if (upstream !== doorward) found.push({ step: `${scene} > ${label}`, field, upstream, doorward });
    }
  }
  return found;
}

const fits = (wanted, is) => {
  if (Array.isArray(wanted)) return wanted.some((one) => fits(one, is));
  if (wanted instanceof RegExp) return typeof is === 'string' && wanted.test(is);
  return wanted === is;
};

/** Whether the rule allows the difference. What a rule does not name is allowed to be anything. */
function allows(rule, difference) {
  return ['step', 'field', 'upstream', 'doorward'].every((part) => !(part in rule) || fits(rule[part], difference[part]));
}

/** What no rule allows; notes in `used` which rules were needed. */
export function notAllowed(found, rules, used) {
  return found.filter((difference) => {
    const rule = rules.find((one) => allows(one, difference));
    if (rule) used.add(rule);
    return !rule;
  });
}

/** A difference on a line. */
export function told({ step, field, upstream, doorward }) {
  return `${step} > ${field}: better-auth has ${JSON.stringify(upstream)}, Doorward ${JSON.stringify(doorward)}`;
}
