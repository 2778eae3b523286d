// Owns: the Authorize button of the FastAPI example: Swagger UI's own code, PKCE, a popup over Doorward's pages, GET /me.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { end, freePort, ready } from './house.mjs';
import { Stage } from './stage.mjs';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/fastapi');

let stage;
const services = [];

before(async () => {
  stage = await Stage.open();
});

/** The address of the docs page of a service whose document names that scheme. */
async function serve(scheme) {
  const port = await freePort();
  const docs = `http://localhost:${port}/docs`;
  const client = await stage.house.addClient('FastAPI docs', [`${docs}/oauth2-redirect`], { isPublic: true });
  const log = path.join(stage.house.folder, `${port}.log`);
  const out = openSync(log, 'a');
  const service = spawn(process.env.PYTHON ?? 'python3', ['-m', 'uvicorn', '--port', String(port), 'app.main:app'], {
    cwd: EXAMPLE,
    env: {
      ...process.env,
      DOORWARD_ISSUER: stage.house.issuer,
      DATABASE_URL: `sqlite+aiosqlite:///${stage.house.folder}/${port}.db`,
      DOCS_CLIENT_ID: client.client_id,
      DOCS_SCHEME: scheme,
    },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  process.once('exit', () => service.kill('SIGKILL'));
  services.push(service);
  await ready(`${docs}`, service, log);
  return docs;
}

after(async () => {
  for (const service of services) await end(service);
  await stage?.close();
});

test('Authorize signs in through Doorward, and GET /me knows who', () => signsIn('oauth2'));

test('so it does where the document names discovery', () => signsIn('openIdConnect'));

async function signsIn(scheme) {
  const docs = await serve(scheme);
  const person = await stage.person();
  const page = await stage.page({ javaScriptEnabled: true });
  await page.goto(docs);
  await page.locator('button.btn.authorize').first().click();
  // With discovery there is a form for each grant that Doorward knows; the first is the one with PKCE.
  const dialog = page.locator('.modal-ux .auth-container').first();
  await dialog.getByText('PKCE').first().waitFor();
  // swagger-ui ticks the boxes of the configured scopes by itself.
  const ticked = await dialog.locator('input[type=checkbox]:checked').evaluateAll((boxes) => boxes.map((box) => box.dataset.value));
  assert.deepEqual(ticked, ['openid', 'profile', 'email']);

  const [popup] = await Promise.all([page.waitForEvent('popup'), dialog.locator('button.authorize').click()]);
  await popup.locator('#login-form').waitFor();
  await popup.locator('#email').fill(person.email);
  await popup.locator('#password').fill(person.password);
  await popup.locator('#login-submit').click();
  // A Cross-Origin-Opener-Policy on any page of the way would cut the popup off and leave it standing.
  await Promise.all([popup.waitForEvent('close'), popup.locator('#consent-approve').click()]);
  await dialog.getByRole('button', { name: 'Remove authorization' }).or(dialog.getByRole('button', { name: 'Logout' })).waitFor();
  await dialog.locator('button.btn-done').click();

  await page.locator('#operations-default-me_me_get .opblock-summary-control').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  const [answer] = await Promise.all([page.waitForResponse('**/me'), page.getByRole('button', { name: 'Execute' }).click()]);
  assert.equal(answer.status(), 200);
  const me = await answer.json();
  assert.deepEqual([me.email, me.full_name], [person.email, person.name]);
  assert.ok(me.better_auth_id);
}

test('before Authorize GET /me is refused', async () => {
  const docs = await serve('oauth2');
  const answer = await fetch(new URL('/me', docs));
  assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer']);
});
