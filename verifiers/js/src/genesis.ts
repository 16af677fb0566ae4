// Section 4: the genesis document: the one thing that a verifier is given to trust. From it come the
// chain id, the first validators and the parameters; the rest is read to refuse what is no document.

import { ascii, compare, fromUtf8, toHexadecimal, toUtf8 } from "./bytes.ts";
import { tagged } from "./hashes.ts";
import { canonicalJson, parseJson, type JsonValue } from "./json.ts";
import { readKeyLine } from "./keys.ts";
import { Members } from "./members.ts";
import { Refused } from "./refused.ts";
import { addressOf, isOrganizationId, makeValidator, makeValidatorSet, VALIDATORS_MAX } from "./validators.ts";
import type { ValidatorSet } from "./validators.ts";

/** The specification leaves the names of the document's rules open: here all of them have this one. */
export const GENESIS_RULE = "Genesis";
export const GENESIS_LENGTH_MAX = 1_048_576;
const TIME_MAX = 253_402_300_799_999n;
const POWER_MAX = 2n ** 48n;

const PARAMETERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  block_bytes_max: [2_097_152n, 16_777_216n],
  expiry_window_ms: [60_000n, 86_400_000n],
  heartbeat_ms: [1_000n, 600_000n],
  timeout_propose_ms: [10n, 60_000n],
  timeout_prevote_ms: [10n, 60_000n],
  timeout_precommit_ms: [10n, 60_000n],
  timeout_increment_ms: [10n, 60_000n],
  timeout_max_ms: [1_000n, 60_000n],
  evidence_age_max_blocks: [1n, 10_000_000n],
  clock_ahead_max_ms: [100n, 60_000n],
  clock_behind_max_ms: [1_000n, 600_000n],
};

export interface Genesis {
  readonly chainId: Uint8Array;
  readonly chainName: string;
  readonly genesisTimeMilliseconds: bigint;
  readonly parameters: ReadonlyMap<string, bigint>;
  readonly validators: ValidatorSet;
  /** The document's RFC 8785 form. */
  readonly canonical: string;
}

function refuse(sentence: string): never {
  throw new Refused(GENESIS_RULE, sentence);
}

/** Refuses a list that does not strictly ascend. */
function checkAscends(what: string, keys: readonly Uint8Array[]): void {
  const ascends = keys.every((key, index) => index === 0 || compare(keys[index - 1]!, key) < 0);
  if (!ascends) refuse(`the ${what} of the genesis document do not ascend`);
}

function readOrganization(value: JsonValue): string {
  const organization = new Members(value, "an organization", GENESIS_RULE, [
    "id", "name", "admin_keys", "admin_threshold", "signers",
  ]);
  const id = organization.text("id");
  if (!isOrganizationId(id)) organization.refuse("id", "is not an organization's id");
  const nameLength = toUtf8(organization.text("name")).length;
  if (nameLength < 1 || nameLength > 128) organization.refuse("name", "has not 1 to 128 bytes");
  for (const line of organization.list("admin_keys")) readKey(line);
  organization.number("admin_threshold");
  for (const entry of organization.list("signers")) {
    const signer = new Members(entry, "a signer", GENESIS_RULE, ["public_key", "role"], ["not_after_ms"]);
    readKey(signer.text("public_key"));
    if (!["signer", "admin"].includes(signer.text("role"))) signer.refuse("role", "is neither signer nor admin");
    if (signer.has("not_after_ms")) signer.decimal("not_after_ms", 0n, 2n ** 64n - 1n);
  }
  return id;
}

function readKey(line: JsonValue): Uint8Array {
  if (typeof line !== "string") refuse("a key of the genesis document is not a string");
  try {
    return readKeyLine(line);
  } catch (error) {
    if (error instanceof Refused) refuse(`in the genesis document, ${error.message}`);
    throw error;
  }
}

function readParameters(value: JsonValue | undefined): Map<string, bigint> {
  const members = new Members(value, "the parameters", GENESIS_RULE, Object.keys(PARAMETERS));
  const parameters = new Map<string, bigint>();
  for (const [name, [least, most]] of Object.entries(PARAMETERS)) parameters.set(name, members.decimal(name, least, most));
  for (const first of ["timeout_propose_ms", "timeout_prevote_ms", "timeout_precommit_ms"]) {
    if (parameters.get("timeout_max_ms")! < parameters.get(first)!) members.refuse("timeout_max_ms", `is below ${first}`);
  }
  return parameters;
}

function readValidators(entries: readonly JsonValue[]): ValidatorSet {
  if (entries.length < 1 || entries.length > VALIDATORS_MAX) refuse("the genesis document has no validators, or too many");
  const validators = entries.map((entry) => {
    const members = new Members(entry, "a validator", GENESIS_RULE, [
      "organization", "consensus_key", "peer_id", "power", "addresses",
    ]);
    const organization = members.text("organization");
    if (!isOrganizationId(organization)) members.refuse("organization", "is not an organization's id");
    members.text("peer_id");
    if (members.list("addresses").some((address) => typeof address !== "string")) members.refuse("addresses", "has no texts");
    return makeValidator(readKey(members.text("consensus_key")), members.decimal("power", 1n, POWER_MAX), organization);
  });
  checkAscends("validators", validators.map((validator) => addressOf(validator.publicKey)));
  if (validators.reduce((sum, validator) => sum + validator.power, 0n) > POWER_MAX) refuse("the validators' powers exceed 2⁴⁸");
  return makeValidatorSet(validators);
}

function checkObservers(entries: readonly JsonValue[]): void {
  const peers = entries.map((entry) => {
    const observer = new Members(entry, "an observer", GENESIS_RULE, ["organization", "peer_id"]);
    if (!isOrganizationId(observer.text("organization"))) observer.refuse("organization", "is not an organization's id");
    return toUtf8(observer.text("peer_id"));
  });
  checkAscends("observers", peers);
}

/** Reads a genesis document, or refuses it. */
export function readGenesis(bytes: Uint8Array): Genesis {
  if (bytes.length > GENESIS_LENGTH_MAX) refuse("the genesis document is longer than 1 MiB");
  const text = fromUtf8(bytes);
  if (text === null) refuse("the genesis document is not UTF-8");
  const value = parseJson(text, GENESIS_RULE);
  const document = new Members(value, "the genesis document", GENESIS_RULE, [
    "version", "chain_name", "genesis_time_ms", "parameters", "organizations", "validators", "observers",
  ]);
  if (document.number("version") !== 1) document.refuse("version", "is not 1");
  const chainName = document.text("chain_name");
  if (!/^[A-Za-z0-9 ._-]{1,64}$/.test(chainName)) document.refuse("chain_name", "is not a chain's name");
  checkAscends("organizations", document.list("organizations").map((entry) => ascii(readOrganization(entry))));
  checkObservers(document.list("observers"));
  const canonical = canonicalJson(value);
  return {
    chainId: tagged("vouchsafe-genesis-v1", toUtf8(canonical)),
    chainName,
    genesisTimeMilliseconds: document.decimal("genesis_time_ms", 0n, TIME_MAX),
    parameters: readParameters(document.value("parameters")),
    validators: readValidators(document.list("validators")),
    canonical,
  };
}

/** The chain id by which two people compare their genesis documents. */
export function chainIdOf(genesis: Genesis): string {
  return toHexadecimal(genesis.chainId);
}
