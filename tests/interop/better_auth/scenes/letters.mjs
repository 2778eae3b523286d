// Owns: the scenes about addresses: proven by a letter, and changed.

import { PASSWORD } from '../visit.mjs';
import { signedUp } from './accounts.mjs';

/** Signs up and has a letter written whose link leads on to `callbackURL`. */
const signedUpFor = (visit, callbackURL) => signedUp(visit, 'ada', 'sign up first', { callbackURL });

const tokenOf = (link) => new URL(link).searchParams.get('token');

export const letters = {
  async 'send-verification-email'(visit) {
    const email = await signedUpFor(visit, '/done');
    const other = visit.another();
    const send = (by, label, what) => by.call(label, (client) => client.sendVerificationEmail(what));
    await send(other, 'unknown address', { email: visit.email('nobody'), callbackURL: '/done' });
    await send(other, 'not an address', { email: 'nobody' });
    await send(other, 'page of a stranger', { email, callbackURL: 'https://evil.example/' });
    await send(other, 'nobody is signed in', { email, callbackURL: '/done' });
    await send(visit, 'who is signed in', { email, callbackURL: '/done' });
    await send(visit, 'address of somebody else', { email: visit.email('nobody') });
    const link = await visit.letter(email);
    await visit.call('by the client', (client) => client.verifyEmail({ query: { token: tokenOf(link) } }));
    await visit.call('who it is', (client) => client.getSession());
    await send(visit, 'proven already', { email });
    await send(other, 'proven already, nobody is signed in', { email });
  },

  async 'verify-email'(visit) {
    const verify = (label, query) => visit.call(label, (client) => client.verifyEmail({ query }));
    await verify('dead token', { token: 'n'.repeat(43) });
    await verify('no token', {});
    await verify('dead token and a page to go on to', { token: 'n'.repeat(43), callbackURL: '/done' });
    await verify('dead token and a page that has a query', { token: 'n'.repeat(43), callbackURL: '/done?x=1' });
    await verify('page of a stranger', { token: 'n'.repeat(43), callbackURL: 'https://evil.example/' });
    const email = await signedUpFor(visit, '/done');
    const link = await visit.letter(email);
    await verify('with a page to go on to', { token: tokenOf(link), callbackURL: '/done' });
    await visit.call('who it is', (client) => client.getSession());
  },

  async 'verify-email by the link'(visit) {
    const email = await signedUpFor(visit, `${visit.app}/done`);
    await visit.follow('link', await visit.letter(email));
  },

  async 'change-email'(visit) {
    const change = (label, what) => visit.call(label, (client) => client.changeEmail(what));
    await change('nobody is signed in', { newEmail: visit.email('new') });
    const taken = await signedUp(visit, 'grace', 'sign up somebody else');
    const email = await signedUp(visit);
    await change('not an address', { newEmail: 'nobody' });
    await change('the same', { newEmail: email });
    await change('page of a stranger', { newEmail: visit.email('new'), callbackURL: 'https://evil.example/' });
    await change('taken', { newEmail: taken });
    await change('as it should be', { newEmail: visit.email('new'), callbackURL: '/changed' });
    await visit.call('not changed yet', (client) => client.getSession());
    const link = await visit.letter(visit.email('new'));
    await visit.call('proven', (client) => client.verifyEmail({ query: { token: tokenOf(link) } }));
    await visit.call('who it is', (client) => client.getSession());
    const other = visit.another();
    await other.call('sign in with the new address', (client) => client.signIn.email({ email: visit.email('new'), password: PASSWORD }));
    await other.call('sign in with the old address', (client) => client.signIn.email({ email, password: PASSWORD }));
  },
};
