// Owns: openid-client (Node) with keys instead of secrets: private_key_jwt, pushed requests, DPoP; and the device flow.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as openid from 'openid-client';
import { House } from '../browser/house.mjs';
import { Visitor } from './visitor.mjs';

const CALLBACK = 'https://fapi.example/callback';
const PASSWORD = 'correct horse battery staple';

let house;
let folder;
before(async () => {
  house = await House.open();
  folder = await mkdtemp(path.join(tmpdir(), 'doorward-keys-'));
});
after(async () => {
  await house?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function visitor() {
  const person = { email: `${randomBytes(6).toString('hex')}@example.com`, name: 'Ada Lovelace', password: PASSWORD };
  await house.addUser(person);
  return new Visitor(house.issuer, person);
}

/** A key of a client: for WebCrypto, and its public half in a file for the command line. */
async function key(name) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: name, alg: 'ES256', use: 'sig' };
  const file = path.join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ keys: [jwk] }));
  const own = await crypto.subtle.importKey(
    'pkcs8', privateKey.export({ format: 'der', type: 'pkcs8' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'],
  );
  return { file, own: { key: own, kid: name } };
}

const checks = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks];

test('a FAPI 2.0 client signs in with a pushed request, a signed assertion and DPoP, and refreshes', async () => {
  const { file, own } = await key('fapi');
  const client = await house.run([
    'client', 'add', 'FAPI', '--redirect', CALLBACK, '--profile', 'fapi2', '--auth-method', 'private_key_jwt', '--jwks', file, '--dpop',
  ]);
  const metadata = { use_mtls_endpoint_aliases: false, id_token_signed_response_alg: 'ES256' };
  // FAPI 2.0 §5.3.3.1: the audience is the issuer and nothing else.
  const authentication = openid.PrivateKeyJwt(own, {
    [openid.modifyAssertion]: (_, claims) => { claims.aud = house.issuer; },
  });
  const config = await openid.discovery(new URL(house.issuer), client.client_id, metadata, authentication, { execute: checks });
  const dpop = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const url = await openid.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: CALLBACK,
    scope: 'openid email offline_access',
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  }, { DPoP: dpop });
  assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri']);

  const person = await visitor();
  const back = await person.authorize(url);
  const tokens = await openid.authorizationCodeGrant(
    config, back, { pkceCodeVerifier, expectedState, idTokenExpected: true }, undefined, { DPoP: dpop },
  );
  assert.equal(tokens.token_type, 'dpop');
  const about = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: dpop });
  assert.equal(about.email, person.email);
  await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), 'a bound token is no bearer token');

  const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: dpop });
  assert.equal(fresh.token_type, 'dpop');
  assert.notEqual(fresh.access_token, tokens.access_token);
});

test('a device waits until a person has answered on /device', async () => {
  const client = await house.run([
    'client', 'add', 'Television', '--public', '--redirect', CALLBACK,
    '--grant-type', 'authorization-code', 'refresh-token', 'device',
  ]);
  const config = await openid.discovery(new URL(house.issuer), client.client_id, undefined, openid.None(), { execute: checks });
  const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid email' });
  assert.match(device.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal(device.verification_uri, `${house.issuer}/device`);

  const person = await visitor();
  await person.allowDevice(device.verification_uri_complete);
  // The library waits for the interval before it asks.
  const tokens = await openid.pollDeviceAuthorizationGrant(config, device);
  const about = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(about.email, person.email);
});
