// Notices and mail on the real program: what a report tells, confirming it, who was told on the incident, and the page of
// mail with its witnesses. Every page is looked at by axe, at desk and phone width.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertClean, assertNoSidewaysScroll, axe, deskContext, noScriptContext, phoneContext, screenshot, startBrowser } from "./browser.mjs";
import { startKitei } from "./program.mjs";

const PASSWORD = "tq7#Wz-mub4Rk9x";
let kitei, browser, desk;

before(async () => {
  kitei = await startKitei();
  browser = await startBrowser();
  desk = await deskContext(browser);
});

after(async () => {
  await browser?.close();
  await kitei?.stop();
});

const watch = (page) => {
  page.troubles = [];
  page.on("console", (message) => { if (message.type() === "error") page.troubles.push(`console: ${message.text()}`); });
  page.on("pageerror", (fault) => page.troubles.push(`script: ${fault.message}`));
  return page;
};

async function look(page, name) {
  await axe(page);
  await assertNoSidewaysScroll(page);
  await screenshot(page, name);
  assertClean(page);
}

async function go(page, path) {
  const response = await page.goto(kitei.address + path);
  assert.ok(response.ok(), `${path} answered ${response.status()}`);
}

const main = (page) => page.locator("main");
const submit = (page) => main(page).locator("form button[type=submit]").last().click();

test("a report tells people, they confirm, and the incident shows it; mail is looked after", async () => {
  const page = watch(await desk.newPage());
  await go(page, "/set-up");
  const fields = { code: kitei.code, organization: "見本株式会社", name: "規程 花子", kana: "きてい はなこ", latin: "Kitei Hanako", login: "shomu-01", new: PASSWORD, again: PASSWORD };
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name=${name}]`, value);
  await submit(page);
  await page.waitForURL("**/settings");
  await go(page, "/notices");
  await look(page, "notices-none");
  await go(page, "/settings/packs");
  await page.check("[name=packs][value=leak-procedure]");
  // Beside it stands the button that shows what would change.
  await page.getByRole("button", { name: "採用する", exact: true }).click();
  await page.waitForURL("**/rulebook");

  const visitor = await (await noScriptContext(browser)).newPage();
  await visitor.goto(`${kitei.address}/report`);
  await visitor.locator("[name=report_kind]").first().check();
  await visitor.fill("[name=noticed_at-date]", "2026-11-20");
  await visitor.fill("[name=noticed_at-time]", "09:30");
  await visitor.fill("[name=what_happened]", "電車に書類を置き忘れた");
  await submit(visitor);

  await go(page, "/");
  await look(page, "today-with-notices");
  await main(page).getByRole("link", { name: "お知らせを見る" }).click();
  await page.waitForURL("**/notices");
  await look(page, "notices");
  await main(page).locator(".task-title a").first().click();
  await page.waitForURL("**/notices/**");
  await look(page, "notice");
  const notice = new URL(page.url()).pathname;
  await main(page).getByRole("button", { name: "確認しました" }).click();
  await main(page).getByText("確認しました:").waitFor();
  await look(page, "notice-confirmed");
  await main(page).getByRole("link", { name: "記録を開く" }).click();
  await page.waitForURL("**/records/**");
  await main(page).locator("#told").getByText("確認済み").first().waitFor();
  await look(page, "incident-told");
  const incident = new URL(page.url()).pathname;

  await go(page, "/settings/mail");
  await page.fill("[name=name]", "監査法人 見本");
  await page.fill("[name=mail]", "auditor");
  await submit(page);
  await main(page).getByText("auditor@example.com のように").first().waitFor();
  assert.equal(await page.inputValue("[name=name]"), "監査法人 見本");
  page.troubles = [];
  await look(page, "mail-refused");
  await page.fill("[name=mail]", "auditor@example.com");
  await submit(page);
  await main(page).locator("#witnesses").getByText("auditor@example.com").waitFor();
  await look(page, "mail");

  const small = watch(await (await phoneContext(browser, { storageState: await desk.storageState() })).newPage());
  for (const [path, name] of [["/notices", "phone-notices"], [notice, "phone-notice"], ["/settings/mail", "phone-mail"], [incident, "phone-incident-told"]]) {
    await go(small, path);
    await look(small, name);
  }
});
