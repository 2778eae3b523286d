// Owns: the npm `better-auth` and Doorward side by side: the official client, in each line that is promised to work, asks
// both the same, and what differs is in the list of what may.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from '../browser/house.mjs';
import { differences, notAllowed, told } from './better_auth/compare.mjs';
import { DIFFERENCES } from './better_auth/differences.mjs';
import { Doorward } from './better_auth/doorward.mjs';
import { accounts } from './better_auth/scenes/accounts.mjs';
import { letters } from './better_auth/scenes/letters.mjs';
import { origins } from './better_auth/scenes/origins.mjs';
import { passwords } from './better_auth/scenes/passwords.mjs';
import { closed, limited, proven, requests } from './better_auth/scenes/requests.mjs';
import { bearer, sessions } from './better_auth/scenes/sessions.mjs';
import { social } from './better_auth/scenes/social.mjs';
import { users } from './better_auth/scenes/users.mjs';
import { Upstream } from './better_auth/upstream.mjs';
import { CLIENTS, Visit } from './better_auth/visit.mjs';

const NEWEST = '1.7';

/** Which scenes are played in which kind of house; those that no client takes part in are played once. */
const PROGRAMME = [
  ['open', { ...accounts, ...passwords, ...letters, ...sessions, ...social, ...users }, Object.keys(CLIENTS)],
  ['proven', proven, Object.keys(CLIENTS)],
  ['closed', closed, Object.keys(CLIENTS)],
  ['open', { ...requests, ...origins }, [NEWEST]],
  ['bearer', bearer, [NEWEST]],
  ['limited', limited, [NEWEST]],
];

const houses = new Map();
const used = new Set();
let app;

before(async () => { app = `http://localhost:${await freePort()}`; });
after(async () => { for (const pair of houses.values()) await Promise.all(pair.map((side) => side.close())); });

/** Both sides of one kind, started when they are first needed. */
async function pair(kind) {
  if (!houses.has(kind)) houses.set(kind, [await Upstream.open(kind, app), await Doorward.open(kind, app)]);
  return houses.get(kind);
}

for (const [kind, scenes, versions] of PROGRAMME) {
  for (const version of versions) {
    for (const [scene, play] of Object.entries(scenes)) {
      test(`${scene}, with the client ${version}`, async () => {
        const records = [];
        for (const side of await pair(kind)) {
          const record = {};
          await play(new Visit(side, { app, version, scene, record }));
          records.push(record);
        }
        const rest = notAllowed(differences(scene, ...records), DIFFERENCES, used);
        assert.equal(rest.length, 0, `${rest.length} differences that the list does not allow:\n${rest.map(told).join('\n')}`);
      });
    }
  }
}

test('what the list does not name is told', () => {
  const step = (status, token) => ({ 'a call': { status, body: { token, user: null }, header: {} } });
  const found = differences('a scene', step(200, '<token>'), step(500));
  assert.deepEqual(notAllowed(found, DIFFERENCES, new Set()).map(told), [
    'a scene > a call > status: better-auth has 200, Doorward 500',
    'a scene > a call > body.token: better-auth has "<token>", Doorward undefined',
  ]);
});

test('every difference in the list still occurs', () => {
  assert.deepEqual(DIFFERENCES.filter((rule) => !used.has(rule)), []);
});
