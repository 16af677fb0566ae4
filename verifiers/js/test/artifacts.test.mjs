// That the committed artifacts are what the build makes, byte for byte, and that the page stands alone.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeArtifacts } from "../build.mjs";
import { root } from "./common.mjs";

test("the committed artifacts are what the build makes", async () => {
  const artifacts = await makeArtifacts();
  for (const [path, text] of artifacts) {
    assert.ok(readFileSync(join(root, path), "utf8") === text, `${path} is not what 'npm run build' makes`);
  }
  const committed = readdirSync(join(root, "dist"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
  const made = [...artifacts.keys()].filter((path) => path.startsWith("dist/"));
  assert.deepEqual(committed.sort(), made.sort());
});

test("the module imports nothing", () => {
  const text = readFileSync(join(root, "dist/vouchsafe-verify.mjs"), "utf8");
  assert.doesNotMatch(text, /^import\b|\bimport\(|\brequire\("|\bfetch\(|XMLHttpRequest|\beval\(|new Function/m);
});

test("the page stands alone, and its policy forbids all else", () => {
  const page = readFileSync(join(root, "verify.html"), "utf8");
  const [, policy] = page.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/);
  assert.match(policy, /^default-src 'none'; /);
  assert.doesNotMatch(policy, /unsafe|http|\*|connect-src/);
  for (const name of ["script", "style"]) {
    const [, inner] = page.match(new RegExp(`<${name}>([^]*)</${name}>`));
    const hash = createHash("sha256").update(inner).digest("base64");
    assert.ok(policy.includes(`${name}-src 'sha256-${hash}'`), name);
  }
  assert.doesNotMatch(page, /<(?:link|img|iframe|object|embed|base)\b|<script [^>]*src|innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
});
