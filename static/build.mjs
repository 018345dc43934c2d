// Builds static/dist/: hashed names, .gz and .br beside each file, manifest.json last.
// `python -m campus assets` calls this; a half-written build is never visible, because pages read only the manifest.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(here, "dist");
const target = ["chrome80", "safari13.1", "firefox90"]; // WeChat's own browser on phones of 2019

const styles = ["family", "teacher"];
const scripts = ["family", "teacher", "live", "passkey"];

// Websocket only: polling, fetch, webtransport and their cookie jar never reach a phone.
const slimSocket = {
  name: "slim-socket",
  setup(build) {
    build.onResolve({ filter: /^engine\.io-client$/ }, () => ({ path: join(here, "base/engine.js") }));
    build.onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/index\.js$/ }, () => ({
      contents: 'import { WS } from "./websocket.js"; export const transports = { websocket: WS };',
      loader: "js",
    }));
  },
};

function style(name) {
  const { css } = sass.compile(join(here, "base", `${name}.scss`), {
    loadPaths: [here, join(root, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  return esbuild.transformSync(css, { loader: "css", minify: true, target, legalComments: "none" }).code;
}

async function script(name) {
  const result = await esbuild.build({
    entryPoints: [join(here, "base", `${name}.js`)],
    bundle: true, minify: true, write: false, format: "iife", target, legalComments: "none",
    supported: { destructuring: true }, // Safari 13 has it; esbuild counts one corner it does not
    plugins: [slimSocket], absWorkingDir: root,
  });
  return result.outputFiles[0].text;
}

function put(name, text) {
  const body = Buffer.from(text);
  const [stem, extension] = name.split(".");
  const hashed = `${stem}.${createHash("sha256").update(body).digest("hex").slice(0, 10)}.${extension}`;
  const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(dist, hashed), body);
  writeFileSync(join(dist, `${hashed}.gz`), gzipSync(body, { level: 9 }));
  writeFileSync(join(dist, `${hashed}.br`), br);
  return hashed;
}

function previous() {
  try {
    return Object.values(JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")));
  } catch {
    return [];
  }
}

mkdirSync(dist, { recursive: true });
const old = previous(); // one build back is kept: open pages still ask for it
const manifest = {};
for (const name of styles) manifest[`${name}.css`] = put(`${name}.css`, style(name));
for (const name of scripts) manifest[`${name}.js`] = put(`${name}.js`, await script(name));
writeFileSync(join(dist, "manifest.json.new"), JSON.stringify(manifest, null, 2));
renameSync(join(dist, "manifest.json.new"), join(dist, "manifest.json"));

const keep = new Set([...old, ...Object.values(manifest)]);
for (const file of readdirSync(dist)) {
  if (/^\w+\.[0-9a-f]{10}\./.test(file) && !keep.has(file.replace(/\.(gz|br)$/, ""))) rmSync(join(dist, file));
}
