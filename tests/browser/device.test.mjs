// Owns: the page on which a person answers for a device: how it looks in every state, and that it can be used by keyboard alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { Stage } from './stage.mjs';

let stage;
let client;
before(async () => {
  stage = await Stage.open();
  const words = ['client', 'add', 'Living Room Television', '--public', '--grant-type', 'device', '--grant-type', 'refresh-token'];
  client = await stage.house.run(words);
});
after(() => stage?.close());

const form = (fields) => ({ method: 'POST', body: new URLSearchParams({ client_id: client.client_id, ...fields }) });

/** What a new device is answered. */
async function device(scope = 'openid profile email offline_access') {
  const answer = await fetch(stage.at('/oauth2/device_authorization'), form({ scope }));
  assert.equal(answer.status, 200);
  return answer.json();
}

async function poll({ device_code }) {
  const answer = await fetch(stage.at('/oauth2/token'), form({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code }));
  return answer.json();
}

/** A page on which somebody who has signed in has opened the code. */
async function opened(waiting) {
  const page = await stage.account(await stage.person());
  await page.goto(waiting.verification_uri);
  await fill(page, { 'user-code': waiting.user_code.toLowerCase() }, 'device-continue');
  return page;
}

/** Name of the page, then how a browser comes to it; the answer of the last step is audited. */
const pages = {
  'device-ask': (page) => page.goto(stage.at('/device')),
  'device-wrong': async (page) => {
    await page.goto(stage.at('/device'));
    return fill(page, { 'user-code': 'BCDF-GHJK' }, 'device-continue');
  },
  'device-confirm': async (page, waiting) => {
    await page.goto(waiting.verification_uri_complete);
    return press(page, '#device-continue');
  },
  'device-approved': async (page, waiting) => {
    await page.goto(waiting.verification_uri_complete);
    await press(page, '#device-continue');
    return press(page, '#device-approve');
  },
  'device-denied': async (page, waiting) => {
    await page.goto(waiting.verification_uri_complete);
    await press(page, '#device-continue');
    return press(page, '#device-deny');
  },
  'device-in-use': async (page, waiting) => {
    await opened(waiting);
    await page.goto(waiting.verification_uri_complete);
    return press(page, '#device-continue');
  },
  'device-too-often': async (page) => {
    for (const last of 'BCDFG') {
      await page.goto(stage.at('/device'));
      await fill(page, { 'user-code': `BBBB-BBB${last}` }, 'device-continue');
    }
    await page.goto(stage.at('/device'));
    const answer = await fill(page, { 'user-code': 'BBBB-BBBH' }, 'device-continue');
    assert.equal(answer.status(), 429);
    assert.ok(Number(answer.headers()['retry-after']) > 0);
    return answer;
  },
};

for (const [name, visit] of Object.entries(pages)) {
  test(name, async () => {
    const page = await stage.account(await stage.person());
    const answer = await visit(page, await device());
    assert.match(answer.headers()['content-type'], /^text\/html/);
    assert.ok(answer.status() < 500, `answered ${answer.status()}`);
    assert.ok(await page.locator('main a, main button').count(), 'no way on from here');
    await audit(stage.browser, answer, name);
    await page.context().close();
  });
}

test('by keyboard alone, from the link over signing in to the tokens', async () => {
  const waiting = await device();
  const person = await stage.person();
  const page = await stage.page();
  await page.goto(waiting.verification_uri_complete);
  assert.equal(new URL(page.url()).pathname, '/login');
  // The browser gives the focus when it has drawn the page; what is typed before goes nowhere.
  await page.waitForSelector('#email:focus');
  await page.keyboard.type(person.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/device?*');
  assert.equal(await page.locator('#user-code').inputValue(), waiting.user_code);
  // The field has the focus; Enter presses its button.
  await page.waitForSelector('#user-code:focus');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#device-form');
  assert.equal(await page.locator('#device-code').textContent(), waiting.user_code);
  assert.equal((await poll(waiting)).error, 'authorization_pending');
  const reached = () => page.locator('#device-approve:focus').count();
  for (let steps = 0; !(await reached()); steps += 1) {
    assert.ok(steps < 30, 'the button cannot be reached');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForSelector('#device-approved');
  const tokens = await poll(waiting);
  assert.ok(tokens.access_token && tokens.refresh_token && tokens.id_token, JSON.stringify(tokens));
  await page.goBack();
  assert.equal(await page.locator('#device-approve').count(), 0, 'back leads to no second answer');
});
