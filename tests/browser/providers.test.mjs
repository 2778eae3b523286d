// Owns: signing up and in with each provider, linking and unlinking it, as a person does it: without scripts, with them, and
// by keyboard alone; what can go wrong is in provider_conflicts.test.mjs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { ProviderStage, pathOf } from './provider_stage.mjs';

const NAMES = ['google', 'github', 'doorward', 'corp'];

let stage;
before(async () => { stage = await ProviderStage.open(); });
after(() => stage?.close());

const provider = (name) => stage.providers.find((one) => one.name === name);

/** The buttons of the page that bear the mark of who was there last. */
const lastUsed = (page) => page.locator('.button-provider:has(.badge)').allInnerTexts();

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** Goes on from wherever the browser is to the application, and redeems its code there. */
async function arrive(page) {
  if (pathOf(page) === '/consent') await press(page, '#consent-approve');
  return claims((await stage.party.redeem(stage.party.answer(page).code)).id_token);
}

test('the sign-in and the sign-up page show whom one can come by', async () => {
  const page = await stage.page();
  for (const [path, shot] of [['/login', 'sign-in-providers'], ['/register', 'sign-up-providers']]) {
    await audit(stage.browser, await page.goto(stage.at(path)), shot);
    const labels = await page.locator('.button-provider').allInnerTexts();
    assert.deepEqual(labels.sort(), stage.providers.map(({ label }) => `Continue with ${label}`).sort());
    assert.deepEqual(await lastUsed(page), []);
  }
});

for (const name of NAMES) {
  test(`${name}: signs up, out, and in again, and the page knows by whom`, async () => {
    const by = provider(name);
    const person = await by.person(stage.email(), 'Ada Lovelace');
    const page = await stage.page();
    await page.goto(stage.at('/register'));
    await stage.come(page, by, person);
    assert.equal(pathOf(page), '/account');
    assert.equal(await stage.whose(page), person.email);
    assert.match(await page.locator('main').innerText(), /Ada Lovelace/);
    assert.equal(await page.locator('dl.facts .badge-good').innerText(), 'confirmed');
    const since = await page.locator('dl.facts').innerText();

    await press(page, '#logout-submit');
    const login = await page.goto(stage.at('/login'));
    assert.deepEqual((await lastUsed(page)).map((text) => text.replace(/\s+/g, ' ')), [`Continue with ${by.label} Last used`]);
    await audit(stage.browser, login, `sign-in-last-${name}`);
    await stage.come(page, by, person);
    assert.equal(await stage.whose(page), person.email);
    const member = /Member since\s+(.*)/;
    assert.equal((await page.locator('dl.facts').innerText()).match(member)[1], since.match(member)[1]);
    await page.goto(stage.at('/account/linked'));
    assert.equal(await page.locator('[id^=unlink-]').count(), 1);
  });

  test(`${name}: the application that somebody came from notices nothing`, async () => {
    const by = provider(name);
    const person = await by.person(stage.email(), 'Ada Lovelace');
    const page = await stage.page();
    await page.goto(stage.party.request());
    await stage.come(page, by, person);
    assert.equal(pathOf(page), '/consent', 'who is new is asked');
    const first = await arrive(page);
    assert.equal(first.iss, stage.house.issuer);

    // Another browser, with scripts, and with nothing between the provider and the application.
    const other = await stage.page({ javaScriptEnabled: true });
    const stopped = [];
    other.on('console', (message) => { if (/content.security.policy/i.test(message.text())) stopped.push(message.text()); });
    // The pages of a Doorward let their forms lead to its own client, and not on to where that client leads by itself.
    await by.enter?.(other, person);
    await other.goto(stage.party.request());
    await stage.come(other, by, person);
    assert.deepEqual(stopped, []);
    assert.equal((await arrive(other)).sub, first.sub);

    // And once more where the provider knows the browser as well, and asks nothing.
    await other.context().clearCookies({ domain: 'localhost' });
    await other.goto(stage.party.request());
    await stage.come(other, by, person);
    assert.deepEqual(stopped, []);
    assert.equal((await arrive(other)).sub, first.sub);
  });

  test(`${name}: links it to an account, signs in either way, and unlinks it`, async () => {
    const by = provider(name);
    const owner = await stage.person('Grace Hopper');
    // Of another address and of another name: neither changes anything here.
    const there = await by.person(stage.email(), 'Amazing Grace');
    const page = await stage.linked(owner);
    assert.match(await page.locator('main').innerText(), /None yet\./);
    const linked = await stage.come(page, by, there);
    assert.equal(pathOf(page), '/account/linked');
    assert.match(await page.getByRole('status').innerText(), /The account is linked/);
    const row = await page.locator('li:has([id^=unlink-])').innerText();
    assert.ok(row.includes(by.label) && row.includes(there.called), row);
    await audit(stage.browser, linked, `account-linked-${name}`);

    const { page: other } = await stage.visit(by, there);
    assert.equal(await stage.whose(other), owner.email);
    assert.match(await other.locator('main').innerText(), /Grace Hopper/);

    const unlinked = await press(page, '#unlink-1 button');
    assert.match(await page.getByRole('status').innerText(), /not linked any more/);
    assert.equal(await page.locator('[id^=unlink-]').count(), 0);
    await audit(stage.browser, unlinked, `account-unlinked-${name}`);
    assert.equal(await stage.whose(page), owner.email, 'who unlinks stays signed in');

    const { page: stranger } = await stage.visit(by, there);
    assert.equal(await stage.whose(stranger), there.email, 'they are somebody of their own now');
    assert.equal(await stage.whose(await stage.linked(owner)), owner.email, 'the password works as before');
  });

  test(`${name}: who signed in long ago proves it again before they link and unlink`, async () => {
    const by = provider(name);
    const owner = await stage.person('Grace Hopper');
    const there = await by.person(stage.email(), 'Grace Hopper');
    const page = await stage.linked(owner);
    await stage.wait();
    await stage.start(page, by);
    assert.equal(pathOf(page), '/login', 'nobody is sent to the provider');
    assert.equal(await page.locator('#email').inputValue(), owner.email);
    await fill(page, { password: owner.password }, 'login-submit');
    assert.equal(pathOf(page), '/account/linked');
    assert.equal(await page.locator('[id^=unlink-]').count(), 0);
    await stage.come(page, by, there);
    assert.match(await page.getByRole('status').innerText(), /The account is linked/);

    await stage.wait();
    const again = await press(page, '#unlink-1 button');
    assert.equal(pathOf(page), '/login');
    await audit(stage.browser, again, `prove-again-${name}`);
    // The provider is as good a proof as the password.
    await stage.come(page, by, there);
    assert.equal(pathOf(page), '/account/linked');
    await press(page, '#unlink-1 button');
    assert.match(await page.getByRole('status').innerText(), /not linked any more/);
  });
}

test('several are linked to one account, and each of them opens it', async () => {
  const owner = await stage.person('Grace Hopper');
  const page = await stage.linked(owner);
  const people = [];
  for (const by of stage.providers) {
    const there = await by.person(stage.email(), 'Grace Hopper');
    people.push([by, there]);
    await page.goto(stage.at('/account/linked'));
    await stage.come(page, by, there);
  }
  await audit(stage.browser, await page.goto(stage.at('/account/linked')), 'account-linked-several');
  assert.equal(await page.locator('[id^=unlink-]').count(), stage.providers.length);
  for (const [by, there] of people) {
    const { page: other } = await stage.visit(by, there);
    assert.equal(await stage.whose(other), owner.email, by.name);
    await other.context().close();
  }
  await audit(stage.browser, await page.goto(stage.at('/account/activity')), 'account-activity-providers');
});

test('the keyboard alone is enough, to sign up and to unlink', async () => {
  const by = provider('github');
  const person = await by.person(stage.email(), 'Ada Lovelace');
  const page = await stage.page();
  const reach = async (selector) => {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      if (await page.locator(`${selector}:focus`).count()) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${selector} is not reached with Tab on ${page.url()}`);
  };
  const enter = () => Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  await page.goto(stage.at('/login'));
  await reach('#provider-github button');
  await enter();
  await reach(`#as-${person.id}`);
  await enter();
  assert.equal(pathOf(page), '/account');
  await reach('a[href="/account/linked"]');
  await enter();
  await reach('#provider-google button');
  await enter();
  const second = provider('google').person(stage.email(), 'Ada Lovelace');
  await page.reload();
  await reach(`#as-${second.id}`);
  await enter();
  await reach('#unlink-1 button');
  await enter();
  assert.match(await page.getByRole('status').innerText(), /not linked any more/);
});
