// Owns: what every hosted page must pass: valid HTML, nothing for axe to find, no sideways scrolling, in light and dark, small and wide.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { HtmlValidate } from 'html-validate';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHOTS = path.join(ROOT, 'target/screenshots');
const DOCS = path.join(ROOT, 'docs/screenshots');
/** The pictures that the documentation shows, and of which scheme and width each is. */
const DOCUMENTED = {
  'sign-in': ['sign-in', 'light-1280'],
  consent: ['consent', 'light-1280'],
  account: ['account', 'light-1280'],
  'account-profile': ['account-profile', 'light-1280'],
  'account-apps': ['account-apps', 'light-1280'],
  'account-activity': ['account-activity', 'light-1280'],
  'account-sessions': ['account-sessions-phone', 'dark-320'],
};

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const html = new HtmlValidate({
  extends: ['html-validate:recommended'],
  // Blank space that a template leaves behind is nobody's problem.
  rules: { 'no-trailing-whitespace': 'off' },
});

/** Audits the answer of a navigation. `name` is the file name of its screenshots. */
export async function audit(browser, response, name) {
  const body = await response.body();
  await valid(body.toString('utf8'), name);

  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    // The same bytes once more, in a page where scripts may run, because axe is one. The answer to a form comes out as well.
    const { 'content-encoding': _, ...headers } = await response.allHeaders();
    // A page that goes on by itself is held, or there would be nothing left to look at.
    await page.addInitScript(() => { globalThis.HTMLFormElement.prototype.submit = () => {}; });
    await page.route('**/*', (route) => {
      const leaves = route.request().isNavigationRequest() && route.request().frame() === page.mainFrame();
      return leaves ? route.fulfill({ status: 204 }) : route.fallback();
    });
    await page.route(response.url(), (route) => route.fulfill({ status: response.status(), headers, body }), { times: 1 });
    await page.goto(response.url());
    await page.evaluate(AXE);
    mkdirSync(SHOTS, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [320, 1280]) {
        const at = `${name}-${colorScheme}-${width}`;
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        // A colour halfway between two schemes is not what anybody reads.
        await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
        await page.screenshot({ path: path.join(SHOTS, `${at}.png`), fullPage: true });
        await accessible(page, at);
        // WCAG 2.2 §1.4.10: at 320 px nothing needs scrolling in two directions.
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${at} is ${wide} px wide`);
      }
    }
    document(name);
  } finally {
    await context.close();
  }
}

async function valid(text, name) {
  const { results } = await html.validateString(text, `${name}.html`);
  const said = results.flatMap(({ messages }) => messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  assert.deepEqual(said, [], `html-validate on ${name}`);
}

async function accessible(page, name) {
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const said = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((n) => n.target.join(' ')).join(', ')}`);
  assert.deepEqual(said, [], `axe on ${name}`);
}

function document(name) {
  if (process.env.UPDATE_SCREENSHOTS !== '1' || !(name in DOCUMENTED)) return;
  const [file, at] = DOCUMENTED[name];
  mkdirSync(DOCS, { recursive: true });
  copyFileSync(path.join(SHOTS, `${name}-${at}.png`), path.join(DOCS, `${file}.png`));
}
