// Owns: a Doorward that stands where the npm `better-auth` server stood: the same front end may use it, and its letters
// can be read.

import { House } from '../../browser/house.mjs';

/** What a kind of house asks for, in our words. */
const SETTINGS = {
  open: { DOORWARD__API__SESSION_JWT: 'true' },
  proven: { DOORWARD__ACCOUNTS__VERIFIED_EMAIL_ONLY: 'true' },
  closed: { DOORWARD__ACCOUNTS__SIGN_UP: 'false' },
  limited: {},
  bearer: { DOORWARD__API__BEARER: 'true' },
};

const plain = (html) => html.replace(/<[^>]*>/g, '').replaceAll('&#x2f;', '/').replaceAll('&amp;', '&');

export class Doorward {
  name = 'doorward';

  /** `app` is the origin of the front end that may use it; `prepare` is as a house takes it. */
  static async open(kind, app, prepare = null) {
    const doorward = new Doorward();
    doorward.house = await House.open({
      DOORWARD__API__TRUSTED_ORIGINS: app, DOORWARD__SERVER__TRUSTED_PROXIES: '["127.0.0.1"]', ...SETTINGS[kind],
    }, prepare);
    doorward.origin = doorward.house.issuer;
    doorward.port = Number(new URL(doorward.origin).port);
    return doorward;
  }

  async #page(path) {
    const answer = await fetch(this.origin + path);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return answer.text();
  }

  /** The link of the newest letter to `email`, or null: the list has the newest first. */
  async letter(email) {
    for (const [, row] of (await this.#page('/dev/mail')).matchAll(/<li>(.*?)<\/li>/gs)) {
      const [, path] = /href="(\/dev\/mail\/[^"]+)"/.exec(row) ?? [];
      if (!path || !plain(row).includes(`to ${email} `)) continue;
      const link = /<a class="unbroken" href="[^"]*">([^<]*(?:token=|reset-password)[^<]*)<\/a>/.exec(await this.#page(path));
      if (link) return plain(link[1]);
    }
    return null;
  }

  close() {
    return this.house.close();
  }
}
