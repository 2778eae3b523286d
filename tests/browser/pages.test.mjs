// Owns: the list of hosted pages, each brought up by a real visit and put through the audit.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './audit.mjs';
import { fill, press } from './chrome.mjs';
import { PASSWORD, Stage } from './stage.mjs';

let stage;
before(async () => { stage = await Stage.open(); });
after(() => stage?.close());

const WRONG = { password: 'not the password' };

/** What somebody says about themselves, by the ids of the fields. */
const PROFILE = {
  name: 'Ada Lovelace',
  'given-name': 'Ada',
  'family-name': 'Lovelace',
  nickname: 'Addie',
  website: 'https://ada.example/notes',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  locale: 'en-GB',
  'phone-number': '+44 20 7946 0123',
  'street-address': '12 St James’s Square\nFlat 3',
  locality: 'London',
  country: 'England',
};

/** Name of the page, then how a browser comes to it; the answer of the last step is audited. Order matters to nobody. */
const pages = {
  home: (page) => page.goto(stage.at('/')),
  'sign-in': (page) => page.goto(stage.party.request()),
  'sign-in-alone': (page) => page.goto(stage.at('/login')),
  'sign-in-wrong': async (page) => {
    await page.goto(stage.party.request());
    return stage.signIn(page, { ...(await stage.person()), ...WRONG });
  },
  'sign-in-again': async (page) => {
    await stage.tokens(page, await stage.person());
    return page.goto(stage.party.request({ prompt: 'login' }));
  },
  'choose-account': async (page) => {
    await stage.tokens(page, await stage.person());
    return page.goto(stage.party.request({ prompt: 'select_account' }));
  },
  register: (page) => page.goto(stage.at('/register')),
  'register-wrong': async (page) => {
    await page.goto(stage.at('/register'));
    return fill(page, { name: 'Ada', email: stage.email(), password: 'password' }, 'register-submit');
  },
  consent: async (page) => {
    await page.goto(stage.party.request({ scope: 'openid profile email address phone offline_access' }));
    return stage.signIn(page, await stage.person('Ada Lovelace', 'ada@example.com'));
  },
  // Asked again by somebody who allowed a part of it before.
  'consent-again': async (page) => {
    const person = await stage.person();
    await page.goto(stage.party.request({ scope: 'openid email' }));
    await stage.signIn(page, person);
    await press(page, '#consent-approve');
    const answer = await page.goto(stage.party.request({ scope: 'openid email phone' }));
    assert.match(await page.locator('.note').textContent(), /You have allowed this app before/);
    assert.deepEqual(await page.locator('.scopes .badge').allTextContents(), ['new']);
    return answer;
  },
  account: async (page) => {
    const person = await stage.person('Grace Hopper', 'grace@example.com');
    await stage.account(person);
    await stage.tokens(page, person);
    return page.goto(stage.at('/account'));
  },
  'account-new': async (page) => {
    await register(page);
    return page.goto(stage.at('/account'));
  },
  'account-profile': async (page) => {
    const person = await stage.person();
    await stage.account(person);
    await stage.tokens(page, person);
    await page.goto(stage.at('/account/profile'));
    return fill(page, PROFILE, 'profile-submit');
  },
  'account-profile-wrong': async (page) => {
    await stage.tokens(page, await stage.person());
    await page.goto(stage.at('/account/profile'));
    // The browser would stop what is no address; what it lets through is ours to tell.
    const wrong = { ...PROFILE, birthdate: '10 December', 'phone-number': '020 7946', website: 'http://ada@ada.example' };
    const answer = await fill(page, wrong, 'profile-submit');
    assert.equal(answer.status(), 422);
    return answer;
  },
  'account-security': async (page) => {
    await stage.tokens(page, await stage.person());
    return page.goto(stage.at('/account/security'));
  },
  'account-sessions': async (page) => {
    const person = await stage.person();
    await stage.account(person);
    await stage.account(person);
    await stage.tokens(page, person);
    return page.goto(stage.at('/account/sessions'));
  },
  'account-apps': async (page) => {
    const person = await stage.person();
    await page.goto(stage.party.request({ scope: 'openid profile email address phone offline_access' }));
    await stage.signIn(page, person);
    await press(page, '#consent-approve');
    return page.goto(stage.at('/account/apps'));
  },
  'account-apps-none': async (page) => {
    await page.goto(stage.at('/account/apps'));
    return stage.signIn(page, await stage.person());
  },
  'account-activity': async (page) => {
    const person = await stage.person();
    await page.goto(stage.at('/login'));
    await stage.signIn(page, { ...person, ...WRONG });
    await stage.signIn(page, person);
    await stage.tokens(page, person);
    await page.goto(stage.at('/account/profile'));
    await fill(page, PROFILE, 'profile-submit');
    return page.goto(stage.at('/account/activity'));
  },
  // More than fits on a page.
  'account-activity-older': async (page) => {
    const person = await stage.person();
    await stage.account(person);
    await stage.tokens(page, person);
    await page.goto(stage.at('/account/profile'));
    for (let nth = 0; nth < 52; nth += 1) await fill(page, { nickname: `Addie ${nth}` }, 'profile-submit');
    await page.goto(stage.at('/account/activity'));
    assert.equal(await page.locator('.events li').count(), 50);
    return press(page, 'a:has-text("Older")');
  },
  'account-wrong': async (page) => {
    await stage.tokens(page, await stage.person());
    await page.goto(stage.at('/account/security'));
    return fill(page, { 'current-password': 'wrong', 'new-password': 'password' }, 'password-submit');
  },
  'account-changed': async (page) => {
    await stage.tokens(page, await stage.person());
    await page.goto(stage.at('/account/profile'));
    return fill(page, { name: 'Ada' }, 'profile-submit');
  },
  'verify-ask': (page) => letterLink(page),
  'verify-done': async (page) => {
    await letterLink(page);
    return press(page, '#verify-submit');
  },
  'verify-dead': (page) => page.goto(stage.at('/verify-email?token=nothing')),
  // The letter is opened in a browser that is not signed in.
  'verify-sign-in': async (page) => {
    await letterLink(page);
    await page.context().clearCookies();
    await page.reload();
    const answer = await press(page, '#verify-submit');
    assert.equal(answer.status(), 403);
    return answer;
  },
  'sign-out-nobody': (page) => page.goto(stage.at('/logout/confirm')),
  'sign-out-ask': async (page) => {
    await stage.tokens(page, await stage.person());
    return page.goto(stage.at('/logout'));
  },
  'sign-out-done': async (page) => {
    await stage.tokens(page, await stage.person());
    await page.goto(stage.at('/logout'));
    return press(page, '#logout-confirm');
  },
  'error-authorization': (page) => page.goto(stage.party.request({ client_id: 'nobody' })),
  'error-logout': (page) => page.goto(stage.at('/oauth2/logout?id_token_hint=nonsense&post_logout_redirect_uri=http://localhost:1/')),
  'error-not-found': (page) => page.goto(stage.at('/no-such-page')),
  'error-form': async (page) => {
    await page.goto(stage.at('/login'));
    await page.context().clearCookies();
    return stage.signIn(page, await stage.person());
  },
  letters: async (page) => {
    await register(page);
    return page.goto(stage.at('/dev/mail'));
  },
  letter: async (page) => {
    const email = await register(page);
    await page.goto(stage.at('/dev/mail'));
    return press(page, `li:has-text("${email}") a`);
  },
  playground: (page) => page.goto(stage.at('/playground')),
  'playground-result': (page) => playground(page, 'consent-approve'),
  'playground-userinfo': async (page) => {
    await playground(page, 'consent-approve');
    return press(page, '#playground-userinfo button');
  },
  'playground-refresh': async (page) => {
    await playground(page, 'consent-approve');
    return press(page, '#playground-refresh button');
  },
  'playground-refused': (page) => playground(page, 'consent-deny'),
  'api-docs': (page) => page.goto(stage.at('/api/docs')),
};

async function register(page) {
  const email = stage.email();
  await page.goto(stage.at('/register'));
  await fill(page, { name: 'Grace Hopper', email, password: PASSWORD }, 'register-submit');
  return email;
}

async function letterLink(page) {
  const email = await register(page);
  await page.goto(stage.at('/dev/mail'));
  await press(page, `li:has-text("${email}") a`);
  return press(page, 'a[href*="/verify-email"]');
}

async function playground(page, decision) {
  await page.goto(stage.at('/playground'));
  await page.locator('#prompt').selectOption('consent');
  await press(page, '#playground-go');
  await stage.signIn(page, await stage.person());
  return press(page, `#${decision}`);
}

test('letters-none', async () => {
  const fresh = await Stage.open();
  try {
    await audit(fresh.browser, await (await fresh.page()).goto(fresh.at('/dev/mail')), 'letters-none');
  } finally {
    await fresh.close();
  }
});

for (const [name, visit] of Object.entries(pages)) {
  test(name, async () => {
    const page = await stage.page();
    const answer = await visit(page);
    assert.match(answer.headers()['content-type'], /^text\/html/);
    assert.ok(answer.status() < 500, `answered ${answer.status()}`);
    // No dead ends: a page about a mistake offers a way on.
    if (name.startsWith('error')) assert.ok(await page.locator('main a, main button').count(), 'no way on from here');
    await audit(stage.browser, answer, name);
    await page.context().close();
  });
}
