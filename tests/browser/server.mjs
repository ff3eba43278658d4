// Serves the gallery that a Rust test wrote, with the built style and script, under the program's own
// Content-Security-Policy, and stands in for the server where the script's habits are tested: a report that
// is refused once before it is acknowledged, a list that is filtered, work that goes on.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./browser.mjs";

// One place for the policy: the Rust constant.
const policy = readFileSync(path.join(root, "crates/kitei-app/src/shell/ui/assets.rs"), "utf8")
  .match(/CONTENT_SECURITY_POLICY: &str = "([^;][\s\S]*?)";/)[1].replace(/\\\n\s*/g, "");

/** Starts the server on a free port of loopback; gives its address, what it was sent, and how to stop it. */
export async function startGallery() {
  const received = [];
  const state = { failures: 0, polls: 0 };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    const sent = [];
    for await (const chunk of request) sent.push(chunk);
    const body = Buffer.concat(sent).toString();
    received.push({ method: request.method, path: url.pathname, search: url.search, body });
    const answer = (status, type, text) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": policy, "x-content-type-options": "nosniff" });
      response.end(text);
    };
    const asset = url.pathname.match(/^\/assets\/kitei-[0-9a-f]{16}\.(css|js|svg)$/);
    if (asset) return answer(200, { css: "text/css", js: "text/javascript", svg: "image/svg+xml" }[asset[1]], readFileSync(path.join(root, `ui/dist/kitei.${asset[1]}`)));
    if (url.pathname === "/gallery/report") {
      if (state.failures > 0) { state.failures -= 1; return answer(503, "text/plain", "starting"); }
      return answer(200, "text/html; charset=utf-8", "<!doctype html><title>届きました</title><main id=main tabindex=-1><h1>届きました</h1></main>");
    }
    if (url.pathname === "/gallery/progress") {
      state.polls += 1;
      return answer(200, "text/html; charset=utf-8", '<section class="progress" id="import"><h3>取込み</h3><p>終わりました</p></section>');
    }
    if (url.pathname === "/gallery") {
      const lang = url.searchParams.get("lang") === "en" ? "en" : "ja";
      const page = readFileSync(path.join(root, `target/gallery.${lang}.html`), "utf8");
      return answer(200, "text/html; charset=utf-8", url.searchParams.get("department") === "sales" ? page.replace("412件中 51–100件", "7件中 1–7件") : page);
    }
    return answer(404, "text/plain", "not here");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, received, state, stop: () => { server.closeAllConnections(); server.close(); } };
}
