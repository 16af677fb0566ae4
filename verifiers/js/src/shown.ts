// What a proof shows, as plain JSON values: 64-bit numbers as decimal strings, bytes as hexadecimal
// digits. Verifiers in other languages make the same object, so that they can be compared.

import { toHexadecimal } from "./bytes.ts";
import type { Header } from "./header.ts";
import { fingerprint } from "./keys.ts";
import type { AssetSubject, ReceiptSubject } from "./proof.ts";
import type { LogEvent, OrganizationStatus } from "./records.ts";
import { overall, type Reason, type Role, type Scheme, type Status } from "./status.ts";
import { transactionId, type Body, type Operation } from "./transaction.ts";

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
  assets: { scheme: Scheme; digest: string }[];
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

function showOrganization(entry: OrganizationStatus): ShownOrganization {
  return {
    organization: entry.organization,
    status: entry.status,
    reason: entry.reason,
    since_height: entry.sinceHeight.toString(),
    since_time_ms: entry.sinceTimeMilliseconds.toString(),
    signer: fingerprint(entry.signer),
  };
}

function showEvent(event: LogEvent): ShownEvent {
  return {
    organization: event.organization,
    status: event.status,
    reason: event.reason,
    height: event.height.toString(),
    time_ms: event.timeMilliseconds.toString(),
    signer: fingerprint(event.signer),
    role: event.role,
    transaction_id: toHexadecimal(event.transactionId),
    operation_index: event.operationIndex,
  };
}

export function showAsset(subject: AssetSubject): ShownAsset {
  const organizations = subject.record?.organizations ?? [];
  return {
    scheme: subject.scheme,
    digest: toHexadecimal(subject.digest),
    status: overall(organizations.map((entry) => entry.status)),
    event_count: (subject.record?.eventCount ?? 0n).toString(),
    organizations: organizations.map(showOrganization),
    events: subject.events?.map(showEvent) ?? null,
  };
}

/** What an operation states about its assets (section 13). */
function statusOf(operation: Operation): Status {
  if (operation.kind === "Notarize") return "TRUSTED";
  return operation.reason === "COMPROMISED" ? "UNTRUSTED" : "UNSUPPORTED";
}

export function showReceipt(subject: ReceiptSubject, body: Body, chainId: Uint8Array): ShownReceipt {
  return {
    transaction_id: toHexadecimal(transactionId(subject.transaction, chainId)),
    index: subject.inclusion.index.toString(),
    signer: fingerprint(subject.transaction.publicKey),
    operations: body.operations.map((operation) => ({
      status: statusOf(operation),
      reason: operation.reason,
      assets: operation.assets.map(({ scheme, digest }) => ({ scheme, digest: toHexadecimal(digest) })),
    })),
  };
}

export function showHeader(header: Header): Pick<Shown, "chain_id" | "height" | "time_ms" | "block_id"> {
  return {
    chain_id: toHexadecimal(header.chainId),
    height: header.height.toString(),
    time_ms: header.timeMilliseconds.toString(),
    block_id: toHexadecimal(header.blockId),
  };
}
