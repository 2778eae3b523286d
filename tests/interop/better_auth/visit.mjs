// Owns: one browser in one scene: its cookies, the official client as the front end uses it, and the record of what was
// asked and answered.

import { createAuthClient as createAuthClient14 } from 'better-auth-14/client';
import { jwtClient as jwtClient14 } from 'better-auth-14/client/plugins';
import { createAuthClient as createAuthClient15 } from 'better-auth-15/client';
import { jwtClient as jwtClient15 } from 'better-auth-15/client/plugins';
import { createAuthClient as createAuthClient16 } from 'better-auth-16/client';
import { jwtClient as jwtClient16 } from 'better-auth-16/client/plugins';
import { createAuthClient as createAuthClient17 } from 'better-auth/client';
import { jwtClient as jwtClient17 } from 'better-auth/client/plugins';
import { normal } from './normal.mjs';
import { asResponse, exchange } from './wire.mjs';

/** The lines of the client that are promised to work. */
export const CLIENTS = {
  1.4: [createAuthClient14, jwtClient14],
  1.5: [createAuthClient15, jwtClient15],
  1.6: [createAuthClient16, jwtClient16],
  1.7: [createAuthClient17, jwtClient17],
};

export const PASSWORD = 'correct horse battery staple';
export const API = '/api/auth';

/** How many browsers there were: each is at an address of its own, because attempts are counted by address. */
let browsers = 0;

export class Visit {
  #cookies = new Map();
  #label = '';
  #address = `203.0.${113 + (browsers >> 8)}.${browsers++ & 255}`;

  /** `record` is an object that fills with what happens, by label. */
  constructor(side, { app, version, scene, record }) {
    Object.assign(this, { side, app, version, scene, record });
    const [createAuthClient, jwtClient] = CLIENTS[version];
    this.client = createAuthClient({
      baseURL: side.origin,
      plugins: [jwtClient()],
      fetchOptions: { customFetchImpl: (url, init) => this.#fetch(url, init) },
    });
  }

  /** An address of somebody of this scene; each scene, and each client, has people of its own. */
  email(name = 'ada') {
    return `${name}.${this.scene.replaceAll(/[^a-z0-9]+/g, '-')}.${this.version.replace('.', '')}@example.com`;
  }

  /** Another browser of the same scene. */
  another() {
    return new Visit(this.side, this);
  }

  /** Whether the browser holds a session cookie. */
  get signedIn() {
    return [...this.#cookies.keys()].some((name) => name.includes('session'));
  }

  /** One call of the official client: what it gave back, and what went over the wire. */
  async call(label, use) {
    this.#label = label;
    const { data, error } = await use(this.client);
    const given = error ? { error: { status: error.status, code: error.code } } : { data };
    this.#note(`${label} (client)`, normal(given, this));
    return data;
  }

  /** A request by hand, where the client could not send it. `headers` are all that is sent besides cookies. */
  send(label, method, path, { body, json, headers = { origin: this.app }, cookies = true } = {}) {
    this.#label = label;
    const typed = json === undefined ? {} : { 'content-type': 'application/json' };
    return this.#exchange({
      method, path: API + path, cookies, body: json === undefined ? body : JSON.stringify(json), headers: { ...typed, ...headers },
    });
  }

  /** Follows a link of a letter, as a browser does when it is clicked. */
  follow(label, url) {
    this.#label = label;
    const { pathname, search } = new URL(url);
    const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' };
    return this.#exchange({ method: 'GET', path: pathname + search, cookies: true, headers });
  }

  /** Something that must be the same on both sides, and that no message shows. */
  fact(label, value) {
    this.#note(label, { fact: value });
  }

  /** The link of the newest letter to `email`. */
  async letter(email, label = 'letter') {
    const link = await this.side.letter(email);
    this.#note(`${label} to ${email.split('.')[0]}`, { link: normal(link, this) });
    return link;
  }

  #note(label, what) {
    if (label in this.record) throw new Error(`${this.scene} has two steps called '${label}'`);
    this.record[label] = what;
  }

  async #fetch(url, { method = 'GET', headers, body }) {
    const { pathname, search } = new URL(url);
    // What a browser adds on its own to a request of a page of another origin.
    const own = { origin: this.app, 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'empty' };
    const all = { ...Object.fromEntries(new Headers(headers)), ...own };
    const asked = { method, path: pathname + search, headers: all, body: body ?? undefined };
    return asResponse(await this.#exchange({ ...asked, cookies: true }));
  }

  async #exchange({ cookies, ...asked }) {
    const jar = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'user-agent': 'A browser', 'x-forwarded-for': this.#address, ...asked.headers, ...(cookies && jar ? { cookie: jar } : {}) };
    const answer = await exchange(this.side.port, { ...asked, headers });
    for (const line of answer.cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /;\s*max-age=0\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    this.#note(this.#label, normal({ ...asked, answer }, this));
    return answer;
  }
}
