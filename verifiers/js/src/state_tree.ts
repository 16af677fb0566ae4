// Section 11: proofs of what stands, and what does not, under given keys of the state tree.

import { ascii, compare, concatenate, equal, isZero } from "./bytes.ts";
import { HASH_LENGTH, sha256 } from "./hashes.ts";
import type { Structure } from "./reader.ts";
import { Refused, ensure } from "./refused.ts";

const TAG = ascii("vouchsafe-state-tree-v1");
const EMPTY = new Uint8Array(HASH_LENGTH);
const DEPTH_MAX = 256;
const KEYS_MAX = 1_024;
const SHAPE_MAX = 65_536;
const HASHES_MAX = 65_536;

export interface StateLeaf {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array;
}

export interface StateProof {
  readonly shape: Uint8Array;
  readonly leaves: readonly StateLeaf[];
  readonly hashes: readonly Uint8Array[];
}

/** What is said of a key: the value hash that stands there, or null for nothing. */
export interface Claim {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array | null;
}

export const StateProofStructure: Structure<StateProof> = {
  name: "a state proof",
  limit: 4_194_304,
  read(reader) {
    reader.version("a state proof");
    return {
      shape: reader.bytes("bytes of a state proof's shape", 1, SHAPE_MAX),
      leaves: reader.list("leaves of a state proof", 0, KEYS_MAX, () => ({
        key: reader.hash(),
        valueHash: reader.hash(),
      })),
      hashes: reader.list("hashes of a state proof", 0, HASHES_MAX, () => reader.hash()),
    };
  },
};

type Kind = "empty" | "leaf" | "branch" | "hash";
interface Subtree {
  readonly hash: Uint8Array;
  readonly kind: Kind;
}

function bitOf(bytes: Uint8Array, index: number): number {
  return (bytes[index >> 3]! >> (7 - (index & 7))) & 1;
}

/** Whether the first `length` bits of both are the same. */
function samePrefix(first: Uint8Array, second: Uint8Array, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (bitOf(first, index) !== bitOf(second, index)) return false;
  }
  return true;
}

function checkLeaf(leaf: StateLeaf, claims: readonly Claim[]): void {
  for (const claim of claims) {
    const same = equal(claim.key, leaf.key);
    if (claim.valueHash === null) {
      ensure(!same, "Present", "the proof says that there is no record, and the ledger has one");
    } else {
      ensure(same, "Absent", "the proof gives a record, and the ledger has none");
      ensure(equal(claim.valueHash, leaf.valueHash), "Value", "the record in the proof is not the ledger's");
    }
  }
}

/** Reads a proof from front to back, and computes the root that it leads to. */
class Walk {
  private bit = 0;
  private nextLeaf = 0;
  private nextHash = 0;

  constructor(private readonly proof: StateProof) {}

  subtree(depth: number, claims: readonly Claim[]): Subtree {
    if (claims.length === 0) return this.unasked();
    const bits = 2 * this.readBit() + this.readBit();
    if (bits === 0) return this.emptyPlace(claims);
    if (bits === 1) return this.leaf(depth, claims);
    ensure(bits === 2, "Shape", "a state proof's shape is damaged");
    return this.branch(depth, claims);
  }

  /** Refuses, unless everything was read. */
  finish(): void {
    const { shape, leaves, hashes } = this.proof;
    let leftOver = this.nextLeaf < leaves.length || this.nextHash < hashes.length || 8 * shape.length - this.bit >= 8;
    for (let index = this.bit; !leftOver && index < 8 * shape.length; index += 1) leftOver = bitOf(shape, index) === 1;
    ensure(!leftOver, "LeftOver", "a state proof holds more than what leads to the record");
  }

  private unasked(): Subtree {
    if (this.readBit() === 0) return { hash: EMPTY, kind: "empty" };
    const hash = this.proof.hashes[this.nextHash];
    if (hash === undefined) throw new Refused("Shape", "a state proof lacks a hash");
    this.nextHash += 1;
    ensure(!isZero(hash), "NotCanonical", "a state proof writes an empty place as a hash");
    return { hash, kind: "hash" };
  }

  private emptyPlace(claims: readonly Claim[]): Subtree {
    const allAbsent = claims.every((claim) => claim.valueHash === null);
    ensure(allAbsent, "Absent", "the proof gives a record, and the ledger has none");
    return { hash: EMPTY, kind: "empty" };
  }

  private leaf(depth: number, claims: readonly Claim[]): Subtree {
    const leaf = this.proof.leaves[this.nextLeaf];
    if (leaf === undefined) throw new Refused("Shape", "a state proof lacks a leaf");
    this.nextLeaf += 1;
    const onPath = samePrefix(leaf.key, claims[0]!.key, depth);
    ensure(onPath, "Misplaced", "a state proof has a leaf where it cannot stand");
    checkLeaf(leaf, claims);
    return { hash: sha256(concatenate(Uint8Array.of(0), TAG, leaf.key, leaf.valueHash)), kind: "leaf" };
  }

  private branch(depth: number, claims: readonly Claim[]): Subtree {
    ensure(depth < DEPTH_MAX, "Shape", "a state proof is deeper than any key");
    const left = this.subtree(depth + 1, claims.filter((claim) => bitOf(claim.key, depth) === 0));
    const right = this.subtree(depth + 1, claims.filter((claim) => bitOf(claim.key, depth) === 1));
    const kinds = [left.kind, right.kind];
    const needless = kinds.includes("empty") && kinds.every((kind) => kind === "empty" || kind === "leaf");
    ensure(!needless, "NotCanonical", "a state proof has a branch with fewer than two leaves");
    return { hash: sha256(concatenate(Uint8Array.of(1), TAG, left.hash, right.hash)), kind: "branch" };
  }

  private readBit(): number {
    ensure(this.bit < 8 * this.proof.shape.length, "Shape", "a state proof's shape ends early");
    const bit = bitOf(this.proof.shape, this.bit);
    this.bit += 1;
    return bit;
  }
}

/** Refuses, unless the proof shows every claim under the root. */
export function checkState(proof: StateProof, claims: readonly Claim[], root: Uint8Array): void {
  const sorted = [...claims].sort((first, second) => compare(first.key, second.key));
  const twice = sorted.some((claim, index) => index > 0 && equal(sorted[index - 1]!.key, claim.key));
  const countable = sorted.length >= 1 && sorted.length <= KEYS_MAX && !twice;
  ensure(countable, "KeyCount", "a state proof is asked for no key, for too many, or for one twice");
  const walk = new Walk(proof);
  const { hash } = walk.subtree(0, sorted);
  walk.finish();
  ensure(equal(hash, root), "Root", "a state proof does not lead to the header's state root");
}
