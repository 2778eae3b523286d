// Owns: what the page does. Accounts are the business of the better-auth client, which asks Doorward; the service of our
// own is asked with the token that Doorward gives for it.

import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';

declare const AUTH_URL: string;
declare const SERVICE_URL: string;

const auth = createAuthClient({ baseURL: AUTH_URL, plugins: [jwtClient()] });

const at = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const say = (text: string) => { at('said').textContent = text; };

/** What the client gave back, told to the person. */
function told({ error }: { error: { message?: string; status: number } | null }, done: string) {
  say(error ? `Refused: ${error.message ?? error.status}` : done);
}

/** What somebody typed into a form. */
function typed(form: HTMLFormElement) {
  const fields = new FormData(form);
  const text = (name: string) => String(fields.get(name) ?? '');
  return { name: text('name'), email: text('email'), password: text('password') };
}

/** Runs `does` with what was typed, instead of leaving the page. */
function onSubmit(id: string, does: (fields: ReturnType<typeof typed>) => Promise<void>) {
  const form = at<HTMLFormElement>(id);
  form.addEventListener('submit', (event) => { event.preventDefault(); void does(typed(form)); });
}

const onClick = (id: string, does: () => Promise<void>) => at(id).addEventListener('click', () => { void does(); });

// The letter leads back to this page.
const callbackURL = location.origin;

onSubmit('sign-up', async ({ name, email, password }) => {
  told(await auth.signUp.email({ name, email, password, callbackURL }), `Welcome. A letter to ${email} is on its way.`);
});
onSubmit('sign-in', async ({ email, password }) => told(await auth.signIn.email({ email, password }), 'Welcome back.'));

onClick('send', async () => {
  const email = at('email').textContent ?? '';
  told(await auth.sendVerificationEmail({ email, callbackURL }), 'A letter is on its way.');
});
onClick('sign-out', async () => told(await auth.signOut(), 'You are signed out.'));
onClick('sign-out-everywhere', async () => told(await auth.revokeSessions(), 'You are signed out everywhere.'));

onClick('ask', async () => {
  const { data, error } = await auth.token();
  if (error) return say(`Refused: ${error.message ?? error.status}`);
  const answer = await fetch(`${SERVICE_URL}/me`, { headers: { authorization: `Bearer ${data.token}` } });
  const me = await answer.json();
  say(answer.ok ? `The service knows you as number ${me.id}, ${me.email}.` : `The service refused: ${answer.status}`);
});

// The client asks who is signed in at the start, and again after each of the calls above.
auth.useSession.subscribe(({ data, isPending }) => {
  if (isPending) return;
  at('out').hidden = data !== null;
  at('in').hidden = data === null;
  if (!data) return;
  at('name').textContent = data.user.name;
  at('email').textContent = data.user.email;
  at('verified').textContent = data.user.emailVerified ? 'proven' : 'not proven yet';
  at('send').hidden = data.user.emailVerified;
});
