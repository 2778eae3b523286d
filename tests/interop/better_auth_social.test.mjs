// Owns: the official client of Better Auth, in each line that is promised to work, and a provider that is there, which
// is a second Doorward: where people are led, and what is listed, given out and taken away.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { House, freePort } from '../browser/house.mjs';
import { Doorward } from './better_auth/doorward.mjs';
import { CLIENTS, PASSWORD, Visit } from './better_auth/visit.mjs';
import { Visitor } from './visitor.mjs';

const NAME = 'other';
const SCOPES = ['openid', 'email', 'profile'];

let app;
let provider;
let side;
before(async () => {
  app = `http://localhost:${await freePort()}`;
  provider = await House.open();
  side = await Doorward.open('open', app, async (house) => {
    const client = await provider.addClient('The first Doorward', [`${house.issuer}/upstream/${NAME}/callback`]);
    const settings = { KIND: 'oidc', ISSUER: provider.issuer, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret };
    return {
      DOORWARD__FETCH__PRIVATE_ORIGINS: JSON.stringify([provider.issuer]),
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`DOORWARD__PROVIDERS__${NAME.toUpperCase()}__${key}`, value])),
    };
  });
});
after(() => Promise.all([side, provider].map((one) => one?.close())));

/** A browser of somebody who has an account at the provider; `record` is what happens in it. */
async function person(version, name = 'Ada Lovelace') {
  const at = { email: `${randomBytes(6).toString('hex')}@example.com`, name, password: PASSWORD };
  await provider.addUser(at);
  const record = {};
  const visit = new Visit(side, { app, version, scene: 'providers', record });
  return { ...at, there: new Visitor(provider.issuer, at), visit, record };
}

const places = (more = {}) => ({
  provider: NAME, callbackURL: `${app}/done?from=here`, newUserCallbackURL: `${app}/welcome`, errorCallbackURL: `${app}/oops?tab=1`, ...more,
});

/** The way back from the provider, of somebody who was sent to `url` and answers there. */
const answered = (who, url, options) => who.there.authorize(url, options);

/** To where the browser is led in the end: out of Doorward, or null where a page of ours answers. */
async function follow(visit, label, url) {
  for (let step = 1; step < 9; step += 1) {
    const answer = await visit.follow(`${label}, step ${step}`, url);
    const { location } = answer.headers;
    if (!location) return { page: answer };
    url = new URL(location, side.origin).href;
    if (!url.startsWith(`${side.origin}/`)) return { url };
  }
  throw new Error(`${label}: still redirected, to ${url}`);
}

/** Signs in or links, to the end. */
async function go(who, label, how, options) {
  const { url, redirect } = await who.visit.call(label, how);
  assert.equal(redirect, true);
  assert.equal(new URL(url).origin, provider.issuer);
  return follow(who.visit, label, (await answered(who, url, options)).href);
}

const signIn = (who, label = 'sign in', options = {}) => go(who, label, (client) => client.signIn.social(places()), options);
const link = (who, label = 'link', options = {}) => go(who, label, (client) => client.linkSocial(places()), options);
const accounts = (who, label = 'accounts') => who.visit.call(label, (client) => client.listAccounts());
const errorOf = (who, label) => who.record[`${label} (client)`].error;
/** How a client names an account: the newest by its row, those before by the provider. */
const named = (version, { id, providerId }) => (version === '1.7' ? { accountId: id } : { providerId });

/** Somebody with an account and a password here, and another address at the provider. */
async function member(version) {
  const who = await person(version, 'Grace Hopper');
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  await who.visit.call('sign up', (client) => client.signUp.email({ name: 'Grace', email, password: PASSWORD }));
  return who;
}

for (const version of Object.keys(CLIENTS)) {
  test(`client ${version}: signs up by a provider, and in again`, async () => {
    const who = await person(version);
    assert.deepEqual(await signIn(who), { url: `${app}/welcome` });
    const { user } = await who.visit.call('who it is', (client) => client.getSession());
    assert.deepEqual([user.email, user.name, user.emailVerified], [who.email, who.name, true]);
    const [account, ...none] = await accounts(who);
    assert.deepEqual(none, []);
    assert.deepEqual([account.providerId, account.userId, account.scopes], [NAME, user.id, SCOPES]);
    assert.equal(JSON.stringify(account).includes('oken'), false, 'no token is listed');

    const again = { ...who, record: {} };
    again.visit = new Visit(side, { app, version, scene: 'providers', record: again.record });
    assert.deepEqual(await signIn(again), { url: `${app}/done?from=here` });
    assert.equal((await again.visit.call('who it is', (client) => client.getSession())).user.id, user.id);

    // Nobody is locked out.
    await who.visit.call('unlink', (client) => client.unlinkAccount(named(version, account)));
    assert.deepEqual(errorOf(who, 'unlink'), { status: 400, code: 'FAILED_TO_UNLINK_LAST_ACCOUNT' });
    assert.equal((await accounts(who, 'accounts at the end')).length, 1);
  });

  test(`client ${version}: links an account, gets its access token, and unlinks it`, async () => {
    const who = await member(version);
    assert.deepEqual(await link(who), { url: `${app}/done?from=here` });
    const all = await accounts(who);
    assert.deepEqual(all.map(({ providerId }) => providerId).sort(), ['credential', NAME]);
    const linked = all.find(({ providerId }) => providerId === NAME);

    const token = await who.visit.call('token', (client) => client.getAccessToken(named(version, linked)));
    assert.deepEqual(token.scopes, SCOPES);
    assert.equal('refreshToken' in token, false);
    // It is what the provider takes for theirs.
    const answer = await fetch(`${provider.issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${token.accessToken}` } });
    const { sub, email } = await answer.json();
    assert.deepEqual([sub, email], [linked.accountId, who.email]);

    // Of others it is neither given out nor taken away.
    const stranger = await member(version);
    await stranger.visit.call('token', (client) => client.getAccessToken(named(version, linked)));
    await stranger.visit.call('unlink', (client) => client.unlinkAccount(named(version, linked)));
    for (const label of ['token', 'unlink']) assert.deepEqual(errorOf(stranger, label), { status: 400, code: 'ACCOUNT_NOT_FOUND' });

    // Nor is it linked to a second one.
    const { url } = await stranger.visit.call('link', (client) => client.linkSocial(places()));
    const refused = await follow(stranger.visit, 'link', (await answered(who, url)).href);
    assert.deepEqual(refused, { url: `${app}/oops?tab=1&error=account_already_linked_to_different_user` });

    assert.deepEqual(await who.visit.call('unlink', (client) => client.unlinkAccount(named(version, linked))), { status: true });
    assert.deepEqual((await accounts(who, 'accounts at the end')).map(({ providerId }) => providerId), ['credential']);
    await who.visit.call('token at the end', (client) => client.getAccessToken(named(version, linked)));
    assert.deepEqual(errorOf(who, 'token at the end'), { status: 400, code: 'ACCOUNT_NOT_FOUND' });
  });

  test(`client ${version}: who says no at the provider comes to the front end's page for errors`, async () => {
    const who = await person(version);
    const no = { approve: false };
    assert.deepEqual(await signIn(who, 'sign in', no), { url: `${app}/oops?tab=1&error=access_denied` });
    assert.equal(await who.visit.call('who it is', (client) => client.getSession()), null);
    const owner = await member(version);
    assert.deepEqual(await link(owner, 'link', no), { url: `${app}/oops?tab=1&error=access_denied` });
    assert.deepEqual((await accounts(owner)).map(({ providerId }) => providerId), ['credential']);
  });
}

test('the answer of a provider counts once, in the browser that asked', async () => {
  const who = await person('1.7');
  const ask = (label) => who.visit.call(label, (client) => client.signIn.social(places({ disableRedirect: true })));
  const first = await ask('sign in');
  assert.equal(first.redirect, false);
  const { href } = await answered(who, first.url);
  const elsewhere = who.visit.another();
  assert.equal((await follow(elsewhere, 'another browser', href)).page.status, 400);
  assert.equal(await elsewhere.call('who is there', (client) => client.getSession()), null);
  const second = (await answered(who, (await ask('sign in, a second time')).url)).href;
  // As redirect URIs of such servers look: the rest of the way is the same.
  const old = second.replace(`/upstream/${NAME}/callback`, `/api/auth/callback/${NAME}`);
  assert.notEqual(old, second);
  assert.deepEqual(await follow(who.visit, 'the old address', old), { url: `${app}/welcome` });
  assert.equal((await follow(who.visit, 'once more', second)).page.status, 400);
});
