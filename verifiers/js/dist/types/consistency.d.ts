import { type Structure } from "./reader.ts";
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
export declare const ConsistencyProofStructure: Structure<ConsistencyProof>;
/** Refuses, unless the proof shows that the newer log begins with all of the older one. */
export declare function checkConsistency(proof: ConsistencyProof, older: LogHead, newer: LogHead): void;
/** Checks an encoded proof; throws `Refused` if the newer log is not shown to continue the older one. */
export declare function verifyConsistency(proofBytes: Uint8Array, older: LogHead, newer: LogHead): void;
