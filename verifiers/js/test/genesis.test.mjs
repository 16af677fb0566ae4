// The genesis document: its RFC 8785 form and chain id, and that whatever is no document is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chainIdOf, parts, readGenesis } from "../dist/vouchsafe-verify.mjs";
import { hex, ruleOf, text, vectors } from "./common.mjs";

const { canonical, chain_id, document } = vectors("genesis.json");
const read = (value) => readGenesis(text(typeof value === "string" ? value : JSON.stringify(value)));

test("genesis.json: canonical form, chain id, validators", () => {
  for (const written of [JSON.stringify(document), JSON.stringify(document, null, 3), canonical]) {
    const genesis = read(written);
    assert.equal(genesis.canonical, canonical);
    assert.equal(chainIdOf(genesis), chain_id);
  }
  const genesis = read(document);
  const powers = genesis.validators.members.map((member) => member.power.toString());
  assert.deepEqual(powers, document.validators.map((validator) => validator.power));
  assert.equal(hex(parts.tagged("vouchsafe-genesis-v1", text(canonical))), chain_id);
});

/** The document with one value replaced, or taken away. */
function altered(path, value) {
  const copy = structuredClone(document);
  const names = path.split(".");
  const last = names.pop();
  const parent = names.reduce((inner, name) => inner[name], copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

const FAULTS = [
  ["version", 2], ["version", "1"], ["version", undefined], ["version", null],
  ["chain_name", ""], ["chain_name", "a/b"], ["chain_name", "x".repeat(65)],
  ["genesis_time_ms", 1767225600000], ["genesis_time_ms", "01"], ["genesis_time_ms", "-1"],
  ["genesis_time_ms", "253402300800000"],
  ["parameters.heartbeat_ms", "999"], ["parameters.heartbeat_ms", undefined], ["parameters.more", "1"],
  ["parameters.timeout_max_ms", "1000000"],
  ["organizations.0.id", "Acme"], ["organizations.0.name", ""], ["organizations.0.more", 1],
  ["organizations.0.signers.0.role", "owner"], ["organizations.0.signers.0.not_after_ms", null],
  ["organizations.0.signers.0.public_key", "ssh-rsa AAAA"],
  ["validators.0.power", "0"], ["validators.0.power", "281474976710657"], ["validators.0.power", 10],
  ["validators.0.consensus_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ["validators", []], ["validators", null], ["observers", {}], ["more", 1],
];

test("documents with one fault are refused", () => {
  for (const [path, value] of FAULTS) {
    assert.equal(ruleOf(() => read(altered(path, value))), "Genesis", `${path} = ${JSON.stringify(value)}`);
  }
});

test("lists out of order are refused", () => {
  for (const list of ["validators", "organizations", "observers"]) {
    assert.equal(ruleOf(() => read(altered(list, [...document[list]].reverse()))), "Genesis", list);
    assert.equal(ruleOf(() => read(altered(list, [document[list][0], document[list][0]]))), "Genesis", list);
  }
});

const plain = JSON.stringify(document);
const TEXTS = [
  ["a member twice", plain.replace("{", '{"version":1,')],
  ["a member twice, once with an escape", plain.replace("{", '{"\\u0076ersion":1,')],
  ["a fraction", plain.replace('"version":1', '"version":1.0')],
  ["an exponent", plain.replace('"version":1', '"version":1e0')],
  ["a sign", plain.replace('"version":1', '"version":-1')],
  ["a leading zero", plain.replace('"version":1', '"version":01')],
  ["something after the end", `${plain} {}`],
  ["a comma at the end", plain.replace(/}$/, ",}")],
  ["a byte order mark", `\ufeff${plain}`],
  ["a control character", plain.replace("Sample", "Sam\tple")],
  ["half of a surrogate pair", plain.replace("Bolt", "Bo\\ud800lt")],
  ["nesting", "[".repeat(1_000_000)],
  ["nothing", ""],
  ["more than 1 MiB", plain.padEnd(1_048_577)],
];

test("texts that are not strict JSON are refused", () => {
  for (const [about, written] of TEXTS) assert.equal(ruleOf(() => read(written)), "Genesis", about);
  assert.equal(ruleOf(() => readGenesis(new Uint8Array([0x7b, 0xff, 0x7d]))), "Genesis", "no UTF-8");
});

test("RFC 8785: order by UTF-16 code units, and how strings are escaped", () => {
  const written = '{"\\ufb33":1,"\\ud83d\\ude00":2,"\\u20ac":3,"\\r":4,"1":5,"\\u00f6":"\\u000f\\n\\/\\"\\\\\\u2028"}';
  const expected = '{"\\r":4,"1":5,"ö":"\\u000f\\n/\\"\\\\\u2028","€":3,"😀":2,"\ufb33":1}';
  assert.equal(parts.canonicalJson(parts.parseJson(written, "Json")), expected);
});
