// Owns: a person at the hosted pages, by plain HTTP: cookies, redirects, forms. No browser, no script.

const MOST_STEPS = 15;

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const plain = (text) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, name) =>
    name ? ENTITIES[name.toLowerCase()] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );

/** The attributes of one start tag, as a plain object; an attribute without a value is ''. */
function attributes(tag) {
  const found = {};
  for (const [, name, quoted, single, bare] of tag.matchAll(/\s([a-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/gi)) {
    found[name.toLowerCase()] = plain(quoted ?? single ?? bare ?? '');
  }
  return found;
}

/** An answered page: where it is, and which forms can be sent from it. */
function page(url, status, html) {
  const forms = new Map();
  for (const [, open, inside] of html.matchAll(/<form([^>]*)>(.*?)<\/form>/gis)) {
    const { id = `form-${forms.size}`, action = '' } = attributes(open);
    const fields = {};
    const buttons = new Map();
    for (const [, kind, rest] of inside.matchAll(/<(input|button)((?:\s[^>]*)?)>/gis)) {
      const at = attributes(rest);
      if (kind === 'button') buttons.set(at.id, at);
      else if (at.name && (!['checkbox', 'radio'].includes(at.type) || 'checked' in at)) fields[at.name] = at.value ?? '';
    }
    forms.set(id, { action: new URL(action, url).href, fields, buttons });
  }
  return { url, status, html, forms };
}

export class Visitor {
  #cookies = new Map();

  constructor(issuer, { email, password }) {
    this.issuer = issuer;
    this.email = email;
    this.password = password;
  }

  /** The page at the end of the redirects, or the URL as text once it leads away from the issuer. */
  get(url) {
    return this.#follow(url, { method: 'GET', headers: {} });
  }

  submit(from, form, button, typed = {}) {
    const { action, fields, buttons } = from.forms.get(form);
    const { name, value } = buttons.get(button);
    // What a browser says about where a form comes from; Doorward's CSRF check reads it.
    const headers = { origin: this.issuer, 'sec-fetch-site': 'same-origin' };
    const body = new URLSearchParams({ ...fields, ...typed, ...(name ? { [name]: value } : {}) });
    return this.#follow(action, { method: 'POST', headers, body });
  }

  async #follow(url, request) {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...request.headers, ...(cookie ? { cookie } : {}) };
      const answer = await fetch(url, { ...request, headers, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
      for (const set of answer.headers.getSetCookie()) {
        const [pair, ...rest] = set.split(';');
        const [name, ...value] = pair.split('=');
        if (rest.some((part) => /^\s*max-age=0$/i.test(part))) this.#cookies.delete(name.trim());
        else this.#cookies.set(name.trim(), value.join('='));
      }
      const html = await answer.text();
      if (answer.status !== 302 && answer.status !== 303) return page(url, answer.status, html);
      url = new URL(answer.headers.get('location'), url).href;
      if (!url.startsWith(`${this.issuer}/`)) return url;
      request = { method: 'GET', headers: {} };
    }
    throw new Error(`still redirected after ${MOST_STEPS} steps, last to ${url}`);
  }

  /** From an authorization URL through whatever page comes, to the relying party's callback URL. */
  async authorize(url, { approve = true } = {}) {
    let at = await this.get(String(url));
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (typeof at === 'string') return new URL(at);
      if (at.html.includes('id="error-summary"')) throw new Error(`${at.url} does not accept the form:\n${at.html}`);
      if (at.forms.has('login-form')) {
        at = await this.submit(at, 'login-form', 'login-submit', { email: this.email, password: this.password });
      } else if (at.forms.has('consent-form')) {
        at = await this.submit(at, 'consent-form', approve ? 'consent-approve' : 'consent-deny');
      } else {
        throw new Error(`no way on from ${at.url} (${at.status}):\n${at.html}`);
      }
    }
    throw new Error('the pages lead in a circle');
  }

  /** Signs in where the device's page asks for it, compares the code and allows the device. */
  async allowDevice(url) {
    let at = await this.get(String(url));
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (typeof at === 'string') throw new Error(`the page led away to ${at}`);
      const button = (id) => [...at.forms].find(([, form]) => form.buttons.has(id))?.[0];
      if (at.forms.has('login-form')) {
        at = await this.submit(at, 'login-form', 'login-submit', { email: this.email, password: this.password });
      } else if (button('device-approve')) {
        return this.submit(at, button('device-approve'), 'device-approve');
      } else if (button('device-continue')) {
        at = await this.submit(at, button('device-continue'), 'device-continue');
      } else {
        throw new Error(`no way on from ${at.url} (${at.status}):\n${at.html}`);
      }
    }
    throw new Error('the pages lead in a circle');
  }
}
