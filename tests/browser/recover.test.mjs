// Owns: a forgotten password, from the sign-in page to the relying party, as a person does it in a browser without scripts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

const NEW = 'eleven herons by the mill';

/** Opens the newest letter to `email` and follows the link in it. */
async function letter(page, email) {
  await page.goto(stage.at('/dev/mail'));
  await press(page, `li:has-text("${email}") a`);
  return press(page, 'a[href*="/reset-password"]');
}

async function ask(page, email) {
  await page.goto(stage.at('/recover'));
  return fill(page, { email }, 'recover-submit');
}

test('forgets the password on the way to a relying party and arrives there', async () => {
  const person = await stage.person();
  const page = await stage.page();
  await page.goto(stage.party.request());
  await press(page, 'a:has-text("Forgot your password?")');
  await fill(page, { email: person.email }, 'recover-submit');
  assert.match(await page.locator('main').textContent(), new RegExp(`If an account exists for ${person.email}`));
  await letter(page, person.email);
  assert.equal(await page.locator('#username').inputValue(), person.email);
  await fill(page, { 'new-password': NEW }, 'reset-submit');
  assert.equal(new URL(page.url()).pathname, '/login');
  assert.match(await page.locator('.note-good').textContent(), /Your password is changed/);
  assert.match(await page.locator('.card-head').textContent(), /to continue to/);

  await stage.signIn(page, person);
  assert.match(await page.title(), /^Error: /, 'the old password is none any more');
  await stage.signIn(page, { ...person, password: NEW });
  await press(page, '#consent-approve');
  const tokens = await stage.party.redeem(stage.party.answer(page).code);
  assert.equal(tokens.status, 200);
});

test('the keyboard alone is enough', async () => {
  const person = await stage.person();
  const page = await stage.page();
  await page.goto(stage.at('/recover'));
  await page.waitForSelector('#email:focus');
  await page.keyboard.type(person.email);
  await Promise.all([page.waitForSelector('text=a letter is on its way'), page.keyboard.press('Enter')]);
  await letter(page, person.email);
  // What is to be typed has the focus; the address is there to be read.
  await page.waitForSelector('#new-password:focus');
  await page.keyboard.type(NEW);
  await Promise.all([page.waitForURL('**/login?*'), page.keyboard.press('Enter')]);
  await page.waitForSelector('#email:focus');
  await page.keyboard.type(person.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(NEW);
  await Promise.all([page.waitForURL('**/account'), page.keyboard.press('Enter')]);
});

test('a link works once, back and reload lead on', async () => {
  const person = await stage.person();
  const page = await stage.page();
  await ask(page, person.email);
  await letter(page, person.email);
  const link = page.url();
  await page.reload();
  await page.goto(link);
  await fill(page, { 'new-password': NEW }, 'reset-submit');
  await page.goBack();
  await page.reload();
  assert.match(await page.locator('h1').textContent(), /no longer works/);
  await press(page, 'main a.button');
  assert.equal(new URL(page.url()).pathname, '/recover');
});

/** Name of the page, then how a browser comes to it. */
const pages = {
  recover: (page) => page.goto(stage.at('/recover')),
  'recover-wrong': async (page) => {
    await page.goto(stage.at('/recover'));
    await page.locator('#recover-form').evaluate((form) => { form.noValidate = true; });
    return fill(page, { email: 'nobody' }, 'recover-submit');
  },
  'recover-sent': (page) => ask(page, stage.email()),
  'reset-ask': async (page) => {
    const { email } = await stage.person();
    await ask(page, email);
    return letter(page, email);
  },
  'reset-wrong': async (page) => {
    const { email } = await stage.person();
    await ask(page, email);
    await letter(page, email);
    return fill(page, { 'new-password': 'password' }, 'reset-submit');
  },
  'reset-dead': (page) => page.goto(stage.at('/reset-password?token=nothing')),
  'reset-other': async (page) => {
    const { email } = await stage.person();
    await ask(page, email);
    await page.goto(stage.at('/login'));
    await stage.signIn(page, await stage.person());
    await letter(page, email);
    return fill(page, { 'new-password': NEW }, 'reset-submit');
  },
  'reset-done': async (page) => {
    const { email } = await stage.person();
    await ask(page, email);
    await letter(page, email);
    return fill(page, { 'new-password': NEW }, 'reset-submit');
  },
};

for (const [name, visit] of Object.entries(pages)) {
  test(name, async () => {
    const page = await stage.page();
    const answer = await visit(page);
    assert.match(answer.headers()['content-type'], /^text\/html/);
    assert.ok(answer.status() < 500, `answered ${answer.status()}`);
    assert.ok(await page.locator('main a, main button').count(), 'no way on from here');
    await audit(stage.browser, answer, name);
    await page.context().close();
  });
}
