// Owns: the scenes about passwords: forgotten, replaced, changed, proven again.

import { PASSWORD } from '../visit.mjs';
import { signedUp } from './accounts.mjs';

const NEW = 'eleven purple umbrellas';

const tokenOf = (link) => /reset-password(?:\/|\?token=)([^?&]+)/.exec(link ?? '')?.[1] ?? '';

export const passwords = {
  async 'request-password-reset'(visit) {
    const email = await signedUp(visit);
    const other = visit.another();
    const ask = (label, what) => other.call(label, (client) => client.requestPasswordReset(what));
    await ask('unknown address', { email: visit.email('nobody'), redirectTo: '/reset' });
    await ask('not an address', { email: 'nobody' });
    await ask('page of a stranger', { email, redirectTo: 'https://evil.example/' });
    await ask('as it should be', { email, redirectTo: '/reset' });
    const link = await visit.letter(email);
    await other.follow('link', link);
    await other.follow('link with another page', link.replace(/callbackURL=[^&]*/, 'callbackURL=https%3A%2F%2Fevil.example%2F'));
    await other.follow('dead link', `${visit.side.origin}/api/auth/reset-password/${'n'.repeat(24)}?callbackURL=%2Freset`);
    await other.follow('link with no page', `${visit.side.origin}/api/auth/reset-password/${'n'.repeat(24)}`);
    await other.send('old path of clients before 1.4', 'POST', '/forget-password', { json: { email, redirectTo: '/reset' } });
  },

  async 'reset-password'(visit) {
    const email = await signedUp(visit);
    const other = visit.another();
    await other.call('ask', (client) => client.requestPasswordReset({ email, redirectTo: `${visit.app}/reset` }));
    const link = await visit.letter(email);
    const token = tokenOf(link);
    await other.follow('link to a page of the app', link);
    const reset = (label, what) => other.call(label, (client) => client.resetPassword(what));
    await reset('dead token', { newPassword: NEW, token: 'n'.repeat(24) });
    await reset('no token', { newPassword: NEW });
    await reset('password too short', { newPassword: 'a2c4e6g', token });
    await reset('password too long', { newPassword: 'passphrase '.repeat(200), token });
    await reset('as it should be', { newPassword: NEW, token });
    visit.fact('the browser is signed in', other.signedIn);
    await reset('token again', { newPassword: NEW, token });
    await other.follow('link that was used', link);
    await other.call('old password', (client) => client.signIn.email({ email, password: PASSWORD }));
    await other.call('new password', (client) => client.signIn.email({ email, password: NEW }));
    await visit.call('who was signed in before', (client) => client.getSession());
    await other.call('ask again', (client) => client.requestPasswordReset({ email }));
    const again = tokenOf(await visit.letter(email, 'second letter'));
    await other.send('token in the query', 'POST', `/reset-password?token=${again}`, { json: { newPassword: PASSWORD } });
  },

  async 'change-password'(visit) {
    const change = (label, what) => visit.call(label, (client) => client.changePassword(what));
    await change('nobody is signed in', { currentPassword: PASSWORD, newPassword: NEW });
    const email = await signedUp(visit);
    const other = visit.another();
    await other.call('sign in elsewhere', (client) => client.signIn.email({ email, password: PASSWORD }));
    await change('wrong password', { currentPassword: 'not the password', newPassword: NEW });
    await change('new one too short', { currentPassword: PASSWORD, newPassword: 'a2c4e6g' });
    await change('new one too long', { currentPassword: PASSWORD, newPassword: 'passphrase '.repeat(200) });
    await change('as it should be', { currentPassword: PASSWORD, newPassword: NEW });
    await visit.call('still signed in', (client) => client.getSession());
    await other.call('elsewhere', (client) => client.getSession());
    await change('and the others end', { currentPassword: NEW, newPassword: PASSWORD, revokeOtherSessions: true });
    await visit.call('still signed in here', (client) => client.getSession());
    await other.call('elsewhere no more', (client) => client.getSession());
    await other.call('old password', (client) => client.signIn.email({ email, password: NEW }));
    await other.call('new password', (client) => client.signIn.email({ email, password: PASSWORD }));
  },

  async 'verify-password'(visit) {
    const verify = (label, json) => visit.send(label, 'POST', '/verify-password', { json });
    await verify('nobody is signed in', { password: PASSWORD });
    await signedUp(visit);
    await verify('wrong password', { password: 'not the password' });
    await verify('right password', { password: PASSWORD });
    await verify('no password', {});
  },
};
