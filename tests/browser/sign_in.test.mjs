// Owns: creating an account and signing in, as a person does it in a browser without scripts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fill, press } from './chrome.mjs';
import { PASSWORD, Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

test('signs up on the way to a relying party and arrives there', async () => {
  const page = await stage.page();
  const email = stage.email();
  await page.goto(stage.party.request());
  assert.equal(new URL(page.url()).pathname, '/login');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await fill(page, { name: 'Grace Hopper', email, password: PASSWORD }, 'register-submit');
  // Signed in at once, and the request has not been forgotten.
  assert.equal(new URL(page.url()).pathname, '/consent');
  await press(page, '#consent-approve');
  const tokens = await stage.party.redeem(stage.party.answer(page).code);
  const about = await fetch(stage.at('/oauth2/userinfo'), { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const { name, email: told, email_verified } = await about.json();
  assert.deepEqual({ name, told, email_verified }, { name: 'Grace Hopper', told: email, email_verified: false });
});

test('the confirmation letter proves the address', async () => {
  const page = await stage.page();
  const email = stage.email();
  await page.goto(stage.at('/register'));
  await fill(page, { name: 'Grace Hopper', email, password: PASSWORD }, 'register-submit');
  await page.goto(stage.at('/account'));
  assert.ok(await page.locator('#verify-form').isVisible());

  await page.goto(stage.at('/dev/mail'));
  await press(page, `li:has-text("${email}") a`);
  await press(page, 'a[href*="/verify-email"]');
  // RFC 9110 §9.2.1: following a link changes nothing, because scanners follow links; the button does.
  await press(page, '#verify-submit');
  assert.match(await page.locator('h1').textContent(), /Address confirmed/);
  await page.goto(stage.at('/account'));
  assert.equal(await page.locator('#verify-form').count(), 0);
});

test('signs in and arrives', async () => {
  const page = await stage.page();
  const tokens = await stage.tokens(page, await stage.person());
  assert.equal(tokens.status, 200);
  assert.ok(tokens.id_token && tokens.access_token && tokens.refresh_token);
});

test('a wrong password says so in words, keeps the address and gives nothing away', async () => {
  const person = await stage.person();
  const shown = [];
  for (const email of [person.email, stage.email()]) {
    const page = await stage.page();
    await page.goto(stage.party.request());
    await stage.signIn(page, { email, password: 'not the password' });
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.locator('#email').inputValue(), email);
    assert.equal(await page.locator('#password').inputValue(), '');
    shown.push(await page.locator('#error-summary').textContent());
    // The pending request outlives the mistake.
    await stage.signIn(page, person);
    assert.equal(new URL(page.url()).pathname, '/consent');
  }
  assert.equal(shown[0], shown[1], 'a known and an unknown address must look the same');
});

/** The id of what has the focus; null where nothing has it. */
async function focused(page) {
  const focus = page.locator(':focus');
  return (await focus.count()) ? focus.getAttribute('id') : null;
}

test('the keyboard alone is enough', async () => {
  const person = await stage.person();
  const page = await stage.page();
  const reach = async (id) => {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      if ((await focused(page)) === id) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`#${id} is not reached with Tab`);
  };
  await page.goto(stage.party.request());
  // The first field gets the focus when the page is drawn; what is typed before goes nowhere.
  await page.waitForSelector('#email:focus');
  await page.keyboard.type(person.email);
  await reach('password');
  await page.keyboard.type(person.password);
  await Promise.all([page.waitForURL('**/consent?*'), page.keyboard.press('Enter')]);
  await reach('consent-approve');
  await Promise.all([page.waitForURL(`${stage.party.callback}?*`), page.keyboard.press('Enter')]);
  assert.ok(stage.party.answer(page).code);
});

test('two tabs and the back button lead on', async () => {
  const person = await stage.person();
  const one = await stage.page();
  await one.goto(stage.party.request());
  const two = await one.context().newPage();
  const second = stage.party.request();
  await two.goto(second);
  await stage.signIn(two, person);
  await press(two, '#consent-approve');
  assert.ok(stage.party.answer(two).code);
  // The first tab still shows a form; sending it must not be a dead end.
  await stage.signIn(one, person);
  assert.ok(one.url().startsWith(stage.party.callback), one.url());
  await one.goBack();
  await one.reload();
  assert.ok(one.url().startsWith(stage.party.callback) || (await one.locator('#login-form, #continue-form').count()) > 0, one.url());
});
