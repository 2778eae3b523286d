// Owns: the least relying party that a browser can come back to: an authorization request, a callback page, a token request.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const random = () => randomBytes(32).toString('base64url');

export class RelyingParty {
  static async open(house, name) {
    const party = new RelyingParty();
    party.server = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html; charset=utf-8');
      answer.end('<!DOCTYPE html><html lang="en"><title>Back</title><h1>Back at the relying party</h1></html>');
    }).listen(0, '127.0.0.1');
    await once(party.server, 'listening');
    party.issuer = house.issuer;
    party.callback = `http://localhost:${party.server.address().port}/callback`;
    party.client = await house.addClient(name, [party.callback]);
    return party;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  /** A new authorization request (RFC 7636 §4.3), with whatever `more` adds. */
  request(more = {}) {
    this.state = random();
    this.verifier = random();
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: this.client.client_id,
      redirect_uri: this.callback,
      scope: 'openid profile email offline_access',
      state: this.state,
      nonce: random(),
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    });
    return `${this.issuer}/oauth2/authorize?${query}`;
  }

  /** The answer that the browser at `page` carries; throws unless it is the answer to the last request. */
  answer(page) {
    const at = new URL(page.url());
    const query = Object.fromEntries(at.searchParams);
    if (at.origin + at.pathname !== this.callback) throw new Error(`not at the callback but at ${at}`);
    if (query.state !== this.state || query.iss !== this.issuer) throw new Error(`not an answer to the request: ${at}`);
    return query;
  }

  async token(parameters) {
    const { client_id, client_secret } = this.client;
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    const body = new URLSearchParams(parameters);
    const answer = await fetch(`${this.issuer}/oauth2/token`, { method: 'POST', headers: { authorization }, body });
    return { status: answer.status, ...(await answer.json()) };
  }

  redeem(code) {
    return this.token({ grant_type: 'authorization_code', code, redirect_uri: this.callback, code_verifier: this.verifier });
  }

  refresh(refresh_token) {
    return this.token({ grant_type: 'refresh_token', refresh_token });
  }
}
