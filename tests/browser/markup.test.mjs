// Owns: XS-1 in a real browser with scripts ON: whatever a stranger can name or send is text on our pages, and no page of ours can be framed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fill, press } from './chrome.mjs';
import { PASSWORD, Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

/** Each breaks out of text, attributes, comments or templates, if anything lets it. A client's name may have 100 characters. */
const PAYLOADS = [
  `"'></title></textarea><script>alert(1)</script>{{7777777*3}}`,
  `'"></a></p></form><img src=x onerror=alert(1)><iframe srcdoc=x>{% raw %}`,
  `x--></style></noscript><svg onload=alert(1)><a href="javascript:alert(1)">x</a>`,
  `" onfocus=alert(1) autofocus onmouseover='alert(1)' x="{# \${7777777*3}`,
  'javascript:alert(1)//{{7777777*3}}<math><base href=//elsewhere.example>',
];
/** What a template would have made of the braces. */
const COMPUTED = '23333331';
/** The grammar of scopes leaves out quotes and blanks (RFC 6749 §3.3). */
const SCOPE = '<svg/onload=alert(1)>{{7777777*3}}';

/** A browser with scripts on that notes everything that runs or would have run. */
async function watched(options = {}) {
  const page = await stage.page({ javaScriptEnabled: true, ...options });
  page.noted = [];
  page.on('dialog', async (dialog) => {
    page.noted.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/content.security.policy/i.test(message.text())) page.noted.push(`console: ${message.text()}`);
  });
  await page.exposeFunction('note', (text) => page.noted.push(text));
  await page.addInitScript(() => {
    const report = (event) => globalThis.note(`${event.violatedDirective} against ${event.blockedURI} at ${event.documentURI}`);
    document.addEventListener('securitypolicyviolation', report);
  });
  return page;
}

/** Nothing ran on this page, nothing was stopped by the policy alone, and `texts` are to be read on it. */
async function harmless(page, ...texts) {
  await page.waitForLoadState();
  const where = page.url();
  // The policy reports in a task of its own; two frames later it has.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.deepEqual(page.noted, [], where);
  const alive = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')];
    const attributes = (element) => [...element.attributes];
    const bad = elements.filter((element) =>
      element.matches('script, iframe, object, embed, base, math, textarea:not(#street-address), svg:not(.brand svg), [src=x]')
      || attributes(element).some(({ name, value }) => /^on/i.test(name) || (/^(href|src|action|formaction)$/i.test(name) && /^\s*javascript:/i.test(value))));
    return bad.map((element) => element.outerHTML.slice(0, 200));
  });
  assert.deepEqual(alive, [], where);
  assert.ok(await page.locator('footer.foot').isVisible(), `${where} is whole`);
  const text = (await page.locator('body').textContent()).replace(/\s+/g, ' ');
  assert.ok(!text.includes(COMPUTED), `a template ran at ${where}`);
  for (const told of texts) assert.ok(text.includes(told), `no ${told} at ${where}: ${text}`);
}

/** Types into a form as a program would: what the browser itself checks is no protection of ours. */
async function force(page, form, values, button) {
  await page.locator(form).evaluate((own) => { own.noValidate = true; });
  await fill(page, values, button);
}

/** The watch itself: were markup alive on our pages, the tests below would see it. */
test('XS-1 the watch sees what the policy stops', async () => {
  const page = await watched();
  await page.goto(stage.at('/'));
  await page.evaluate(() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="alert(1)">'); });
  await assert.rejects(harmless(page), /script-src-attr|onerror/);
  assert.ok(page.noted.length > 0, 'a report of the policy');
  await page.context().close();
});

for (const [at, payload] of PAYLOADS.entries()) {
  test(`XS-1 typed into forms, ${at}`, async () => {
    const page = await watched({ userAgent: payload });
    await page.goto(stage.at('/login'));
    await force(page, '#login-form', { email: payload, password: 'x' }, 'login-submit');
    assert.equal(await page.locator('#email').inputValue(), payload);
    await harmless(page, 'There is a problem');

    await page.goto(stage.at('/register'));
    await force(page, '#register-form', { name: payload, email: payload, password: 'x' }, 'register-submit');
    for (const field of ['#name', '#email']) assert.equal(await page.locator(field).inputValue(), payload);
    await harmless(page, 'There is a problem');

    const email = `'{{7777777*3}}&${at}'@example.com`;
    await force(page, '#register-form', { name: payload, email, password: PASSWORD }, 'register-submit');
    for (const path of ['/account', '/account/sessions', '/account/activity']) {
      await page.goto(stage.at(path));
      await harmless(page, payload, 'Unknown browser');
    }
    await page.goto(stage.at('/account/security'));
    await harmless(page, payload, email);
    const changed = 'a quite different sentence';
    await fill(page, { 'current-password': PASSWORD, 'new-password': changed }, 'password-submit');
    await harmless(page, payload);
    await page.goto(stage.at('/account/profile'));
    const fields = await page.locator('#profile-form .field :is(input, textarea)').evaluateAll((all) => all.map(({ id }) => id));
    assert.equal(fields.length, 19);
    const all = (value) => Object.fromEntries(fields.map((id) => [id, value]));
    await force(page, '#profile-form', all(payload.repeat(4)), 'profile-submit');
    for (const id of fields) assert.equal(await page.locator(`#${id}`).inputValue(), payload.repeat(4), id);
    await harmless(page, 'There is a problem', payload);
    // What may be anything is kept as it is, what is an address as far as it is one.
    const strict = { birthdate: '', zoneinfo: '', locale: '', 'phone-number': '' };
    const addresses = Object.fromEntries(['picture', 'profile', 'website'].map((id) => [id, `https://elsewhere.example/?${payload.replaceAll(' ', '')}`]));
    await force(page, '#profile-form', { ...all(payload), ...strict, ...addresses }, 'profile-submit');
    assert.equal(await page.locator('#nickname').inputValue(), payload);
    await harmless(page, payload, 'Your profile is saved.');

    await page.goto(stage.at('/dev/mail'));
    await harmless(page, email);
    for (const letter of await page.locator('main li a').evaluateAll((links) => links.map(({ href }) => href))) {
      await page.goto(letter);
      await harmless(page);
    }
    await page.context().close();
  });

  test(`XS-1 in what an application is called and asks for, ${at}`, async () => {
    const client = await stage.house.run(['client', 'add', payload, '--redirect', stage.party.callback, '--scope', SCOPE]);
    const person = { ...(await stage.person(payload)) };
    const page = await watched();
    const request = { client_id: client.client_id, scope: `openid email ${SCOPE}`, state: payload, nonce: payload, login_hint: payload };
    await page.goto(stage.party.request(request));
    assert.equal(await page.locator('#email').inputValue(), payload);
    await harmless(page, payload);
    await press(page, 'a[href^="/register"]');
    await harmless(page, payload);
    await page.goto(stage.party.request(request));
    await stage.signIn(page, person);
    await harmless(page, `${payload} wants to use your account`, SCOPE);
    await press(page, '#consent-approve');
    assert.equal(new URL(page.url()).searchParams.get('state'), payload, 'it comes back as it was');
    for (const prompt of ['login', 'select_account', 'consent']) {
      await page.goto(stage.party.request({ ...request, prompt }));
      await harmless(page, payload);
    }
    await page.goto(stage.at('/account/apps'));
    await harmless(page, payload, SCOPE);
    await page.context().close();
  });

  test(`XS-1 in addresses, ${at}`, async () => {
    const page = await watched();
    const word = encodeURIComponent(payload);
    const visit = async (path) => {
      await page.goto(stage.at(path));
      await harmless(page);
    };
    const flows = ['login', 'register', 'confirm-email', 'keep-account', 'consent', 'logout/confirm', 'oauth2/authorize'].map((path) => `/${path}?flow=${word}`);
    const others = ['login', 'register', 'consent', 'account', 'account/email', 'account/delete', 'account/export', 'verify-email', 'confirm-email', 'keep-account', 'logout/done', 'oauth2/authorize', 'oauth2/logout', 'playground', 'playground/callback']
      .map((path) => `/${path}?${['error', 'error_description', 'state', 'token', 'client_id', 'redirect_uri', 'id_token_hint'].map((name) => `${name}=${word}`).join('&')}`);
    const paths = [...flows, ...others, `/logout?flow=${word}`, `/dev/mail/${word}`, `/${word}`];
    for (const path of paths) await visit(path);
    await page.goto(stage.at('/login'));
    await stage.signIn(page, await stage.person());
    for (const path of paths) await visit(path);

    // The playground reads an answer out only when the state is its own.
    await page.goto(stage.at('/playground'));
    const left = page.waitForRequest((sent) => new URL(sent.url()).pathname === '/oauth2/authorize' && sent.url().includes('state='));
    await press(page, '#playground-go');
    const state = new URL((await left).url()).searchParams.get('state');
    const answer = new URLSearchParams({ state, iss: stage.house.issuer, error: payload, error_description: payload, [payload]: payload });
    await page.goto(stage.at(`/playground/callback?${answer}`));
    await harmless(page, `It says: ${payload}.`, `The provider answered ${payload}.`);
    await page.context().close();
  });
}

test('XS-1 an attacker shows nothing of ours in a frame', async (t) => {
  const page = await watched();
  await page.goto(stage.party.request());
  await stage.signIn(page, await stage.person());
  const consent = new URL(page.url());
  const paths = ['/', '/login', '/register', '/account', '/account/profile', '/account/security', '/logout', '/logout/confirm', '/verify-email?token=x', '/confirm-email?token=x', '/keep-account?token=x', '/account/delete', '/playground', '/dev/mail', '/api/docs', '/no-such-page', '/oauth2/authorize', consent.pathname + consent.search];
  const frames = [stage.party.callback, ...paths.map(stage.at, stage)].map((url) => `<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`);
  // Another port of the same host: a foreign origin to which the session cookie is sent nevertheless. A real server,
  // because from a made-up answer Chromium lets nothing reach this machine, and the frames would be empty for that reason.
  const attacker = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(`<!DOCTYPE html><html lang="en"><title>Win</title>${frames.join('')}</html>`);
  }).listen(0, '127.0.0.1');
  t.after(() => {
    attacker.close();
    attacker.closeAllConnections();
  });
  await once(attacker, 'listening');
  const refused = [];
  page.on('console', (message) => { if (/frame-ancestors|X-Frame-Options/i.test(message.text())) refused.push(message.text()); });
  await page.goto(`http://localhost:${attacker.address().port}/`);
  const [own, ...ours] = page.mainFrame().childFrames();
  assert.match(await own.locator('body').textContent(), /Back at the relying party/, 'a page that may be framed is shown');
  assert.equal(ours.length, paths.length);
  for (const frame of ours) {
    assert.ok(!(await frame.content()).includes('Your account is kept at'), frame.url());
    assert.match(frame.url(), /^chrome-error:/);
  }
  assert.equal(refused.length, paths.length, 'each is refused because of the framing and nothing else');
  await page.context().close();
});
