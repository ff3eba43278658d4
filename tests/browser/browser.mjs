// What every browser test needs: one Chromium, contexts for the ways people come, axe, the keyboard walk,
// widths, screenshots. Pages that break the Content-Security-Policy, throw, or reach for another host fail.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const load = createRequire(path.join(root, "ui/package.json"));
const { chromium } = load("playwright-core");
const axeSource = load("axe-core").source;

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts Chromium with a fresh profile of its own; close it when done. */
export function startBrowser() {
  return chromium.launch({ executablePath: process.env.KITEI_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

const common = { locale: "ja-JP", timezoneId: "Asia/Tokyo", reducedMotion: "reduce" };

/** A desk: 1280 × 800. */
export const deskContext = (browser, more = {}) => browser.newContext({ ...common, viewport: { width: 1280, height: 800 }, ...more });

/** A phone: 360 × 740, touch. */
export const phoneContext = (browser, more = {}) =>
  browser.newContext({ ...common, viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, ...more });

/** The desk at 200 % zoom: the browser lays out half the width at twice the density. */
export const zoomContext = (browser, more = {}) =>
  browser.newContext({ ...common, viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, ...more });

/** The desk without script. axe cannot run here, because it waits on timers; see [`scriptLostContext`]. */
export const noScriptContext = (browser, more = {}) => deskContext(browser, { javaScriptEnabled: false, ...more });

/** The desk where Kitei's own script did not arrive: the same page as without script, and axe can look at it. */
export async function scriptLostContext(browser, more = {}) {
  const context = await deskContext(browser, more);
  await context.route("**/assets/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  return context;
}

/** Opens `url` in a new page that collects whatever must not happen; see [`assertClean`]. */
export async function open(context, url) {
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => { if (message.type() === "error") troubles.push(`console: ${message.text()}`); });
  page.on("pageerror", (fault) => troubles.push(`script: ${fault.message}`));
  const own = new URL(url).origin;
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (!["data:", "blob:"].includes(target.protocol) && target.origin !== own) troubles.push(`request to ${target.origin}`);
  });
  page.troubles = troubles;
  const response = await page.goto(url);
  assert.ok(response?.ok(), `${url} answered ${response?.status()}`);
  return page;
}

/** Fails if the page broke the policy, threw, or asked another host. */
export function assertClean(page) {
  assert.deepEqual(page.troubles, []);
}

/** Fails on any finding of axe: WCAG 2.0, 2.1, 2.2 A and AA, and best practice. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const findings = await page.evaluate(async () => {
    const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const result = await globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`));
  });
  assert.deepEqual(findings, [], `axe found on ${page.url()}`);
}

/** Fails if the page is wider than its window (WCAG 1.4.10), and names what sticks out. */
export async function assertNoSidewaysScroll(page) {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const scroller = (element) => element.parentElement?.closest(".table-scroll") ?? null;
    const clipped = (element) => scroller(element) !== null && getComputedStyle(scroller(element)).overflowX !== "visible";
    const names = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !clipped(element))
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`);
    return [`${document.documentElement.scrollWidth} of ${width} pixels`, ...names.slice(0, 10)];
  });
  assert.deepEqual(wide, [], "the page scrolls sideways");
}

/** Puts the place from which Tab goes on before everything, as on a page just opened. */
export async function startFromTop(page) {
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    scrollTo(0, 0);
  });
}

/**
 * Walks through the page with Tab as far as it goes, and fails where focus cannot be seen (WCAG 2.4.7), is hidden
 * under something else (2.4.11), has no name (4.1.2), or is too small (2.5.8, links in running text excepted).
 * Gives the stops as { name, role, box }.
 */
export async function keyboardWalk(page, most = 400) {
  await startFromTop(page);
  const stops = [];
  const seen = new Set();
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(describeFocus);
    if (stop === null || seen.has(stop.key)) break;
    seen.add(stop.key);
    stops.push(stop);
  }
  assert.ok(stops.length < most, "the keyboard walk does not end");
  assert.deepEqual(stops.filter((stop) => !stop.visible).map((stop) => stop.key), [], "focus is not visible at");
  assert.deepEqual(stops.filter((stop) => stop.covered).map((stop) => stop.key), [], "focus is covered at");
  assert.deepEqual(stops.filter((stop) => stop.name === "").map((stop) => stop.key), [], "no name at");
  assert.deepEqual(stops.filter((stop) => stop.small).map((stop) => `${stop.key} ${stop.width}×${stop.height}`), [], "target under 24 pixels at");
  return stops;
}

// Runs in the page.
function describeFocus() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const order = [...document.querySelectorAll("*")].indexOf(element);
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || element.matches("main");
  const middle = [Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1)];
  const top = document.elementFromPoint(...middle);
  const labels = element.labels ? [...element.labels].map((label) => label.textContent).join(" ") : "";
  const labelled = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const name = (element.getAttribute("aria-label") ?? (labelled.trim() || labels || element.textContent || element.value || "")).replace(/\s+/g, " ").trim();
  const inText = element.tagName === "A" && style.display === "inline";
  return {
    key: `${order} ${element.tagName.toLowerCase()} ${name.slice(0, 40)}`,
    name, role: element.getAttribute("role") ?? element.tagName.toLowerCase(),
    visible: ring && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    covered: !(top && (element.contains(top) || top.contains(element))),
    small: !inText && (Math.round(box.width) < 24 || Math.round(box.height) < 24),
    width: Math.round(box.width), height: Math.round(box.height),
  };
}

/** Writes a picture of the page to target/screenshots/NAME.png and gives its path. */
export async function screenshot(page, name, options = {}) {
  const folder = path.join(root, "target/screenshots");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true, ...options });
  return file;
}
