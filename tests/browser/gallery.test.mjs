// Every component in every state, in both languages: axe, widths, zoom, keyboard, no script, the script's habits.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as b from "./browser.mjs";
import { startGallery } from "./server.mjs";

let browser;
let gallery;
before(async () => { browser = await b.startBrowser(); gallery = await startGallery(); });
after(async () => { await browser?.close(); gallery?.stop(); });

const ways = [
  ["desk", b.deskContext],
  ["phone", b.phoneContext],
  ["zoom", b.zoomContext],
  ["script lost", b.scriptLostContext],
  ["320 pixels, WCAG 1.4.10", (browser) => b.deskContext(browser, { viewport: { width: 320, height: 640 } })],
  ["1024 pixels", (browser) => b.deskContext(browser, { viewport: { width: 1024, height: 768 } })],
];

for (const lang of ["ja", "en"]) {
  // English differs in its words alone: the widest and the narrowest tell.
  for (const [name, makeContext] of lang === "ja" ? ways : ways.slice(0, 2)) {
    test(`gallery ${lang}, ${name}: axe finds nothing, nothing sticks out, nothing leaves`, async () => {
      const context = await makeContext(browser);
      try {
        const page = await b.open(context, `${gallery.url}/gallery?lang=${lang}`);
        await b.screenshot(page, `gallery-${lang}-${name.split(/[ ,]/)[0]}`);
        await b.assertNoSidewaysScroll(page);
        await b.axe(page);
        const closed = page.locator("main details:not([open]) > summary:visible");
        while (await closed.count() > 0) await closed.first().click();
        await b.assertNoSidewaysScroll(page);
        await b.axe(page);
        b.assertClean(page);
      } finally {
        await context.close();
      }
    });
  }
}

test("WCAG 1.4.4: text alone at 200 % does not stick out", async () => {
  const context = await b.deskContext(browser, { bypassCSP: true });
  const page = await b.open(context, `${gallery.url}/gallery`);
  await page.addStyleTag({ content: "html { font-size: 200% }" });
  await b.assertNoSidewaysScroll(page);
  await b.screenshot(page, "gallery-ja-text200");
  await context.close();
});

test("WCAG 1.4.12: wider text spacing does not stick out", async () => {
  const context = await b.phoneContext(browser, { bypassCSP: true });
  const page = await b.open(context, `${gallery.url}/gallery?lang=en`);
  await page.addStyleTag({ content: "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }" });
  await b.assertNoSidewaysScroll(page);
  await context.close();
});

for (const [name, makeContext] of [["desk", b.deskContext], ["zoom", b.zoomContext], ["no-script", b.noScriptContext]]) {
  test(`keyboard, ${name}: every stop is seen, uncovered, named and large enough`, async () => {
    const context = await makeContext(browser);
    const page = await b.open(context, `${gallery.url}/gallery`);
    const stops = await b.keyboardWalk(page);
    assert.equal(stops[0].name, "本文へ進む", "the skip link comes first");
    assert.ok(stops.some((stop) => stop.name === "なくした・間違えた・あやしい"));
    assert.ok(stops.length > 60, `${stops.length} stops`);
    await context.close();
  });
}

test("without script everything is there and what only a script can serve is hidden", async () => {
  const context = await b.noScriptContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  await b.assertNoSidewaysScroll(page);
  for (const hidden of ["[data-copy]", "[data-print]"]) assert.ok(!(await page.locator(hidden).first().isVisible()), hidden);
  for (const shown of ["[data-poll-hidden]", ".filters button", ".basis summary"]) assert.ok(await page.locator(shown).first().isVisible(), shown);
  await b.screenshot(page, "gallery-ja-no-script");
  b.assertClean(page);
  await context.close();
});

test("the skip link leads into the content", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  await b.startFromTop(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await context.close();
});

test("the error summary has the focus and leads to the field", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  assert.ok(await page.locator(".summary").evaluate((element) => element === document.activeElement));
  await page.locator(".summary a").nth(2).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "field-media");
  await context.close();
});

test("a report whose connection drops is sent again with the same key until it is acknowledged", async () => {
  const context = await b.phoneContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  gallery.received.length = 0;
  await page.getByText("なくした・盗まれた").click();
  await context.setOffline(true);
  await page.getByRole("button", { name: "知らせる" }).click();
  await page.getByText("まだ届いていません").waitFor();
  await b.screenshot(page, "report-waiting", { fullPage: false });
  gallery.state.failures = 1;
  await context.setOffline(false);
  await page.getByRole("heading", { name: "届きました" }).waitFor({ timeout: 20_000 });
  const sent = gallery.received.filter((request) => request.path === "/gallery/report").map((request) => new URLSearchParams(request.body));
  assert.ok(sent.length >= 2, `${sent.length} sendings`);
  assert.deepEqual(new Set(sent.map((data) => data.get("idempotency_key"))).size, 1);
  assert.equal(sent.at(-1).get("kind"), "lost");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0, "nothing stays on the computer");
  await context.close();
});

test("a destructive button asks once, with the safe answer first", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  gallery.received.length = 0;
  const button = page.getByRole("button", { name: "この下書きを捨てる" });
  await button.click();
  const dialog = page.getByRole("alertdialog");
  await b.axe(page);
  await b.screenshot(page, "dialog", { fullPage: false });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "やめる");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await button.evaluate((element) => element === document.activeElement), "the focus comes back");
  assert.equal(gallery.received.filter((request) => request.method === "POST").length, 0, "nothing was sent");
  await button.click();
  await Promise.all([page.waitForNavigation(), dialog.getByRole("button", { name: "この下書きを捨てる" }).click()]);
  const posts = gallery.received.filter((request) => request.method === "POST");
  assert.deepEqual(posts.map((request) => request.body.split("&").sort()), [["confirmed=yes", "deed=discard"]]);
  await context.close();
});

test("a filter takes effect in place, the address follows, the focus stays", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  await page.locator("#field-department").selectOption("sales");
  await page.getByText("7件中 1–7件").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("department"), "sales");
  b.assertClean(page);
  await context.close();
});

test("long work is asked for again until it has ended", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  await page.locator("#import").getByText("終わりました").waitFor({ timeout: 10_000 });
  const before = gallery.state.polls;
  await page.waitForTimeout(2500);
  // The other piece of work got an answer that does not hold it, and stopped as well.
  assert.ok(gallery.state.polls - before <= 1);
  await context.close();
});

test("paper: the page prints without navigation and buttons", async () => {
  const context = await b.deskContext(browser);
  const page = await b.open(context, `${gallery.url}/gallery`);
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".side", ".report", ".masthead-tools", ".filters"]) assert.ok(!(await page.locator(hidden).first().isVisible()), hidden);
  for (const shown of ["h1", ".steps", ".table", ".footer-checkpoint"]) assert.ok(await page.locator(shown).first().isVisible(), shown);
  await b.screenshot(page, "gallery-ja-print");
  await context.close();
});
