// Owns: the npm `better-auth` as a server: on a port of its own, with a SQLite file of its own, its letters kept. Doorward
// is compared with it.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { bearer } from 'better-auth/plugins/bearer';
import { jwt } from 'better-auth/plugins/jwt';
import { Kysely } from 'kysely';
import { dialect } from './sqlite.mjs';

/** What a kind of house asks for, in the words of the package. */
const SETTINGS = {
  open: { plugins: [jwt()] },
  proven: { emailAndPassword: { requireEmailVerification: true } },
  closed: { emailAndPassword: { disableSignUp: true } },
  limited: { rateLimit: { enabled: true } },
  bearer: { plugins: [bearer()] },
};

export class Upstream {
  name = 'better-auth';
  letters = [];

  /** `app` is the origin of the front end that may use it. */
  static async open(kind, app) {
    const upstream = new Upstream();
    upstream.folder = await mkdtemp(path.join(tmpdir(), 'better-auth-'));
    upstream.file = path.join(upstream.folder, 'better-auth.db');
    upstream.server = createServer().listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    upstream.port = upstream.server.address().port;
    upstream.origin = `http://localhost:${upstream.port}`;
    upstream.db = new Kysely({ dialect: dialect(upstream.file) });
    const options = upstream.#options(SETTINGS[kind], app);
    await (await getMigrations(options)).runMigrations();
    upstream.auth = betterAuth(options);
    upstream.server.on('request', toNodeHandler(upstream.auth));
    return upstream;
  }

  #options({ emailAndPassword = {}, ...more }, app) {
    const keep = (kind) => async ({ user, url, newEmail }) => { this.letters.push({ kind, to: newEmail ?? user.email, url }); };
    return {
      baseURL: this.origin,
      secret: 'forty characters that nobody has to guess',
      database: { db: this.db, type: 'sqlite' },
      trustedOrigins: [app],
      logger: { disabled: true },
      telemetry: { enabled: false },
      // Both are off where a test runner is recognised.
      advanced: { disableCSRFCheck: false, disableOriginCheck: false },
      rateLimit: { enabled: false },
      emailAndPassword: { enabled: true, sendResetPassword: keep('reset'), ...emailAndPassword },
      emailVerification: { sendVerificationEmail: keep('verify'), sendOnSignUp: true },
      user: { changeEmail: { enabled: true }, deleteUser: { enabled: true } },
      ...more,
    };
  }

  /** The link of the newest letter to `email`, or null. */
  async letter(email) {
    return this.letters.findLast(({ to }) => to === email)?.url ?? null;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    await this.db.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }
}
