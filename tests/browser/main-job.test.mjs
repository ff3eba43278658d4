// The main job on the real program: set-up, the first regulation, a report without sign-in, the incident's page, its
// paper. Every page is looked at by axe, at desk and phone width, and a picture of each is left in target/screenshots.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { assertClean, assertNoSidewaysScroll, axe, deskContext, noScriptContext, phoneContext, root, screenshot, startBrowser } from "./browser.mjs";
import { startKitei } from "./program.mjs";

const PASSWORD = "tq7#Wz-mub4Rk9x";
let kitei, browser, desk, phone;

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

/** Looks at a page: nothing went wrong, axe finds nothing, it does not scroll sideways. */
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

test("the main job, from the set-up code to the incident's paper", async () => {
  const page = watch(await desk.newPage());
  await go(page, "/set-up");
  await look(page, "set-up");
  await page.fill("[name=code]", kitei.code);
  await page.fill("[name=organization]", "見本株式会社");
  await page.fill("[name=name]", "規程 花子");
  await page.fill("[name=kana]", "きてい はなこ");
  await page.fill("[name=latin]", "Kitei Hanako");
  await page.fill("[name=login]", "shomu-01");
  await page.fill("[name=new]", PASSWORD);
  await page.fill("[name=again]", PASSWORD);
  await submit(page);
  await page.waitForURL("**/settings");
  await look(page, "settings-first");

  await go(page, "/settings/packs");
  await look(page, "packs");
  await page.check("[name=packs][value=leak-procedure]");
  // Beside it stands the button that shows what would change.
  await page.getByRole("button", { name: "採用する", exact: true }).click();
  await page.waitForURL("**/rulebook");
  await look(page, "rulebook");

  for (const path of ["/", "/registers", "/registers/ledger", "/registers/ledger/new", "/registers/person/new", "/registers/incident", "/calendar", "/settings", "/evidence", "/evidence/bundle"]) {
    await go(page, path);
    await look(page, `desk${path.replaceAll("/", "-")}`);
  }

  // Anybody reports, from a phone, without a sign-in and without script.
  const visitor = await (await noScriptContext(browser)).newPage();
  watch(visitor);
  await visitor.goto(`${kitei.address}/report`);
  await visitor.locator("[name=report_kind]").first().waitFor();
  await screenshot(visitor, "report-no-script");
  const kind = visitor.locator("[name=report_kind]").first();
  if (await kind.evaluate((element) => element.tagName) === "SELECT") await kind.selectOption({ index: 1 });
  else await visitor.locator("[name=report_kind]").first().check();
  await visitor.fill("[name=noticed_at-date]", "2026-11-20");
  await visitor.fill("[name=noticed_at-time]", "09:30");
  await visitor.fill("[name=persons]", "約120");
  await visitor.fill("[name=what_happened]", "電車に書類を置き忘れた");
  await submit(visitor);
  await screenshot(visitor, "report-sent");
  assert.match(await main(visitor).innerText(), /受け付け|届/);

  await go(page, "/registers/incident");
  await page.locator("main table a").first().click();
  await page.waitForURL("**/records/**");
  await look(page, "incident");
  const incident = new URL(page.url()).pathname;

  // A paper of the incident, as the file that a person would print.
  const paper = await main(page).locator("a[href*='/papers/']").first().getAttribute("href");
  const printed = await page.request.get(kitei.address + paper);
  assert.equal(printed.headers()["content-type"], "application/pdf");
  const bytes = await printed.body();
  assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
  writeFileSync(path.join(root, "target/screenshots/paper.pdf"), bytes);

  await go(page, `${incident}/bundle`);
  await look(page, "incident-bundle");

  await go(page, "/");
  await look(page, "today");

  // Own page, password and accounts.
  for (const path of ["/me", "/password", "/settings/accounts"]) {
    await go(page, path);
    await look(page, `desk${path.replaceAll("/", "-")}`);
  }

  const state = await desk.storageState();
  phone = await phoneContext(browser, { storageState: state });
  const small = watch(await phone.newPage());
  for (const [path, name] of [["/", "phone-today"], [incident, "phone-incident"], ["/report", "phone-report"], ["/registers/ledger/new", "phone-ledger-new"], ["/evidence", "phone-evidence"], ["/evidence/bundle", "phone-bundle"]]) {
    await go(small, path);
    await look(small, name);
  }
});
