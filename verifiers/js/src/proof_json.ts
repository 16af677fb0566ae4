// Section 15: the JSON form of a proof file. First its outer form is checked, then each part is
// decoded by itself, in the binary form's order.

import { fromHexadecimal, fromUtf8 } from "./bytes.ts";
import { CertificateStructure } from "./certificate.ts";
import { HASH_LENGTH } from "./hashes.ts";
import { HeaderStructure } from "./header.ts";
import { parseJson, type JsonValue } from "./json.ts";
import { InclusionProofStructure } from "./logs.ts";
import { Members } from "./members.ts";
import { CHANGES_MAX, EVENTS_MAX } from "./proof.ts";
import type { AssetSubject, Older, Proof, ReceiptSubject, SetChange } from "./proof.ts";
import { checkCount, checkLength, decode, type Structure } from "./reader.ts";
import { AssetRecordStructure, EventStructure } from "./records.ts";
import { Refused, ensure } from "./refused.ts";
import { StateProofStructure } from "./state_tree.ts";
import { isScheme } from "./status.ts";
import { SignedTransactionStructure } from "./transaction.ts";
import { ValidatorSetStructure } from "./validators.ts";

export const JSON_LENGTH_MAX = 33_556_480;
const RULE = "Json";

/** Something that is decoded only after the whole document's outer form was found good. */
type Later<Value> = () => Value;

function later<Value>(structure: Structure<Value>, value: JsonValue | undefined): Later<Value> {
  const isHexadecimal = typeof value === "string" && value.length % 2 === 0 && !/[^0-9a-f]/.test(value);
  if (!isHexadecimal) throw new Refused(RULE, `${structure.name} is not written in lowercase hexadecimal digits`);
  return () => {
    checkLength(structure.name, value.length / 2, structure.limit);
    return decode(structure, fromHexadecimal(value)!);
  };
}

/** A chain id or digest: no structure of its own, but a member of a fixed number of digits. */
function hashOf(members: Members, name: string): Uint8Array {
  const bytes = fromHexadecimal(members.text(name));
  return bytes?.length === HASH_LENGTH ? bytes : members.refuse(name, "is not 64 lowercase hexadecimal digits");
}

function readChanges(values: readonly JsonValue[]): Later<SetChange[]> {
  const changes = values.map((value) => {
    const members = new Members(value, "a change of validators", RULE, ["header", "certificate", "validators"]);
    const header = later(HeaderStructure, members.value("header"));
    const certificate = later(CertificateStructure, members.value("certificate"));
    const validators = later(ValidatorSetStructure, members.value("validators"));
    return () => ({ header: header(), certificate: certificate(), validators: validators() });
  });
  return () => {
    checkCount("changes of validators", changes.length, 0, CHANGES_MAX);
    return changes.map((change) => change());
  };
}

function readOlder(value: JsonValue | undefined): Later<Older> {
  const members = new Members(value, "the older header", RULE, ["header", "inclusion"]);
  const header = later(HeaderStructure, members.value("header"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return () => ({ header: header(), inclusion: inclusion() });
}

function readAsset(value: JsonValue | undefined): Later<AssetSubject> {
  const members = new Members(value, "the asset", RULE, ["scheme", "digest", "record", "state_proof", "events"]);
  const scheme = members.text("scheme");
  if (!isScheme(scheme)) return members.refuse("scheme", "is no scheme");
  const digest = hashOf(members, "digest");
  const record = members.isNull("record") ? () => null : later(AssetRecordStructure, members.value("record"));
  const stateProof = later(StateProofStructure, members.value("state_proof"));
  const events = members.isNull("events")
    ? null
    : members.list("events").map((event) => later(EventStructure, event));
  return () => ({
    kind: "asset",
    scheme,
    digest,
    record: record(),
    stateProof: stateProof(),
    events: events && (checkCount("events", events.length, 0, EVENTS_MAX), events.map((event) => event())),
  });
}

function readReceipt(value: JsonValue | undefined): Later<ReceiptSubject> {
  const members = new Members(value, "the receipt", RULE, ["transaction", "inclusion"]);
  const transaction = later(SignedTransactionStructure, members.value("transaction"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return () => ({ kind: "receipt", transaction: transaction(), inclusion: inclusion() });
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
  ensure(members.text("format") === "vouchsafe-proof", RULE, "this is not a Vouchsafe proof file");
  const version = members.number("version");
  const chainId = hashOf(members, "chain_id");
  const changes = readChanges(members.list("changes"));
  const header = later(HeaderStructure, members.value("header"));
  const certificate = later(CertificateStructure, members.value("certificate"));
  const older = members.isNull("older") ? () => null : readOlder(members.value("older"));
  const subject = members.has("asset") ? readAsset(members.value("asset")) : readReceipt(members.value("receipt"));
  ensure(version === 1, "UnknownVersion", `the proof file has version ${version}, and this verifier knows only version 1`);
  return {
    chainId,
    changes: changes(),
    header: header(),
    certificate: certificate(),
    older: older(),
    subject: subject(),
  };
}
