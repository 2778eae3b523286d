// Owns: a guide of docs/, followed command by command as a reader would: files are written, commands run in one folder, and
// what runs in a terminal of its own is ended at the end.

import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { end, ready } from '../browser/house.mjs';

const run = promisify(execFile);
const OWN_TERMINAL = /In a terminal of its own:\s*$/;

/** Every fenced block of a document: its language, what stands in it, and whether it goes on until it is ended. */
export function blocks(markdown) {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: text, index }) => ({
    language, text, stays: OWN_TERMINAL.test(markdown.slice(0, index)),
  }));
}

export class Reader {
  #services = [];

  /** Somebody with `commands` (path by name) at hand, and an environment of their own. */
  static async open(commands, env) {
    const reader = new Reader();
    reader.folder = await mkdtemp(path.join(tmpdir(), 'doorward-guide-'));
    reader.env = { ...env, PATH: `${reader.folder}/.bin:${process.env.PATH}` };
    await run('mkdir', [path.join(reader.folder, '.bin')]);
    for (const [name, target] of Object.entries(commands)) await symlink(target, path.join(reader.folder, '.bin', name));
    return reader;
  }

  /** Does what a block says, and gives what it printed. `url` is where something that stays can be reached. */
  follow({ language, text, stays }, url) {
    if (stays) return this.#start(text.trim(), url);
    if (language === 'sh') return this.run(text);
    const named = /^# (\S+)\n/.exec(text);
    if (!named) throw new Error(`no name for the file:\n${text}`);
    return writeFile(path.join(this.folder, named[1]), text);
  }

  /** What is exported in one block is there in the next, as in a terminal. */
  async run(text) {
    const whole = `[ ! -f .exported ] || . ./.exported\n${text}\nexport -p >.exported`;
    try {
      return (await run('bash', ['-euo', 'pipefail', '-c', whole], { cwd: this.folder, env: this.env, timeout: 300_000 })).stdout;
    } catch (error) {
      throw new Error(`${text}ended with ${error.code}:\n${error.stdout}${error.stderr}`);
    }
  }

  async #start(command, url) {
    const log = path.join(this.folder, `.terminal-${this.#services.length}`);
    const out = openSync(log, 'a');
    const whole = `[ ! -f .exported ] || . ./.exported\nexec ${command}`;
    const child = spawn('bash', ['-c', whole], { cwd: this.folder, env: this.env, stdio: ['ignore', out, out] });
    closeSync(out);
    process.once('exit', () => child.kill('SIGKILL'));
    this.#services.push(child);
    await ready(url, child, log);
  }

  read(name) {
    return readFile(path.join(this.folder, name), 'utf8');
  }

  async close() {
    for (const child of this.#services) await end(child);
    await rm(this.folder, { recursive: true, force: true });
  }
}
