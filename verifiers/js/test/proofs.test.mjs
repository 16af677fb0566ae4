// Whole proof files: the vectors, in both forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readGenesis, verify, verifyProof } from "../dist/vouchsafe-verify.mjs";
import { assertRefused, bytes, ruleOf, text, vectors } from "./common.mjs";

const documentOf = (genesis) => text(JSON.stringify(genesis.document));

test("proofs.json: what each proof shows, in both forms", () => {
  const { genesis, cases } = vectors("proofs.json");
  assert.ok(cases.length > 0);
  for (const vector of cases) {
    const document = documentOf(genesis[vector.genesis]);
    assert.deepEqual(verify(document, bytes(vector.binary)), vector.shown, `${vector.about} (binary)`);
    assert.deepEqual(verify(document, text(JSON.stringify(vector.json))), vector.shown, `${vector.about} (JSON)`);
    const spaced = `\n ${JSON.stringify(vector.json, null, 2)}\t\r\n`;
    assert.deepEqual(verify(document, text(spaced)), vector.shown, `${vector.about} (JSON with white space)`);
  }
});

test("proofs.json: the asset asked about", () => {
  const { genesis, cases } = vectors("proofs.json");
  for (const vector of cases) {
    const act = (asked) => () => verify(documentOf(genesis[vector.genesis]), bytes(vector.binary), asked);
    const { asset, receipt } = vector.shown;
    const { scheme, digest } = asset ?? receipt.operations[0].assets[0];
    assert.equal(ruleOf(act({ scheme, digest })), null, vector.about);
    assert.equal(ruleOf(act({ scheme, digest: "00".repeat(32) })), "OtherAsset", vector.about);
    assert.equal(ruleOf(act({ scheme: scheme === "git" ? "image" : "git", digest })), "OtherAsset", vector.about);
  }
});

test("proofs.json: any one byte of a small proof altered is refused", () => {
  const { genesis, cases } = vectors("proofs.json");
  const smallest = (ones) => ones.sort((first, second) => first.binary.length - second.binary.length)[0];
  // A proof of absence is none of these: it may well hold for another digest too.
  const trusted = smallest(cases.filter(({ shown }) => shown.asset?.status === "TRUSTED"));
  const receipt = smallest(cases.filter(({ shown }) => shown.receipt));
  for (const vector of [trusted, receipt]) {
    const [pinned, whole] = [readGenesis(documentOf(genesis[vector.genesis])), bytes(vector.binary)];
    assert.equal(ruleOf(() => verifyProof(pinned, whole)), null);
    for (const offset of whole.keys()) {
      const altered = whole.slice();
      altered[offset] ^= 1 << offset % 8;
      assert.notEqual(ruleOf(() => verifyProof(pinned, altered)), null, `${vector.about}: byte ${offset}`);
    }
  }
});

test("proofs.json: bytes altered here and there are refused", () => {
  const { genesis, cases } = vectors("proofs.json");
  for (const vector of cases.slice(0, 3)) {
    const [document, whole] = [documentOf(genesis[vector.genesis]), bytes(vector.binary)];
    for (let offset = 0; offset < whole.length; offset += 1 + (offset >> 4)) {
      const altered = whole.slice();
      altered[offset] ^= 1;
      assert.notEqual(ruleOf(() => verify(document, altered)), null, `${vector.about}: byte ${offset}`);
    }
  }
});

test("invalid_proofs.json: what must be refused, and by which rule", async (context) => {
  const { genesis } = vectors("proofs.json");
  const { cases } = vectors("invalid_proofs.json");
  assert.ok(cases.length > 0);
  for (const vector of cases) {
    const proof = vector.binary === undefined ? text(vector.text) : bytes(vector.binary);
    const act = () => verify(documentOf(genesis[vector.genesis]), proof, vector.asset ?? null);
    await context.test(vector.about, () => assertRefused(act, vector.error, vector.about));
  }
});
