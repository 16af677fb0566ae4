import type { ValidatorSet } from "./validators.ts";
export declare const CHECKPOINT_LENGTH_MAX = 65536;
export interface Checkpoint {
    readonly chainId: Uint8Array;
    /** How many blocks: the height of the last. */
    readonly size: bigint;
    readonly root: Uint8Array;
}
/** A line in the form of a validator's, whether or not it names one. */
export interface NoteSignature {
    readonly name: string;
    readonly keyId: Uint8Array;
    readonly signature: Uint8Array;
}
/** A note as it is written: nothing of it is believed before its signatures are checked. */
export interface CheckpointNote {
    readonly checkpoint: Checkpoint;
    /** What is signed. */
    readonly text: Uint8Array;
    /** Without the lines of witnesses. */
    readonly signatures: readonly NoteSignature[];
}
/** Reads a note without checking who signed it. */
export declare function readCheckpoint(noteBytes: Uint8Array): CheckpointNote;
/**
 * What a note says, if it counts. The validators are those who decided the height that is its size.
 * Who gives `validators` of a genesis document, for want of a header of that height, must say that a
 * later change of the set would not be seen.
 */
export declare function verifyCheckpoint(noteBytes: Uint8Array, validators: ValidatorSet, chainId: Uint8Array): Checkpoint;
