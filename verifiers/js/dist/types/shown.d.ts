import type { Header } from "./header.ts";
import type { AssetSubject, ReceiptSubject } from "./proof.ts";
import { type Reason, type Role, type Scheme, type Status } from "./status.ts";
import { type Body } from "./transaction.ts";
export interface ShownOrganization {
    organization: string;
    status: Status;
    reason: Reason | null;
    since_height: string;
    since_time_ms: string;
    signer: string;
}
export interface ShownEvent {
    organization: string;
    status: Status;
    reason: Reason | null;
    height: string;
    time_ms: string;
    signer: string;
    role: Role;
    transaction_id: string;
    operation_index: number;
}
export interface ShownAsset {
    scheme: Scheme;
    digest: string;
    status: Status;
    event_count: string;
    organizations: ShownOrganization[];
    events: ShownEvent[] | null;
}
export interface ShownOperation {
    status: Status;
    reason: Reason | null;
    assets: {
        scheme: Scheme;
        digest: string;
    }[];
}
export interface ShownReceipt {
    transaction_id: string;
    index: string;
    signer: string;
    operations: ShownOperation[];
}
export interface Shown {
    chain_id: string;
    height: string;
    time_ms: string;
    block_id: string;
    asset: ShownAsset | null;
    receipt: ShownReceipt | null;
}
export declare function showAsset(subject: AssetSubject): ShownAsset;
export declare function showReceipt(subject: ReceiptSubject, body: Body, chainId: Uint8Array): ShownReceipt;
export declare function showHeader(header: Header): Pick<Shown, "chain_id" | "height" | "time_ms" | "block_id">;
