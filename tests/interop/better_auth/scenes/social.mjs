// Owns: the scenes about ways in that belong to somebody else, where none is set up, and about taking one away.

import { signedUp } from './accounts.mjs';

export const social = {
  async 'sign-in with a provider that is not there'(visit) {
    const signIn = (label, what) => visit.call(label, (client) => client.signIn.social({ provider: 'google', ...what }));
    await signIn('sign in', { callbackURL: '/done' });
    await signIn('page of a stranger', { callbackURL: 'https://evil.example/' });
    await signIn('new people to a stranger', { newUserCallbackURL: 'https://evil.example/' });
    await signIn('errors to a stranger', { errorCallbackURL: 'https://evil.example/' });
    await visit.send('no provider', 'POST', '/sign-in/social', { json: { callbackURL: '/done' } });
    await visit.follow('answer that nobody asked for', `${visit.side.origin}/api/auth/callback/google?code=a&state=b`);
    await visit.call('link, nobody is signed in', (client) => client.linkSocial({ provider: 'google', callbackURL: '/done' }));
    await signedUp(visit);
    await visit.call('link', (client) => client.linkSocial({ provider: 'google', callbackURL: '/done' }));
  },

  async 'unlink-account'(visit) {
    const unlink = (label, json) => visit.send(label, 'POST', '/unlink-account', { json });
    await unlink('nobody is signed in', { accountId: 'a' });
    await signedUp(visit);
    const [account] = (await visit.call('which there are', (client) => client.listAccounts())) ?? [];
    await unlink('the only one', { accountId: account?.id });
    await unlink('nothing', {});
    await visit.call('still there', (client) => client.listAccounts());
  },
};
