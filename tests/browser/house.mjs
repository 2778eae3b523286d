// Owns: a real Doorward for a Node test: its own port, its own data folder, stopped and swept away afterwards.
// DOORWARD_BIN names the binary; `make` sets it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN = 60_000;
const STOPPED_WITHIN = 15_000;

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

/** Ends a process we started: politely, then not. */
export async function end(process) {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = once(process, 'exit');
  process.kill('SIGTERM');
  const late = setTimeout(() => process.kill('SIGKILL'), STOPPED_WITHIN);
  await gone;
  clearTimeout(late);
}

/** The status with which `url` answers; null if it does not. */
async function status(url, ca) {
  const { get } = url.startsWith('https:') ? https : http;
  try {
    const [answer] = await once(get(url, { ca, agent: false, signal: AbortSignal.timeout(2_000) }), 'response');
    answer.resume();
    return answer.statusCode;
  } catch {
    return null;
  }
}

/** Waits until `url` answers 200, for as long as `process` lives and at most READY_WITHIN. `ca` is whom to believe there. */
export async function ready(url, process, log, ca) {
  const deadline = Date.now() + READY_WITHIN;
  while (Date.now() < deadline && process.exitCode === null) {
    if (await status(url, ca) === 200) return;
    await pause(50);
  }
  throw new Error(`${url} was never ready (exit code ${process.exitCode}):\n${readFileSync(log, 'utf8').slice(-4000)}`);
}

/** One Doorward in development mode, as a newcomer meets it: no configuration file, http://localhost, loopback. */
export class House {
  /**
   * `prepare` is run before it starts, with the verbs at hand; what it gives are further settings. One that serves https has
   * `issuer` and `ca` set by then.
   */
  static async open(settings = {}, prepare = null) {
    const house = new House();
    house.binary = process.env.DOORWARD_BIN;
    if (!house.binary) throw new Error('DOORWARD_BIN must name the doorward binary');
    const port = await freePort();
    house.issuer = `http://localhost:${port}`;
    house.folder = await mkdtemp(path.join(tmpdir(), 'doorward-house-'));
    // A developer's own DOORWARD__ settings must not reach the house under test.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DOORWARD_'));
    house.env = {
      ...Object.fromEntries(own),
      DOORWARD__SERVER__LISTEN: `127.0.0.1:${port}`,
      DOORWARD__SERVER__ISSUER: house.issuer,
      DOORWARD__DATA_DIR: path.join(house.folder, 'data'),
      DOORWARD__DATABASE__URL: `sqlite://${house.folder}/data/doorward.db`,
      ...settings,
    };
    if (prepare) Object.assign(house.env, await prepare(house));
    house.log = path.join(house.folder, 'doorward.log');
    const out = openSync(house.log, 'a');
    house.process = spawn(house.binary, [], { cwd: house.folder, env: house.env, stdio: ['ignore', out, out] });
    closeSync(out);
    house.kill = () => house.process.kill('SIGKILL');
    process.once('exit', house.kill);
    try {
      await ready(`${house.ca ? house.issuer : `http://127.0.0.1:${port}`}/readyz`, house.process, house.log, house.ca);
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** What the terminal shows. */
  printed() {
    return readFileSync(this.log, 'utf8');
  }

  async close() {
    await end(this.process);
    process.removeListener('exit', this.kill);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A verb of the command line against this house's data; its `--json` answer. */
  async run(words, stdin = '') {
    const verb = spawn(this.binary, [...words, '--json'], { cwd: this.folder, env: this.env, stdio: 'pipe' });
    let out = '';
    let err = '';
    verb.stdout.on('data', (some) => { out += some; });
    verb.stderr.on('data', (some) => { err += some; });
    // A verb that refuses its arguments never reads; its exit code says so better than a broken pipe.
    verb.stdin.on('error', () => {});
    verb.stdin.end(stdin);
    const [code] = await once(verb, 'close');
    if (code !== 0) throw new Error(`doorward ${words.join(' ')} ended with ${code}:\n${out}${err}`);
    return JSON.parse(out);
  }

  addClient(name, redirectUris, { isPublic = false } = {}) {
    const redirects = redirectUris.flatMap((uri) => ['--redirect', uri]);
    return this.run(['client', 'add', name, ...redirects, ...(isPublic ? ['--public'] : [])]);
  }

  addUser({ email, name, password }) {
    return this.run(['user', 'add', email, '--name', name, '--password-stdin', '--email-verified'], `${password}\n`);
  }
}
