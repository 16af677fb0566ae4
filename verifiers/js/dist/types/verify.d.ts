import { type Certificate } from "./certificate.ts";
import { type Genesis } from "./genesis.ts";
import type { Header } from "./header.ts";
import type { Proof } from "./proof.ts";
import { type Shown } from "./shown.ts";
import type { ValidatorSet } from "./validators.ts";
/** What is asked about. A proof about anything else is refused. */
export interface Asked {
    readonly scheme: string;
    readonly digest: string;
}
/** The validators that decide every height above `height`, up to the next change. */
export interface Trusted {
    readonly chainId: Uint8Array;
    readonly validators: ValidatorSet;
    readonly height: bigint;
}
/** Section 14, step 1. */
export declare function checkHeader(header: Header, certificate: Certificate, trusted: Trusted): void;
/** Reads either form. What does not begin as the binary form is read as JSON, whatever it is. */
export declare function readProof(bytes: Uint8Array): Proof;
/** Section 15 from a genesis document that was read before. */
export declare function verifyProof(genesis: Genesis, proofBytes: Uint8Array, asked?: Asked | null): Shown;
/** What the proof shows to whoever trusts the genesis document; throws `Refused` if it does not hold. */
export declare function verify(genesisBytes: Uint8Array, proofBytes: Uint8Array, asked?: Asked | null): Shown;
