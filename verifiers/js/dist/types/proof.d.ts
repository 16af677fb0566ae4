import { type Certificate } from "./certificate.ts";
import { type Header } from "./header.ts";
import { type InclusionProof } from "./logs.ts";
import type { Structure } from "./reader.ts";
import { type AssetRecord, type LogEvent } from "./records.ts";
import { type StateProof } from "./state_tree.ts";
import { type Scheme } from "./status.ts";
import { type SignedTransaction } from "./transaction.ts";
import { type ValidatorSet } from "./validators.ts";
export declare const CHANGES_MAX = 4096;
export declare const EVENTS_MAX = 65536;
export interface SetChange {
    readonly header: Header;
    readonly certificate: Certificate;
    readonly validators: ValidatorSet;
}
export interface Older {
    readonly header: Header;
    readonly inclusion: InclusionProof;
}
export interface AssetSubject {
    readonly kind: "asset";
    readonly scheme: Scheme;
    readonly digest: Uint8Array;
    readonly record: AssetRecord | null;
    readonly stateProof: StateProof;
    readonly events: readonly LogEvent[] | null;
}
export interface ReceiptSubject {
    readonly kind: "receipt";
    readonly transaction: SignedTransaction;
    readonly inclusion: InclusionProof;
}
export interface Proof {
    readonly chainId: Uint8Array;
    readonly changes: readonly SetChange[];
    readonly header: Header;
    readonly certificate: Certificate;
    readonly older: Older | null;
    readonly subject: AssetSubject | ReceiptSubject;
}
export declare const ProofStructure: Structure<Proof>;
