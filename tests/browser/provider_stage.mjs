// Owns: a stage whose house knows four providers, and what people do there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { press } from './chrome.mjs';
import { GitHub } from './provider_github.mjs';
import { Google } from './provider_google.mjs';
import { SecondDoorward, ThirdParty } from './provider_others.mjs';
import { Stage } from './stage.mjs';

/** Settings as the environment names them. */
export function environment(prefix, settings) {
  return Object.fromEntries(Object.entries(settings).flatMap(([key, value]) => {
    const name = `${prefix}__${key.toUpperCase()}`;
    if (Array.isArray(value)) return [[name, JSON.stringify(value)]];
    return typeof value === 'object' ? Object.entries(environment(name, value)) : [[name, String(value)]];
  }));
}

/** What a house must be set to that knows these providers; each puts up with it as its client. */
export async function knowing(providers, house, more = {}) {
  const all = {};
  for (const provider of providers) all[provider.name] = await provider.register(`${house.issuer}/upstream/${provider.name}/callback`);
  const issuers = Object.values(more).map(({ issuer }) => issuer);
  return {
    ...environment('DOORWARD__PROVIDERS', { ...all, ...more }),
    DOORWARD__FETCH__PRIVATE_ORIGINS: JSON.stringify([...providers.map(({ origin }) => origin), ...issuers]),
    ...Object.fromEntries(providers.filter(({ ca }) => ca).map(({ ca }) => ['DOORWARD__FETCH__CA_FILE', ca])),
  };
}

export class ProviderStage extends Stage {
  /** `more` are the settings of further providers. */
  static async open(more = {}) {
    const providers = [];
    try {
      for (const kind of [Google, GitHub, SecondDoorward, ThirdParty]) providers.push(await kind.open());
      return Object.assign(await super.open({}, (house) => knowing(providers, house, more)), { providers });
    } catch (error) {
      await Promise.all(providers.map((provider) => provider.close()));
      throw error;
    }
  }

  async close() {
    await super.close();
    await Promise.all((this.providers ?? []).map((provider) => provider.close()));
  }

  page(options) {
    return super.page({ ignoreHTTPSErrors: true, ...options });
  }

  /** Presses a provider's button on the page that is open. Gives the page that it leads to. */
  start(page, { name }) {
    return press(page, `#provider-${name} button`);
  }

  /** Goes to the provider from the page that is open, says yes there as `person`, and comes back. */
  async come(page, provider, person) {
    const response = await this.start(page, provider);
    if (!page.url().startsWith(provider.origin)) return response;
    return provider.approve(page, person);
  }

  /** The same from the sign-in page of a browser that nobody has used. */
  async visit(provider, person) {
    const page = await this.page();
    await page.goto(this.at('/login'));
    const response = await this.come(page, provider, person);
    return { page, response };
  }

  /** A page where `person` is signed in by the password and looks at the linked accounts. */
  async linked(person) {
    const page = await this.account(person);
    await page.goto(this.at('/account/linked'));
    return page;
  }

  /** Whose account this browser is in. */
  async whose(page) {
    await page.goto(this.at('/account'));
    return page.locator('dl.facts dd .unbroken').first().innerText();
  }

  /** Lets eleven minutes pass for everybody who is signed in, which is more than what counts as lately. */
  async wait() {
    const file = path.join(this.house.folder, 'data/doorward.db');
    const change = "UPDATE session SET auth_time = strftime('%Y-%m-%d %H:%M:%f +00:00', auth_time, '-11 minutes')";
    const words = [
      'import os, sqlite3, sys', 'db = sqlite3.connect(sys.argv[1], timeout=10)',
      'print(db.execute(sys.argv[2]).rowcount, flush=True)', 'db.commit()',
      // Without closing: what is cleared up then is still the house's.
      'os._exit(0)',
    ];
    const { stdout } = await promisify(execFile)(process.env.PYTHON ?? 'python3', ['-c', words.join('\n'), file, change]);
    assert.ok(Number(stdout) > 0, 'somebody is signed in');
  }
}

export const pathOf = (page) => new URL(page.url()).pathname;

export async function problem(page) {
  return page.locator('#problem').innerText();
}
