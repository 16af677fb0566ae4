import type { Structure } from "./reader.ts";
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
export declare const StateProofStructure: Structure<StateProof>;
/** Refuses, unless the proof shows every claim under the root. */
export declare function checkState(proof: StateProof, claims: readonly Claim[], root: Uint8Array): void;
