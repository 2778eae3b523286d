// Owns: the scenes about which page may ask for what, row by row, and where a client may ask to be sent on to.

import { PASSWORD } from '../visit.mjs';
import { signedUp } from './accounts.mjs';

const FOREIGN = 'https://evil.example';

/** What a request says of where it comes from. */
const rows = (app) => ({
  nothing: {},
  'only Sec-Fetch-Site': { 'sec-fetch-site': 'cross-site' },
  'only Sec-Fetch-Mode': { 'sec-fetch-mode': 'cors' },
  stranger: { origin: FOREIGN },
  'stranger by Referer': { referer: `${FOREIGN}/page` },
  'stranger that navigates': { origin: FOREIGN, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  'app that navigates': { origin: app, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  null: { origin: 'null' },
  'null of the same origin': { origin: 'null', 'sec-fetch-site': 'same-origin' },
  'null of another origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  app: { origin: app },
  'app by Referer': { referer: `${app}/page` },
  'stranger with the Referer of the app': { origin: FOREIGN, referer: `${app}/page` },
  'prefix of the app': { origin: `${app}.evil.example` },
});

const PAGES = [
  '/ok?x=1', '/a#frag', '/a?redirect=https://evil.example', '/', '//evil.example', '/\\evil.example', '/%2fevil.example',
  '/%5cevil.example', '/a/../b', '/a b', '/a\tb', 'relative', '', '?x=1', 'javascript:alert(1)', 'data:text/html,x',
  'https://evil.example', 'http://localhost/',
];

export const origins = {
  async 'who may ask'(visit) {
    await signedUp(visit);
    for (const [name, headers] of Object.entries(rows(visit.app))) {
      const fresh = visit.another();
      // Somebody else each time: attempts are counted by account too.
      const email = visit.email(name.replaceAll(' ', '-').toLowerCase());
      const signIn = { email, password: 'not the password' };
      const signUp = { email, password: 'short', name: 'Ada' };
      await fresh.send(`${name}, sign-in without a cookie`, 'POST', '/sign-in/email', { json: signIn, headers });
      await fresh.send(`${name}, sign-up without a cookie`, 'POST', '/sign-up/email', { json: signUp, headers });
      await fresh.send(`${name}, other call without a cookie`, 'POST', '/verify-password', { json: { password: PASSWORD }, headers });
      await visit.send(`${name}, sign-in with a cookie`, 'POST', '/sign-in/email', { json: signIn, headers });
      await visit.send(`${name}, other call with a cookie`, 'POST', '/verify-password', { json: { password: PASSWORD }, headers });
      const another = { json: {}, headers: { ...headers, cookie: 'a=b' } };
      await fresh.send(`${name}, other call with a cookie of somebody else`, 'POST', '/verify-password', another);
      await visit.send(`${name}, reading with a cookie`, 'GET', '/list-accounts', { headers });
    }
    const bearer = { authorization: 'Bearer nothing', origin: FOREIGN };
    await visit.another().send('stranger with a bearer', 'POST', '/verify-password', { json: {}, headers: bearer });
  },

  async 'where to go on to'(visit) {
    const email = await signedUp(visit);
    const { app } = visit;
    const near = [`${app}@evil.example/`, `${app}.evil.example/`, app.replace('//', '//sub.'), app.replace('//', '//user@')];
    const pages = [...PAGES, app, `${app}/page`, ...near];
    for (const page of pages) {
      const signIn = { email, password: PASSWORD, callbackURL: page };
      await visit.another().send(`sign-in with ${page.replace(new URL(app).host, '<app>')}`, 'POST', '/sign-in/email', { json: signIn });
    }
    for (const field of ['callbackURL', 'redirectTo', 'errorCallbackURL', 'newUserCallbackURL']) {
      const fresh = visit.another();
      await fresh.send(`${field} of a stranger`, 'POST', '/sign-out', { json: { [field]: FOREIGN } });
      await fresh.send(`${field} in the query`, 'POST', `/sign-out?${field}=${encodeURIComponent(FOREIGN)}`, { json: {} });
      await fresh.send(`${field} that is a number`, 'POST', '/sign-out', { json: { [field]: 1 } });
    }
  },
};
