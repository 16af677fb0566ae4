// Section 10: RFC 9162 Merkle trees: roots of complete logs, and proofs that an entry stands in one.

import { concatenate, equal } from "./bytes.ts";
import { sha256 } from "./hashes.ts";
import type { Structure } from "./reader.ts";
import { ensure } from "./refused.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const PATH_MAX = 64;

export interface InclusionProof {
  readonly index: bigint;
  readonly size: bigint;
  readonly path: readonly Uint8Array[];
}

export const InclusionProofStructure: Structure<InclusionProof> = {
  name: "an inclusion proof",
  limit: 2_069,
  read(reader) {
    reader.version("an inclusion proof");
    return {
      index: reader.u64(),
      size: reader.u64(),
      path: reader.list("hashes of an inclusion proof", 0, PATH_MAX, () => reader.hash()),
    };
  },
};

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concatenate(LEAF, entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatenate(NODE, left, right));
}

/** The root of a complete log. Holds one hash for each bit of the count, not the whole tree. */
export function logRoot(entries: readonly Uint8Array[]): Uint8Array {
  const peaks: Uint8Array[] = [];
  entries.forEach((entry, index) => {
    let hash = leafHash(entry);
    for (let bits = index; bits % 2 === 1; bits = (bits - 1) / 2) hash = nodeHash(peaks.pop()!, hash);
    peaks.push(hash);
  });
  let root = peaks.pop() ?? sha256(new Uint8Array(0));
  while (peaks.length > 0) root = nodeHash(peaks.pop()!, root);
  return root;
}

/** Refuses, unless the proof leads from the leaf's hash to the root. */
export function checkInclusion(proof: InclusionProof, leaf: Uint8Array, root: Uint8Array): void {
  ensure(proof.index < proof.size, "Index", "an inclusion proof's index is not below its size");
  let node = proof.index;
  let last = proof.size - 1n;
  let hash = leaf;
  for (const sibling of proof.path) {
    ensure(last !== 0n, "PathLength", "an inclusion proof has too many hashes");
    if (node % 2n === 1n || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  ensure(last === 0n, "PathLength", "an inclusion proof has too few hashes");
  ensure(equal(hash, root), "Root", "an inclusion proof does not lead to the root that the header holds");
}
