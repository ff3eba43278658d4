// A ledger comes in from Excel on the real program: upload, preview with its problems, correction, import, gaps, export,
// taking back; then the same file once more by the command. axe looks at every page, at desk and phone width.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import path from "node:path";
import { assertClean, assertNoSidewaysScroll, axe, deskContext, noScriptContext, phoneContext, root, screenshot, startBrowser } from "./browser.mjs";
import { startKitei } from "./program.mjs";

const PASSWORD = "tq7#Wz-mub4Rk9x";
const workbook = (name) => path.join(root, "crates/kitei-papers/tests/workbooks", name);
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

const main = (page) => page.locator("main");
const press = (page, value) => main(page).locator(`button[name=do][value=${value}]`).click();

/** Waits until an import rests. */
async function rested(page) {
  await page.waitForURL("**/imports/*");
  await page.waitForFunction(() => !document.querySelector("[data-poll]"), null, { timeout: 60_000 });
  await page.reload();
}

test("a ledger comes in from Excel, is completed, and goes out again", async () => {
  const page = watch(await desk.newPage());
  await page.goto(`${kitei.address}/set-up`);
  const typed = { code: kitei.code, organization: "見本株式会社", name: "規程 花子", kana: "きてい はなこ", latin: "Kitei Hanako", login: "shomu-01", new: PASSWORD, again: PASSWORD };
  for (const [name, value] of Object.entries(typed)) await page.fill(`[name=${name}]`, value);
  await main(page).locator("form button[type=submit]").last().click();
  await page.waitForURL("**/settings");

  await page.goto(`${kitei.address}/registers/ledger`);
  await look(page, "import-1-empty-register");
  await page.goto(`${kitei.address}/registers/ledger/import`);
  await look(page, "import-2-upload");
  await page.setInputFiles("[name=file]", workbook("two_rows.xlsx"));
  await main(page).locator("form button[type=submit]").last().click();
  await rested(page);
  await look(page, "import-3-preview");

  await page.check("[name=gaps][value=yes]");
  // The first column names the entry, whatever it is called in this file.
  await page.selectOption("[name=column-0]", "");
  await page.selectOption("[name=column-1]", "name");
  await press(page, "check");
  await rested(page);
  await look(page, "import-4-corrected");
  if (await main(page).locator("button[name=do][value=import]").count() === 0) {
    // What still is no value of its field is kept as it is written.
    for (const select of await main(page).locator("select[name^=column-]").all()) {
      if (await select.getAttribute("name") !== "column-1") await select.selectOption("");
    }
    await press(page, "check");
    await rested(page);
  }
  await press(page, "import");
  await rested(page);
  await look(page, "import-5-done");
  assert.match(await main(page).innerText(), /件を取り込みました/);

  await page.goto(`${kitei.address}/registers/ledger`);
  await look(page, "import-6-register");
  await main(page).locator("table a").first().click();
  await page.waitForURL("**/records/**");
  await look(page, "import-7-record");

  const file = await page.request.get(`${kitei.address}/registers/ledger/export.xlsx`);
  assert.equal(file.status(), 200);
  assert.equal((await file.body()).subarray(0, 2).toString(), "PK");
  assert.match(file.headers()["content-disposition"], /filename\*=UTF-8''/);

  // The same file once more: everything is there already.
  await page.goto(`${kitei.address}/registers/ledger/import`);
  await page.setInputFiles("[name=file]", { name: "again.xlsx", mimeType: "application/octet-stream", buffer: await file.body() });
  await main(page).locator("form button[type=submit]").last().click();
  await rested(page);
  await look(page, "import-8-unchanged");
  assert.match(await main(page).innerText(), /取り込むものはありません/);

  // A table with gaps, filled in bulk.
  await page.goto(`${kitei.address}/registers/ledger/import`);
  await page.setInputFiles("[name=file]", { name: "gaps.csv", mimeType: "text/csv", buffer: Buffer.from("名称,利用目的,管理部署\r\n,採用,まだない部\r\n,発送,\r\n") });
  await main(page).locator("form button[type=submit]").last().click();
  await rested(page);
  await look(page, "import-9-gaps");
  await page.check("[name=gaps][value=yes]");
  await press(page, "check");
  await rested(page);
  await press(page, "import");
  await rested(page);
  await page.goto(`${kitei.address}/registers/ledger/gaps?field=name`);
  await look(page, "import-10-fill");
  await page.goto(`${kitei.address}/`);
  await look(page, "import-11-today");
  await page.goto(`${kitei.address}/imports`);
  await look(page, "import-12-list");

  // Without script the same pages work.
  const state = await desk.storageState();
  const plain = watch(await (await noScriptContext(browser, { storageState: state })).newPage());
  await plain.goto(`${kitei.address}/imports`);
  await main(plain).locator("table a").first().click();
  await main(plain).locator("form button[type=submit]").last().click();
  await screenshot(plain, "import-13-undo-asked");
  await main(plain).locator("form button[type=submit]").last().click();
  await plain.waitForURL("**/imports/*");
  await screenshot(plain, "import-14-undone");
  assert.match(await main(plain).innerText(), /取り消し/);

  const phone = watch(await (await phoneContext(browser, { storageState: state })).newPage());
  for (const [at, name] of [["/registers/ledger/import", "import-phone-upload"], ["/imports", "import-phone-list"]]) {
    await phone.goto(kitei.address + at);
    await look(phone, name);
  }
  await phone.goto(`${kitei.address}/registers/ledger/import`);
  await phone.setInputFiles("[name=file]", workbook("dates.xlsx"));
  await main(phone).locator("form button[type=submit]").last().click();
  await rested(phone);
  await look(phone, "import-phone-preview");
});
