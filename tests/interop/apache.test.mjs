// Owns: Debian's mod_auth_openidc in front of a page: Apache lets nobody in whom Doorward did not sign in.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { House, end, freePort, ready } from '../browser/house.mjs';
import { Visitor } from './visitor.mjs';

const MODULES = '/usr/lib/apache2/modules';
const PASSWORD = 'correct horse battery staple';

let house;
let folder;
let apache;
let origin;

before(async () => {
  house = await House.open();
  folder = await mkdtemp(path.join(tmpdir(), 'doorward-apache-'));
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const client = await house.run([
    'client', 'add', 'Apache', '--redirect', `${origin}/private/back`, '--post-logout-redirect', `${origin}/open.txt`,
  ]);
  const pages = path.join(folder, 'pages');
  await mkdir(path.join(pages, 'private'), { recursive: true });
  await writeFile(path.join(pages, 'private/index.html'), '<h1>Members only</h1>');
  await writeFile(path.join(pages, 'open.txt'), 'for everybody');
  const modules = ['mpm_event', 'authz_core', 'authz_user', 'authn_core', 'dir', 'mime', 'headers', 'auth_openidc'];
  const configuration = `
ServerRoot "${folder}"
ServerName localhost
Listen 127.0.0.1:${port}
PidFile "${folder}/pid"
ErrorLog "${folder}/error.log"
DefaultRuntimeDir "${folder}"
Mutex file:${folder}
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
TypesConfig /etc/mime.types
DocumentRoot "${pages}"
DirectoryIndex index.html
OIDCProviderMetadataURL ${house.issuer}/.well-known/openid-configuration
OIDCClientID ${client.client_id}
OIDCClientSecret ${client.client_secret}
OIDCRedirectURI ${origin}/private/back
OIDCCryptoPassphrase ${randomBytes(24).toString('hex')}
OIDCScope "openid email"
OIDCPKCEMethod S256
OIDCCookieSameSite On
<Location /private>
  AuthType openid-connect
  Require valid-user
  Header set X-Email "expr=%{reqenv:OIDC_CLAIM_email}"
</Location>
`;
  await writeFile(path.join(folder, 'apache.conf'), configuration);
  const user = process.getuid() === 0 ? ['-c', 'User www-data', '-c', 'Group www-data'] : [];
  // Apache's children do not run as root: they must be able to read what they serve.
  if (process.getuid() === 0) {
    execFileSync('chown', ['-R', 'www-data:www-data', folder]);
  }
  apache = spawn('/usr/sbin/apache2', ['-f', path.join(folder, 'apache.conf'), ...user, '-DFOREGROUND'], { stdio: 'inherit' });
  await ready(`${origin}/open.txt`, apache, house.log);
});
after(async () => {
  if (apache) await end(apache);
  await house?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What Apache answers a browser that keeps its cookies. Not by `fetch`, whose `Sec-Fetch-Mode` says that nobody navigates. */
function browser() {
  const cookies = new Map();
  return async (url) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const [answer] = await once(get(url, { headers: { accept: 'text/html', cookie } }), 'response');
    for (const set of answer.headers['set-cookie'] ?? []) {
      const [name, ...value] = set.split(';')[0].split('=');
      cookies.set(name, value.join('='));
    }
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
  };
}

test('mod_auth_openidc lets in whom Doorward signed in, and knows the address', async () => {
  const person = { email: `${randomBytes(6).toString('hex')}@example.com`, name: 'Ada Lovelace', password: PASSWORD };
  await house.addUser(person);
  const visit = browser();
  const away = await visit(`${origin}/private/`);
  assert.equal(away.status, 302);
  assert.ok(away.headers.location.startsWith(`${house.issuer}/oauth2/authorize?`));
  const back = await new Visitor(house.issuer, person).authorize(away.headers.location);
  const landed = await visit(back);
  assert.equal(landed.status, 302, landed.text);
  assert.equal(landed.headers.location, `${origin}/private/`);
  const page = await visit(`${origin}/private/`);
  assert.equal(page.status, 200);
  assert.equal(page.text, '<h1>Members only</h1>');
  assert.equal(page.headers['x-email'], person.email);
  const stranger = await browser()(`${origin}/private/`);
  assert.equal(stranger.status, 302);
});
