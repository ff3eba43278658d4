// Runs the browser tests: node tests/browser/run.mjs [FILE...]
//
// Needs Chromium (Debian package `chromium`) and `npm ci` in ui/. The gallery is a file that
// `cargo test -p kitei-app gallery` writes. Tests that need the running program start `target/debug/kitei` themselves.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");

const missing = [
  [process.env.KITEI_CHROMIUM ?? "/usr/bin/chromium", "install the Debian package chromium, or set KITEI_CHROMIUM"],
  [path.join(root, "ui/node_modules/playwright-core"), "run `npm ci` in ui/"],
  [path.join(root, "target/gallery.ja.html"), "run `cargo test -p kitei-app gallery`"],
].filter(([file]) => !existsSync(file));
if (missing.length > 0) {
  for (const [file, remedy] of missing) console.error(`${file} is missing: ${remedy}`);
  process.exit(2);
}

const named = process.argv.slice(2);
const tests = named.length > 0 ? named.map((name) => path.resolve(name))
  : readdirSync(here).filter((name) => name.endsWith(".test.mjs")).map((name) => path.join(here, name));
const result = spawnSync(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=600000", ...tests], { stdio: "inherit", cwd: root });
process.exit(result.status ?? 1);
