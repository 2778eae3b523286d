// Owns: what of a message counts. Ids, tokens, keys and times differ at each run; that they are there, and their form,
// must not.

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const IDS = new Set(['id', 'userId', 'accountId', 'sub', 'jti', 'sid', 'kid', 'requestId', 'request_id']);
const SECRETS = new Set(['token', 'x', 'y', 'n']);
const SECONDS = new Set(['iat', 'exp', 'nbf', 'auth_time']);

/** The headers that a client, a browser or a cache acts on. */
const HEADERS = [
  'content-type', 'cache-control', 'pragma', 'location', 'vary', 'retry-after', 'x-retry-after', 'set-auth-token', 'set-auth-jwt',
  'access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-methods', 'access-control-allow-headers',
  'access-control-expose-headers', 'access-control-max-age',
];

/** A message, a link or what a client gave back, with placeholders for what is never the same. */
export function normal(what, { side, app }) {
  const text = (value) => value
    .replaceAll(side.origin, '<server>').replaceAll(encodeURIComponent(side.origin), '<server>')
    .replaceAll(app, '<app>').replaceAll(encodeURIComponent(app), '<app>')
    .replace(/(\breset-password\/)[\w.-]{16,}/g, '$1<token>')
    .replace(/(\btoken=)[\w.-]{16,}/g, '$1<token>')
    .replace(/(\bonward=)[\w-]{40,}/g, '$1<sealed>');
  const value = (key, one) => {
    if (one instanceof Date) return Number.isNaN(one.getTime()) ? '<no time>' : '<Date>';
    if (Array.isArray(one)) return one.map((item) => value(key, item));
    if (one !== null && typeof one === 'object') return entries(one);
    if (typeof one === 'number') return SECONDS.has(key) ? '<seconds>' : one;
    if (typeof one !== 'string' || one === '') return one;
    if (IDS.has(key)) return '<id>';
    if (['token', 'set-auth-token', 'set-auth-jwt'].includes(key)) return JWT.test(one) ? jwt(one) : '<token>';
    if (SECRETS.has(key)) return '<secret>';
    if (key === 'ipAddress') return '<address>';
    const time = TIME.exec(one);
    return time ? `<time with ${time[1]?.length ?? 0} digits and ${time[2]}>` : text(one);
  };
  const entries = (object) => Object.fromEntries(Object.entries(object).map(([key, one]) => [key, value(key, one)]));
  const jwt = (token) => {
    const [header, claims] = token.split('.').map(parsed);
    return header && claims ? { header: entries(header), claims: entries(claims) } : '<token>';
  };
  if (what === null || typeof what === 'string') return what && text(what);
  if (!what.answer) return entries(what);
  const { method, path, answer } = what;
  return {
    asked: `${method} ${text(path)}`,
    status: answer.status,
    body: body(answer, entries, value),
    header: headers(answer, value),
    cookie: cookies(answer),
  };
}

function parsed(part) {
  try {
    return JSON.parse(Buffer.from(part, 'base64url'));
  } catch {
    return null;
  }
}

function body({ text, headers }, entries, value) {
  if (text === '') return '';
  const type = headers['content-type'] ?? '';
  if (/^text\/html/.test(type)) return '<a page>';
  try {
    return value('', JSON.parse(text));
  } catch {
    return { text };
  }
}

function headers({ headers: all }, value) {
  return Object.fromEntries(HEADERS.filter((name) => name in all).map((name) => {
    const one = value(name, all[name]);
    return [name, /retry-after$/.test(name) ? '<seconds>' : one];
  }));
}

/** Each cookie by its name: empty or not, and its attributes by their names in lower case. */
function cookies({ cookies: lines }) {
  return Object.fromEntries(lines.map((line) => {
    const [pair, ...rest] = line.split(';').map((part) => part.trim());
    const [name, ...given] = pair.split('=');
    const attributes = rest.map((part) => part.split('=')).map(([key, one = true]) => [key.toLowerCase(), one]);
    return [name, { value: given.join('=') === '' ? '' : '<secret>', ...Object.fromEntries(attributes) }];
  }));
}
