// The JSON form's own rules: what is no proof in JSON is refused, by the rule that the specification
// names for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyProof } from "../dist/vouchsafe-verify.mjs";
import * as chain from "./chain.mjs";
import { assertRefused, text } from "./common.mjs";
import * as make from "./maker.mjs";

const asset = make.json(chain.historyProof());
const older = make.json(chain.olderProof());
const receipt = make.json(chain.receiptProof());
const plain = JSON.stringify(asset);
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([other]) => other !== name));
const zeros = (count) => "00".repeat(count);

const CASES = [
  ["Json", "a member missing", without(asset, "older")],
  ["Json", "an unknown member", { ...asset, more: 1 }],
  ["Json", "a member twice", plain.replace("{", '{"older":null,')],
  ["Json", "both subjects", { ...asset, receipt: receipt.receipt }],
  ["Json", "a subject and null for the other", { ...asset, receipt: null }],
  ["Json", "no subject", without(asset, "asset")],
  ["Json", "another format", { ...asset, format: "vouchsafe" }],
  ["Json", "the version as a string", { ...asset, version: "1" }],
  ["Json", "the version with a fraction", plain.replace('"version":1', '"version":1.0')],
  ["UnknownVersion", "another version", { ...asset, version: 2 }],
  ["Json", "uppercase digits", plain.replace(asset.header, asset.header.toUpperCase())],
  ["Json", "an odd number of digits", { ...asset, header: asset.header.slice(1) }],
  ["Json", "null for a header", { ...asset, header: null }],
  ["Json", "an unknown scheme", { ...asset, asset: { ...asset.asset, scheme: "tar" } }],
  ["Json", "changes that are no list", { ...asset, changes: {} }],
  ["Json", "an event that is no string", { ...asset, asset: { ...asset.asset, events: [null] } }],
  ["Json", "an unknown member within", { ...asset, asset: { ...asset.asset, more: 1 } }],
  ["Json", "nesting", { ...asset, header: JSON.parse("[".repeat(9) + "]".repeat(9)) }],
  ["Json", "much nesting", `{"header":${"[".repeat(1_000_000)}`],
  ["Json", "an unknown escape", plain.replace("vouchsafe-proof", "vouchsafe\\-proof")],
  ["Json", "not closed", plain.slice(0, -1)],
  ["Json", "something after it", `${plain}x`],
  ["Json", "only an opening brace", "{"],
  ["Json", "only white space", " "],
  ["Json", "nothing", ""],
  ["Malformed", "only the binary form's first letter", "v"],
  ["Json", "neither form", "x"],
  ["Json", "a byte order mark", `\ufeff${plain}`],
  ["Malformed", "an empty header", { ...asset, header: "" }],
  ["TooLong", "a header with a byte too many", { ...asset, header: `${asset.header}00` }],
  ["TrailingBytes", "a certificate with a byte too many", { ...asset, certificate: `${asset.certificate}00` }],
  ["TooLong", "an event that is too long", { ...asset, asset: { ...asset.asset, events: [zeros(257)] } }],
  ["Json", "a chain id cut short", { ...asset, chain_id: zeros(31) }],
  ["Json", "a digest with a byte too many", { ...asset, asset: { ...asset.asset, digest: zeros(33) } }],
  ["TooMany", "4,097 changes", { ...asset, changes: Array(4_097).fill({ header: "", certificate: "", validators: "" }) }],
  ["TooMany", "65,537 events", { ...asset, asset: { ...asset.asset, events: Array(65_537).fill("") } }],
  ["Json", "an older header without its place", { ...older, older: without(older.older, "inclusion") }],
  ["TooLong", "a document that is too long", plain.padEnd(37_748_737)],
];

for (const [rule, about, value] of CASES) {
  const written = typeof value === "string" ? value : JSON.stringify(value);
  test(`${rule}: ${about}`, () => assertRefused(() => verifyProof(chain.genesis, text(written)), rule));
}

test("any order of members, escapes and white space say the same", () => {
  const reversed = Object.fromEntries(Object.entries(asset).reverse());
  const written = JSON.stringify(reversed, null, "\t").replace('"format"', '"\\u0066ormat"');
  verifyProof(chain.genesis, text(`\r\n${written} `));
});

test("a document is as long as it may be, with much white space", () => {
  verifyProof(chain.genesis, text(plain + " ".repeat(34_000_000)));
  verifyProof(chain.genesis, text(plain.padEnd(37_748_736)));
});

/** These parts with changes that make their binary form this long, and another chain's id, so that the rest is not checked. */
function filled(parts, length) {
  const count = 680;
  const { header } = chain.provenHeader({ height: 3, set: chain.first });
  const change = (signatures, more) => ({
    header,
    certificate: make.join(make.u8(1), Buffer.alloc(44), make.list(Array(signatures).fill(Buffer.alloc(96)))),
    validators: make.join(make.u8(1), make.list(chain.first.keys.map(({ publicKey }, index) =>
      make.join(publicKey, make.u64(1), make.bytes("a".repeat(1 + Math.min(31, Math.max(0, more - 31 * index)))))))),
  });
  const having = (changes) => ({ ...parts, chainId: Buffer.alloc(32), changes });
  const missing = length - make.binary(having(Array(count).fill(change(1, 0)))).length;
  const signatures = (index) => 1 + Math.floor((Math.floor(missing / 96) + index) / count);
  const made = having(Array.from({ length: count }, (_, index) => change(signatures(index), index === 0 ? missing % 96 : 0)));
  assert.equal(make.binary(made).length, length);
  return made;
}

for (const [about, parts] of [
  ["an asset under an older header, with events", { ...chain.historyProof(), older: chain.olderProof().older }],
  ["an absent asset", chain.absenceProof()],
  ["a receipt", chain.receiptProof()],
]) {
  test(`the binary form of a document's parts is as long as it may be, and one byte longer: ${about}`, () => {
    for (const [rule, length] of [["Chain", 16_777_216], ["TooLong", 16_777_217]]) {
      const written = text(JSON.stringify(make.json(filled(parts, length))));
      assert.ok(written.length <= 37_748_736);
      assertRefused(() => verifyProof(chain.genesis, written), rule);
    }
  });
}

test("a binary proof that is too long is refused unread", () => {
  const long = new Uint8Array(16_777_217);
  long.set(make.binary(chain.assetProof()));
  assertRefused(() => verifyProof(chain.genesis, long), "TooLong");
});
