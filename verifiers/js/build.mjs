// Makes the committed artifacts: dist/vouchsafe-verify.mjs with its types, and verify.html. The same
// sources and tools make the same bytes, so that anybody can check what is committed.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));

async function bundle(entry, format) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    platform: "neutral",
    target: "es2022",
    charset: "utf8",
    legalComments: "inline",
    logLevel: "warning",
  });
  return result.outputFiles[0].text;
}

/** Checks the types of everything, and makes the declarations of what users import. */
function declarations() {
  const folder = mkdtempSync(join(tmpdir(), "vouchsafe-types-"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const run = (...options) => execFileSync(process.execPath, [compiler, ...options], { cwd: root, stdio: "inherit" });
  try {
    run("--project", "tsconfig.json", "--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder);
    const names = readdirSync(join(folder, "src")).sort();
    return names.map((name) => [`dist/types/${name}`, readFileSync(join(folder, "src", name), "utf8")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sourceHash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

async function page() {
  const script = `\n${await bundle("page/page.ts", "iife")}`;
  const style = `\n${readFileSync(join(root, "page/style.css"), "utf8")}`;
  // Within HTML these would end the script early, or change how it is read.
  if (/<\/script|<!--/i.test(script)) throw new Error("the script holds what an HTML page cannot");
  const policy = [
    "default-src 'none'",
    `script-src ${sourceHash(script)}`,
    `style-src ${sourceHash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const template = readFileSync(join(root, "page/template.html"), "utf8");
  return template.replace("%POLICY%", () => policy).replace("%STYLE%", () => style).replace("%SCRIPT%", () => script);
}

/** Every artifact's path, from this folder, and its text. */
export async function makeArtifacts() {
  return new Map([
    ["dist/vouchsafe-verify.mjs", await bundle("src/index.ts", "esm")],
    ["verify.html", await page()],
    ...declarations(),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const artifacts = await makeArtifacts();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  for (const [path, text] of artifacts) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
