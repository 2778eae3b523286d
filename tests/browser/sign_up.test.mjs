// Owns: signing up where an address is proven first, and proving one by its code: without scripts, by keyboard alone, and as axe and html-validate see each page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { PASSWORD, Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open({ DOORWARD__ACCOUNTS__VERIFIED_EMAIL_ONLY: 'true' }); });
after(() => stage?.close());

const letter = (email, at = stage) => at.letter(email);

/** Signs up on the page that is open; the answer is the page that waits for the code. */
async function signUp(page, email) {
  const answer = await fill(page, { name: 'Grace Hopper', email, password: PASSWORD }, 'register-submit');
  assert.equal(new URL(page.url()).pathname, '/register/confirm');
  return answer;
}

const wrong = (code) => (code === '123456' ? '654321' : '123456');

test('signs up with the code on the way to a relying party, and arrives there', async () => {
  const page = await stage.page();
  const email = stage.email();
  await page.goto(stage.party.request());
  await page.getByRole('link', { name: 'Create an account' }).click();
  await audit(stage.browser, await signUp(page, email), 'sign-up-code');
  const { code } = await letter(email);
  await audit(stage.browser, await fill(page, { code: wrong(code) }, 'confirm-submit'), 'sign-up-code-wrong');
  assert.match(await page.title(), /^Error: /);
  // As it is copied from the letter in HTML.
  await fill(page, { code: [...code].join(' ') }, 'confirm-submit');
  assert.equal(new URL(page.url()).pathname, '/consent');
  await press(page, '#consent-approve');
  const tokens = await stage.party.redeem(stage.party.answer(page).code);
  const about = await fetch(stage.at('/oauth2/userinfo'), { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const { email: told, email_verified } = await about.json();
  assert.deepEqual({ told, email_verified }, { told: email, email_verified: true });
});

test('the link works in the browser that signed up, and another says where to go', async () => {
  const page = await stage.page();
  const email = stage.email();
  await page.goto(stage.at('/register'));
  await signUp(page, email);
  const { link } = await letter(email);
  const other = await stage.page();
  await audit(stage.browser, await other.goto(link), 'sign-up-elsewhere');
  await audit(stage.browser, await page.goto(link), 'sign-up-link');
  await press(page, '#confirm-link-submit');
  assert.equal(new URL(page.url()).pathname, '/account');
  await audit(stage.browser, await other.goto(link), 'sign-up-ended');
});

test('an address that has an account looks the same, and only its letter tells', async () => {
  const person = await stage.person();
  const page = await stage.page();
  await page.goto(stage.at('/register'));
  await signUp(page, person.email);
  const known = (await page.locator('main').innerText()).replace(person.email, '');
  const { text, code } = await letter(person.email);
  assert.match(text, /You have an account already/);
  assert.equal(code, undefined, 'a letter that has no code to give');
  const free = await stage.page();
  const email = stage.email();
  await free.goto(stage.at('/register'));
  await signUp(free, email);
  assert.equal((await free.locator('main').innerText()).replace(email, ''), known);
});

test('the keyboard alone is enough', async () => {
  const page = await stage.page();
  const email = stage.email();
  const reach = async (id) => {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      if (await page.locator(`#${id}:focus`).count()) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`#${id} is not reached with Tab`);
  };
  await page.goto(stage.at('/register'));
  await reach('email');
  await page.keyboard.type(email);
  await reach('password');
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForURL('**/register/confirm?*'), page.keyboard.press('Enter')]);
  // What waits for the code has the focus.
  await page.waitForSelector('#code:focus');
  await reach('confirm-send');
  await Promise.all([page.waitForURL('**sent=1'), page.keyboard.press('Enter')]);
  await page.waitForSelector('#code:focus');
  assert.match(await page.locator('[role=status]').innerText(), /A new letter is on its way/);
  await page.keyboard.type((await letter(email)).code);
  await Promise.all([page.waitForURL('**/account'), page.keyboard.press('Enter')]);
});

test('an address that is not proven yet lets in by its code', async () => {
  const page = await stage.page();
  const email = stage.email();
  await stage.house.run(['user', 'add', email, '--name', 'Ada', '--password-stdin'], `${PASSWORD}\n`);
  await page.goto(stage.at('/login'));
  await audit(stage.browser, await stage.signIn(page, { email, password: PASSWORD }), 'verify-door');
  const { code } = await letter(email);
  await audit(stage.browser, await fill(page, { code: wrong(code) }, 'verify-code-submit'), 'verify-door-wrong');
  await fill(page, { code }, 'verify-code-submit');
  assert.equal(new URL(page.url()).pathname, '/account');
});

test('who is signed in proves the address by its code; where sign-up is closed it says so', async () => {
  const other = await Stage.open();
  try {
    const page = await other.page();
    const email = other.email();
    await page.goto(other.at('/register'));
    await fill(page, { name: 'Grace Hopper', email, password: PASSWORD }, 'register-submit');
    await audit(other.browser, await page.goto(other.at('/verify-email')), 'verify-code');
    const { code } = await letter(email, other);
    await fill(page, { code }, 'verify-code-submit');
    assert.match(await page.locator('h1').textContent(), /Address confirmed/);
  } finally {
    await other.close();
  }
  const closed = await Stage.open({ DOORWARD__ACCOUNTS__SIGN_UP: 'false' });
  try {
    const page = await closed.page();
    const answer = await page.goto(closed.at('/register'));
    assert.equal(answer.status(), 403);
    await audit(closed.browser, answer, 'sign-up-closed');
    await page.getByRole('link', { name: 'Sign in' }).click();
    assert.equal(await page.getByRole('link', { name: 'Create an account' }).count(), 0);
  } finally {
    await closed.close();
  }
});
