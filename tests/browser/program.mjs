// Starts the program itself on a data directory of its own, and stops it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "./browser.mjs";

/** Starts `kitei serve`; gives its address, the set-up code and how to stop it. */
export async function startKitei() {
  const directory = mkdtempSync(path.join(tmpdir(), "kitei-browser-"));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KITEI_")));
  const program = path.join(root, "target/debug/kitei");
  const child = spawn(program, ["serve", "--data", directory, "--listen", "127.0.0.1:0"], { env: { ...environment, LANG: "ja_JP.UTF-8" } });
  let printed = "", complained = "";
  child.stderr.on("data", (chunk) => { complained += chunk; });
  const lines = await new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`the program does not start: ${printed}${complained}`)), 60_000);
    child.on("exit", (code) => reject(new Error(`the program ended with ${code}: ${complained}`)));
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      if (/http:\S+/.test(printed) && /: [0-9A-Z-]{8,}/.test(printed)) { clearTimeout(patience); resolve(printed); }
    });
  });
  const stop = async () => {
    child.removeAllListeners("exit");
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  return { address: lines.match(/http:\S+/)[0].replace(/\/$/, ""), code: lines.match(/: ([0-9A-Z-]{8,})/)[1], stop };
}
