import type { Structure } from "./reader.ts";
export interface Header {
    readonly chainId: Uint8Array;
    readonly height: bigint;
    readonly round: number;
    readonly timeMilliseconds: bigint;
    readonly parent: Uint8Array;
    readonly historyRoot: Uint8Array;
    readonly transactionsRoot: Uint8Array;
    readonly transactionCount: number;
    readonly stateRoot: Uint8Array;
    readonly validators: Uint8Array;
    readonly nextValidators: Uint8Array;
    readonly proposer: Uint8Array;
    readonly parentCertificate: Uint8Array;
    readonly evidenceRoot: Uint8Array;
    readonly blockId: Uint8Array;
}
export declare const HeaderStructure: Structure<Header>;
