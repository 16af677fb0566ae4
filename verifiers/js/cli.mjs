#!/usr/bin/env node
// The verifier for the command line: reads files, asks dist/vouchsafe-verify.mjs, and tells the
// answer in words and by an exit code that scripts can trust.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  chainIdOf, GENESIS_LENGTH_MAX, PROOF_LENGTH_MAX, readGenesis, Refused, verifyProof,
} from "./dist/vouchsafe-verify.mjs";
import { faultOfAge, linesOf } from "./report.mjs";

const USAGE = `usage: node cli.mjs --genesis GENESIS.json --proof FILE.vouch [FILE | --hash sha256:HEX]
                    [--chain-id HEX] [--max-age SECONDS] [--json]

exit codes: 0 TRUSTED, 10 UNKNOWN (and receipts: they show no status), 11 UNTRUSTED, 12 UNSUPPORTED,
20 the proof does not hold, 21 it is older than --max-age, or from so far ahead of this machine's clock
that its age is not known, 2 usage or unreadable input`;

const EXIT = { TRUSTED: 0, UNKNOWN: 10, UNTRUSTED: 11, UNSUPPORTED: 12 };
const EXIT_REFUSED = 20;
const EXIT_AGE = 21;
const EXIT_USAGE = 2;

/** Something that says nothing about the proof: wrong usage, or input that cannot be read. */
class CannotCheck extends Error {}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        genesis: { type: "string" },
        proof: { type: "string" },
        hash: { type: "string" },
        "chain-id": { type: "string" },
        "max-age": { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new CannotCheck(`${error.message}\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const need = (holds, sentence) => {
    if (!holds) throw new CannotCheck(`${sentence}\n${USAGE}`);
  };
  if (values.help) return { help: true };
  need(values.genesis !== undefined && values.proof !== undefined, "--genesis and --proof are needed");
  need(positionals.length + (values.hash === undefined ? 0 : 1) <= 1, "give one FILE, or --hash");
  need(/^sha256:[0-9a-f]{64}$/.test(values.hash ?? `sha256:${"0".repeat(64)}`), "--hash is not sha256: and 64 digits");
  need(/^[0-9a-f]{64}$/.test(values["chain-id"] ?? "0".repeat(64)), "--chain-id is not 64 hexadecimal digits");
  need(/^[0-9]{1,15}$/.test(values["max-age"] ?? "0"), "--max-age is not a number of seconds");
  return { ...values, file: positionals[0] };
}

/** A file's bytes, but no more than one above the limit: a longer one is refused by its length. */
async function readUpTo(path, limit) {
  const handle = await open(path);
  try {
    const parts = [];
    for await (const part of handle.createReadStream({ end: limit, autoClose: false })) parts.push(part);
    return new Uint8Array(Buffer.concat(parts));
  } finally {
    await handle.close();
  }
}

async function digestOf(path) {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest("hex");
}

async function readable(path, read) {
  try {
    return await read;
  } catch (error) {
    throw new CannotCheck(`cannot read ${path}: ${error.message}`);
  }
}

async function readInput(options) {
  const digest = options.hash?.slice("sha256:".length) ??
    (options.file === undefined ? null : await readable(options.file, digestOf(options.file)));
  const document = await readable(options.genesis, readUpTo(options.genesis, GENESIS_LENGTH_MAX));
  const proof = await readable(options.proof, readUpTo(options.proof, PROOF_LENGTH_MAX));
  try {
    return { genesis: readGenesis(document), proof, asked: digest && { scheme: "bytes", digest } };
  } catch (error) {
    if (error instanceof Refused) throw new CannotCheck(`cannot use ${options.genesis}: ${error.message}`);
    throw error;
  }
}

function check(options, { genesis, proof, asked }) {
  const expected = options["chain-id"];
  if (expected !== undefined && expected !== chainIdOf(genesis)) {
    throw new Refused("Genesis", `the genesis document is of the chain ${chainIdOf(genesis)}, not of the one expected`);
  }
  return verifyProof(genesis, proof, asked);
}

function exitCodeOf(shown) {
  // A receipt shows that somebody stated something, and not that nobody stated the opposite.
  return shown.asset ? EXIT[shown.asset.status] : EXIT.UNKNOWN;
}

function answer(options, input) {
  let shown = null;
  let refused = null;
  try {
    shown = check(options, input);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused = error;
  }
  const now = Date.now();
  const fault = shown && faultOfAge(shown, input.genesis, options, now);
  const code = refused ? EXIT_REFUSED : fault ? EXIT_AGE : exitCodeOf(shown);
  if (options.json) {
    const result = { shown, error: refused?.rule ?? null, sentence: refused?.message ?? fault, exit_code: code };
    console.log(JSON.stringify(result));
  } else if (refused) {
    console.error(`This proof does not hold: ${refused.message} (${refused.rule})`);
  } else {
    console.log(linesOf(shown, options, input.asked, now, fault).join("\n"));
  }
  return code;
}

try {
  const options = readArguments();
  if (options.help) console.log(USAGE);
  else process.exitCode = answer(options, await readInput(options));
} catch (error) {
  // Also what nobody foresaw: it must look neither like a verdict nor like a refusal.
  process.exitCode = EXIT_USAGE;
  console.error(`could not check: ${error instanceof CannotCheck ? error.message : error.stack}`);
}
