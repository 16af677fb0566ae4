// Each rule of section 15 broken alone, on a chain made for that: also what the vectors do not have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyProof } from "../dist/vouchsafe-verify.mjs";
import * as chain from "./chain.mjs";
import { assertRefused, text } from "./common.mjs";
import * as make from "./maker.mjs";

const { chainId, digest, first, second, third } = chain;
const hello = { scheme: "bytes", digest: digest.toString("hex") };
const GOOD = {
  "an asset": [chain.assetProof(), "TRUSTED"],
  "an asset's history": [chain.historyProof(), "TRUSTED"],
  "an absent asset": [chain.absenceProof(), "UNKNOWN"],
  "two changes": [chain.changedProof(), "TRUSTED"],
  "an older header": [chain.olderProof(), "TRUSTED"],
  "a receipt": [chain.receiptProof(), undefined],
};

for (const [about, [parts, status]] of Object.entries(GOOD)) {
  test(`${about} is shown, the same in both forms`, () => {
    const shown = verifyProof(chain.genesis, make.binary(parts), hello);
    assert.deepEqual(verifyProof(chain.genesis, text(JSON.stringify(make.json(parts))), hello), shown);
    assert.equal(shown.asset?.status, status);
  });
}

test("a receipt and a history show all that they hold", () => {
  const { receipt, asset, height } = verifyProof(chain.genesis, make.binary(chain.receiptProof()));
  assert.deepEqual([asset, height, receipt.index], [null, "6", "1"]);
  assert.deepEqual(receipt.operations.map((operation) => [operation.status, operation.reason, operation.assets.length]),
    [["TRUSTED", null, 1], ["UNSUPPORTED", "DEPRECATED", 2]]);
  const history = verifyProof(chain.genesis, make.binary(chain.historyProof())).asset;
  assert.deepEqual(history.events.map((event) => [event.organization, event.status, event.operation_index]),
    [["acme", "TRUSTED", 0], ["acme", "UNSUPPORTED", 1], ["bolt", "TRUSTED", 2]]);
  assert.equal(verifyProof(chain.genesis, make.binary(chain.olderProof())).height, "2");
});

/** A good proof with some parts replaced, also within its subject. */
const altered = (parts, more, subject = {}) => ({ ...parts, ...more, subject: { ...parts.subject, ...subject } });
const other = Buffer.alloc(32, 9);
const asset = chain.assetProof();
const older = chain.olderProof();
const receipt = chain.receiptProof();
const changed = chain.changedProof();
const withCertificate = (places) => {
  const { made } = chain.provenHeader({ height: 9, set: first, stateRoot: chain.state.root });
  return make.certificate(made, first, places);
};
const foreign = make.header(other, { height: 9, set: first, stateRoot: chain.state.root });
const signedByStranger = chain.provenHeader({ height: 9, set: second, stateRoot: chain.state.root });
const byStranger = make.certificate(chain.provenHeader({ height: 9, set: first, stateRoot: chain.state.root }).made, second);
// The block id within stands where the header's does, and the signatures are of another block's.
const ofOtherBlock = Buffer.from(chain.provenHeader({ height: 9, set: first }).certificate);
chain.provenHeader({ height: 9, set: first, stateRoot: chain.state.root }).made.id.copy(ofOtherBlock, 13);
const noRecord = chain.absenceProof();
const foreignTransaction = make.transaction(other, [make.notarize([digest])]);

const RULES = [
  ["Chain", "the proof's chain id", altered(asset, { chainId: other })],
  ["Chain", "the header's chain id", altered(asset, { header: foreign.encoding, certificate: make.certificate(foreign, first) })],
  ["Stale", "height 0", altered(asset, chain.provenHeader({ height: 0, set: first }))],
  ["Stale", "a header not above the last change", altered(changed, chain.provenHeader({ height: 5, set: third }))],
  ["Validators", "a set that nothing leads to", altered(asset, signedByStranger)],
  ["Validators", "a change skipped", altered(changed, { changes: changed.changes.slice(1) })],
  ["OtherBlock", "another block's certificate", altered(asset, { certificate: older.certificate })],
  ["Order", "signatures descend", altered(asset, { certificate: withCertificate([1, 0, 2, 3]) })],
  ["Order", "a signature twice", altered(asset, { certificate: withCertificate([0, 1, 1, 2]) })],
  ["UnknownValidator", "a stranger among the signers", altered(asset, { certificate: byStranger })],
  ["Signature", "a precommit of another block", altered(asset, { certificate: ofOtherBlock })],
  ["Power", "half of the power", altered(asset, { certificate: withCertificate([0, 1]) })],
  ["NextValidators", "another set than decided", altered(changed, { changes: [{ ...changed.changes[0], validators: third.encoding }] })],
  ["NoChange", "the same set again", altered(changed, { changes: [chain.change(3, first, first)] })],
  ["Chain", "an older header of another chain", chain.olderProof({}, other)],
  ["OlderPlace", "an older header of another height", chain.olderProof({ height: 3 })],
  ["OlderPlace", "an older header of height 0", chain.olderProof({ height: 0 })],
  ["OlderPlace", "another size", altered(older, { older: { ...older.older, inclusion: make.inclusion(1, 4, []) } })],
  ["PathLength", "a path too short", altered(older, { older: { ...older.older, inclusion: make.inclusion(1, 3, [other]) } })],
  ["Root", "another history", altered(older, { older: { ...older.older, inclusion: make.inclusion(1, 3, [other, other]) } })],
  ["Index", "an older header that is not older", (() => {
    const same = make.header(chainId, { height: 4, set: first });
    return altered(older, { older: { header: same.encoding, inclusion: make.inclusion(3, 3, []) } });
  })()],
  ["Value", "another record", altered(asset, {}, { record: make.record(1, chain.eventRoot, [{ organization: "acme", status: 0 }]) })],
  ["Present", "a record left out", altered(asset, {}, { record: null })],
  ["Absent", "a record of an absent asset", altered(noRecord, {}, { record: chain.record })],
  ["Absent", "another asset's record", altered(asset, {}, { digest: other })],
  ["IncompleteLog", "an event too few", altered(asset, {}, { events: chain.events.slice(1) })],
  ["IncompleteLog", "events of an absent asset", altered(noRecord, {}, { events: chain.events })],
  ["OtherLog", "events in another order", altered(asset, {}, { events: [...chain.events].reverse() })],
  ["Signature", "a transaction of another chain", altered(receipt, {}, { transaction: foreignTransaction })],
  ["RepeatedAsset", "an asset twice", chain.receiptProof(make.transaction(chainId, [make.notarize([digest]), make.revoke([digest], 1)]))],
  ["TransactionCount", "another count", altered(receipt, {}, { inclusion: make.inclusion(1, 4, []) })],
  ["Root", "another place in the block", altered(receipt, {}, { inclusion: make.inclusion(2, 3, [other]) })],
  ["NotCanonical", "a set out of order", altered(changed, { changes: [{ ...changed.changes[0], validators: make.join(
    second.encoding.subarray(0, 5), second.encoding.subarray(53, 101), second.encoding.subarray(5, 53), second.encoding.subarray(101)) }] })],
];

for (const [rule, about, parts] of RULES) {
  test(`${rule}: ${about}`, () => {
    assertRefused(() => verifyProof(chain.genesis, make.binary(parts)), rule, "binary");
    assertRefused(() => verifyProof(chain.genesis, text(JSON.stringify(make.json(parts)))), rule, "JSON");
  });
}

test("AssetCount: more assets than one transaction may name", () => {
  const many = Array.from({ length: 4_000 }, (_, index) => make.sha256(make.u32(index)));
  const few = Array.from({ length: 97 }, (_, index) => make.sha256(make.u32(10_000 + index)));
  const parts = chain.receiptProof(make.transaction(chainId, [make.notarize(many), make.notarize(few)]));
  assertRefused(() => verifyProof(chain.genesis, make.binary(parts)), "AssetCount");
});

test("certificates are judged by ZIP-215 alone: a set that a quorum named is what it is", () => {
  // The identity as a key, with s = 0 and R the identity, verifies by ZIP-215 over any message.
  const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
  const encoding = make.join(make.u8(1), make.list([make.join(identity, make.u64(10), make.bytes("acme"))]));
  const weak = { keys: [], encoding, hash: hashOf(encoding) };
  const { made, header } = chain.provenHeader({ height: 9, set: weak, stateRoot: chain.state.root });
  const address = addressOf(identity);
  const forged = make.join(make.u8(1), make.u64(9), make.u32(0), made.id, make.list([make.join(address, identity, Buffer.alloc(32))]));
  const parts = altered(asset, { changes: [chain.change(3, first, weak)], header, certificate: forged });
  assert.doesNotThrow(() => verifyProof(chain.genesis, make.binary(parts)));
});

const tag = (name, data) => make.sha256([name.length], Buffer.from(name), data);
const hashOf = (encoding) => tag("vouchsafe-validator-set-v1", encoding);
const addressOf = (key) => tag("vouchsafe-address-v1", key);
