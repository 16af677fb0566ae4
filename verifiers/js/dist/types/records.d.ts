import type { Structure } from "./reader.ts";
import type { Reason, Role, Scheme, Status } from "./status.ts";
export interface OrganizationStatus {
    readonly organization: string;
    readonly status: Status;
    readonly reason: Reason | null;
    readonly sinceHeight: bigint;
    readonly sinceTimeMilliseconds: bigint;
    readonly eventIndex: bigint;
    readonly transactionId: Uint8Array;
    readonly operationIndex: number;
    readonly signer: Uint8Array;
}
export interface AssetRecord {
    readonly eventCount: bigint;
    readonly eventRoot: Uint8Array;
    readonly organizations: readonly OrganizationStatus[];
    /** As it was written: what the state commits to. */
    readonly encoding: Uint8Array;
}
export interface LogEvent {
    readonly transactionId: Uint8Array;
    readonly operationIndex: number;
    readonly organization: string;
    readonly signer: Uint8Array;
    readonly role: Role;
    readonly status: Status;
    readonly reason: Reason | null;
    readonly height: bigint;
    readonly timeMilliseconds: bigint;
    readonly encoding: Uint8Array;
}
export declare const AssetRecordStructure: Structure<AssetRecord>;
export declare const EventStructure: Structure<LogEvent>;
/** The state key under which an asset's record stands. */
export declare function assetKey(scheme: Scheme, digest: Uint8Array): Uint8Array;
/** What stands under a record's key. */
export declare function valueHash(record: Uint8Array): Uint8Array;
