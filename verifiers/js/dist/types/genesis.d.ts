import type { ValidatorSet } from "./validators.ts";
/** The specification leaves the names of the document's rules open: here all of them have this one. */
export declare const GENESIS_RULE = "Genesis";
export declare const GENESIS_LENGTH_MAX = 1048576;
export interface Genesis {
    readonly chainId: Uint8Array;
    readonly chainName: string;
    readonly genesisTimeMilliseconds: bigint;
    readonly parameters: ReadonlyMap<string, bigint>;
    readonly validators: ValidatorSet;
    /** The document's RFC 8785 form. */
    readonly canonical: string;
}
/** Reads a genesis document, or refuses it. */
export declare function readGenesis(bytes: Uint8Array): Genesis;
/** The chain id by which two people compare their genesis documents. */
export declare function chainIdOf(genesis: Genesis): string;
