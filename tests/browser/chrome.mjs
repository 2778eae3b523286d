// Owns: Debian's Chromium, started so that it works as root, without a screen, and never calls home.

import { chromium } from 'playwright-core';

export function chrome() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

/** Presses what `selector` names and gives the answer of the page that it leads to, redirects followed. */
export async function press(page, selector) {
  const landed = page.waitForEvent('response', (response) =>
    response.request().isNavigationRequest() && response.frame() === page.mainFrame() && ![302, 303].includes(response.status()));
  const [response] = await Promise.all([landed, page.locator(selector).click()]);
  await page.waitForLoadState();
  return response;
}

/** Types what `values` holds by id, then presses `button`. */
export async function fill(page, values, button) {
  for (const [id, value] of Object.entries(values)) await page.locator(`#${id}`).fill(value);
  return press(page, `#${button}`);
}
