// Owns: the scenes in which somebody comes to have an account, signs in and out, and leaves.

import { PASSWORD } from '../visit.mjs';

/** Signs somebody up in the browser of `visit`, and gives their address. */
export async function signedUp(visit, name = 'ada', label = 'sign up first', more = {}) {
  const email = visit.email(name);
  await visit.call(label, (client) => client.signUp.email({ email, password: PASSWORD, name: 'Ada Lovelace', ...more }));
  return email;
}

export const accounts = {
  async 'sign-up'(visit) {
    const email = visit.email();
    const whole = { name: 'Ada Lovelace', email, password: PASSWORD };
    const signUp = (label, what) => visit.call(label, (client) => client.signUp.email(what));
    await signUp('password too short', { ...whole, password: 'a2c4e6g' });
    await signUp('password too long', { ...whole, password: 'passphrase '.repeat(200) });
    await signUp('not an address', { ...whole, email: 'nobody' });
    await signUp('callback URL of a stranger', { ...whole, callbackURL: 'https://evil.example/' });
    const more = { callbackURL: '/welcome', role: 'admin', emailVerified: true };
    const data = await signUp('as it should be', { ...whole, email: email.replace('ada', 'Ada'), ...more });
    visit.fact('the browser is signed in', visit.signedIn);
    const session = await visit.call('who it is', (client) => client.getSession());
    visit.fact('the user of the session is the one signed up', session?.user.id === data?.user.id);
    visit.fact('the session is the one that sign-up named', session?.session.token === data?.token);
    await signUp('the address again', { ...whole, password: 'another long password' });
    await signUp('not remembered', { ...whole, email: visit.email('grace'), rememberMe: false });
  },

  async 'sign-in'(visit) {
    const email = await signedUp(visit);
    const other = visit.another();
    const signIn = (label, what) => other.call(label, (client) => client.signIn.email({ email, password: PASSWORD, ...what }));
    await signIn('wrong password', { password: 'not the password' });
    await signIn('unknown address', { email: visit.email('nobody') });
    await signIn('not an address', { email: 'nobody' });
    await signIn('as it should be', {});
    visit.fact('the browser is signed in', other.signedIn);
    await other.call('who it is', (client) => client.getSession());
    await signIn('with a page to go on to', { callbackURL: '/dashboard?x=1' });
    await signIn('with a page of the app', { callbackURL: `${visit.app}/dashboard` });
    await signIn('with a page of a stranger', { callbackURL: 'https://evil.example/' });
    await signIn('not remembered', { rememberMe: false });
    await signIn('in capitals', { email: email.toUpperCase() });
  },

  async 'sign-out'(visit) {
    await visit.call('who is not signed in', (client) => client.signOut());
    await signedUp(visit);
    await visit.call('who is signed in', (client) => client.signOut());
    visit.fact('the browser is signed in', visit.signedIn);
    await visit.call('who it is', (client) => client.getSession());
  },

  async 'delete-user'(visit) {
    await visit.call('nobody is signed in', (client) => client.deleteUser());
    const email = await signedUp(visit);
    await visit.call('wrong password', (client) => client.deleteUser({ password: 'not the password' }));
    await visit.call('dead token', (client) => client.deleteUser({ token: 'n'.repeat(32) }));
    await visit.follow('dead link', `${visit.side.origin}/api/auth/delete-user/callback?token=${'n'.repeat(32)}&callbackURL=/`);
    await visit.call('password', (client) => client.deleteUser({ password: PASSWORD }));
    visit.fact('the browser is signed in', visit.signedIn);
    await visit.call('who it is', (client) => client.getSession());
    await visit.call('sign in again', (client) => client.signIn.email({ email, password: PASSWORD }));
    await visit.follow('dead link of nobody', `${visit.side.origin}/api/auth/delete-user/callback?token=${'n'.repeat(32)}`);
    await signedUp(visit, 'grace', 'sign up a second');
    await visit.call('just signed in', (client) => client.deleteUser());
  },
};
