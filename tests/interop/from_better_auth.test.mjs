// Owns: docs/from-better-auth.md, followed from the first to the last command with a database that the npm package wrote.

import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sqlite from 'node-sqlite3-wasm';
import { freePort } from '../browser/house.mjs';
import { Upstream } from './better_auth/upstream.mjs';
import { CLIENTS } from './better_auth/visit.mjs';
import { Reader, blocks } from './guide.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ADA = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'her old password' };
const KATHERINE = { name: 'Katherine Johnson', email: 'katherine@example.com', password: 'trajectory 1962' };
/** Number of the row that the back end has had for Ada since long ago. */
const ROW = 42;

let reader;
let ports;
/** By address: the ids that people had. */
const ids = {};

/** The guide with ports that are free, in place of those that everybody uses. */
const here = (text) => text.replace(/\b(8080|8000|3000)\b/g, (usual) => ports[usual]);
const origin = () => here('http://localhost:8080');

/** The old server, and who signed up at it; its file is copied to where the reader is. */
async function oldDatabase(target) {
  const old = await Upstream.open('open', here('http://localhost:3000'));
  try {
    for (const person of [ADA, KATHERINE]) {
      const { user } = await old.auth.api.signUpEmail({ body: person });
      ids[person.email] = user.id;
    }
    await copyFile(old.file, target);
  } finally {
    await old.close();
  }
}

/** The back end's own table, as it has been. */
function oldService(file) {
  const db = new sqlite.Database(file);
  db.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(320) UNIQUE NOT NULL, full_name TEXT,'
    + ' password_hash TEXT NOT NULL, better_auth_id VARCHAR(255) UNIQUE)');
  db.run('INSERT INTO users VALUES (?, ?, ?, ?, ?)', [ROW, ADA.email, 'Ada L.', '', ids[ADA.email]]);
  db.close();
}

/** pip takes the versions that the example is pinned to. */
async function constraints(file) {
  const pinned = (await readFile(path.join(ROOT, 'examples/fastapi/requirements.txt'), 'utf8')).match(/^\w.*==.*$/gm);
  await writeFile(file, pinned.map((line) => line.replace(/\[.*\]/, '')).join('\n'));
}

before(async () => {
  ports = { 8080: await freePort(), 8000: await freePort(), 3000: await freePort() };
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DOORWARD_'));
  reader = await Reader.open({ doorward: process.env.DOORWARD_BIN }, {
    ...Object.fromEntries(own),
    DOORWARD: ROOT,
    DOORWARD__SERVER__LISTEN: here('127.0.0.1:8080'),
    DOORWARD__SERVER__ISSUER: origin(),
  });
  reader.env.PIP_CONSTRAINT = path.join(reader.folder, 'constraints.txt');
  await constraints(reader.env.PIP_CONSTRAINT);
  await oldDatabase(path.join(reader.folder, 'better-auth.db'));
  oldService(path.join(reader.folder, 'service.db'));
});

after(() => reader?.close());

test('the guide, from the first to the last command', async () => {
  const guide = here(await readFile(path.join(ROOT, 'docs/from-better-auth.md'), 'utf8'));
  const where = { doorward: `${origin()}/readyz`, 'venv/bin/uvicorn': here('http://localhost:8000/openapi.json') };
  const printed = [];
  for (const block of blocks(guide)) {
    const [command] = block.text.trim().split(/\s/);
    if (block.language === 'diff') continue;
    if (block.language === 'toml') {
      // For production, which this is not; but it is accepted.
      await writeFile(path.join(reader.folder, 'production.toml'), block.text);
      await reader.run('env -u DOORWARD__SERVER__ISSUER doorward config check --config production.toml');
    } else {
      printed.push(await reader.follow(block, where[command]));
    }
  }
  const said = printed.join('\n');
  for (const email of Object.keys(ids)) assert.ok(said.includes(email), `${email} in:\n${said}`);
  assert.equal(JSON.parse(await reader.read('signed-in.json')).user.id, ids[ADA.email]);
  const me = said.split('\n').find((line) => line.includes('"better_auth_id"'));
  assert.ok(me.startsWith('{'), said);
  assert.deepEqual(JSON.parse(me), { id: ROW, email: ADA.email, better_auth_id: ids[ADA.email] });
});

test('what the guide tells the front end is all that its client needs', async () => {
  const guide = here(await readFile(path.join(ROOT, 'docs/from-better-auth.md'), 'utf8'));
  const [, written] = /^\+export const auth = (.*);$/m.exec(guide);
  const [createAuthClient, jwtClient] = CLIENTS['1.7'];
  const auth = new Function('createAuthClient', 'jwtClient', `return ${written}`)(createAuthClient, jwtClient);
  const { data } = await auth.signIn.email({
    email: KATHERINE.email, password: KATHERINE.password, fetchOptions: { headers: { origin: here('http://localhost:3000') } },
  });
  assert.equal(data.user.id, ids[KATHERINE.email]);
});
