import type { Structure } from "./reader.ts";
import { type ValidatorSet } from "./validators.ts";
export interface CertificateSignature {
    readonly address: Uint8Array;
    readonly signature: Uint8Array;
}
export interface Certificate {
    readonly height: bigint;
    readonly round: number;
    readonly blockId: Uint8Array;
    readonly signatures: readonly CertificateSignature[];
}
export declare const CertificateStructure: Structure<Certificate>;
/** Refuses a certificate that does not prove, under the set, that its block was decided. */
export declare function checkCertificate(certificate: Certificate, set: ValidatorSet, chainId: Uint8Array): void;
