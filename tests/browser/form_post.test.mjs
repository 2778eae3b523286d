// Owns: the two pages that lead a browser on by themselves: the one that posts an answer to the relying party, and the one that tells applications of a sign-out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { audit } from './audit.mjs';
import { press } from './chrome.mjs';
import { RelyingParty } from './relying_party.mjs';
import { Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open({ DOORWARD__FEATURES__IMPLICIT_AND_HYBRID: 'true' }); });
after(() => stage?.close());

const FORM = { response_mode: 'form_post' };

/** A relying party that remembers what reached it: method, path, type, fields. */
async function receiving(t, name, flags = () => []) {
  const party = await RelyingParty.open(stage.house, name);
  t.after(() => party.close());
  const origin = new URL(party.callback).origin;
  const more = flags(origin);
  if (more.length) party.client = await stage.house.run(['client', 'add', name, '--redirect', party.callback, ...more]);
  party.origin = origin;
  party.requests = [];
  party.server.prependListener('request', (request) => {
    party.requests.push({ request, body: text(request) });
  });
  /** Everything for a path; what a browser asks for on its own account is nobody's. */
  party.received = (path) => Promise.all(party.requests
    .filter(({ request }) => new URL(request.url, origin).pathname === path)
    .map(async ({ request, body }) => ({
      method: request.method,
      type: request.headers['content-type'],
      query: Object.fromEntries(new URL(request.url, origin).searchParams),
      fields: Object.fromEntries(new URLSearchParams(await body)),
    })));
  return party;
}

/** A page of a fresh browser that notes what the policy stops. */
async function watched(options) {
  const page = await stage.page(options);
  page.noted = [];
  page.on('console', (message) => { if (/content.security.policy/i.test(message.text())) page.noted.push(message.text()); });
  return page;
}

/** Signs in and allows; the answer is the last page of ours. */
async function allow(page, party, more) {
  await page.goto(party.request({ ...FORM, ...more }));
  await stage.signIn(page, await stage.person());
  return press(page, '#consent-approve');
}

/** The one answer that was posted, which must be whole and in the body only. */
async function posted(party) {
  const [answer, ...others] = await party.received('/callback');
  assert.deepEqual(others, [], 'once');
  assert.equal(answer.method, 'POST');
  assert.equal(answer.type, 'application/x-www-form-urlencoded');
  assert.deepEqual(answer.query, {});
  assert.equal(answer.fields.state, party.state);
  assert.equal(answer.fields.iss, stage.house.issuer);
  return answer.fields;
}

test('XS-3 with scripts the answer sends itself', async (t) => {
  const party = await receiving(t, 'Example Posts');
  const page = await watched({ javaScriptEnabled: true });
  await allow(page, party);
  await page.waitForURL(party.callback);
  await page.locator('h1', { hasText: 'Back at the relying party' }).waitFor();
  const fields = await posted(party);
  assert.deepEqual(Object.keys(fields).sort(), ['code', 'iss', 'state']);
  const tokens = await party.redeem(fields.code);
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('XS-3 without scripts a button sends the answer', async (t) => {
  const party = await receiving(t, 'Example Posts');
  const page = await watched();
  const answer = await allow(page, party);
  assert.equal(answer.status(), 200);
  assert.match(await page.locator('h1').textContent(), new RegExp(new URL(party.callback).host));
  assert.deepEqual(await party.received('/callback'), []);
  await audit(stage.browser, answer, 'form-post');
  assert.deepEqual(await party.received('/callback'), [], 'the audit sent nothing');
  await press(page, '#form-post-submit');
  assert.equal(page.url(), party.callback);
  assert.equal((await party.redeem((await posted(party)).code)).status, 200);
  await page.context().close();
});

test('XS-3 errors are posted too, and markup in a state is text', async (t) => {
  const party = await receiving(t, 'Example Posts');
  const page = await watched({ javaScriptEnabled: true });
  page.on('dialog', (dialog) => { page.noted.push(dialog.message()); return dialog.dismiss(); });
  const state = `"'></form></script><script>alert(1)</script><img src=x onerror=alert(1)>é\u2028{{7*7}}`;
  const request = party.request({ ...FORM, prompt: 'none', state });
  party.state = state;
  await page.goto(request);
  await page.waitForURL(party.callback);
  assert.equal((await posted(party)).error, 'login_required');
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

test('tokens are posted where a client asks for them', async (t) => {
  const party = await receiving(t, 'Example Hybrid', () => ['--profile', 'oidc', '--response-type', 'code id_token token']);
  const page = await watched({ javaScriptEnabled: true });
  await allow(page, party, { response_type: 'code id_token token' });
  await page.waitForURL(party.callback);
  const fields = await posted(party);
  for (const name of ['code', 'id_token', 'access_token']) assert.ok(fields[name], name);
  const headers = { authorization: `Bearer ${fields.access_token}` };
  assert.equal((await fetch(stage.at('/oauth2/userinfo'), { headers })).status, 200);
  assert.deepEqual(page.noted, []);
  await page.context().close();
});

/** A relying party that wants to be told through the browser, and a browser in which somebody has signed in there. */
async function told(t, options) {
  const party = await receiving(t, 'Example Notes', (origin) =>
    ['--frontchannel-logout-uri', `${origin}/out?own=1`, '--post-logout-redirect', `${origin}/bye`]);
  const page = await watched(options);
  await page.goto(party.request());
  await stage.signIn(page, await stage.person());
  await press(page, '#consent-approve');
  const { id_token } = await party.redeem(party.answer(page).code);
  const { sid } = JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url'));
  const query = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: `${party.origin}/bye`, state: 'x y' });
  return { party, page, sid, leave: stage.at(`/oauth2/logout?${query}`) };
}

for (const javaScriptEnabled of [true, false]) {
  test(`applications are told of a sign-out, and the browser goes on, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async (t) => {
    const { party, page, sid, leave } = await told(t, { javaScriptEnabled });
    const answer = await page.goto(leave);
    assert.equal(new URL(answer.url()).pathname, '/logout/notify');
    await page.waitForURL(`${party.origin}/bye?**`);
    assert.equal(new URL(page.url()).search, '?state=x+y');
    const calls = await party.received('/out');
    assert.deepEqual(calls.map(({ method, query }) => ({ method, query })), [{ method: 'GET', query: { own: '1', iss: stage.house.issuer, sid } }]);
    assert.deepEqual(page.noted, []);
    await page.goto(stage.at('/account'));
    assert.equal(new URL(page.url()).pathname, '/login', 'nobody is signed in');
    await page.context().close();
  });
}

test('sign-out-telling', async (t) => {
  const { page, leave, party } = await told(t);
  // Held, so that there is a page to look at.
  await page.route(`${party.origin}/bye?**`, (route) => route.fulfill({ status: 204 }));
  const answer = await page.goto(leave);
  await audit(stage.browser, answer, 'sign-out-telling');
  await page.context().close();
  assert.ok((await party.received('/out')).length > 0);
});
