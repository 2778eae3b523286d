// Owns: what every browser test stands on: one house, one Chromium, one relying party, and people to sign in.

import { randomBytes } from 'node:crypto';
import { chrome, fill, press } from './chrome.mjs';
import { House } from './house.mjs';
import { RelyingParty } from './relying_party.mjs';

export const PASSWORD = 'correct horse battery staple';
const PATIENCE = 15_000;

export class Stage {
  static async open(settings = {}, prepare = null) {
    const stage = new this();
    try {
      stage.house = await House.open(settings, prepare);
      stage.browser = await chrome();
      stage.party = await RelyingParty.open(stage.house, 'Example Notes');
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async close() {
    await this.browser?.close();
    await this.party?.close();
    await this.house?.close();
  }

  at(path) {
    return this.house.issuer + path;
  }

  /** A page of a browser that nobody has used. Scripts are off: the hosted pages must do without. */
  async page(options = {}) {
    const context = await this.browser.newContext({ javaScriptEnabled: false, ...options });
    context.setDefaultTimeout(PATIENCE);
    return context.newPage();
  }

  email() {
    return `${randomBytes(6).toString('hex')}@example.com`;
  }

  /** Somebody who has an account with a proven address. */
  async person(name = 'Ada Lovelace', email = this.email()) {
    const person = { email, name, password: PASSWORD };
    await this.house.addUser(person);
    return person;
  }

  /** Signs in on the form that `page` shows. */
  signIn(page, { email, password }) {
    return fill(page, { email, password }, 'login-submit');
  }

  /** From the relying party's request, over sign-in and consent, back with tokens. */
  async tokens(page, person) {
    await page.goto(this.party.request());
    if (await page.locator('#login-form').count()) await this.signIn(page, person);
    if (await page.locator('#consent-form').count()) await press(page, '#consent-approve');
    return this.party.redeem(this.party.answer(page).code);
  }

  /** The newest letter to `email`, read in a browser of its own: mail is read on another device. */
  async letter(email) {
    const mail = await this.page();
    await mail.goto(this.at('/dev/mail'));
    await press(mail, `li:has-text("${email}") a >> nth=0`);
    const text = await mail.locator('main').innerText();
    const links = mail.locator('a[href*="token="]');
    const link = (await links.count()) ? await links.first().getAttribute('href') : null;
    await mail.context().close();
    return { text, link, code: text.match(/\b\d{6}\b/)?.[0] };
  }

  /** A page where `person` is signed in and looks at their account. */
  async account(person) {
    const page = await this.page();
    await page.goto(this.at('/login'));
    await this.signIn(page, person);
    await page.goto(this.at('/account'));
    return page;
  }
}
