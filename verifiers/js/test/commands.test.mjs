// cli.mjs by its exit codes, and judge.mjs by its lines.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { faultOfAge } from "../report.mjs";
import * as chain from "./chain.mjs";
import { root, vectors } from "./common.mjs";
import * as make from "./maker.mjs";

const folder = mkdtempSync(join(tmpdir(), "vouchsafe-cli-"));
after(() => rmSync(folder, { recursive: true }));
const put = (name, content) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** A trusted proof from so far ahead of this machine's clock, in seconds. */
function proofAhead(seconds) {
  const time = BigInt(Date.now() + 1_000 * seconds);
  const proven = chain.provenHeader({ height: 9, set: chain.first, stateRoot: chain.state.root, time });
  return make.binary({ ...chain.assetProof(), ...proven });
}

function proofSaying(status, reason) {
  const record = make.record(1, Buffer.alloc(32), [{ organization: "acme", status, reason }]);
  const state = make.stateOf(make.assetKey(chain.digest), make.valueHash(record));
  const { header, certificate } = chain.provenHeader({ height: 9, set: chain.first, stateRoot: state.root });
  const subject = { digest: chain.digest, record, stateProof: state.proof, events: null };
  return make.binary({ ...chain.assetProof(), header, certificate, subject });
}

const genesis = put("genesis.json", chain.genesisBytes);
const file = put("hello", "hello");
const other = put("other", "other");
const trusted = put("hello.vouch", make.binary(chain.assetProof()));
const asJson = put("hello.json", JSON.stringify(make.json(chain.assetProof())));
const damaged = put("damaged.vouch", make.binary(chain.assetProof()).map((byte, index) => (index === 700 ? byte ^ 1 : byte)));
const unknown = put("unknown.vouch", make.binary(chain.absenceProof()));
const untrusted = put("untrusted.vouch", proofSaying(1, 1));
const unsupported = put("unsupported.vouch", proofSaying(3, 2));
const tomorrow = put("tomorrow.vouch", proofAhead(86_400));
const receipt = put("receipt.vouch", make.binary(chain.receiptProof()));
const hash = `sha256:${chain.digest.toString("hex")}`;
const chainId = chain.chainId.toString("hex");

const run = (...given) => spawnSync(process.execPath, [join(root, "cli.mjs"), ...given], { encoding: "utf8" });
const on = (proof, ...given) => ["--genesis", genesis, "--proof", proof, ...given];

const CALLS = [
  [0, "trusted", on(trusted, file)],
  [0, "trusted, in JSON", on(asJson, file)],
  [0, "trusted, by hash", on(trusted, "--hash", hash)],
  [0, "trusted, on the expected chain, young enough", on(trusted, file, "--chain-id", chainId, "--max-age", "100000000000")],
  [0, "trusted, nothing compared", on(trusted)],
  [10, "unknown", on(unknown, file)],
  [11, "untrusted", on(untrusted, file)],
  [12, "unsupported", on(unsupported, file)],
  [10, "a receipt shows no status", on(receipt, file)],
  [20, "another file", on(trusted, other)],
  [20, "a damaged proof", on(damaged, file)],
  [20, "a file that is no proof", on(file, file)],
  [20, "another chain than expected", on(trusted, file, "--chain-id", "0".repeat(64))],
  [21, "too old", on(trusted, file, "--max-age", "1")],
  [0, "from tomorrow, of any age", on(tomorrow, file)],
  [21, "from tomorrow", on(tomorrow, file, "--max-age", "60")],
  [20, "too old, and another file", on(trusted, other, "--max-age", "1")],
  [2, "no arguments", []],
  [2, "an unknown option", on(trusted, "--more")],
  [2, "a file and a hash", on(trusted, file, "--hash", hash)],
  [2, "a hash of another form", on(trusted, "--hash", "sha1:00")],
  [2, "a chain id of another form", on(trusted, "--chain-id", "00")],
  [2, "no such file", on(trusted, join(folder, "none"))],
  [2, "a folder", on(trusted, folder)],
  [2, "no such proof", on(join(folder, "none"), file)],
  [2, "a genesis document that is none", ["--genesis", file, "--proof", trusted, file]],
];

for (const [code, about, given] of CALLS) {
  test(`exit code ${code}: ${about}`, () => {
    const { status, stdout, stderr } = run(...given);
    assert.equal(status, code, stdout + stderr);
    if (code === 20) assert.match(stderr, /^This proof does not hold: [^\n]+ \([A-Za-z]+\)\n$/);
    if (code === 2) assert.match(stderr, /^could not check: /);
    if (code <= 12 && code !== 2) assert.match(stdout, /later revocation cannot be seen/);
  });
}

test("--json says the same", () => {
  const good = JSON.parse(run(...on(untrusted, file, "--json")).stdout);
  assert.deepEqual([good.shown.asset.status, good.error, good.exit_code], ["UNTRUSTED", null, 11]);
  const bad = JSON.parse(run(...on(trusted, other, "--json")).stdout);
  assert.deepEqual([bad.shown, bad.error, bad.exit_code], [null, "OtherAsset", 20]);
});

test("--max-age with a slow clock: what is wrong, and what to do", () => {
  const given = on(tomorrow, file, "--max-age", "60");
  const sentence = /^FROM THE FUTURE: .* ahead of this machine's clock, which hides how old it is: set the clock$/m;
  assert.match(run(...given).stdout, sentence);
  const { shown, error, sentence: said, exit_code } = JSON.parse(run(...given, "--json").stdout);
  assert.deepEqual([shown.asset.status, error, exit_code], ["TRUSTED", null, 21]);
  assert.match(said, sentence);
});

test("--max-age: how old, and how far ahead of the clock", () => {
  const time = 1_767_225_600_000;
  const fault = (age, ageMax, clockAheadMax = 2_000n) => {
    const genesis = { parameters: new Map([["clock_ahead_max_ms", clockAheadMax]]) };
    return faultOfAge({ time_ms: `${time}` }, genesis, { "max-age": ageMax }, time + age)?.split(":")[0] ?? null;
  };
  const [old, future] = ["TOO OLD", "FROM THE FUTURE"];
  assert.deepEqual([60_000, 60_001, -10_000, -10_001].map((age) => fault(age, "60")), [null, old, null, future]);
  assert.deepEqual([1_001, -1_000, -1_001].map((age) => fault(age, "1")), [old, null, future]);
  assert.deepEqual([-30_000, -30_001].map((age) => fault(age, "60", 30_000n)), [null, future]);
  assert.deepEqual([-20_000, -20_001].map((age) => fault(age, "20", 30_000n)), [null, future]);
  assert.deepEqual([0, -1].map((age) => fault(age, "0")), [null, future]);
  assert.equal(fault(-86_400_000, undefined), null);
});

const judge = (lines) => {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const { stdout, status } = spawnSync(process.execPath, [join(root, "judge.mjs")], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  assert.equal(status, 0);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
};

test("judge.mjs answers each line with a line", () => {
  const document = new TextDecoder().decode(chain.genesisBytes);
  const line = (proof, asset = null) => ({ genesis: document, proof: Buffer.from(proof).toString("hex"), asset });
  const asked = { scheme: "bytes", digest: "00".repeat(32) };
  const answers = judge([
    line(make.binary(chain.assetProof())),
    line(make.binary(chain.assetProof()), asked),
    line(""),
    { ...line(make.binary(chain.assetProof())), genesis: "{}" },
  ]);
  assert.equal(answers[0].shown.asset.status, "TRUSTED");
  assert.deepEqual(answers.map((answer) => answer.error), [null, "OtherAsset", "Json", "Genesis"]);
});

test("judge.mjs: the vectors", () => {
  const { genesis: documents, cases } = vectors("proofs.json");
  const answers = judge(cases.flatMap((vector) => {
    const document = JSON.stringify(documents[vector.genesis].document);
    const json = Buffer.from(JSON.stringify(vector.json)).toString("hex");
    return [vector.binary, json].map((proof) => ({ genesis: document, proof, asset: null }));
  }));
  cases.forEach((vector, index) => {
    const expected = { shown: vector.shown, error: null };
    assert.deepEqual(answers.slice(2 * index, 2 * index + 2), [expected, expected], vector.about);
  });
});
