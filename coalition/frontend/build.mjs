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

async function styles() {
  const compiled = sass.compile(join(here, "scss/site.scss"), {
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

async function scripts() {
  const result = await esbuild.build({
    entryPoints: [join(here, "js/site.js")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2020",
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
const css = await styles();
const js = await scripts();
for (const folder of ["css", "js", "img"]) rmSync(join(out, folder), { recursive: true, force: true });
mkdirSync(join(out, "css"), { recursive: true });
mkdirSync(join(out, "js"), { recursive: true });
writeFileSync(join(out, "css/site.css"), stamp(fingerprint, css));
writeFileSync(join(out, "js/site.js"), stamp(fingerprint, js));
images(css);
console.log(`${relative(process.cwd(), out)}: css ${css.length} bytes, js ${js.length} bytes, inputs ${fingerprint.slice(0, 12)}`);
