// Owns: the scenes about sessions: which one this is, which others there are, and ending them; and the tokens they give.

import { PASSWORD } from '../visit.mjs';
import { signedUp } from './accounts.mjs';

export const sessions = {
  async 'get-session'(visit) {
    await visit.call('nobody', (client) => client.getSession());
    const headers = { origin: visit.app, cookie: 'better-auth.session_token=nothing.nothing; doorward_session=nothing' };
    await visit.send('a cookie that is not good', 'GET', '/get-session', { cookies: false, headers });
    await signedUp(visit);
    await visit.call('somebody', (client) => client.getSession());
    await visit.call('without the cache', (client) => client.getSession({ query: { disableCookieCache: true } }));
    await visit.call('without refreshing', (client) => client.getSession({ query: { disableRefresh: true } }));
    await visit.send('by POST', 'POST', '/get-session', { json: {} });
  },

  async 'list and revoke sessions'(visit) {
    await visit.call('list of nobody', (client) => client.listSessions());
    await visit.call('revoke one of nobody', (client) => client.revokeSession({ token: 'nothing' }));
    await visit.call('revoke all of nobody', (client) => client.revokeSessions());
    await visit.call('revoke others of nobody', (client) => client.revokeOtherSessions());
    const email = await signedUp(visit);
    const [second, third] = [visit.another(), visit.another()];
    const signIn = (by, label) => by.call(label, (client) => client.signIn.email({ email, password: PASSWORD }));
    await signIn(second, 'sign in elsewhere');
    await signIn(third, 'sign in in a third place');
    const session = await second.call('which is it elsewhere', (client) => client.getSession());
    const list = await visit.call('list', (client) => client.listSessions());
    visit.fact('how many', list?.length);
    visit.fact('the one elsewhere is listed', list?.some(({ token }) => token === session?.session.token));
    await visit.call('revoke unknown', (client) => client.revokeSession({ token: 'nothing' }));
    await visit.call('revoke the one elsewhere', (client) => client.revokeSession({ token: session?.session.token }));
    await second.call('elsewhere', (client) => client.getSession());
    await third.call('third place', (client) => client.getSession());
    await visit.call('revoke others', (client) => client.revokeOtherSessions());
    await third.call('third place no more', (client) => client.getSession());
    visit.fact('how many are left', (await visit.call('list again', (client) => client.listSessions()))?.length);
    await visit.call('no token', (client) => client.revokeSession({}));
    const own = await visit.call('which is it here', (client) => client.getSession());
    await visit.call('revoke the own', (client) => client.revokeSession({ token: own?.session.token }));
    visit.fact('the browser is signed in', visit.signedIn);
    await signIn(visit, 'sign in again');
    await visit.call('revoke all', (client) => client.revokeSessions());
    await visit.call('nobody is here', (client) => client.getSession());
  },

  async 'revoke the session of somebody else'(visit) {
    const other = visit.another();
    await signedUp(other, 'grace', 'sign up somebody else');
    const session = await other.call('which is theirs', (client) => client.getSession());
    await signedUp(visit);
    await visit.call('revoke', (client) => client.revokeSession({ token: session?.session.token }));
    await other.call('theirs is there', (client) => client.getSession());
  },

  async 'token and keys'(visit) {
    await visit.call('token of nobody', (client) => client.token());
    await visit.call('keys', (client) => client.jwks());
    await signedUp(visit);
    const { token } = (await visit.call('token', (client) => client.token())) ?? {};
    const { user } = (await visit.call('who it is', (client) => client.getSession())) ?? {};
    const claims = token && JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    visit.fact('the subject is the user', claims?.sub === user?.id);
    const { keys } = (await visit.call('keys again', (client) => client.jwks())) ?? {};
    const header = token && JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    visit.fact('its key is published', keys?.some(({ kid }) => kid === header?.kid));
  },
};

/** In a house that tells scripts the secret of a session, and takes it from them in place of a cookie. */
export const bearer = {
  async 'bearer in place of a cookie'(visit) {
    const email = visit.email();
    const signedUp = await visit.send('sign up', 'POST', '/sign-up/email', { json: { name: 'Ada', email, password: PASSWORD } });
    const secret = signedUp.headers['set-auth-token'];
    visit.fact('the answer names it', Boolean(secret));
    const other = visit.another();
    const ask = (label, authorization, more = {}) => other.send(label, 'GET', '/get-session', {
      cookies: false, headers: { origin: visit.app, authorization, ...more },
    });
    await ask('as it is', `Bearer ${secret}`);
    await ask('percent-decoded', `Bearer ${decodeURIComponent(secret)}`);
    await ask('in lower case', `bearer ${secret}`);
    await ask('by a stranger', `Bearer ${secret}`, { origin: 'https://evil.example' });
    await ask('nothing', 'Bearer nothing');
    await ask('another scheme', `Basic ${secret}`);
    const post = (label, headers) => other.send(label, 'POST', '/update-user', {
      cookies: false, json: { name: 'Grace' }, headers: { authorization: `Bearer ${secret}`, ...headers },
    });
    await post('change by the app', { origin: visit.app });
    await post('change by a program', {});
    await other.send('sign out', 'POST', '/sign-out', { cookies: false, json: {}, headers: { authorization: `Bearer ${secret}` } });
    await ask('signed out', `Bearer ${secret}`);
  },
};
