// The page in a real browser, opened from disk: what a person gives it, and what they then see.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { close, drop, filesOf, folder, give, open, put, requests, url, verdictOf } from "./browser.mjs";
import * as chain from "./chain.mjs";
import * as make from "./maker.mjs";

test("a trusted file, chosen; and its screenshot", async () => {
  const files = filesOf("TRUSTED", "trusted");
  const page = await open();
  await give(page, files);
  const { kind, heading, text } = await verdictOf(page);
  assert.deepEqual([kind, heading], ["trusted", "TRUSTED"]);
  for (const value of [files.shown.chain_id, files.shown.height, files.shown.asset.organizations[0].signer]) {
    assert.ok(text.includes(value), value);
  }
  assert.match(text, / ago\n|ahead of this machine's clock/);
  assert.match(text, /later revocation cannot be seen/);
  assert.match(text, /genesis document itself was not compared with anything/);
  const target = process.env.VOUCHSAFE_SCREENSHOT ?? join(folder, "verify.png");
  await page.screenshot({ path: target, fullPage: true });
  await close(page);
});

test("the JSON form and the expected chain id", async () => {
  const files = filesOf("TRUSTED", "json");
  const page = await open();
  await page.getByLabel("Expected chain id").fill(files.shown.chain_id);
  await give(page, { ...files, proof: files.json });
  const right = await verdictOf(page);
  assert.equal(right.kind, "trusted");
  assert.match(right.text, /genesis document is that of the chain id that you typed/);
  await page.getByLabel("Expected chain id").fill("0".repeat(64));
  await page.locator('#verdict[data-kind="unchecked"]').waitFor();
  await page.getByLabel("Expected chain id").fill("000");
  await page.locator("#verdict", { hasText: "not 64 hexadecimal digits" }).waitFor();
  await close(page);
});

test("three files dropped at once, anywhere", async () => {
  const files = filesOf("TRUSTED", "dropped");
  const page = await open();
  await drop(page, "h1", [files.genesis, files.file, files.proof]);
  assert.equal((await verdictOf(page)).kind, "trusted");
  await close(page);
});

test("files dropped one by one, each in its place", async () => {
  const files = filesOf("TRUSTED", "placed");
  const page = await open();
  for (const slot of ["proof", "file", "genesis"]) await drop(page, `[data-slot="${slot}"]`, [files[slot]]);
  assert.equal((await verdictOf(page)).kind, "trusted");
  assert.equal(await page.evaluate(() => document.getElementById("proof").files[0].name), "placed.vouch");
  await close(page);
});

test("a proof with one flipped byte, and another file, are refused", async () => {
  const files = filesOf("TRUSTED", "flipped");
  const page = await open();
  await give(page, { ...files, proof: files.damaged });
  const damaged = await verdictOf(page);
  assert.deepEqual([damaged.kind, damaged.heading], ["refused", "This proof does not hold"]);
  assert.doesNotMatch(damaged.text, /TRUSTED/);
  await page.getByLabel("Its proof").setInputFiles(files.proof);
  await page.locator('#verdict[data-kind="trusted"]').waitFor();
  await page.getByLabel("The file").setInputFiles(put("another.txt", "another file"));
  await page.locator('#verdict[data-kind="refused"]', { hasText: "OtherAsset" }).waitFor();
  await close(page);
});

test("a flipped bit in any byte is refused", async () => {
  const files = filesOf("TRUSTED", "everywhere");
  const page = await open();
  await give(page, files);
  assert.equal((await verdictOf(page)).kind, "trusted");
  const judged = await page.evaluate(async (proof) => {
    const place = document.getElementById("verdict");
    const input = document.getElementById("proof");
    const verdict = () =>
      new Promise((told) => {
        const observer = new MutationObserver(() => {
          if (place.dataset.kind === undefined) return;
          observer.disconnect();
          told(place.dataset.kind);
        });
        observer.observe(place, { attributes: true });
      });
    const kinds = [];
    for (const at of proof.keys()) {
      const flipped = Uint8Array.from(proof);
      flipped[at] ^= 1 << at % 8;
      const chosen = new DataTransfer();
      chosen.items.add(new File([flipped], `${at}.vouch`));
      delete place.dataset.kind;
      const next = verdict();
      input.files = chosen.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      kinds.push(await next);
    }
    return kinds;
  }, [...readFileSync(files.proof)]);
  assert.equal(judged.length, readFileSync(files.proof).length);
  assert.deepEqual([...new Set(judged)], ["refused"]);
  await close(page);
});

test("a file chosen again under its old name is read again", async () => {
  const files = filesOf("TRUSTED", "again");
  const page = await open();
  const choose = async () => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByLabel("The file").click()]);
    assert.equal(await page.locator("#verdict[data-kind]").count(), 0, "no verdict stands while another file is chosen");
    await chooser.setFiles(files.file);
  };
  await give(page, files);
  assert.equal((await verdictOf(page)).kind, "trusted");
  writeFileSync(files.file, "something else now");
  await choose();
  await page.locator('#verdict[data-kind="refused"]', { hasText: "OtherAsset" }).waitFor();
  await close(page);
});

const { genesisBytes, digest } = chain;
const madeGenesis = put("made-genesis.json", genesisBytes);
const hello = put("made-hello.txt", "hello");

function proofSaying(status, reason) {
  const record = make.record(1, Buffer.alloc(32), [{ organization: "acme", status, reason }]);
  const state = make.stateOf(make.assetKey(digest), make.valueHash(record));
  const { header, certificate } = chain.provenHeader({ height: 9, set: chain.first, stateRoot: state.root });
  return make.binary({ ...chain.assetProof(), header, certificate, subject: { digest, record, stateProof: state.proof, events: null } });
}

const MADE = [
  ["untrusted", "UNTRUSTED", proofSaying(1, 1), "COMPROMISED"],
  ["unsupported", "UNSUPPORTED", proofSaying(3, 2), "DEPRECATED"],
  ["unknown", "UNKNOWN", make.binary(chain.absenceProof()), "No organization has said anything"],
  ["trusted", "TRUSTED", make.binary(chain.historyProof()), "Complete history"],
  ["holds", "The receipt holds", make.binary(chain.receiptProof()), "not what status anything has"],
];

for (const [kind, heading, proof, said] of MADE) {
  test(`the verdict ${heading}`, async () => {
    const page = await open();
    await give(page, { file: hello, proof: put(`${kind}-${heading.length}.vouch`, proof), genesis: madeGenesis });
    const verdict = await verdictOf(page);
    assert.deepEqual([verdict.kind, verdict.heading], [kind, heading]);
    assert.ok(verdict.text.includes(said), verdict.text);
    await close(page);
  });
}

test("what cannot be checked looks like no verdict", async () => {
  const page = await open();
  await page.evaluate(() => document.getElementById("form").setAttribute("novalidate", ""));
  await page.getByRole("button", { name: "Check" }).click();
  assert.deepEqual((await verdictOf(page)).heading, "Could not check");
  await give(page, { file: hello, proof: put("any.vouch", make.binary(chain.assetProof())), genesis: hello });
  await page.locator('#verdict[data-kind="unchecked"]', { hasText: "genesis document cannot be used" }).waitFor();
  await close(page);
});

test("without a file nothing is said of a file", async () => {
  const page = await open();
  await page.getByLabel("Its proof").setInputFiles(put("alone.vouch", make.binary(chain.assetProof())));
  await page.getByLabel("The genesis document").setInputFiles(madeGenesis);
  assert.equal(await page.locator("#verdict[data-kind]").count(), 0);
  await page.getByRole("button", { name: "Check" }).click();
  const { kind, heading } = await verdictOf(page);
  assert.deepEqual([kind, heading], ["holds", "The proof holds, but no file was compared"]);
  await close(page);
});

test("nothing from the files becomes HTML", async () => {
  const name = '<b>bold</b><img src=x onerror="a()">';
  const page = await open();
  await give(page, { file: hello, proof: put("markup.json", JSON.stringify({ format: "vouchsafe-proof", [name]: 1 })), genesis: madeGenesis });
  assert.equal((await verdictOf(page)).kind, "refused");
  const document = make.genesisDocument(chain.first);
  await page.getByLabel("The genesis document").setInputFiles(put("markup-genesis.json", JSON.stringify({ ...document, [name]: 1 })));
  await page.locator('#verdict[data-kind="unchecked"]', { hasText: "<b>bold</b>" }).waitFor();
  assert.equal(await page.locator("#verdict img, #verdict b").count(), 0);
  await close(page);
});

test("by keyboard alone, with names for everything, in light and dark", async () => {
  const page = await open();
  const names = [];
  for (let press = 0; press < 5; press += 1) {
    await page.keyboard.press("Tab");
    names.push(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent));
  }
  assert.deepEqual(names, ["The file", "Its proof", "The genesis document", "Expected chain id (optional)", "Check"]);
  await give(page, { file: hello, proof: put("keys.vouch", make.binary(chain.assetProof())), genesis: madeGenesis });
  await verdictOf(page);
  await page.getByRole("button", { name: "Check" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("#verdict-heading:focus").waitFor();
  const region = page.getByRole("status");
  assert.equal(await region.getAttribute("aria-live"), "polite");
  const colours = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    colours.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  }
  assert.notEqual(colours[0], colours[1]);
  await close(page);
});

test("the page asked for nothing but itself", () => {
  assert.ok(requests.length > 0);
  assert.deepEqual([...new Set(requests)], [url]);
});
