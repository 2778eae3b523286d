// Owns: what people change and end in their own account, and that it takes effect elsewhere at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fill, press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

const others = 'form[action="/account/sessions/revoke"] button';

/** The account pages of the navigation, in its order. */
const PAGES = ['/account', '/account/profile', '/account/security', '/account/sessions', '/account/apps', '/account/activity'];

/** Follows what has the focus, or sends its form, to the page that comes next. */
function enter(page) {
  return Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

/** Where a visit to the account ends: /account, or /login for somebody who is not signed in. */
async function landsOn(page) {
  await page.goto(stage.at('/account'));
  return new URL(page.url()).pathname;
}

test('changes the name, and relying parties learn the new one', async () => {
  const person = await stage.person();
  const page = await stage.account(person);
  await page.goto(stage.at('/account/profile'));
  await fill(page, { name: 'Ada, Countess of Lovelace' }, 'profile-submit');
  assert.ok(await page.getByRole('status').isVisible());
  assert.equal(await page.locator('#name').inputValue(), 'Ada, Countess of Lovelace');
  const { access_token } = await stage.tokens(page, person);
  const about = await fetch(stage.at('/oauth2/userinfo'), { headers: { authorization: `Bearer ${access_token}` } });
  assert.equal((await about.json()).name, 'Ada, Countess of Lovelace');
});

test('leads to every page with the keyboard alone', async () => {
  const page = await stage.account(await stage.person());
  for (const path of PAGES) {
    // From the top of the page: skip link, banner, brand, account, sign out, then the navigation.
    for (let presses = 0; await page.evaluate((to) => document.activeElement.closest('.account-nav') === null || document.activeElement.pathname !== to, path); presses += 1) {
      assert.ok(presses < 15, `${path} is reached from ${page.url()}`);
      await page.keyboard.press('Tab');
    }
    await enter(page);
    assert.equal(new URL(page.url()).pathname, path);
    assert.equal(await page.locator('.account-nav [aria-current="page"]').count(), 1);
    assert.equal(new URL(await page.locator('.account-nav [aria-current="page"]').evaluate(({ href }) => href)).pathname, path);
  }
});

test('is filled in and saved with the keyboard alone', async () => {
  const page = await stage.account(await stage.person());
  await page.goto(stage.at('/account/profile'));
  const focus = () => page.evaluate(() => document.activeElement.id);
  for (let presses = 0; await focus() !== 'nickname'; presses += 1) {
    assert.ok(presses < 25, 'the nickname is reached');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('Addie');
  for (let presses = 0; await focus() !== 'birthdate'; presses += 1) {
    assert.ok(presses < 15, 'the date of birth is reached');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('December');
  await enter(page);
  assert.ok(await page.locator('#error-summary').isVisible());
  assert.equal(await focus(), 'birthdate', 'what is wrong has the focus');
  assert.equal(await page.locator('#nickname').inputValue(), 'Addie');
  assert.equal(await page.locator('#birthdate').inputValue(), 'December');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('0000-12-10');
  await enter(page);
  assert.ok(await page.getByRole('status').isVisible());
  assert.equal(await page.locator('#birthdate').inputValue(), '0000-12-10');
});

test('a page that was asked for is shown after signing in', async () => {
  const person = await stage.person();
  for (const path of PAGES) {
    const page = await stage.page();
    await page.goto(stage.at(path));
    assert.equal(new URL(page.url()).pathname, '/login');
    await stage.signIn(page, person);
    assert.equal(page.url(), stage.at(path));
    await page.context().close();
  }
});

test('changes the password, which ends the other sessions', async () => {
  const person = await stage.person();
  const elsewhere = await stage.account(person);
  const page = await stage.account(person);
  await page.goto(stage.at('/account/security'));

  await fill(page, { 'current-password': 'not the password', 'new-password': 'a quite different sentence' }, 'password-submit');
  assert.match(await page.title(), /^Error: /);
  assert.ok(await page.locator('#error-summary').isVisible());

  await fill(page, { 'current-password': person.password, 'new-password': 'a quite different sentence' }, 'password-submit');
  assert.ok(await page.getByRole('status').isVisible());
  assert.equal(await landsOn(page), '/account');
  assert.equal(await landsOn(elsewhere), '/login');

  await stage.signIn(elsewhere, person);
  assert.ok(await elsewhere.locator('#error-summary').isVisible(), 'the old password is dead');
  await stage.signIn(elsewhere, { ...person, password: 'a quite different sentence' });
  assert.equal(await landsOn(elsewhere), '/account');
});

test('signs one other browser out', async () => {
  const person = await stage.person();
  const elsewhere = await stage.account(person);
  const page = await stage.account(person);
  await page.goto(stage.at('/account/sessions'));
  assert.equal(await page.locator(others).count(), 1);
  await press(page, others);
  assert.equal(await page.locator(others).count(), 0);
  assert.equal(await landsOn(elsewhere), '/login');
  assert.equal(await landsOn(page), '/account');
});

test('signs every other browser out', async () => {
  const person = await stage.person();
  const elsewhere = [await stage.account(person), await stage.account(person)];
  const page = await stage.account(person);
  await page.goto(stage.at('/account/sessions'));
  assert.equal(await page.locator(others).count(), 2);
  await press(page, '#revoke-others button');
  for (const other of elsewhere) assert.equal(await landsOn(other), '/login');
  assert.equal(await landsOn(page), '/account');
});

test('takes an app its access away', async () => {
  const person = await stage.person();
  const page = await stage.page();
  const { refresh_token } = await stage.tokens(page, person);
  await page.goto(stage.at('/account/apps'));
  await press(page, 'form[action="/account/apps/revoke"] button');
  assert.equal(await page.locator('form[action="/account/apps/revoke"]').count(), 0);
  const refused = await stage.party.refresh(refresh_token);
  assert.deepEqual([refused.status, refused.error], [400, 'invalid_grant']);
  await page.goto(stage.party.request());
  assert.equal(new URL(page.url()).pathname, '/consent', 'consent is asked for anew');
});

test('signs out from the account', async () => {
  const page = await stage.account(await stage.person());
  await press(page, '#logout-submit');
  assert.match(await page.locator('#logged-out').textContent(), /Signed out/);
  assert.equal(await landsOn(page), '/login');
});

test('signs out from the header, after a question', async () => {
  const page = await stage.account(await stage.person());
  await press(page, 'header a[href="/logout"]');
  await press(page, '#logout-confirm');
  assert.match(await page.locator('#logged-out').textContent(), /Signed out/);
  assert.equal(await landsOn(page), '/login');
});

test('a relying party without a hint cannot sign anybody out unasked', async () => {
  const page = await stage.account(await stage.person());
  await page.goto(stage.at('/oauth2/logout'));
  assert.equal(new URL(page.url()).pathname, '/logout/confirm');
  assert.equal(await landsOn(page), '/account');
  await page.goto(stage.at('/oauth2/logout'));
  await press(page, '#logout-confirm');
  assert.match(await page.locator('#logged-out').textContent(), /Signed out/);
  assert.equal(await landsOn(page), '/login');
});

test('a form without its CSRF token changes nothing', async () => {
  const person = await stage.person();
  const page = await stage.account(person);
  const answer = await page.request.post(stage.at('/account/profile'), { form: { name: 'Mallory' } });
  assert.ok(answer.status() >= 400 && answer.status() < 500, `answered ${answer.status()}`);
  await page.goto(stage.at('/account/profile'));
  assert.equal(await page.locator('#name').inputValue(), person.name);
});
