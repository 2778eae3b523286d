// Owns: examples/frontend, an application's page with the official better-auth client, with Doorward and the FastAPI
// example behind it: sign up, prove the address, sign in, ask the service, sign out everywhere, be refused.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { press } from './chrome.mjs';
import { end, freePort, ready } from './house.mjs';
import { PASSWORD, Stage } from './stage.mjs';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');

let stage;
let front;
let service;
const started = [];

/** Runs what a reader of an example runs, until `url` answers. */
async function start(example, command, words, env, url) {
  const log = path.join(stage.house.folder, `${example}.log`);
  const out = openSync(log, 'a');
  const child = spawn(command, words, { cwd: path.join(EXAMPLES, example), env: { ...process.env, ...env }, stdio: ['ignore', out, out] });
  closeSync(out);
  process.once('exit', () => child.kill('SIGKILL'));
  started.push(child);
  await ready(url, child, log);
}

before(async () => {
  const [page, api] = [await freePort(), await freePort()];
  front = `http://localhost:${page}`;
  service = `http://localhost:${api}`;
  let clientId;
  stage = await Stage.open({
    DOORWARD__API__TRUSTED_ORIGINS: front,
    DOORWARD__FETCH__PRIVATE_ORIGINS: JSON.stringify([service]),
  }, async (house) => {
    const told = `${service}/backchannel-logout`;
    const client = ['client', 'add', 'Front end', '--public', '--redirect', `${front}/`, '--backchannel-logout-uri', told];
    clientId = (await house.run(client)).client_id;
    return { DOORWARD__API__CLIENT_ID: clientId };
  });
  const { issuer, folder } = stage.house;
  await start('fastapi', process.env.PYTHON ?? 'python3', ['-m', 'uvicorn', '--port', String(api), 'app.main:app'], {
    DOORWARD_ISSUER: issuer, DATABASE_URL: `sqlite+aiosqlite:///${folder}/example.db`, FRONT_END_ORIGIN: front, LOGOUT_CLIENT_IDS: clientId,
  }, `${service}/docs`);
  await start('frontend', process.execPath, ['serve.mjs'], { AUTH_URL: issuer, SERVICE_URL: service, PORT: String(page) }, front);
});

after(async () => {
  for (const child of started) await end(child);
  await stage?.close();
});

/** The page of the application, in a browser that nobody has used. */
async function browser() {
  const page = await stage.page({ javaScriptEnabled: true });
  await page.goto(front);
  return page;
}

/** Types into the form `id` and sends it; gives back what the page says once `seen` is to be seen. */
async function send(page, id, fields, seen = '#in') {
  const form = page.locator(`#${id}`);
  for (const [name, value] of Object.entries(fields)) await form.locator(`[name=${name}]`).fill(value);
  await form.locator('button').click();
  await page.locator(seen).waitFor();
  return page.locator('#said').textContent();
}

/** Presses a button and waits until the page says something like `pattern`. */
async function says(page, button, pattern) {
  await page.locator(`#${button}`).click();
  await page.locator('#said').filter({ hasText: pattern }).waitFor();
}

/** Opens the newest letter to `email` in the browser of `page`, and does what it asks for. */
async function prove(page, email) {
  const mail = await page.context().newPage();
  await mail.goto(stage.at('/dev/mail'));
  await press(mail, `li:has-text("${email}") a >> nth=0`);
  await press(mail, 'a[href*="token="] >> nth=0');
  await mail.locator('main form button').first().click();
  await mail.waitForURL(`${front}/**`);
  await mail.close();
}

test('signs up, proves the address, asks the service, and is refused once signed out everywhere', async () => {
  const page = await browser();
  const email = stage.email();
  await page.locator('#sign-up').waitFor();
  assert.match(await send(page, 'sign-up', { name: 'Ada Lovelace', email, password: PASSWORD }), /Welcome/);
  assert.equal(await page.locator('#name').textContent(), 'Ada Lovelace');
  assert.equal(await page.locator('#verified').textContent(), 'not proven yet');
  await says(page, 'ask', 'The service refused: 403');
  await prove(page, email);
  await page.reload();
  await page.locator('#verified').filter({ hasText: /^proven$/ }).waitFor();

  await says(page, 'sign-out', 'You are signed out.');
  await page.locator('#out').waitFor();
  await page.locator('#sign-in [name=email]').fill(email);
  await page.locator('#sign-in [name=password]').fill('not the password');
  await says(page, 'sign-in button', /^Refused: Invalid email or password/);
  await send(page, 'sign-in', { email, password: PASSWORD });

  const asked = page.waitForRequest(`${service}/me`);
  await says(page, 'ask', `The service knows you as number 1, ${email}.`);
  const { authorization } = await (await asked).allHeaders();

  const elsewhere = await browser();
  await send(elsewhere, 'sign-in', { email, password: PASSWORD });
  await says(elsewhere, 'sign-out-everywhere', 'You are signed out everywhere.');
  await elsewhere.locator('#out').waitFor();
  await says(page, 'ask', /^Refused: Unauthorized/);
  await page.reload();
  await page.locator('#out').waitFor();

  // Somebody who kept the token from before is refused too, as soon as the service was told.
  let answer;
  const deadline = Date.now() + 2_000;
  do {
    answer = await fetch(`${service}/me`, { headers: { authorization } });
    await answer.arrayBuffer();
  } while (answer.status === 200 && Date.now() < deadline);
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/);
});

test('a page of another origin gets nothing', async () => {
  const page = await browser();
  const email = stage.email();
  await send(page, 'sign-up', { name: 'Ada Lovelace', email, password: PASSWORD });
  await page.goto(service + '/docs');
  const asked = await page.evaluate(
    (url) => fetch(url, { credentials: 'include' }).then((answer) => answer.text(), (error) => error.name),
    stage.at('/api/auth/get-session'),
  );
  assert.equal(asked, 'TypeError', 'the browser keeps the answer from it');
});
