import { ProviderStage } from './provider_stage.mjs';
const s = await ProviderStage.open();
const by = s.providers[2];
const p = await by.person(s.email(), 'Ada');
const { page } = await s.visit(by, p);
console.log(page.url(), await page.locator('main').innerText());
console.log(s.house.printed().slice(-1500)); console.log(by.house.printed().slice(-800));
await s.close();
