// Owns: a newcomer's first minutes: the front page, the demo account, the playground from start to sign-out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

async function passed(page) {
  assert.equal(new URL(page.url()).pathname.startsWith('/playground'), true, page.url());
  const badges = await page.locator('.steps > li summary .badge').allTextContents();
  assert.ok(badges.length > 0, 'no step is shown');
  assert.deepEqual([...new Set(badges)], ['passed'], await page.locator('.steps').textContent());
  return badges.length;
}

test('the demo account goes through the whole playground', async () => {
  const page = await stage.page();
  await page.goto(stage.at('/'));
  assert.match(await page.locator('[aria-labelledby=demo]').textContent(), /printed in the terminal/);
  const [, email, password] = stage.house.printed().match(/sign in as (\S+) with password (\S+)/);
  await press(page, 'a[href="/playground"]');
  assert.ok(await page.locator('#scope-offline_access').isChecked(), 'a newcomer sees the refresh too');
  await press(page, '#playground-go');
  await stage.signIn(page, { email, password });
  if (await page.locator('#consent-form').count()) await press(page, '#consent-approve');

  const after = await passed(page);
  await press(page, '#playground-userinfo button');
  assert.ok((await passed(page)) > 0);
  assert.ok((await page.locator('.steps').textContent()).includes(email));
  await press(page, '#playground-refresh button');
  assert.ok((await passed(page)) > 0);
  assert.ok(after >= 3, `only ${after} steps are shown after the callback`);

  await press(page, '#playground-logout');
  if (await page.locator('#logout-confirm').count()) await press(page, '#logout-confirm');
  await page.goto(stage.at('/account'));
  assert.equal(new URL(page.url()).pathname, '/login');
});

test('prompt=none without a session is shown as the error that it is', async () => {
  const page = await stage.page();
  await page.goto(stage.at('/playground'));
  await page.locator('#prompt').selectOption('none');
  await press(page, '#playground-go');
  assert.ok((await page.locator('.steps').textContent()).includes('login_required'));
  assert.ok(await page.locator('.steps .badge-bad').count());
});

test('a refused consent is shown as the error that it is', async () => {
  const person = await stage.person();
  const page = await stage.page();
  await page.goto(stage.at('/playground'));
  await page.locator('#prompt').selectOption('consent');
  await press(page, '#playground-go');
  await stage.signIn(page, person);
  await press(page, '#consent-deny');
  assert.ok((await page.locator('.steps').textContent()).includes('access_denied'));
});
