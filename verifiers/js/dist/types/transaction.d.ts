import { type Structure } from "./reader.ts";
import { type Reason, type Scheme } from "./status.ts";
export interface Asset {
    readonly scheme: Scheme;
    readonly digest: Uint8Array;
    readonly size: bigint;
    readonly name: string;
    readonly attributes: readonly {
        readonly key: string;
        readonly value: string;
    }[];
}
export interface Operation {
    readonly kind: "Notarize" | "Revoke";
    readonly assets: readonly Asset[];
    readonly reason: Reason | null;
}
export interface Body {
    readonly operations: readonly Operation[];
    readonly nonce: Uint8Array;
    readonly expiryMilliseconds: bigint;
}
export interface SignedTransaction {
    readonly body: Uint8Array;
    readonly publicKey: Uint8Array;
    readonly signature: Uint8Array;
    readonly leaf: Uint8Array;
}
export declare const BodyStructure: Structure<Body>;
export declare const SignedTransactionStructure: Structure<SignedTransaction>;
/** The body of a transaction that is valid by itself on this chain; else refuses. */
export declare function checkTransaction(transaction: SignedTransaction, chainId: Uint8Array): Body;
export declare function transactionId(transaction: SignedTransaction, chainId: Uint8Array): Uint8Array;
