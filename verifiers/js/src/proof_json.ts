// Section 15: the JSON form of a proof file. First its outer form is checked, then each part is
// decoded by itself, in the binary form's order.

import { fromHexadecimal, fromUtf8 } from "./bytes.ts";
import { CertificateStructure } from "./certificate.ts";
import { HASH_LENGTH } from "./hashes.ts";
import { HeaderStructure } from "./header.ts";
import { parseJson, type JsonValue } from "./json.ts";
import { InclusionProofStructure } from "./logs.ts";
import { Members } from "./members.ts";
import { CHANGES_MAX, EVENTS_MAX, ProofStructure } from "./proof.ts";
import type { AssetSubject, Older, Proof, ReceiptSubject, SetChange } from "./proof.ts";
import { checkCount, checkLength, decode, type Structure } from "./reader.ts";
import { AssetRecordStructure, EventStructure } from "./records.ts";
import { Refused, ensure } from "./refused.ts";
import { StateProofStructure } from "./state_tree.ts";
import { isScheme } from "./status.ts";
import { SignedTransactionStructure } from "./transaction.ts";
import { ValidatorSetStructure } from "./validators.ts";

export const JSON_LENGTH_MAX = 37_748_736;
const RULE = "Json";
/** What the member `format` says, and what the binary form begins with. */
const FORMAT = "vouchsafe-proof";
const COUNT_LENGTH = 4;

/** Something that is decoded only after the whole document's outer form was found good. */
interface Later<Value> {
  /** How many bytes the binary form has in its place. */
  readonly length: number;
  read(): Value;
}

function lengthOf(parts: readonly Later<unknown>[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function later<Value>(structure: Structure<Value>, value: JsonValue | undefined): Later<Value> {
  const isHexadecimal = typeof value === "string" && value.length % 2 === 0 && !/[^0-9a-f]/.test(value);
  if (!isHexadecimal) throw new Refused(RULE, `${structure.name} is not written in lowercase hexadecimal digits`);
  const length = value.length / 2;
  return {
    length,
    read() {
      checkLength(structure.name, length, structure.limit);
      return decode(structure, fromHexadecimal(value)!);
    },
  };
}

/** In the binary form a byte says whether it is there. */
function option<Value>(
  value: JsonValue | undefined,
  make: (present: JsonValue | undefined) => Later<Value>,
): Later<Value | null> {
  if (value === null) return { length: 1, read: () => null };
  const present = make(value);
  return { length: 1 + present.length, read: () => present.read() };
}

/** In the binary form their count stands before them. */
function list<Value>(what: string, most: number, items: readonly Later<Value>[]): Later<Value[]> {
  return {
    length: COUNT_LENGTH + lengthOf(items),
    read() {
      checkCount(what, items.length, 0, most);
      return items.map((item) => item.read());
    },
  };
}

/** A chain id or digest: no structure of its own, but a member of a fixed number of digits. */
function hashOf(members: Members, name: string): Uint8Array {
  const bytes = fromHexadecimal(members.text(name));
  return bytes?.length === HASH_LENGTH ? bytes : members.refuse(name, "is not 64 lowercase hexadecimal digits");
}

function readChange(value: JsonValue): Later<SetChange> {
  const members = new Members(value, "a change of validators", RULE, ["header", "certificate", "validators"]);
  const header = later(HeaderStructure, members.value("header"));
  const certificate = later(CertificateStructure, members.value("certificate"));
  const validators = later(ValidatorSetStructure, members.value("validators"));
  return {
    length: lengthOf([header, certificate, validators]),
    read: () => ({ header: header.read(), certificate: certificate.read(), validators: validators.read() }),
  };
}

function readOlder(value: JsonValue | undefined): Later<Older> {
  const members = new Members(value, "the older header", RULE, ["header", "inclusion"]);
  const header = later(HeaderStructure, members.value("header"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return {
    length: lengthOf([header, inclusion]),
    read: () => ({ header: header.read(), inclusion: inclusion.read() }),
  };
}

function readAsset(value: JsonValue | undefined): Later<AssetSubject> {
  const members = new Members(value, "the asset", RULE, ["scheme", "digest", "record", "state_proof", "events"]);
  const scheme = members.text("scheme");
  if (!isScheme(scheme)) return members.refuse("scheme", "is no scheme");
  const digest = hashOf(members, "digest");
  const record = option(members.value("record"), (present) => later(AssetRecordStructure, present));
  const stateProof = later(StateProofStructure, members.value("state_proof"));
  const events = option(members.value("events"), () =>
    list("events", EVENTS_MAX, members.list("events").map((event) => later(EventStructure, event))),
  );
  return {
    length: 1 + HASH_LENGTH + lengthOf([record, stateProof, events]),
    read: () => ({
      kind: "asset",
      scheme,
      digest,
      record: record.read(),
      stateProof: stateProof.read(),
      events: events.read(),
    }),
  };
}

function readReceipt(value: JsonValue | undefined): Later<ReceiptSubject> {
  const members = new Members(value, "the receipt", RULE, ["transaction", "inclusion"]);
  const transaction = later(SignedTransactionStructure, members.value("transaction"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return {
    length: lengthOf([transaction, inclusion]),
    read: () => ({ kind: "receipt", transaction: transaction.read(), inclusion: inclusion.read() }),
  };
}

export function readProofJson(bytes: Uint8Array): Proof {
  checkLength("the proof file", bytes.length, JSON_LENGTH_MAX);
  const text = fromUtf8(bytes);
  if (text === null) throw new Refused(RULE, "the proof file is not UTF-8");
  const members = new Members(
    parseJson(text, RULE),
    "the proof file",
    RULE,
    ["format", "version", "chain_id", "changes", "header", "certificate", "older"],
    ["asset", "receipt"],
  );
  const hasOneSubject = members.has("asset") !== members.has("receipt");
  ensure(hasOneSubject, RULE, "the proof file has not exactly one of 'asset' and 'receipt'");
  ensure(members.text("format") === FORMAT, RULE, "this is not a Vouchsafe proof file");
  const version = members.number("version");
  const chainId = hashOf(members, "chain_id");
  const changes = list("changes of validators", CHANGES_MAX, members.list("changes").map(readChange));
  const header = later(HeaderStructure, members.value("header"));
  const certificate = later(CertificateStructure, members.value("certificate"));
  const older = option(members.value("older"), readOlder);
  const subject = members.has("asset") ? readAsset(members.value("asset")) : readReceipt(members.value("receipt"));
  ensure(version === 1, "UnknownVersion", `the proof file has version ${version}, and this verifier knows only version 1`);
  const proof = {
    chainId,
    changes: changes.read(),
    header: header.read(),
    certificate: certificate.read(),
    older: older.read(),
    subject: subject.read(),
  };
  // The magic, the version and the chain id, and the byte that says which subject follows.
  const length = FORMAT.length + 1 + HASH_LENGTH + lengthOf([changes, header, certificate, older]) + 1 + subject.length;
  checkLength("the proof file's binary form", length, ProofStructure.limit);
  return proof;
}
