// A real browser with the page opened from disk, and the files that a person gives it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { bytes, root, vectors } from "./common.mjs";

export const folder = mkdtempSync(join(tmpdir(), "vouchsafe-page-"));
export const put = (name, content) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Contents whose digests the vectors are about. */
const CONTENTS = ["hello", "world", "", "a", "b", "c", "abc", "hello\n", "world\n"];
const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** A proof of the vectors about one of those contents that shows the status, as three files. */
export function filesOf(status, name) {
  const { genesis, cases } = vectors("proofs.json");
  const contentOf = ({ shown: { asset } }) =>
    asset?.scheme === "bytes" ? CONTENTS.find((content) => sha256(content) === asset.digest) : undefined;
  const vector = cases.find((one) => one.shown.asset?.status === status && contentOf(one) !== undefined);
  assert.ok(vector, `proofs.json has a proof of ${status} about one of: ${CONTENTS.join(", ")}`);
  return {
    shown: vector.shown,
    file: put(`${name}.txt`, contentOf(vector)),
    proof: put(`${name}.vouch`, bytes(vector.binary)),
    json: put(`${name}.vouch.json`, JSON.stringify(vector.json)),
    damaged: put(`${name}-damaged.vouch`, bytes(vector.binary).map((byte, index, all) => (index === all.length >> 1 ? byte ^ 1 : byte))),
    genesis: put(`${name}-genesis.json`, JSON.stringify(genesis[vector.genesis].document)),
  };
}

let browser;
let context;
export const requests = [];
before(async () => {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
  context = await browser.newContext({ offline: true, viewport: { width: 1100, height: 1400 } });
  context.on("request", (request) => requests.push(request.url()));
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

export const url = pathToFileURL(join(root, "verify.html")).href;

export async function open() {
  const page = await context.newPage();
  page.failures = [];
  page.on("pageerror", (error) => page.failures.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.failures.push(message.text()));
  await page.goto(url);
  return page;
}

export async function give(page, { file, proof, genesis }) {
  await page.getByLabel("Its proof").setInputFiles(proof);
  await page.getByLabel("The genesis document").setInputFiles(genesis);
  await page.getByLabel("The file").setInputFiles(file);
}

/** The verdict's kind, heading and whole text, once there is one. */
export async function verdictOf(page) {
  const place = page.locator("#verdict[data-kind]");
  await place.waitFor();
  return {
    kind: await place.getAttribute("data-kind"),
    heading: await page.locator("#verdict-heading span:last-child").textContent(),
    text: await place.innerText(),
  };
}

export async function close(page) {
  assert.deepEqual(page.failures, []);
  await page.close();
}

/** Drops files as the system does, at an element's middle. */
export async function drop(page, selector, paths) {
  const box = await page.locator(selector).boundingBox();
  const session = await context.newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x: box.x + box.width / 2, y: box.y + box.height / 2, data });
  }
  await session.detach();
}
