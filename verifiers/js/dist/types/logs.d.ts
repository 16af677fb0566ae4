import type { Structure } from "./reader.ts";
export interface InclusionProof {
    readonly index: bigint;
    readonly size: bigint;
    readonly path: readonly Uint8Array[];
}
export declare const InclusionProofStructure: Structure<InclusionProof>;
export declare function leafHash(entry: Uint8Array): Uint8Array;
export declare function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array;
/** The root of a complete log. Holds one hash for each bit of the count, not the whole tree. */
export declare function logRoot(entries: readonly Uint8Array[]): Uint8Array;
/** Refuses, unless the proof leads from the leaf's hash to the root. */
export declare function checkInclusion(proof: InclusionProof, leaf: Uint8Array, root: Uint8Array): void;
