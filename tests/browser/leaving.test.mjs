// Owns: what guards an account, as a person changes it in a browser without scripts: another address, a copy, leaving and coming back.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

const path = (page) => new URL(page.url()).pathname;

/** Opens the newest letter to `email`. */
async function letter(page, email) {
  await page.goto(stage.at('/dev/mail'));
  return press(page, `li:has-text("${email}") a`);
}

/** The code of the newest letter to `email`. */
async function code(page, email) {
  await letter(page, email);
  const said = await page.locator('main').textContent();
  return /^\s*(\d{6})\s*$/m.exec(said)[1];
}

/** Asks for another address, as far as the page that waits for its code. */
async function ask(page, email) {
  await page.goto(stage.at('/account/email'));
  return fill(page, { email }, 'email-submit');
}

/** Leaves, as far as the page that says when the account goes. */
async function leave(page) {
  await page.goto(stage.at('/account/delete'));
  await page.locator('#understand').check();
  return press(page, '#delete-submit');
}

test('changes the address by the code of a letter', async () => {
  const person = await stage.person();
  const elsewhere = await stage.account(person);
  const page = await stage.account(person);
  const email = stage.email();
  await page.goto(stage.at('/account/security'));
  await press(page, 'a:has-text("Change your address")');
  await fill(page, { email }, 'email-submit');
  assert.match(await page.getByRole('status').textContent(), new RegExp(`We sent a letter to ${email}`));
  const digits = await code(page, email);
  await page.goto(stage.at('/account/email'));
  await fill(page, { code: digits === '000000' ? '000001' : '000000' }, 'code-submit');
  assert.match(await page.title(), /^Error: /);
  await fill(page, { code: digits }, 'code-submit');
  assert.match(await page.getByRole('status').textContent(), /Your e-mail address is changed/);

  await letter(page, person.email);
  assert.match(await page.locator('main').textContent(), /Your e-mail address was changed/);
  await elsewhere.goto(stage.at('/account'));
  assert.equal(path(elsewhere), '/login', 'signed out elsewhere');
  await stage.signIn(elsewhere, person);
  assert.ok(await elsewhere.locator('#error-summary').isVisible(), 'the old address is none any more');
  await stage.signIn(elsewhere, { ...person, email });
  assert.equal(path(elsewhere), '/account');
});

test('takes a copy home', async () => {
  const person = await stage.person();
  const page = await stage.account(person);
  await page.goto(stage.at('/account/export'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export-submit').click()]);
  assert.match(download.suggestedFilename(), /^doorward-\d{4}-\d\d-\d\d\.json$/);
  const copy = JSON.parse(await readFile(await download.path(), 'utf8'));
  assert.equal(copy.user.email, person.email);
  assert.equal(copy.events[0].kind, 'data_exported');
});

test('leaves, is gone everywhere, and comes back by the letter', async () => {
  const person = await stage.person();
  const page = await stage.page();
  const { refresh_token } = await stage.tokens(page, person);
  await leave(page);
  assert.equal(path(page), '/keep-account');
  assert.match(await page.locator('main').textContent(), new RegExp(person.email));
  assert.equal(await page.locator('header a[href="/logout"]').count(), 0, 'nobody is signed in');
  assert.equal((await stage.party.refresh(refresh_token)).error, 'invalid_grant');
  await page.goto(stage.at('/account'));
  assert.equal(path(page), '/login');

  await letter(page, person.email);
  await press(page, 'a[href*="/keep-account"]');
  await press(page, '#keep-submit');
  assert.match(await page.getByRole('status').textContent(), /Your account stays/);
  await stage.signIn(page, person);
  assert.equal(path(page), '/account');
});

test('leaves and comes back by the password, on the way to a relying party', async () => {
  const person = await stage.person();
  const page = await stage.account(person);
  await leave(page);
  await page.goto(stage.party.request());
  await stage.signIn(page, { ...person, password: 'not the password' });
  assert.ok(await page.locator('#error-summary').isVisible());
  await stage.signIn(page, person);
  assert.equal(path(page), '/keep-account');
  await press(page, '#keep-submit');
  await stage.signIn(page, person);
  await press(page, '#consent-approve');
  assert.ok(stage.party.answer(page).code);
});

test('the keyboard alone is enough', async () => {
  const person = await stage.person();
  const page = await stage.account(person);
  const reach = async (id) => {
    for (let tabs = 0; tabs < 60; tabs += 1) {
      if (await page.locator(`#${id}:focus`).count()) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`#${id} is not reached with Tab`);
  };
  const email = stage.email();
  await page.goto(stage.at('/account/email'));
  await reach('email');
  await page.keyboard.type(email);
  await Promise.all([page.waitForSelector('text=We sent a letter to'), page.keyboard.press('Enter')]);
  const digits = await code(page, email);
  await page.goto(stage.at('/account/email'));
  // What is to be typed next has the focus.
  await page.waitForSelector('#code:focus');
  await page.keyboard.type(digits);
  await Promise.all([page.waitForURL('**/account/security?*'), page.keyboard.press('Enter')]);
  await page.goto(stage.at('/account/delete'));
  await reach('understand');
  await page.keyboard.press('Space');
  await reach('delete-submit');
  await Promise.all([page.waitForURL('**/keep-account?*'), page.keyboard.press('Enter')]);
  await reach('keep-submit');
  await Promise.all([page.waitForURL('**/login?*'), page.keyboard.press('Enter')]);
});

/** Name of the page, then how a browser comes to it. */
const pages = {
  'email-ask': async (page) => {
    await page.goto(stage.at('/account/email'));
    return stage.signIn(page, await stage.person());
  },
  'email-wrong': async (page) => {
    await page.goto(stage.at('/account/email'));
    const person = await stage.person();
    await stage.signIn(page, person);
    return fill(page, { email: person.email }, 'email-submit');
  },
  'email-code': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    return ask(page, stage.email());
  },
  'email-code-wrong': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    await ask(page, stage.email());
    return fill(page, { code: '12345' }, 'code-submit');
  },
  'email-confirm': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    const email = stage.email();
    await ask(page, email);
    await letter(page, email);
    return press(page, 'a[href*="/confirm-email"]');
  },
  'email-confirm-sign-in': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    const email = stage.email();
    await ask(page, email);
    await page.context().clearCookies();
    await letter(page, email);
    return press(page, 'a[href*="/confirm-email"]');
  },
  'email-confirm-other': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    const email = stage.email();
    await ask(page, email);
    await page.context().clearCookies();
    await page.goto(stage.at('/login'));
    await stage.signIn(page, await stage.person());
    await letter(page, email);
    return press(page, 'a[href*="/confirm-email"]');
  },
  'email-confirm-dead': (page) => page.goto(stage.at('/confirm-email?token=nothing')),
  'email-changed': async (page) => {
    await page.goto(stage.at('/account/email'));
    await stage.signIn(page, await stage.person());
    const email = stage.email();
    await ask(page, email);
    await letter(page, email);
    await press(page, 'a[href*="/confirm-email"]');
    return press(page, '#confirm-submit');
  },
  export: async (page) => {
    await page.goto(stage.at('/account/export'));
    return stage.signIn(page, await stage.person());
  },
  delete: async (page) => {
    await page.goto(stage.at('/account/delete'));
    return stage.signIn(page, await stage.person());
  },
  'delete-wrong': async (page) => {
    await page.goto(stage.at('/account/delete'));
    await stage.signIn(page, await stage.person());
    await page.locator('#delete-form').evaluate((form) => { form.noValidate = true; });
    return press(page, '#delete-submit');
  },
  'keep-ask': async (page) => {
    await page.goto(stage.at('/account/delete'));
    await stage.signIn(page, await stage.person());
    return leave(page);
  },
  'keep-gone': async (page) => {
    const person = await stage.person();
    await page.goto(stage.at('/account/delete'));
    await stage.signIn(page, person);
    await leave(page);
    await stage.house.run(['user', 'remove', person.email]);
    return page.reload();
  },
  'keep-dead': (page) => page.goto(stage.at('/keep-account?token=nothing')),
  'keep-done': async (page) => {
    await page.goto(stage.at('/account/delete'));
    await stage.signIn(page, await stage.person());
    await leave(page);
    return press(page, '#keep-submit');
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
