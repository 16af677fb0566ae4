#!/usr/bin/env node
// Judges many proofs for comparison with other verifiers: a line of JSON in, a line of JSON out.

import { createInterface } from "node:readline";
import { readGenesis, Refused, verifyProof } from "./dist/vouchsafe-verify.mjs";

/** Genesis documents by their text: most lines share one. */
const documents = new Map();

function genesisOf(text) {
  if (!documents.has(text)) documents.set(text, readGenesis(new TextEncoder().encode(text)));
  return documents.get(text);
}

function judge(line) {
  const { genesis, proof, asset } = JSON.parse(line);
  try {
    return { shown: verifyProof(genesisOf(genesis), new Uint8Array(Buffer.from(proof, "hex")), asset), error: null };
  } catch (error) {
    if (error instanceof Refused) return { shown: null, error: error.rule };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line !== "") process.stdout.write(`${JSON.stringify(judge(line))}\n`);
}
