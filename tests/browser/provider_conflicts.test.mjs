// Owns: what can go wrong on the way in by a provider, as a person meets it in a browser without scripts: no at the provider, a
// provider that does not answer, addresses that others have or nobody vouches for, and the last way in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { freePort } from './house.mjs';
import { ProviderStage, pathOf, problem } from './provider_stage.mjs';

const NAMES = ['google', 'github', 'doorward', 'corp'];
/** Where the stand-ins take codes. */
const TOKEN = { google: '/token', github: '/login/oauth/access_token', corp: '/token' };

let stage;
before(async () => {
  const gone = {
    kind: 'oidc', display_name: 'Gone for good', issuer: `http://127.0.0.1:${await freePort()}`, client_id: 'doorward', client_secret: 'a secret',
  };
  stage = await ProviderStage.open({ gone });
});
after(() => stage?.close());

const provider = (name) => stage.providers.find((one) => one.name === name);

/** Signs in by the password on the page that is open, and arrives at the application that one came from. */
async function arriveByPassword(page, owner) {
  await stage.signIn(page, owner);
  await press(page, '#consent-approve');
  assert.equal((await stage.party.redeem(stage.party.answer(page).code)).status, 200);
}

for (const name of NAMES) {
  test(`${name}: who says no there is told so, and goes on to the application by the password`, async () => {
    const by = provider(name);
    const owner = await stage.person('Grace Hopper');
    const page = await stage.page();
    await page.goto(stage.party.request());
    await stage.start(page, by);
    const back = await by.cancel(page);
    assert.equal(pathOf(page), '/login');
    assert.match(await problem(page), new RegExp(`^You did not go on at ${by.label}`));
    await audit(stage.browser, back, `provider-cancelled-${name}`);
    await arriveByPassword(page, owner);

    const linking = await stage.linked(owner);
    await stage.start(linking, by);
    const unlinked = await by.cancel(linking);
    assert.equal(pathOf(linking), '/account/linked');
    assert.match(await problem(linking), new RegExp(`^You did not go on at ${by.label}`));
    assert.equal(await linking.locator('[id^=unlink-]').count(), 0);
    await audit(stage.browser, unlinked, `account-linked-cancelled-${name}`);
  });

  test(`${name}: what is linked to somebody else stays theirs`, async () => {
    const by = provider(name);
    const theirs = await by.person(stage.email(), 'Ada Lovelace');
    await stage.visit(by, theirs);
    const owner = await stage.person('Grace Hopper');
    const page = await stage.linked(owner);
    const refused = await stage.come(page, by, theirs);
    assert.equal(pathOf(page), '/account/linked');
    assert.match(await problem(page), /is linked to another account here/);
    assert.equal(await page.locator('[id^=unlink-]').count(), 0);
    await audit(stage.browser, refused, `account-linked-elsewhere-${name}`);

    const { page: other } = await stage.visit(by, theirs);
    assert.equal(await stage.whose(other), theirs.email);
  });

  test(`${name}: the last way in is not taken away`, async () => {
    const by = provider(name);
    const { page } = await stage.visit(by, await by.person(stage.email(), 'Ada Lovelace'));
    await page.goto(stage.at('/account/linked'));
    const refused = await press(page, '#unlink-1 button');
    assert.equal(refused.status(), 422);
    assert.match(await page.title(), /^Error: /);
    assert.match(await page.locator('#error-summary').innerText(), /This is the last way in to your account\./);
    assert.equal(await page.locator('[id^=unlink-]').count(), 1);
    await audit(stage.browser, refused, `account-unlink-last-${name}`);

    // With another one beside it, it is not the last.
    const second = provider(name === 'google' ? 'github' : 'google');
    await stage.come(page, second, await second.person(stage.email(), 'Ada Lovelace'));
    await press(page, '#unlink-1 button');
    assert.match(await page.getByRole('status').innerText(), /not linked any more/);
    assert.equal((await press(page, '#unlink-1 button')).status(), 422);
  });

  test(`${name}: an address that nobody vouches for is asked for, and proven by the code of a letter`, async () => {
    const by = provider(name);
    const person = await by.person(stage.email(), 'Ada Lovelace', false);
    const { page, response } = await stage.visit(by, person);
    assert.equal(pathOf(page), '/upstream/finish');
    assert.match(await page.locator('main').innerText(), new RegExp(`${by.label} does not confirm an address`));
    await audit(stage.browser, response, `finish-address-${name}`);

    const email = stage.email();
    await audit(stage.browser, await fill(page, { email }, 'upstream-address-submit'), `finish-code-${name}`);
    const { code } = await stage.letter(email);
    const wrong = await fill(page, { code: code === '123456' ? '654321' : '123456' }, 'upstream-code-submit');
    assert.equal(wrong.status(), 422);
    await audit(stage.browser, wrong, `finish-code-wrong-${name}`);
    await fill(page, { code }, 'upstream-code-submit');
    assert.equal(pathOf(page), '/account');
    assert.equal(await stage.whose(page), email);

    const { page: other } = await stage.visit(by, person);
    assert.equal(await stage.whose(other), email, 'from now on nothing is asked');
  });
}

for (const name of ['google', 'github']) {
  test(`${name}: who has an account with the same address signs in to it first, then links, and arrives`, async () => {
    const by = provider(name);
    const owner = await stage.person('Grace Hopper');
    const there = await by.person(owner.email, 'Grace Hopper');
    const page = await stage.page();
    await page.goto(stage.party.request());
    const conflict = await stage.come(page, by, there);
    assert.equal(pathOf(page), '/upstream/finish');
    assert.match(await page.locator('#upstream-conflict').innerText(), /Nothing was changed\./);
    await audit(stage.browser, conflict, `finish-conflict-${name}`);

    await press(page, '#upstream-conflict .button');
    const word = await stage.signIn(page, owner);
    assert.equal(pathOf(page), '/upstream/finish');
    await audit(stage.browser, word, `finish-word-${name}`);
    await press(page, '#upstream-link-submit');
    await press(page, '#consent-approve');
    assert.equal((await stage.party.redeem(stage.party.answer(page).code)).status, 200);

    const { page: other } = await stage.visit(by, there);
    assert.equal(await stage.whose(other), owner.email);
    await other.goto(stage.at('/account/linked'));
    assert.equal(await other.locator('[id^=unlink-]').count(), 1);
  });
}

for (const name of ['doorward', 'corp']) {
  test(`${name}: an address that only the user information tells, and that somebody here has, links nothing`, async () => {
    const by = provider(name);
    const owner = await stage.person('Grace Hopper');
    const { page, response } = await stage.visit(by, await by.person(owner.email, 'Grace Hopper'));
    assert.equal(pathOf(page), '/login');
    assert.match(await problem(page), /we cannot know that both are yours/);
    await audit(stage.browser, response, `provider-address-held-${name}`);
    await stage.signIn(page, owner);
    await page.goto(stage.at('/account/linked'));
    assert.equal(await page.locator('[id^=unlink-]').count(), 0);
  });
}

test('who proves an address that an account here has is asked to sign in to that account', async () => {
  const by = provider('google');
  const owner = await stage.person('Grace Hopper');
  const { page } = await stage.visit(by, by.person(stage.email(), 'Grace Hopper', false));
  await fill(page, { email: owner.email }, 'upstream-address-submit');
  const { code } = await stage.letter(owner.email);
  await fill(page, { code }, 'upstream-code-submit');
  assert.match(await page.locator('#upstream-conflict').innerText(), /has the address of an account here/);
  await press(page, '#upstream-conflict .button');
  await stage.signIn(page, owner);
  await press(page, '#upstream-link-submit');
  assert.match(await page.getByRole('status').innerText(), /The account is linked/);
});

test('a provider that is down is a sentence, and the password goes on to the application', async () => {
  const owner = await stage.person('Grace Hopper');
  for (const [name, path] of Object.entries(TOKEN)) {
    const by = provider(name);
    const page = await stage.page();
    await page.goto(stage.party.request());
    by.down.add(path);
    const back = await stage.come(page, by, await by.person(stage.email(), 'Ada Lovelace'));
    by.down.delete(path);
    assert.equal(pathOf(page), '/login', name);
    assert.match(await problem(page), new RegExp(`^${by.label} does not answer as it should just now`));
    await audit(stage.browser, back, `provider-down-${name}`);
    await stage.signIn(page, owner);
    assert.equal(pathOf(page), '/consent', name);
  }

  const page = await stage.page();
  await page.goto(stage.party.request());
  const back = await stage.start(page, { name: 'gone' });
  assert.match(await problem(page), /^Gone for good does not answer as it should just now/);
  await audit(stage.browser, back, 'provider-gone');
  await arriveByPassword(page, owner);
});
