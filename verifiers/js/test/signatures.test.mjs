// Crafted signatures on which verifiers differ: the library's ZIP-215 mode and our rule for keys must
// give the specification's verdict on every one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parts } from "../dist/vouchsafe-verify.mjs";
import { bytes, hex, ruleOf, vectors } from "./common.mjs";

const FIELD_PRIME = 2n ** 255n - 19n;
const { message, sshsig_signed_data, cases } = vectors("signatures.json");
const signedData = bytes(sshsig_signed_data);

test("signatures.json: what SSHSIG signs", () => {
  assert.equal(hex(parts.sshsigSignedData(bytes(message))), sshsig_signed_data);
});

for (const vector of cases) {
  test(`signatures.json: ${vector.about}`, () => {
    const [key, signature] = [bytes(vector.public_key), bytes(vector.signature)];
    assert.equal(ruleOf(() => parts.checkAdmitted(key)), vector.key_refused);
    assert.equal(parts.verifiesZip215(key, signedData, signature), vector.zip_215);
    assert.equal(parts.verifies(key, signedData, signature), vector.ledger);
  });
}

/** A y coordinate of 255 bits, little-endian, with a sign bit. */
function encodeY(y, sign) {
  const encoded = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) encoded[index] = Number((y >> BigInt(8 * index)) & 0xffn);
  encoded[31] |= sign << 7;
  return encoded;
}

test("every key whose y is not reduced is refused", () => {
  for (let above = 0n; above < 19n; above += 1n) {
    for (const sign of [0, 1]) {
      const rule = ruleOf(() => parts.checkAdmitted(encodeY(FIELD_PRIME + above, sign)));
      assert.ok(["NotAPoint", "SmallOrder", "NonCanonical"].includes(rule), `p + ${above}: ${rule}`);
    }
  }
});

test("x = 0 with the sign bit is of small order, however y is written", () => {
  for (const y of [1n, FIELD_PRIME - 1n, FIELD_PRIME + 1n]) {
    assert.equal(ruleOf(() => parts.checkAdmitted(encodeY(y, 1))), "SmallOrder");
  }
});

const LINES = [
  ["hello", "NotAPublicKey"],
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c comment", "NotAPublicKey"],
  ["ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c", "NotAPublicKey"],
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29", "Base64"],
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29cAA==", "Framing"],
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29cAB==", "Base64"],
];

test("key lines are read strictly", () => {
  for (const [line, rule] of LINES) assert.equal(ruleOf(() => parts.readKeyLine(line)), rule, line);
});
