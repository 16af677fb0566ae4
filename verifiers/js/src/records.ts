// Section 12: the record of an asset, the events of its log, and where a record stands in the state.

import { compare, toUtf8 } from "./bytes.ts";
import { tagged } from "./hashes.ts";
import { KEY_LENGTH } from "./keys.ts";
import type { Reader, Structure } from "./reader.ts";
import { ensure } from "./refused.ts";
import { readReason, readRole, readStatus, SCHEME_NUMBERS } from "./status.ts";
import type { Reason, Role, Scheme, Status } from "./status.ts";
import { readOrganizationId } from "./validators.ts";

const ASSET_NAME = 1;
const ORGANIZATIONS_MAX = 256;

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

function readOrganizationStatus(reader: Reader): OrganizationStatus {
  return {
    organization: readOrganizationId(reader),
    status: readStatus(reader),
    reason: reader.option("a reason", () => readReason(reader)),
    sinceHeight: reader.u64(),
    sinceTimeMilliseconds: reader.u64(),
    eventIndex: reader.u64(),
    transactionId: reader.hash(),
    operationIndex: reader.u16(),
    signer: reader.fixed(KEY_LENGTH),
  };
}

export const AssetRecordStructure: Structure<AssetRecord> = {
  name: "an asset's record",
  limit: 65_536,
  read(reader) {
    const start = reader.position;
    reader.version("an asset's record");
    const eventCount = reader.u64();
    const eventRoot = reader.hash();
    let previous: string | null = null;
    const organizations = reader.list("organizations of an asset's record", 1, ORGANIZATIONS_MAX, () => {
      const entry = readOrganizationStatus(reader);
      const ascends = previous === null || compare(toUtf8(previous), toUtf8(entry.organization)) < 0;
      ensure(ascends, "Malformed", "the organizations of an asset's record do not ascend");
      previous = entry.organization;
      return entry;
    });
    return { eventCount, eventRoot, organizations, encoding: reader.since(start) };
  },
};

export const EventStructure: Structure<LogEvent> = {
  name: "an event",
  limit: 256,
  read(reader) {
    const start = reader.position;
    reader.version("an event");
    const fields = {
      transactionId: reader.hash(),
      operationIndex: reader.u16(),
      organization: readOrganizationId(reader),
      signer: reader.fixed(KEY_LENGTH),
      role: readRole(reader),
      status: readStatus(reader),
      reason: reader.option("a reason", () => readReason(reader)),
      height: reader.u64(),
      timeMilliseconds: reader.u64(),
    };
    return { ...fields, encoding: reader.since(start) };
  },
};

/** The state key under which an asset's record stands. */
export function assetKey(scheme: Scheme, digest: Uint8Array): Uint8Array {
  return tagged("vouchsafe-state-key-v1", Uint8Array.of(ASSET_NAME, SCHEME_NUMBERS.get(scheme)!), digest);
}

/** What stands under a record's key. */
export function valueHash(record: Uint8Array): Uint8Array {
  return tagged("vouchsafe-state-value-v1", record);
}
