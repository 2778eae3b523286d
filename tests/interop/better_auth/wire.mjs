// Owns: one HTTP request, exactly as it was meant: `fetch` of Node would add headers that a browser sends, and these tests
// are about who sends which.

import { request } from 'node:http';

const PATIENCE = 60_000;

/** Sends it to the server on this machine that listens on `port`; redirects are answers. */
export function exchange(port, { method, path, headers = {}, body }) {
  return new Promise((done, failed) => {
    const sent = request({
      host: '127.0.0.1', port, method, path, timeout: PATIENCE, agent: false,
      headers: {
        host: `localhost:${port}`,
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', failed);
      answer.on('end', () => done({
        status: answer.statusCode,
        statusText: answer.statusMessage,
        headers: answer.headers,
        cookies: answer.headers['set-cookie'] ?? [],
        text: Buffer.concat(parts).toString('utf8'),
      }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered`)));
    sent.on('error', failed);
    sent.end(body);
  });
}

/** The same answer as the clients want it. */
export function asResponse({ status, statusText, headers, text }) {
  const flat = Object.entries(headers).filter(([, value]) => typeof value === 'string');
  const empty = [204, 205, 304].includes(status);
  return new Response(empty ? null : text, { status, statusText, headers: flat });
}
