// Sign-in settings, second factor, rulebook of a day, previews, comparisons, views, handbook, glossary, calendar and its
// feed on the real program: axe at desk and phone width, a picture of each in target/screenshots.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createHmac } from "node:crypto";
import { assertClean, assertNoSidewaysScroll, axe, deskContext, phoneContext, screenshot, startBrowser } from "./browser.mjs";
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
  page.on("console", (message) => { if (message.type() === "error" && !message.text().includes("422")) page.troubles.push(`console: ${message.text()}`); });
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

/** The six digits of RFC 6238 for a secret as the page shows it. */
function digits(secret, seconds) {
  const bits = [...secret.replace(/[^A-Z2-7]/g, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const hash = createHmac("sha1", key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("places that packs fill, and how people sign in", async () => {
  const page = watch(await desk.newPage());
  await go(page, "/set-up");
  for (const [name, value] of Object.entries({ code: kitei.code, organization: "見本株式会社", name: "規程 花子", kana: "きてい はなこ", latin: "Kitei Hanako", login: "shomu-01", new: PASSWORD, again: PASSWORD })) await page.fill(`[name=${name}]`, value);
  await main(page).locator("form button[type=submit]").last().click();
  await page.waitForURL("**/settings");

  // What adopting would bring, before it is done.
  await go(page, "/settings/packs");
  for (const pack of ["pms", "security-regulations", "leak-procedure"]) await page.check(`[name=packs][value=${pack}]`);
  await page.getByRole("button", { name: "何が変わるか見る" }).click();
  await page.locator("#preview").waitFor();
  await look(page, "adopt-preview");
  await page.getByRole("button", { name: "採用する", exact: true }).click();
  await page.waitForURL("**/rulebook");
  await look(page, "rulebook-three");

  await go(page, "/registers/ledger/new");
  await page.fill("[name=name]", "顧客名簿");
  await page.fill("[name=confidentiality]", "2");
  await main(page).locator("form button[type=submit]").last().click();
  await page.waitForURL("**/records/**");

  const places = ["/views", "/views/ledger/confidentiality", "/compare", "/handbook", "/handbook?for=all", "/handbook?for=checks", "/glossary", "/calendar", "/settings/sign-in", "/settings/parameters/password.length.general", "/rulebook?on=2020-01-01", "/rulebook/security-regulations?on=2030-01-01", "/clauses/IS-4-9-3-06", "/me", "/me/second-factor"];
  const named = (path) => path.replaceAll(/[/?=.]/g, "-");
  for (const path of places) {
    await go(page, path);
    await look(page, `places${named(path)}`);
  }

  // Looser than a regulation, without reason: refused at its field.
  await go(page, "/settings/parameters/password.length.general");
  await page.fill("[name='setting-password.length.general']", "8");
  await page.getByRole("button", { name: "決める" }).click();
  await page.locator(".summary").waitFor();
  await look(page, "parameter-refused");

  // The feed's address.
  await go(page, "/calendar");
  await page.getByRole("button", { name: "アドレスを作る" }).click();
  await page.locator("#feed-address").waitFor();
  await look(page, "calendar-feed");
  const feed = await page.request.get((await page.locator("#feed-address").innerText()).replaceAll(/\s/g, ""));
  assert.match(await feed.text(), /^BEGIN:VCALENDAR\r\n/);

  // The envelope.
  await go(page, "/settings/sign-in");
  await page.getByRole("button", { name: "非常用コードを作る" }).click();
  await page.getByText("開くアカウント").waitFor();
  await look(page, "envelope");

  // Second factor: begin, a wrong code, the right one, the recovery codes.
  await go(page, "/me/second-factor");
  await page.getByRole("button", { name: "設定をはじめる" }).click();
  await page.locator("#totp-secret").waitFor();
  await look(page, "second-factor-begun");
  const secret = await page.locator("#totp-secret").innerText();
  const now = await page.evaluate(() => Date.now() / 1000);
  await page.fill("[name=code]", digits(secret, now + 86_400));
  await main(page).locator("form button[type=submit]").last().click();
  await page.locator(".summary").waitFor();
  await look(page, "second-factor-refused");
  await page.fill("[name=code]", digits(secret, await page.evaluate(() => Date.now() / 1000)));
  await main(page).locator("form button[type=submit]").last().click();
  await page.locator("#recovery-codes").waitFor();
  await look(page, "recovery-codes");
  await go(page, "/me/second-factor");
  await look(page, "second-factor-set");
  const people = await (await page.request.get(`${kitei.address}/settings/accounts`)).text();
  const account = people.match(/\/settings\/accounts\/[0-9a-f-]{36}/)[0];
  await go(page, account);
  await look(page, "account");

  const small = watch(await (await phoneContext(browser, { storageState: await desk.storageState() })).newPage());
  for (const path of [...places, account, "/settings/packs"]) {
    await go(small, path);
    await look(small, `phone-places${named(path).slice(0, 40)}`);
  }
});
