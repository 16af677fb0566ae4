// Section 6: sets of validators. Addresses are not encoded; they are computed, and order the set.

import { compare, equal, toHexadecimal, u32LittleEndian, u64LittleEndian, concatenate, toUtf8 } from "./bytes.ts";
import { tagged } from "./hashes.ts";
import { KEY_LENGTH } from "./keys.ts";
import type { Reader, Structure } from "./reader.ts";
import { ensure } from "./refused.ts";

export const VALIDATORS_MAX = 256;
const TOTAL_POWER_MAX = 2n ** 48n;
const ORGANIZATION_ID_LENGTH_MAX = 32;
const ORGANIZATION_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

export interface Validator {
  readonly publicKey: Uint8Array;
  readonly power: bigint;
  readonly organization: string;
  readonly address: Uint8Array;
}

export interface ValidatorSet {
  readonly members: readonly Validator[];
  readonly byAddress: ReadonlyMap<string, Validator>;
  readonly totalPower: bigint;
  readonly hash: Uint8Array;
}

export function isOrganizationId(text: string): boolean {
  return ORGANIZATION_ID.test(text);
}

export function readOrganizationId(reader: Reader): string {
  const id = reader.text("an organization's id", 1, ORGANIZATION_ID_LENGTH_MAX);
  ensure(isOrganizationId(id), "Malformed", "an organization's id has characters that it may not have");
  return id;
}

export function addressOf(publicKey: Uint8Array): Uint8Array {
  return tagged("vouchsafe-address-v1", publicKey);
}

export function makeValidator(publicKey: Uint8Array, power: bigint, organization: string): Validator {
  ensure(power >= 1n, "Malformed", "a validator has no power");
  return { publicKey, power, organization, address: addressOf(publicKey) };
}

function encode(members: readonly Validator[]): Uint8Array {
  const parts = [Uint8Array.of(1), u32LittleEndian(members.length)];
  for (const member of members) {
    const organization = toUtf8(member.organization);
    parts.push(member.publicKey, u64LittleEndian(member.power), u32LittleEndian(organization.length), organization);
  }
  return concatenate(...parts);
}

/** The set of these members, which are sorted by address. */
export function makeValidatorSet(unsorted: readonly Validator[]): ValidatorSet {
  const members = [...unsorted].sort((first, second) => compare(first.address, second.address));
  const byAddress = new Map(members.map((member) => [toHexadecimal(member.address), member]));
  ensure(byAddress.size === members.length, "Malformed", "a validator stands in its set twice");
  const totalPower = members.reduce((sum, member) => sum + member.power, 0n);
  ensure(totalPower <= TOTAL_POWER_MAX, "Malformed", "the validators' powers exceed 2⁴⁸ in all");
  return { members, byAddress, totalPower, hash: tagged("vouchsafe-validator-set-v1", encode(members)) };
}

export const ValidatorSetStructure: Structure<ValidatorSet> = {
  name: "a set of validators",
  limit: 20_485,
  read(reader) {
    reader.version("a set of validators");
    const members = reader.list("validators", 1, VALIDATORS_MAX, () => {
      const publicKey = reader.fixed(KEY_LENGTH);
      const power = reader.u64();
      return makeValidator(publicKey, power, readOrganizationId(reader));
    });
    const set = makeValidatorSet(members);
    if (members.some((member, index) => !equal(member.address, set.members[index]!.address))) {
      reader.notCanonical("the validators of a set do not ascend by address");
    }
    return set;
  },
};
