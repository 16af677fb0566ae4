// Section 16: proofs that a log of one size continues a log of a smaller one, by RFC 9162 §2.1.4.2.
// With them whoever kept a checkpoint sees that no block before it was rewritten.

import { equal } from "./bytes.ts";
import { nodeHash } from "./logs.ts";
import { decode, type Structure } from "./reader.ts";
import { ensure } from "./refused.ts";

/** For sizes of 64 bits: a hash for each bit, and the node that both trees have in common. */
const PATH_MAX = 65;

export interface ConsistencyProof {
  readonly first: bigint;
  readonly second: bigint;
  readonly path: readonly Uint8Array[];
}

/** A log's size and root, which come from one place: a `Checkpoint` is one. */
export interface LogHead {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export const ConsistencyProofStructure: Structure<ConsistencyProof> = {
  name: "a consistency proof",
  limit: 2_101,
  read(reader) {
    reader.version("a consistency proof");
    return {
      first: reader.u64(),
      second: reader.u64(),
      path: reader.list("hashes of a consistency proof", 0, PATH_MAX, () => reader.hash()),
    };
  },
};

/** Whether the tree of this size is one whole node of every larger tree, so that the path leaves it out. */
function isPowerOfTwo(size: bigint): boolean {
  return (size & (size - 1n)) === 0n;
}

/** The roots of the older and the newer log, to which a complete path leads. */
function rootsOf(path: readonly Uint8Array[], first: bigint, second: bigint): readonly [Uint8Array, Uint8Array] {
  const [start, ...siblings] = path;
  ensure(start !== undefined, "PathLength", "a consistency proof has no hashes");
  let node = first - 1n;
  let last = second - 1n;
  while (node % 2n === 1n) {
    node /= 2n;
    last /= 2n;
  }
  let older = start;
  let newer = start;
  for (const sibling of siblings) {
    ensure(last !== 0n, "PathLength", "a consistency proof has too many hashes");
    if (node % 2n === 1n || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  ensure(last === 0n, "PathLength", "a consistency proof has too few hashes");
  return [older, newer];
}

/** Refuses, unless the proof shows that the newer log begins with all of the older one. */
export function checkConsistency(proof: ConsistencyProof, older: LogHead, newer: LogHead): void {
  const { first, second, path } = proof;
  const sameSizes = first === older.size && second === newer.size;
  ensure(sameSizes, "Sizes", "a consistency proof is of other sizes than the logs");
  ensure(first >= 1n, "Sizes", "a consistency proof's first size is 0");
  ensure(first <= second, "Sizes", "a consistency proof's first size is above its second");
  if (first === second) {
    ensure(path.length === 0, "PathLength", "a consistency proof of one size has hashes");
    ensure(equal(older.root, newer.root), "SecondRoot", "two logs of one size have different roots");
    return;
  }
  const [olderRoot, newerRoot] = rootsOf(isPowerOfTwo(first) ? [older.root, ...path] : path, first, second);
  ensure(equal(olderRoot, older.root), "FirstRoot", "a consistency proof does not lead to the older root");
  ensure(equal(newerRoot, newer.root), "SecondRoot", "a consistency proof does not lead to the newer root");
}

/** Checks an encoded proof; throws `Refused` if the newer log is not shown to continue the older one. */
export function verifyConsistency(proofBytes: Uint8Array, older: LogHead, newer: LogHead): void {
  checkConsistency(decode(ConsistencyProofStructure, proofBytes), older, newer);
}
