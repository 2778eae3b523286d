// Owns: GitHub on loopback, as its documentation describes it, and refusing what it refuses.

import { randomInt } from 'node:crypto';
import { CLIENT_ID, SECRET, StandIn, json, random } from './provider_standin.mjs';

/** https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps, and "Users" and "Emails" of its REST API */
export class GitHub extends StandIn {
  name = 'github';
  label = 'GitHub';
  authorize = '/login/oauth/authorize';

  get settings() {
    return { kind: 'github', client_id: CLIENT_ID, client_secret: SECRET, base_url: this.origin, api_url: `${this.origin}/api/v3` };
  }

  person(email, name, verified = true) {
    const id = String(randomInt(2 ** 31));
    return this.add({ id, called: `octo-${id}`, email, name, verified });
  }

  beside() {
    return {};
  }

  refusal() {
    return {
      error: 'access_denied',
      error_description: 'The user has denied your application access.',
      error_uri: 'https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied',
    };
  }

  routes = {
    // 200 even of errors, and JSON only for whoever asks for it.
    'POST /login/oauth/access_token': ({ headers, form }) => {
      const answer = this.#token(headers, form);
      if (headers.accept === 'application/json') return json(200, answer);
      return { status: 200, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body: String(new URLSearchParams(answer)) };
    },
    // What stands here is whatever they like to show.
    'GET /api/v3/user': this.#asked(({ id, called, name }) => ({
      login: called, id: Number(id), node_id: 'MDQ6VXNlcjE=', avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`, gravatar_id: '',
      html_url: `https://github.com/${called}`, type: 'User', user_view_type: 'public', site_admin: false, name, company: null, blog: '',
      location: null, email: 'shown@example.net', hireable: null, bio: null, public_repos: 2,
      created_at: '2008-01-14T04:33:35Z', updated_at: '2026-01-14T04:33:35Z',
    })),
    'GET /api/v3/user/emails': this.#asked(({ id, email, verified }) => [
      { email: `${id}@old.example.net`, primary: false, verified: true, visibility: null },
      { email, primary: true, verified, visibility: 'private' },
    ]),
  };

  #token(headers, form) {
    if (!this.isClient({}, form)) {
      return { error: 'incorrect_client_credentials', error_description: 'The client_id and/or client_secret passed are incorrect.' };
    }
    const granted = this.redeem(form);
    if (!granted) return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
    const access_token = `gho_${random()}`;
    this.tokens.set(access_token, granted.person);
    return { access_token, token_type: 'bearer', scope: granted.scope.split(' ').join(',') };
  }

  #asked(answer) {
    return ({ headers }) => {
      if (!headers['user-agent']) return json(403, { message: 'Request forbidden by administrative rules.' });
      const person = this.tokens.get(headers.authorization?.replace(/^Bearer /, ''));
      return person ? json(200, answer(person)) : json(401, { message: 'Bad credentials', status: '401' });
    };
  }
}
