// Checkpoints and consistency proofs: the vectors, bits of them flipped, and each rule of a note broken
// alone in notes that are made here.

import assert from "node:assert/strict";
import { sign } from "node:crypto";
import { test } from "node:test";
import { CHECKPOINT_LENGTH_MAX, parts, readCheckpoint, verifyCheckpoint, verifyConsistency } from "../dist/vouchsafe-verify.mjs";
import { assertRefused, bytes, hex, ruleOf, text, vectors } from "./common.mjs";
import * as make from "./maker.mjs";

const {
  chain_id, validators: encodedValidators, notes, roots, consistency_proofs, refused_consistency_proofs,
} = vectors("checkpoints.json");
const chainId = bytes(chain_id);
const validators = parts.decode(parts.ValidatorSetStructure, bytes(encodedValidators));
const check = (note) => verifyCheckpoint(typeof note === "string" ? text(note) : note, validators, chainId);
const noteAbout = (about) => notes.find((vector) => vector.about === about).note;
const byFour = noteAbout("signed by all four");
const byThree = noteAbout("signed by three of four");
const witnessed = noteAbout("a witness beside them");

for (const { about, note, counts, rule } of notes) {
  test(`checkpoints.json: ${about}`, () => {
    assert.equal(counts, rule === null);
    assert.equal(ruleOf(() => check(note)), rule);
    if (!counts) return;
    const { chainId: said, size, root } = check(note);
    assert.deepEqual([hex(said), size, hex(root)], [hex(chainId), BigInt(roots.length), roots.at(-1)]);
  });
}

/** Copies of the bytes with one bit flipped, from an offset up to another: every bit, or every so many. */
function* flipped(original, from = 0, to = original.length, step = 1) {
  for (let bit = 8 * from; bit < 8 * to; bit += step) {
    const copy = Uint8Array.from(original);
    copy[bit >> 3] ^= 1 << (bit & 7);
    yield [copy, `byte ${bit >> 3}, bit ${bit & 7}`];
  }
}

/** For where signatures are checked, which takes its time. Odd, so that each bit of a byte has its turn. */
const SAMPLED = 23;

/** Whether a note counts, and says what is expected; false if it is refused. */
const counts = (note, expected, where) => ruleOf(() => assert.deepEqual(check(note), expected, where)) === null;

const bodyOf = (note) => text(note.slice(0, note.indexOf("\u2014 "))).length;

test("no bit of a note's text can be another", () => {
  for (const [note, where] of flipped(text(byThree), 0, bodyOf(byThree), 3)) {
    assert.ok(["Form", "Chain", "Signature"].includes(ruleOf(() => check(note))), where);
  }
});

test("no bit of a note's signature lines can be another", () => {
  const whole = text(byThree);
  for (const [note, where] of flipped(whole, bodyOf(byThree), whole.length, SAMPLED)) {
    assert.ok(["Form", "Power", "Signature"].includes(ruleOf(() => check(note))), where);
  }
});

test("a bit of a name makes a stranger of a validator, whom the others may not need", () => {
  const start = bodyOf(byFour) + text("\u2014 ").length;
  const said = check(byFour);
  const passed = [...flipped(text(byFour), start, start + 64, SAMPLED)].filter(([note, where]) => counts(note, said, where));
  assert.ok(passed.length > 0);
});

test("a bit of what a witness says changes nothing, unless it ends the line or the encoding", () => {
  const said = check(byThree);
  const whole = text(witnessed);
  const start = text(byThree).length + text("\u2014 witness.example/w1 ").length;
  for (const [note, where] of flipped(whole, start, whole.length - 1, SAMPLED)) {
    const broken = note.includes(0x0a, start) && note.indexOf(0x0a, start) !== whole.length - 1;
    const isUtf8 = !note.some((byte, place) => byte > 0x7f && place >= start);
    assert.equal(counts(note, said, where), isUtf8 && !broken, where);
  }
});

test("no beginning of a note counts", () => {
  const whole = text(byThree);
  for (let length = 0; length < whole.length; length += 1) {
    assert.notEqual(ruleOf(() => check(whole.subarray(0, length))), null, `${length} bytes`);
  }
});

test("nothing may follow a note but signature lines", () => {
  for (const more of ["\n", "\0", "x", "x\n", " \n", "\r\n", "\u2014\n", "\u2014 \n", "\u2014  \n", "\u2014  AAAA\n", "\ufeff", byThree]) {
    assertRefused(() => check(byThree + more), "Form", JSON.stringify(more));
  }
});

test("a note is as long as it may be, and one byte longer", () => {
  const missing = CHECKPOINT_LENGTH_MAX - text(byThree).length - text("\u2014  AAAA\n").length;
  const padded = (length) => `${byThree}\u2014 ${"w".repeat(length)} AAAA\n`;
  assert.equal(text(padded(missing)).length, 65_536);
  check(padded(missing));
  assertRefused(() => check(padded(missing + 1)), "TooLong");
  assertRefused(() => check(new Uint8Array(CHECKPOINT_LENGTH_MAX + 1)), "TooLong");
});

// From here on the notes are made, under three validators of one power each.
const three = make.validatorSet([0x65, 0x66, 0x67]);
const threeRead = parts.decode(parts.ValidatorSetStructure, three.encoding);
const root = Buffer.alloc(32, 9);
const textOf = (fields = {}) => {
  const { origin = `vouchsafe/${hex(chainId)}`, size = "7", written = root.toString("base64"), more = "" } = fields;
  return `${origin}\n${size}\n${written}\n${more}`;
};
const nameOf = (key) => key.address.toString("hex");
const idOf = (key, name = nameOf(key)) => make.sha256(text(name), [0x0a, 1], key.publicKey).subarray(0, 4);
const signatureOf = (key, signed) => sign(null, text(signed), key.secret);
const line = (name, content) => `\u2014 ${name} ${Buffer.from(content).toString("base64")}\n`;
const lineOf = (key, signed) => line(nameOf(key), make.join(idOf(key), signatureOf(key, signed)));
const note = (signed, lines = three.keys.map((key) => lineOf(key, signed))) => `${signed}\n${lines.join("")}`;
const judge = (made) => ruleOf(() => verifyCheckpoint(text(made), threeRead, chainId));

const signed = textOf();
const [one, two, last] = three.keys.map((key) => lineOf(key, signed));
const [key] = three.keys;
const zeros = (name) => line(name, Buffer.alloc(68));
const withLine = (made) => note(signed, [made, two, last]);
const stranger = make.keyOf(0x70);

const TEXTS = [
  [null, "as it should be", {}],
  [null, "the largest size", { size: "18446744073709551615" }],
  ["Form", "a size of 65 bits", { size: "18446744073709551616" }],
  ["Form", "a long size", { size: "9".repeat(50_000) }],
  ["Form", "no blocks", { size: "0" }],
  ["Form", "no size", { size: "" }],
  ["Form", "a sign", { size: "+7" }],
  ["Form", "a negative size", { size: "-7" }],
  ["Form", "a hexadecimal size", { size: "0x7" }],
  ["Form", "a space after the size", { size: "7 " }],
  ["Form", "a carriage return", { size: "7\r" }],
  ["Form", "digits of another script", { size: "\u0667" }],
  ["Form", "another origin", { origin: `vouched/${hex(chainId)}` }],
  ["Form", "an uppercase chain id", { origin: `vouchsafe/${hex(chainId).toUpperCase()}` }],
  ["Form", "a chain id cut short", { origin: `vouchsafe/${hex(chainId).slice(2)}` }],
  ["Form", "more after the chain id", { origin: `vouchsafe/${hex(chainId)}/` }],
  ["Form", "a byte order mark", { origin: `\ufeffvouchsafe/${hex(chainId)}` }],
  ["Chain", "another chain", { origin: `vouchsafe/${"00".repeat(32)}` }],
  ["Form", "a root of 31 bytes", { written: root.subarray(1).toString("base64") }],
  ["Form", "a root of 33 bytes", { written: make.join(root, [9]).toString("base64") }],
  ["Form", "a root without padding", { written: root.toString("base64").slice(0, -1) }],
  ["Form", "a root with loose bits", { written: root.toString("base64").replace("k=", "l=") }],
  ["Form", "a root in hexadecimal", { written: hex(root) }],
  ["Form", "an extension line", { more: "more\n" }],
  ["Form", "an empty line within", { more: "\n" }],
];

for (const [rule, about, fields] of TEXTS) {
  test(`a made checkpoint: ${about}: ${rule ?? "counts"}`, () => assert.equal(judge(note(textOf(fields))), rule));
}

const NOTES = [
  ["Form", "nothing", ""],
  ["Form", "only the text", signed],
  ["Form", "no signatures", note(signed, [])],
  ["Power", "only a witness", note(signed, [line("w", [1])])],
  ["Power", "exactly two thirds", note(signed, [one, two])],
  ["Power", "a stranger for a third", note(signed, [one, two, lineOf(stranger, signed)])],
  [null, "any order, strangers between, before and after",
    note(signed, [lineOf(stranger, signed), last, line("w", [1]), one, two, lineOf(stranger, signed)])],
  ["Repeated", "one twice, beside all others", note(signed, [one, two, last, one])],
  ["Repeated", "one twice, the second time damaged", note(signed, [one, two, last, zeros(nameOf(key))])],
  ["Signature", "one twice, the first time damaged", note(signed, [zeros(nameOf(key)), one, two, last])],
  ["Repeated", "one twice, before another that is damaged", note(signed, [one, one, zeros(nameOf(three.keys[1])), last])],
  ["Signature", "a damaged one, before one twice", note(signed, [zeros(nameOf(three.keys[1])), one, one, last])],
  ["Repeated", "one twice, without the power", note(signed, [one, one])],
  ["Signature", "a damaged one, without the power", note(signed, [zeros(nameOf(key))])],
  [null, "a stranger twice", note(signed, [one, two, last, lineOf(stranger, signed), lineOf(stranger, signed)])],
  [null, "a stranger whose signature does not hold", note(signed, [one, two, last, zeros(nameOf(stranger))])],
  ["Form", "a stranger's line of 67 bytes", note(signed, [one, two, last, line(nameOf(stranger), Buffer.alloc(67))])],
  ["Form", "a stranger's line of 69 bytes", note(signed, [one, two, last, line(nameOf(stranger), Buffer.alloc(69))])],
  ["Form", "a stranger's line without base64", note(signed, [one, two, last, `\u2014 ${nameOf(stranger)} \n`])],
  ["Form", "a stranger's line with loose bits", note(signed, [one, two, last, zeros(nameOf(stranger)).replace("A=", "B=")])],
  ["Form", "a fault of form after one of each other kind",
    note(textOf({ origin: `vouchsafe/${"00".repeat(32)}` }), [one, one, line(nameOf(stranger), [1])])],
  ["Chain", "another chain, before one twice", note(textOf({ origin: `vouchsafe/${"00".repeat(32)}` }), [one, one])],
  ["Signature", "a validator's key id is another's", withLine(line(nameOf(key), make.join(idOf(stranger), signatureOf(key, signed))))],
  ["Signature", "a validator's key id is of another kind of key",
    withLine(line(nameOf(key), make.join(make.sha256(text(nameOf(key)), [0x0a, 4], key.publicKey).subarray(0, 4), signatureOf(key, signed))))],
  ["Form", "a signature of 63 bytes", withLine(line(nameOf(key), make.join(idOf(key), signatureOf(key, signed).subarray(1))))],
  ["Form", "a signature of 65 bytes", withLine(line(nameOf(key), make.join(idOf(key), signatureOf(key, signed), [0])))],
  ["Form", "a timestamp as witnesses have it", withLine(line(nameOf(key), make.join(idOf(key), make.u64(1), signatureOf(key, signed))))],
  ["Signature", "over the text and the empty line", withLine(line(nameOf(key), make.join(idOf(key), signatureOf(key, `${signed}\n`))))],
  ["Signature", "over the text without its newline", withLine(line(nameOf(key), make.join(idOf(key), signatureOf(key, signed.slice(0, -1)))))],
  ["Signature", "of another size", withLine(lineOf(key, textOf({ size: "8" })))],
  ["Signature", "of a stranger in a validator's name", withLine(line(nameOf(key), make.join(idOf(key), signatureOf(stranger, signed))))],
  ["Power", "a validator's name in uppercase", withLine(one.replace(nameOf(key), nameOf(key).toUpperCase()))],
  ["Form", "two spaces before the name", withLine(one.replace("\u2014 ", "\u2014  "))],
  ["Form", "two spaces after the name", withLine(one.replace(`${nameOf(key)} `, `${nameOf(key)}  `))],
  ["Form", "a space at a line's end", withLine(one.replace("\n", " \n"))],
  ["Form", "a carriage return at a line's end", withLine(one.replace("\n", "\r\n"))],
  ["Form", "a hyphen, beside all others", note(signed, [one, two, last, lineOf(stranger, signed).replace("\u2014", "-")])],
  ["Form", "an en dash", withLine(one.replace("\u2014", "\u2013"))],
  ["Form", "an empty line between signatures", note(signed, [one, "\n", two, last])],
  ["Form", "a witness without a space after its name", note(signed, [one, two, last, "\u2014 w\n"])],
  ["Form", "a witness without a name", note(signed, [one, two, last, line("", [1])])],
  ...[
    ["without base64", "\u2014 w \n"],
    ["with base64 that is none", "\u2014 w ====\n"],
    ["with more words", "\u2014 w a b  c\u2014\0\t\r\n"],
    ["with a name beyond ASCII", line("t\u00e9moin\u{1f58b}", [1])],
    ["with a plus in its name", line("a+b", [1])],
    ["with a tab in its name", line("a\tb", [1])],
    ["with a name of 63 digits", line("0".repeat(63), [1])],
    ["with a name of 65 digits", line("0".repeat(65), [1])],
    ["with a name of 64 letters that are no digits", line("g".repeat(64), [1])],
    ["with a validator's name in part", line(`${nameOf(key)}/`, [1])],
  ].map(([about, made]) => [null, `a witness ${about}`, note(signed, [one, two, last, made])]),
];

for (const [rule, about, made] of NOTES) {
  test(`a made note: ${about}: ${rule ?? "counts"}`, () => assert.equal(judge(made), rule));
}

test("strangers may sign as often as fits", () => {
  const lines = Array(254).fill(lineOf(stranger, signed));
  assert.equal(judge(note(signed, [...lines, one, two, last])), null);
  assert.equal(judge(note(signed, [...lines, one, two])), "Power");
  const fitting = Math.floor((CHECKPOINT_LENGTH_MAX - text(note(signed)).length) / text(lines[0]).length);
  assert.ok(fitting > lines.length);
  const many = (count) => judge(note(signed, [one, ...Array(count).fill(lines[0]), two, last]));
  assert.deepEqual([many(fitting), many(fitting + 1)], [null, "TooLong"]);
});

test("what is no UTF-8 is refused", () => {
  const made = text(note(signed, [one, two, last, line("w", [1])]));
  made[made.lastIndexOf(text("w")[0])] = 0xff;
  assertRefused(() => readCheckpoint(made), "Form");
});

test("what is read of a note, before it is believed", () => {
  const { checkpoint, text: read, signatures } = readCheckpoint(text(note(signed, [line("w", [1]), one])));
  assert.deepEqual([hex(checkpoint.chainId), checkpoint.size, hex(checkpoint.root)], [hex(chainId), 7n, hex(root)]);
  assert.deepEqual(read, text(signed));
  assert.deepEqual(signatures.map(({ name, keyId, signature }) => [name, hex(keyId), hex(signature)]), [
    [nameOf(key), hex(idOf(key)), hex(signatureOf(key, signed))],
  ]);
});

test("power counts, not heads", () => {
  const heavy = make.join([1], make.u32(3), ...three.keys.map((member, index) =>
    make.join(member.publicKey, make.u64([5, 1, 1][index]), make.bytes("acme"))));
  const set = parts.decode(parts.ValidatorSetStructure, heavy);
  verifyCheckpoint(text(note(signed, [one])), set, chainId);
  assertRefused(() => verifyCheckpoint(text(note(signed, [two, last])), set, chainId), "Power");
});

const headOf = (size) => ({ size: BigInt(size), root: bytes(roots[size - 1]) });

test("checkpoints.json: consistency proofs", () => {
  assert.equal(consistency_proofs.length, (roots.length * (roots.length + 1)) / 2);
  for (const { first, second, path, bytes: encoding } of consistency_proofs) {
    const proof = parts.decode(parts.ConsistencyProofStructure, bytes(encoding));
    assert.deepEqual([proof.first, proof.second, proof.path.map(hex)], [BigInt(first), BigInt(second), path]);
    verifyConsistency(bytes(encoding), headOf(first), headOf(second));
  }
});

for (const { about, bytes: encoding, first_root, second_root, rule } of refused_consistency_proofs) {
  test(`checkpoints.json: a consistency proof ${about}: ${rule}`, () => {
    const { first, second } = parts.decode(parts.ConsistencyProofStructure, bytes(encoding));
    const [older, newer] = [{ size: first, root: bytes(first_root) }, { size: second, root: bytes(second_root) }];
    assert.equal(ruleOf(() => verifyConsistency(bytes(encoding), older, newer)), rule);
  });
}

test("a checkpoint that counts is continued, and is what others continue", () => {
  const { bytes: encoding } = consistency_proofs.find(({ first, second }) => first === "5" && second === "11");
  verifyConsistency(bytes(encoding), headOf(5), check(byThree));
  const { bytes: same } = consistency_proofs.find(({ first, second }) => first === "11" && second === "11");
  verifyConsistency(bytes(same), check(byThree), check(byFour));
});

test("no bit of a consistency proof can be another, nor can it end early or go on", () => {
  for (const { first, second, bytes: encoding } of consistency_proofs) {
    const refused = (made, where) => {
      assert.notEqual(ruleOf(() => verifyConsistency(made, headOf(first), headOf(second))), null, `${first} to ${second}, ${where}`);
    };
    const whole = bytes(encoding);
    for (const [made, where] of flipped(whole, 0, whole.length, 3)) refused(made, where);
    for (let length = 0; length < whole.length; length += 1) refused(whole.subarray(0, length), `${length} bytes`);
    refused(Uint8Array.of(...whole, 0), "a byte more");
  }
});

test("no proof is one of other sizes, whatever sizes it names", () => {
  for (const { path } of consistency_proofs) {
    for (const { first, second, path: own } of consistency_proofs) {
      const made = { first: BigInt(first), second: BigInt(second), path: path.map(bytes) };
      const rule = ruleOf(() => parts.checkConsistency(made, headOf(first), headOf(second)));
      if (own.join() === path.join()) assert.equal(rule, null);
      else assert.ok(["PathLength", "FirstRoot", "SecondRoot"].includes(rule), `${rule}: ${first} to ${second}`);
    }
  }
});

const encode = (first, second, path) => make.join([1], make.u64(first), make.u64(second), make.list(path));
const PROOFS = [
  ["UnknownVersion", "another version", make.join([2], encode(1, 1, []).subarray(1)), headOf(1), headOf(1)],
  ["Sizes", "from nothing", encode(0, 1, []), { size: 0n, root: make.sha256() }, headOf(1)],
  ["Sizes", "from nothing to nothing", encode(0, 0, []), { size: 0n, root: make.sha256() }, { size: 0n, root: make.sha256() }],
  ["Sizes", "backwards", encode(2, 1, []), headOf(2), headOf(1)],
  ["Sizes", "another older size", encode(1, 2, [root]), headOf(2), headOf(2)],
  ["Sizes", "another newer size", encode(1, 1, []), headOf(1), headOf(2)],
  ["PathLength", "no hashes, from a power of two", encode(4, 5, []), headOf(4), headOf(5)],
  ["PathLength", "no hashes, from another size", encode(3, 5, []), headOf(3), headOf(5)],
  ["PathLength", "hashes for one size", encode(3, 3, [root]), headOf(3), headOf(3)],
  ["PathLength", "hashes for one size with two roots", encode(3, 3, [root]), headOf(3), { size: 3n, root }],
  ["SecondRoot", "one size with two roots", encode(3, 3, []), headOf(3), { size: 3n, root }],
  ["Sizes", "backwards, with hashes", encode(2, 1, [root]), headOf(2), headOf(1)],
  ["FirstRoot", "to two other roots", encode(3, 4, [root, root, root]), headOf(3), headOf(4)],
  ["PathLength", "65 hashes for a small log", encode(3, 5, Array(65).fill(root)), headOf(3), headOf(5)],
  ["TooLong", "66 hashes", encode(3, 5, Array(66).fill(root)), headOf(3), headOf(5)],
  ["TooMany", "66 hashes announced", make.join(encode(3, 5, []).subarray(0, 17), make.u32(66)), headOf(3), headOf(5)],
  ["TooMany", "4,294,967,295 hashes announced", make.join(encode(3, 5, []).subarray(0, 17), make.u32(0xffffffff)), headOf(3), headOf(5)],
  ["Malformed", "a hash announced and not there", make.join(encode(3, 5, []).subarray(0, 17), make.u32(1)), headOf(3), headOf(5)],
  ["TrailingBytes", "a byte too many", make.join(encode(3, 3, []), [0]), headOf(3), headOf(3)],
  ["TooLong", "2,102 bytes", Buffer.alloc(2_102, 1), headOf(3), headOf(5)],
];

for (const [rule, about, encoding, older, newer] of PROOFS) {
  test(`${rule}: a consistency proof ${about}`, () => assertRefused(() => verifyConsistency(encoding, older, newer), rule));
}

const largestPowerBelow = (count) => 2 ** Math.floor(Math.log2(count - 1));
const treeOf = (leaves) => {
  if (leaves.length === 1) return make.leafHash(leaves[0]);
  const half = largestPowerBelow(leaves.length);
  return make.nodeHash(treeOf(leaves.slice(0, half)), treeOf(leaves.slice(half)));
};
/** RFC 9162 §2.1.4.1. */
function subproof(first, leaves, isWhole) {
  if (first === leaves.length) return isWhole ? [] : [treeOf(leaves)];
  const half = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  if (first <= half) return [...subproof(first, left, isWhole), treeOf(right)];
  return [...subproof(first - half, right, false), treeOf(left)];
}

test("made proofs of all sizes up to 40, and of a history that was rewritten", () => {
  const entries = Array.from({ length: 40 }, (_, index) => make.sha256(make.u8(index)));
  const head = (leaves) => ({ size: BigInt(leaves.length), root: treeOf(leaves) });
  for (let second = 1; second <= entries.length; second += 1) {
    const newer = head(entries.slice(0, second));
    for (let first = 1; first <= second; first += 1) {
      const older = entries.slice(0, first);
      const encoding = encode(first, second, subproof(first, entries.slice(0, second), true));
      verifyConsistency(encoding, head(older), newer);
      const rewritten = head([...older.slice(0, -1), root]);
      // The root of a size that is a power of two is taken from the older log: only the newer can differ.
      const rule = first === second || Number.isInteger(Math.log2(first)) ? "SecondRoot" : "FirstRoot";
      assertRefused(() => verifyConsistency(encoding, rewritten, newer), rule, `${first} to ${second}`);
      const elsewhere = { size: newer.size, root };
      assertRefused(() => verifyConsistency(encoding, head(older), elsewhere), "SecondRoot", `${first} to ${second}`);
    }
  }
});

test("the longest path is of 65 hashes", () => {
  // From block 2⁶³ − 1 in a log of 2⁶⁴ − 1 blocks: a sibling to the right, 62 to the left, and one to the right.
  const [first, second] = [2n ** 63n - 1n, 2n ** 64n - 1n];
  const path = Array.from({ length: 65 }, (_, index) => make.sha256(make.u8(index)));
  const [start, right, ...siblings] = path;
  const above = siblings.pop();
  const older = siblings.reduce((hash, sibling) => make.nodeHash(sibling, hash), start);
  const within = siblings.reduce((hash, sibling) => make.nodeHash(sibling, hash), make.nodeHash(start, right));
  const newer = make.nodeHash(within, above);
  verifyConsistency(encode(first, second, path), { size: first, root: older }, { size: second, root: newer });
});
