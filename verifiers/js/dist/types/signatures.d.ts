export declare const SIGNATURE_LENGTH = 64;
/** ZIP-215 alone, whether the key is admitted or not. */
export declare function verifiesZip215(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
/** The ledger's verdict. */
export declare function verifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
/** What OpenSSH's SSHSIG signs for a message of ours. */
export declare function sshsigSignedData(message: Uint8Array): Uint8Array;
export interface Precommit {
    readonly chainId: Uint8Array;
    readonly height: bigint;
    readonly round: number;
    readonly blockId: Uint8Array;
    readonly address: Uint8Array;
}
/** Section 7: the preimage of a precommit for a block. */
export declare function precommitPreimage(precommit: Precommit): Uint8Array;
