// Owns: oidc-client-ts in Chromium: a single-page application that signs in, refreshes and signs out.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { House } from '../browser/house.mjs';
import { chrome, fill, press } from '../browser/chrome.mjs';

const PASSWORD = 'correct horse battery staple';
const library = path.join(path.dirname(createRequire(import.meta.url).resolve('oidc-client-ts')), '../browser/oidc-client-ts.min.js');

let house;
let browser;
let server;
let origin;
before(async () => {
  house = await House.open();
  browser = await chrome();
  server = createServer((request, answer) => {
    const script = request.url === '/oidc-client-ts.js';
    answer.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    answer.end(script ? readFileSync(library) : '<!DOCTYPE html><title>SPA</title><script src="/oidc-client-ts.js"></script><h1>SPA</h1>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://localhost:${server.address().port}`;
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await house?.close();
});

test('a single-page application signs in with PKCE, reads userinfo, refreshes and signs out', async () => {
  const client = await house.run([
    'client', 'add', 'SPA', '--public', '--redirect', `${origin}/callback`, '--post-logout-redirect', `${origin}/bye`,
  ]);
  const person = { email: `${randomBytes(6).toString('hex')}@example.com`, name: 'Ada Lovelace', password: PASSWORD };
  await house.addUser(person);
  const settings = {
    authority: house.issuer,
    client_id: client.client_id,
    redirect_uri: `${origin}/callback`,
    post_logout_redirect_uri: `${origin}/bye`,
    scope: 'openid email offline_access',
    loadUserInfo: true,
    automaticSilentRenew: false,
  };
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  const manager = (work) => page.evaluate(`(async () => {
    globalThis.manager ??= new oidc.UserManager(${JSON.stringify(settings)});
    return (${work})(globalThis.manager);
  })()`);

  await Promise.all([page.waitForURL(`${house.issuer}/login*`), manager('(m) => { m.signinRedirect(); }')]);
  await fill(page, { email: person.email, password: PASSWORD }, 'login-submit');
  if (page.url().startsWith(house.issuer)) await press(page, '#consent-approve');
  await page.waitForURL(`${origin}/callback*`);
  const user = await manager('async (m) => { const u = await m.signinCallback(); return { profile: u.profile, token: u.access_token }; }');
  assert.equal(user.profile.email, person.email);

  const fresh = await manager('async (m) => { const u = await m.signinSilent(); return { sub: u.profile.sub, token: u.access_token }; }');
  assert.equal(fresh.sub, user.profile.sub);
  assert.notEqual(fresh.token, user.token);

  await Promise.all([page.waitForURL(`${origin}/bye*`), manager('(m) => { m.signoutRedirect(); }')]);
  await context.close();
});
