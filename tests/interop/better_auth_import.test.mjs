// Owns: people whom the npm `better-auth` has written into its database: they are imported by the command line, and sign in
// with the passwords that they had, at the hosted page and by the npm client.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { freePort } from '../browser/house.mjs';
import { Doorward } from './better_auth/doorward.mjs';
import { Upstream } from './better_auth/upstream.mjs';
import { CLIENTS, Visit } from './better_auth/visit.mjs';
import { Visitor } from './visitor.mjs';

/** The last one signs in with the same letters in another form than at sign-up. */
const PEOPLE = [
  { name: 'Ada Lovelace', email: 'ada@example.com', password: 'a bridge of nine swallows' },
  { name: 'Grace Hopper', email: 'grace@example.com', password: 'nanoseconds on a wire' },
  { name: 'Lin Huiyin', email: 'lin@example.com', password: 'four gates of granite' },
  { name: 'Élodie', email: 'elodie@example.com', password: 'ｐａｓｓｗｏｒｄ e\u0301te\u0301', typed: 'password été' },
];
const [ADA, GRACE, LIN, ELODIE] = PEOPLE;

let app, upstream, doorward;

before(async () => {
  app = `http://localhost:${await freePort()}`;
  upstream = await Upstream.open('open', app);
  for (const person of PEOPLE) {
    const { name, email, password } = person;
    const { user } = await upstream.auth.api.signUpEmail({ body: { name, email, password } });
    person.id = user.id;
  }
  const { internalAdapter } = await upstream.auth.$context;
  await internalAdapter.updateUser(ADA.id, { emailVerified: true, image: 'https://img.example/ada.png' });
  await internalAdapter.linkAccount({
    userId: ADA.id, providerId: 'github', accountId: '583231', accessToken: 'gho_secret', scope: 'read:user,user:email',
    accessTokenExpiresAt: new Date('2025-02-19T21:20:00Z'),
  });
  doorward = await Doorward.open('open', app);
});
after(() => Promise.all([upstream?.close(), doorward?.close()]));

const run = (...words) => doorward.house.run(words);
const importing = (...flags) => run('user', 'import', '--from', 'better-auth', upstream.file, ...flags);

/** Everybody here, by address, as an export writes them. */
async function exported() {
  const file = `${doorward.house.folder}/people-${performance.now()}.ndjson`;
  await run('user', 'export', '--output', file);
  const lines = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  return Object.fromEntries(lines.map((line) => [line.email, line]));
}

/** Signs in on the hosted page; whether that leads to the account. */
async function atThePage({ email, password }) {
  const visitor = new Visitor(doorward.origin, { email, password });
  const at = await visitor.get(`${doorward.origin}/login`);
  const then = await visitor.submit(at, 'login-form', 'login-submit', { email, password });
  return { signedIn: new URL(then.url).pathname === '/account', html: then.html };
}

test('the database is looked at, imported once, and imported again without a change', async () => {
  const before = await exported();
  const looked = await importing('--dry-run');
  assert.deepEqual([looked.dry_run, looked.imported, looked.refused], [true, 4, 0]);
  assert.deepEqual(await exported(), before);
  const report = await importing();
  assert.deepEqual(report, {
    rows: [], dry_run: false, read: 4, imported: 4, unchanged: 0, kept: 0, refused: 0, accounts: 1, accounts_refused: 0,
    passwords: { 'better-auth scrypt': 4 }, must_reset: 0,
  });
  const imported = await exported();
  const again = await importing();
  assert.deepEqual([again.imported, again.unchanged], [0, 4]);
  assert.deepEqual(await exported(), imported);

  const ada = imported[ADA.email];
  assert.equal(ada.sub, ADA.id);
  assert.match(ada.sub, /^[a-zA-Z0-9]{32}$/);
  assert.equal(ada.image, 'https://img.example/ada.png');
  assert.ok(ada.email_verified && !imported[GRACE.email].email_verified);
  assert.match(ada.password_hash, /^\$ba-scrypt\$ln=14,r=16,p=1\$[0-9a-f]{32}\$[0-9a-f]{128}$/);
  const { provider_account_id, type, access_token, scope, expires_at } = ada.accounts.find(({ provider }) => provider === 'github');
  assert.deepEqual(
    { provider_account_id, type, access_token, scope, expires_at },
    { provider_account_id: '583231', type: 'oauth', access_token: 'gho_secret', scope: 'read:user user:email', expires_at: 1740000000 },
  );
});

test('they sign in at the hosted page with the old password, and with no other', async () => {
  assert.equal((await atThePage({ ...ADA, password: 'a bridge of ten swallows' })).signedIn, false);
  for (const person of [ADA, { ...ELODIE, password: ELODIE.typed }]) {
    const { signedIn, html } = await atThePage(person);
    assert.ok(signedIn && html.includes(person.email), html);
  }
});

for (const version of Object.keys(CLIENTS)) {
  test(`they sign in by the npm client ${version} with the old password, and are who they were`, async () => {
    const visit = new Visit(doorward, { app, version, scene: 'import', record: {} });
    const refused = await visit.call('wrong', (client) => client.signIn.email({ email: GRACE.email, password: ADA.password }));
    assert.equal(refused, null);
    const { user } = await visit.call('right', (client) => client.signIn.email({ email: GRACE.email, password: GRACE.password }));
    assert.deepEqual([user.id, user.name], [GRACE.id, GRACE.name]);
    const session = await visit.call('session', (client) => client.getSession());
    assert.equal(session.user.id, GRACE.id);
  });
}

test('whoever has signed in has a hash of ours, and whoever has not keeps the old one', async () => {
  const people = await exported();
  for (const { email } of [ADA, GRACE, ELODIE]) assert.match(people[email].password_hash, /^\$argon2id\$v=19\$m=19456,/, email);
  assert.match(people[LIN.email].password_hash, /^\$ba-scrypt\$/);
  // And those still let in; an import puts none of the old ones back.
  const report = await importing();
  assert.deepEqual([report.unchanged, report.kept, report.imported], [1, 3, 0]);
  assert.deepEqual(await exported(), people);
  assert.ok((await atThePage(ADA)).signedIn && (await atThePage(LIN)).signedIn);
});
