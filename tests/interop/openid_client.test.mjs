// Owns: openid-client (Node) against Doorward: sign-in, userinfo, refresh, revocation, refusal.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as openid from 'openid-client';
import { House } from '../browser/house.mjs';
import { Visitor } from './visitor.mjs';

const CALLBACK = 'http://localhost:8124/callback';
const SCOPE = 'openid profile email offline_access';

let house;
before(async () => { house = await House.open(); });
after(() => house?.close());

/** A fresh user, and a browser of theirs. */
async function visitor(name) {
  const person = { email: `${randomBytes(6).toString('hex')}@example.com`, name, password: 'correct horse battery staple' };
  await house.addUser(person);
  return new Visitor(house.issuer, person);
}

/** A registered client as openid-client configures itself from discovery alone. */
async function relyingParty(name, authentication, { isPublic = false } = {}) {
  const client = await house.addClient(name, [CALLBACK], { isPublic });
  const config = await openid.discovery(
    new URL(house.issuer), client.client_id, client.client_secret, authentication(client.client_secret),
    // Signatures of ID tokens are checked even though they come from the token endpoint.
    { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] },
  );
  return { config, clientId: client.client_id };
}

/** One authorization request, and the checks that its answer must pass. */
async function request(config) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const expectedNonce = openid.randomNonce();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

const kinds = [
  ['client_secret_basic', openid.ClientSecretBasic, false],
  ['client_secret_post', openid.ClientSecretPost, false],
  ['none', openid.None, true],
];

for (const [method, authentication, isPublic] of kinds) {
  test(`signs in, reads userinfo and refreshes with ${method}`, async () => {
    const { config, clientId } = await relyingParty(`openid-client ${method}`, authentication, { isPublic });
    const person = await visitor('Ada Lovelace');
    const { url, checks } = await request(config);
    const tokens = await openid.authorizationCodeGrant(config, await person.authorize(url), checks);

    const claims = tokens.claims();
    assert.equal(claims.iss, house.issuer);
    assert.equal(claims.aud, clientId);
    assert.equal(tokens.token_type, 'bearer');

    const about = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(about.email, person.email);
    assert.equal(about.email_verified, true);
    assert.equal(about.name, 'Ada Lovelace');

    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(fresh.access_token, tokens.access_token);
    assert.equal(fresh.claims().sub, claims.sub);
    // OpenID Connect Core §12.2: the time of sign-in stays what it was.
    assert.equal(fresh.claims().auth_time, claims.auth_time);
    // OAuth 2.1 §4.3.1: a public client's refresh token is rotated.
    if (isPublic) assert.notEqual(fresh.refresh_token, tokens.refresh_token);
    assert.deepEqual(await openid.fetchUserInfo(config, fresh.access_token, claims.sub), about);
  });
}

test('a revoked refresh token is dead, and introspection says so', async () => {
  const { config } = await relyingParty('openid-client revokes', openid.ClientSecretBasic);
  const person = await visitor('Grace Hopper');
  const { url, checks } = await request(config);
  const tokens = await openid.authorizationCodeGrant(config, await person.authorize(url), checks);

  assert.equal((await openid.tokenIntrospection(config, tokens.access_token)).active, true);
  await openid.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(openid.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant', status: 400 });
  assert.deepEqual(await openid.tokenIntrospection(config, tokens.refresh_token), { active: false });
});

test('a code is good once', async () => {
  const { config } = await relyingParty('openid-client twice', openid.ClientSecretBasic);
  const person = await visitor('Grace Hopper');
  const { url, checks } = await request(config);
  const back = await person.authorize(url);
  await openid.authorizationCodeGrant(config, back, checks);
  await assert.rejects(openid.authorizationCodeGrant(config, back, checks), { error: 'invalid_grant', status: 400 });
});

test('refused consent comes back as access_denied', async () => {
  const { config } = await relyingParty('openid-client refused', openid.ClientSecretBasic);
  const person = await visitor('Grace Hopper');
  const { url, checks } = await request(config);
  const back = await person.authorize(url, { approve: false });
  // openid-client looks at iss (RFC 9207) and state before it believes the error.
  await assert.rejects(openid.authorizationCodeGrant(config, back, checks), { error: 'access_denied' });
});
