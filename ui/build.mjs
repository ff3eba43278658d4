// Builds ui/src into ui/dist: kitei.css, kitei.js, kitei.svg, and beside each the first 16 hexadecimal digits of
// its SHA-256 (kitei.css.hash and so on), which make the address under which the program serves it.
// The same sources give the same bytes, so that check-dist.sh can compare.
// Usage: node build.mjs [OUTPUT-DIRECTORY]

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const output = path.resolve(process.argv[2] ?? path.join(here, "dist"));

const result = await build({
  absWorkingDir: here,
  entryPoints: { kitei: "src/main.ts", style: "src/main.css" },
  bundle: true,
  minify: true,
  write: false,
  outdir: output,
  charset: "utf8",
  format: "iife",
  legalComments: "none",
  target: ["chrome109", "edge109", "firefox115", "safari16"],
});

const built = result.outputFiles.map((file) => [file.path.endsWith(".css") ? "kitei.css" : "kitei.js", file.contents]);
built.push(["kitei.svg", await readFile(path.join(here, "src/icon.svg"))]);

await mkdir(output, { recursive: true });
for (const [name, contents] of built) {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  await writeFile(path.join(output, name), contents);
  await writeFile(path.join(output, `${name}.hash`), hash);
  process.stdout.write(`${name} ${contents.length} bytes ${hash}\n`);
}
