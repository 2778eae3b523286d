// Owns: what a person is asked before a relying party learns anything, and what follows from each answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

async function asked(scope = 'openid profile email offline_access') {
  const page = await stage.page();
  await page.goto(stage.party.request({ scope }));
  await stage.signIn(page, await stage.person());
  assert.equal(new URL(page.url()).pathname, '/consent');
  return page;
}

test('says who asks, for what, and where the answer goes', async () => {
  const page = await asked();
  assert.match(await page.locator('h1').textContent(), /Example Notes/);
  assert.equal(await page.locator(`#consent-form strong:has-text("${new URL(stage.party.callback).host}")`).count(), 1);
  assert.ok((await page.locator('.scopes > li').count()) >= 3);
});

test('Allow comes back with a code, and is remembered', async () => {
  const page = await asked();
  await press(page, '#consent-approve');
  assert.ok(stage.party.answer(page).code);
  await page.goto(stage.party.request());
  assert.ok(stage.party.answer(page).code, 'the second time nothing is asked');
  await page.goto(stage.party.request({ prompt: 'none' }));
  assert.ok(stage.party.answer(page).code);
});

test('more than was allowed is asked for again', async () => {
  const page = await asked('openid email');
  await press(page, '#consent-approve');
  await page.goto(stage.party.request({ scope: 'openid email phone' }));
  assert.equal(new URL(page.url()).pathname, '/consent');
});

test('Deny comes back with access_denied, and nothing is remembered', async () => {
  const page = await asked();
  await press(page, '#consent-deny');
  const answer = stage.party.answer(page);
  assert.equal(answer.error, 'access_denied');
  assert.equal(answer.code, undefined);
  await page.goto(stage.party.request());
  assert.equal(new URL(page.url()).pathname, '/consent');
});

test('prompt=none shows no page', async () => {
  const page = await stage.page();
  await page.goto(stage.party.request({ prompt: 'none' }));
  assert.equal(stage.party.answer(page).error, 'login_required');
});

test('prompt=login asks for the password again', async () => {
  const page = await stage.page();
  const person = await stage.person();
  await stage.tokens(page, person);
  await page.goto(stage.party.request({ prompt: 'login' }));
  assert.equal(new URL(page.url()).pathname, '/login');
  await page.locator('#password').fill(person.password);
  await press(page, '#login-submit');
  assert.ok(stage.party.answer(page).code);
});

test('an address that is not registered gets an error page, not a redirect', async () => {
  const page = await stage.page();
  const answer = await page.goto(stage.party.request({ redirect_uri: 'http://localhost:1/elsewhere' }));
  assert.equal(answer.status(), 400);
  assert.equal(new URL(page.url()).pathname, '/oauth2/authorize');
  assert.match(await page.locator('#oauth-error').textContent(), /Authorization error/);
});
