// Compiles scss/, js/ and img/ into static/. Run `make frontend`, or here: `npm ci && npm run build`.
// check.py computes the same fingerprint without Node and says when the compiled files are stale: keep the two alike.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import postcss from "postcss";
import * as sass from "sass";
import logical from "./logical.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, "../../static");
const uswds = join(here, "node_modules/@uswds/uswds");
// One for every page, one beside it for the catalogue: the other parts of js/ are bundled into these. Kept alike in check.py.
const SCRIPTS = ["site.js", "catalogue.js"];
// One for every page; the briefing's own, which also makes its PDF files.
const STYLES = ["site", "briefing"];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

function inputs() {
  const files = ["package.json", "package-lock.json", "build.mjs", "logical.mjs"];
  for (const folder of ["scss", "js", "img"])
    for (const name of readdirSync(join(here, folder))) if (!name.startsWith(".")) files.push(`${folder}/${name}`);
  return files.sort();
}

function stamp(fingerprint, body) {
  return `/*! Built by coalition/frontend/build.mjs, do not edit. inputs=${fingerprint} body=${sha256(body)} */\n${body}`;
}

async function style(name) {
  const compiled = sass.compile(join(here, `scss/${name}.scss`), {
    style: "compressed",
    charset: false,
    quietDeps: true,
    loadPaths: [join(uswds, "packages")],
  }).css;
  const mirrored = await postcss([logical()]).process(compiled, { from: undefined });
  // Browsers that still need what esbuild would add for older ones have no TLS 1.3 either.
  const { code } = await esbuild.transform(mirrored.css, { loader: "css", minify: true, charset: "utf8", target: "chrome87" });
  return code;
}

async function script(name) {
  const result = await esbuild.build({
    entryPoints: [join(here, "js", name)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2020",
    // htmx would call it where the policy of the site forbids it. Its mere name keeps esbuild from shortening other names: 13 kB.
    define: { eval: "undefined" },
    legalComments: "none",
    charset: "utf8",
  });
  return result.outputFiles[0].text;
}

function images(css) {
  cpSync(join(here, "img"), join(out, "img"), { recursive: true });
  for (const [, name] of css.matchAll(/url\("?\.\.\/img\/([^")]+)"?\)/g)) {
    const target = join(out, "img", name);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(uswds, "dist/img", name), target);
  }
}

const fingerprint = sha256(inputs().map((name) => `${sha256(readFileSync(join(here, name)))}  ${name}\n`).join(""));
const styles = await Promise.all(STYLES.map(async (name) => [`${name}.css`, await style(name)]));
const scripts = await Promise.all(SCRIPTS.map(async (name) => [name, await script(name)]));
for (const folder of ["css", "js", "img"]) rmSync(join(out, folder), { recursive: true, force: true });
mkdirSync(join(out, "css"), { recursive: true });
mkdirSync(join(out, "js"), { recursive: true });
for (const [name, css] of styles) writeFileSync(join(out, "css", name), stamp(fingerprint, css));
for (const [name, code] of scripts) writeFileSync(join(out, "js", name), stamp(fingerprint, code));
images(styles[0][1]);
const sizes = [...styles, ...scripts].map(([name, code]) => `${name} ${code.length} bytes`).join(", ");
console.log(`${relative(process.cwd(), out)}: ${sizes}, inputs ${fingerprint.slice(0, 12)}`);
