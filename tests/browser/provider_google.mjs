// Owns: Google on loopback, as its documentation describes it, and refusing what it refuses.

import { createHash, generateKeyPairSync, randomInt, sign } from 'node:crypto';
import { CLIENT_ID, SECRET, StandIn, json, random } from './provider_standin.mjs';

/** https://developers.google.com/identity/openid-connect/openid-connect */
export class Google extends StandIn {
  name = 'google';
  label = 'Google';
  authorize = '/o/oauth2/v2/auth';
  /** Seconds for which an access token is good. */
  life = 3599;
  #key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  #refresh = new Map();

  get settings() {
    return { kind: 'google', client_id: CLIENT_ID, client_secret: SECRET, issuer: this.origin };
  }

  /** `hd` is the organisation's domain; without one Google vouches for nobody's address but its own. */
  person(email, name, verified = true) {
    const id = String(randomInt(2 ** 47)).padStart(21, '1');
    return this.add({ id, called: email, email, name, hd: verified ? email.split('@')[1] : undefined });
  }

  beside({ hd }) {
    return { scope: 'email profile openid', authuser: '0', ...(hd && { hd }), prompt: 'consent' };
  }

  refusal() {
    return { error: 'access_denied' };
  }

  routes = {
    'GET /.well-known/openid-configuration': () => json(200, {
      issuer: this.origin,
      authorization_endpoint: this.origin + this.authorize,
      device_authorization_endpoint: `${this.origin}/device/code`,
      token_endpoint: `${this.origin}/token`,
      userinfo_endpoint: `${this.origin}/v1/userinfo`,
      revocation_endpoint: `${this.origin}/revoke`,
      jwks_uri: `${this.origin}/oauth2/v3/certs`,
      response_types_supported: ['code', 'token', 'id_token', 'code token', 'code id_token', 'token id_token', 'code token id_token', 'none'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'email', 'profile'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      claims_supported: ['aud', 'email', 'email_verified', 'exp', 'family_name', 'given_name', 'iat', 'iss', 'name', 'picture', 'sub'],
      code_challenge_methods_supported: ['plain', 'S256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    }, { 'cache-control': 'public, max-age=3600' }),
    'GET /oauth2/v3/certs': () => {
      const key = { ...this.#key.publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'one' };
      return json(200, { keys: [key] }, { 'cache-control': 'public, max-age=19722, must-revalidate, no-transform' });
    },
    'POST /token': ({ headers, form }) => {
      if (!this.isClient(headers, form)) return json(401, { error: 'invalid_client', error_description: 'Unauthorized' });
      const renewed = form.get('grant_type') === 'refresh_token';
      const granted = renewed ? this.#refresh.get(form.get('refresh_token')) : this.redeem(form);
      if (!granted) return json(400, { error: 'invalid_grant', error_description: 'Bad Request' });
      return json(200, this.#grant(granted, renewed));
    },
  };

  #grant(granted, renewed) {
    const access_token = `ya29.${random()}`;
    const refresh_token = `1//${random()}`;
    const offline = granted.offline && !renewed;
    if (offline) this.#refresh.set(refresh_token, granted);
    this.tokens.set(access_token, granted.person);
    return {
      access_token,
      expires_in: this.life,
      ...(offline && { refresh_token }),
      scope: `openid ${this.origin}/auth/userinfo.email ${this.origin}/auth/userinfo.profile`,
      token_type: 'Bearer',
      id_token: this.#idToken(granted, access_token),
    };
  }

  #idToken({ person, nonce }, access_token) {
    const now = Math.floor(Date.now() / 1000);
    const [given_name, family_name] = person.name.split(' ');
    const claims = {
      iss: this.origin, azp: CLIENT_ID, aud: CLIENT_ID, sub: person.id, hd: person.hd, email: person.email, email_verified: true,
      at_hash: createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'),
      nonce, name: person.name, picture: 'https://lh3.googleusercontent.com/a/picture=s96-c', given_name, family_name,
      iat: now, exp: now + 3600,
    };
    const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
    const signed = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`;
    return `${signed}.${sign('sha256', signed, this.#key.privateKey).toString('base64url')}`;
  }
}
