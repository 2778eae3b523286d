// Owns: providers that nobody had to play: a second Doorward, and `oidc-provider` from npm with its own pages.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { Provider } from 'oidc-provider';
import { fill, press } from './chrome.mjs';
import { House } from './house.mjs';

const PASSWORD = 'a password of elsewhere';

const run = promisify(execFile);

/** A key, and a certificate of 127.0.0.1 that nobody but itself vouches for. */
async function certificate(folder) {
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => path.join(folder, name));
  await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE', '-out', certificate, '-keyout', key,
  ]);
  return { certificate, key };
}

/** A Doorward that is the provider of another: in production, where the other is in development. */
export class SecondDoorward {
  name = 'doorward';
  label = 'The other Doorward';

  static async open() {
    const second = new SecondDoorward();
    second.house = await House.open({}, async (house) => {
      const { certificate: file, key } = await certificate(house.folder);
      second.ca = file;
      house.ca = await readFile(file);
      // By another name than the first: cookies know no ports.
      house.issuer = house.issuer.replace('http://localhost', 'https://127.0.0.1');
      return { DOORWARD__SERVER__ISSUER: house.issuer, DOORWARD__SERVER__TLS__CERTIFICATE: file, DOORWARD__SERVER__TLS__KEY: key };
    });
    second.origin = second.house.issuer;
    return second;
  }

  close() {
    return this.house.close();
  }

  async register(redirectUri) {
    const { client_id, client_secret } = await this.house.addClient('The first Doorward', [redirectUri]);
    return { kind: 'oidc', display_name: this.label, issuer: this.origin, client_id, client_secret };
  }

  async person(email, name, verified = true) {
    const words = ['user', 'add', email, '--name', name, '--password-stdin', ...(verified ? ['--email-verified'] : [])];
    await this.house.run(words, `${PASSWORD}\n`);
    return { email, called: email };
  }

  async approve(page, { email }) {
    let response = null;
    if (await page.locator('#login-form').count()) {
      // Whoever it knows cannot be somebody else there.
      const known = await page.locator('#email[readonly]').count();
      response = await fill(page, { ...(!known && { email }), password: PASSWORD }, 'login-submit');
    }
    if (page.url().startsWith(this.origin)) response = await press(page, '#consent-approve');
    return response;
  }

  /** Somebody signs in there before they are sent there. */
  async enter(page, { email }) {
    await page.goto(`${this.origin}/login`);
    await fill(page, { email, password: PASSWORD }, 'login-submit');
  }

  /** Somebody who has an account there, and does not want to go on with it. */
  async cancel(page) {
    const { email } = await this.person(`${randomBytes(6).toString('hex')}@example.com`, 'Somebody Else');
    await fill(page, { email, password: PASSWORD }, 'login-submit');
    return press(page, '#consent-deny');
  }
}

/** `oidc-provider`, as it comes. */
export class ThirdParty {
  name = 'corp';
  label = 'Example Corp';
  #people = new Map();
  /** Paths that answer 503. */
  down = new Set();

  static async open() {
    const third = new ThirdParty();
    third.server = createServer((asked, answer) => {
      if (third.down.has(new URL(asked.url, third.origin).pathname)) answer.writeHead(503).end();
      else third.serve(asked, answer);
    }).listen(0, '127.0.0.1');
    await once(third.server, 'listening');
    third.origin = `http://127.0.0.1:${third.server.address().port}`;
    return third;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  register(redirectUri) {
    const client = { client_id: 'doorward', client_secret: randomBytes(32).toString('hex') };
    const provider = new Provider(this.origin, {
      clients: [{ ...client, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      cookies: { keys: [randomBytes(32).toString('hex')] },
      findAccount: (_, id) => {
        const person = this.#people.get(id);
        return person && { accountId: id, claims: () => ({ sub: id, ...person }) };
      },
    });
    this.serve = provider.callback();
    return { kind: 'oidc', display_name: this.label, issuer: this.origin, ...client };
  }

  person(email, name, verified = true) {
    const id = randomBytes(8).toString('hex');
    this.#people.set(id, { email, email_verified: verified, name });
    return { id, email, called: email };
  }

  async approve(page, { id }) {
    let response = null;
    const login = page.locator('input[name=login]');
    if (await login.count()) {
      await login.fill(id);
      await page.locator('input[name=password]').fill('any');
      response = await press(page, 'button[type=submit]');
    }
    if (page.url().startsWith(this.origin)) response = await press(page, 'button[type=submit]');
    return response;
  }

  cancel(page) {
    return press(page, 'a[href$="/abort"]');
  }
}
