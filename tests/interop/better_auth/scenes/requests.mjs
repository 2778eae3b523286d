// Owns: the scenes in which a request is wrong before any call looks at it, and the answers that no call gives.

import { PASSWORD } from '../visit.mjs';

const WHOLE = { name: 'Ada Lovelace', password: PASSWORD };

export const requests = {
  async bodies(visit) {
    const email = visit.email();
    const json = { 'content-type': 'application/json', origin: visit.app };
    const post = (label, what) => visit.send(label, 'POST', '/sign-up/email', what);
    await post('no body', { headers: json });
    await post('not JSON', { headers: json, body: '{"email":' });
    await post('not an object', { json: 'text' });
    await post('null', { json: null });
    await post('no type', { headers: { origin: visit.app }, body: JSON.stringify({ ...WHOLE, email }) });
    await post('text', { headers: { ...json, 'content-type': 'text/plain' }, body: JSON.stringify({ ...WHOLE, email }) });
    await post('no name', { json: { email, password: PASSWORD } });
    await post('no address', { json: WHOLE });
    await post('no password', { json: { name: 'Ada', email } });
    await post('nothing', { json: {} });
    await post('number for a name', { json: { ...WHOLE, email, name: 1 } });
    await post('number for a page', { json: { ...WHOLE, email, callbackURL: 1 } });
    const form = { ...json, 'content-type': 'application/x-www-form-urlencoded' };
    const fields = new URLSearchParams({ ...WHOLE, email }).toString();
    await post('as a form', { headers: form, body: fields });
    await visit.send('as a form where there is none', 'POST', '/change-password', { headers: form, body: fields });
    const other = visit.another();
    await other.send('sign-in without an address', 'POST', '/sign-in/email', { json: { password: PASSWORD } });
    await other.send('sign-in as a form', 'POST', '/sign-in/email', { headers: form, body: fields });
  },

  async paths(visit) {
    const get = (label, path) => visit.send(label, 'GET', path);
    await get('ok', '/ok');
    await get('unknown path', '/nothing-is-here');
    await get('slash at the end', '/ok/');
    await get('two slashes', '//ok');
    await get('wrong method', '/sign-in/email');
    await visit.send('wrong method the other way', 'POST', '/ok', { json: {} });
    await visit.send('method that nothing has', 'PUT', '/sign-out', { json: {} });
    await visit.send('HEAD', 'HEAD', '/ok');
    await visit.send('DELETE', 'DELETE', '/delete-user');
    await get('page of errors', '/error?error=state_mismatch');
    await get('page of errors without one', '/error');
    await get('page of errors with markup', '/error?error=%3Cscript%3E');
  },

  async 'other origins'(visit) {
    const ask = (label, origin, more = {}) => visit.send(label, 'OPTIONS', '/sign-in/email', {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type', ...more },
    });
    await ask('preflight of the app', visit.app);
    await ask('preflight of a stranger', 'https://evil.example');
    await visit.send('OPTIONS without an origin', 'OPTIONS', '/sign-in/email', { headers: {} });
    await visit.send('read by the app', 'GET', '/get-session', { headers: { origin: visit.app } });
    await visit.send('read by a stranger', 'GET', '/get-session', { headers: { origin: 'https://evil.example' } });
    await visit.send('refused, read by the app', 'GET', '/list-accounts', { headers: { origin: visit.app } });
  },
};

/** In a house where they are limited. */
export const limited = {
  async 'too many sign-ins'(visit) {
    const email = visit.email();
    let answer;
    let times = 0;
    // The last answer is compared, and not how many it takes: each counts in its own way.
    const quiet = visit.another();
    do {
      quiet.record = {};
      answer = await quiet.send('one', 'POST', '/sign-in/email', { json: { email, password: 'not the password' } });
      times += 1;
    } while (answer.status !== 429 && times < 200);
    visit.record['one too many'] = quiet.record.one;
    visit.fact('it says when to try again', Number(answer.headers['x-retry-after']) > 0);
  },
};

/** In a house where people prove their address before they are signed in. */
export const proven = {
  async 'sign-up before it is proven'(visit) {
    const email = visit.email();
    const signUp = (by, label, what) => by.call(label, (client) => client.signUp.email({ ...WHOLE, email, ...what }));
    await signUp(visit, 'somebody new', {});
    const token = new URL(await visit.letter(email)).searchParams.get('token');
    visit.fact('the browser is signed in', visit.signedIn);
    await visit.call('sign in too early', (client) => client.signIn.email({ email, password: PASSWORD }));
    await visit.call('wrong password', (client) => client.signIn.email({ email, password: 'not the password' }));
    await signUp(visit.another(), 'the same address, by somebody else', { name: 'Mallory', password: 'another long password' });
    await visit.call('send another letter', (client) => client.sendVerificationEmail({ email, callbackURL: '/done' }));
    await visit.call('prove it', (client) => client.verifyEmail({ query: { token } }));
    await visit.call('sign in', (client) => client.signIn.email({ email, password: PASSWORD }));
    await signUp(visit.another(), 'sign up once it is proven', {});
  },
};

/** In a house where nobody can sign up. */
export const closed = {
  async 'sign-up where it is closed'(visit) {
    await visit.call('somebody new', (client) => client.signUp.email({ ...WHOLE, email: visit.email() }));
  },
};
