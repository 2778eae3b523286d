// Owns: the scenes about what is known of a person.

import { signedUp } from './accounts.mjs';

export const users = {
  async 'update-user'(visit) {
    await visit.call('nobody is signed in', (client) => client.updateUser({ name: 'Grace Hopper' }));
    await signedUp(visit);
    await visit.call('name', (client) => client.updateUser({ name: 'Grace Hopper' }));
    await visit.call('picture', (client) => client.updateUser({ image: 'https://example.com/grace.png' }));
    await visit.call('who it is', (client) => client.getSession());
    await visit.call('no picture', (client) => client.updateUser({ image: null }));
    await visit.call('address', (client) => client.updateUser({ email: visit.email('new') }));
    await visit.call('nothing', (client) => client.updateUser({}));
    await visit.send('nothing, by POST', 'POST', '/update-user', { json: {} });
    await visit.call('what nobody knows', (client) => client.updateUser({ favouriteColour: 'green' }));
    await visit.call('what cannot be changed', (client) => client.updateUser({ name: 'Ada', emailVerified: true, id: 'other' }));
    await visit.call('who it is now', (client) => client.getSession());
    await visit.send('a list', 'POST', '/update-user', { json: ['Ada'] });
    await visit.send('a number', 'POST', '/update-user', { json: { name: 1 } });
  },

  async 'update-session'(visit) {
    await visit.send('nobody is signed in', 'POST', '/update-session', { json: { a: 1 } });
    await signedUp(visit);
    await visit.send('nothing to change', 'POST', '/update-session', { json: { a: 1 } });
  },

  async 'list-accounts'(visit) {
    await visit.call('nobody', (client) => client.listAccounts());
    await signedUp(visit);
    const [account] = (await visit.call('somebody', (client) => client.listAccounts())) ?? [];
    const session = await visit.call('who it is', (client) => client.getSession());
    visit.fact('the account is called like the user', account?.accountId === session?.user.id);
  },
};
