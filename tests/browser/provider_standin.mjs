// Owns: what the stand-ins of Google and GitHub have in common: a server on loopback where people say yes or no, and codes
// that are good once, for whoever asked for them.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { press } from './chrome.mjs';

export const CLIENT_ID = '407408718192.apps.example.com';
/** What form encoding changes, because RFC 6749 §2.3.1 asks for it before Basic does its own. */
export const SECRET = 'a secret & its=100%';

export const random = () => randomBytes(16).toString('base64url');
const plain = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
export const json = (status, body, headers = {}) => ({
  status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body, null, 2),
});
const page = (status, title, body) => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!DOCTYPE html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`,
});

export class StandIn {
  #codes = new Map();
  #people = new Map();
  /** Paths that answer 503. */
  down = new Set();

  static async open() {
    const standIn = new this();
    standIn.server = createServer((asked, answer) => standIn.#serve(asked, answer)).listen(0, '127.0.0.1');
    await once(standIn.server, 'listening');
    // Not by the name of the house: the browser is to be elsewhere, and cookies know no ports.
    standIn.origin = `http://127.0.0.1:${standIn.server.address().port}`;
    standIn.tokens = new Map();
    return standIn;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  /** Somebody who has an account here. */
  add(person) {
    this.#people.set(person.id, person);
    return person;
  }

  /** Puts up with the client whose redirect URI that is; gives what the client is to be set to. */
  register(redirectUri) {
    this.redirectUri = redirectUri;
    return this.settings;
  }

  /** Somebody says yes on the page that is open; the answer is the page of the client that they come to. */
  approve(page, person) {
    return press(page, `#as-${person.id}`);
  }

  cancel(page) {
    return press(page, '#cancel');
  }

  /** What the form of the page answers: where the browser is sent on. */
  decide(asked, id) {
    const back = new URL(asked.get('redirect_uri'));
    const person = this.#people.get(id);
    const said = person ? { code: this.#code(asked, person), ...this.beside(person) } : this.refusal();
    for (const [name, value] of Object.entries({ state: asked.get('state'), ...said })) back.searchParams.set(name, value);
    return back.href;
  }

  /** For a test without a browser: the way back of somebody who was sent to `url` and says yes. */
  come(url, person) {
    const asked = new URL(url).searchParams;
    const wrong = this.#wrong(asked);
    if (wrong) throw new Error(`${url}: ${wrong}`);
    return this.decide(asked, String(person.id));
  }

  #code(asked, person) {
    const code = `4/0A${random()}`;
    const { redirect_uri, code_challenge, nonce, scope, access_type } = Object.fromEntries(asked);
    this.#codes.set(code, { person, redirect_uri, code_challenge, nonce, scope, offline: access_type === 'offline' });
    return code;
  }

  #wrong(asked) {
    const expected = { response_type: 'code', client_id: CLIENT_ID, code_challenge_method: 'S256' };
    const other = Object.keys(expected).find((name) => asked.get(name) !== expected[name]);
    if (other) return `Error 400: ${other}`;
    return asked.get('redirect_uri') === this.redirectUri ? null : 'Error 400: redirect_uri_mismatch';
  }

  /** What the code of a token request is good for, once; or null. */
  redeem(form) {
    const granted = this.#codes.get(form.get('code'));
    this.#codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    const fits = granted && granted.redirect_uri === form.get('redirect_uri') && granted.code_challenge === challenge;
    return fits ? granted : null;
  }

  /** Whether a token request is by the client: with its secret in the header, or in the form. */
  isClient(headers, form) {
    const [scheme, encoded] = (headers.authorization ?? '').split(' ');
    const basic = Buffer.from(encoded ?? '', 'base64').toString().split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    const [id, secret] = scheme === 'Basic' ? basic : [form.get('client_id'), form.get('client_secret')];
    return id === CLIENT_ID && secret === SECRET;
  }

  async #serve(asked, answer) {
    const url = new URL(asked.url, this.origin);
    const parts = [];
    for await (const part of asked) parts.push(part);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const at = `${asked.method} ${url.pathname}`;
    const said = this.down.has(url.pathname) ? page(503, 'Service Unavailable', '') : this.#answer(at, { url, form, headers: asked.headers });
    answer.writeHead(said.status, said.headers);
    answer.end(said.body);
  }

  #answer(at, asked) {
    if (at === `GET ${this.authorize}`) return this.#ask(asked.url.searchParams);
    if (at === `POST ${this.authorize}`) {
      const location = this.decide(asked.url.searchParams, asked.form.get('as'));
      return { status: 302, headers: { location }, body: '' };
    }
    return this.routes[at]?.(asked) ?? json(404, { message: 'Not Found' });
  }

  #ask(asked) {
    const wrong = this.#wrong(asked);
    if (wrong) return page(400, wrong, '');
    const people = [...this.#people.values()].map(({ id, called }) =>
      `<button id="as-${id}" name="as" value="${id}">${plain(called)}</button>`).join('');
    const form = `<form method="post" action="${this.authorize}?${plain(String(asked))}">${people}<button id="cancel">Cancel</button></form>`;
    return page(200, `Sign in with ${this.label}`, form);
  }
}
