// Section 2: SHA-256 of a tagged preimage, which keeps each kind of hash apart from every other.

import { sha256 } from "@noble/hashes/sha2.js";
import { ascii, concatenate } from "./bytes.ts";

export { sha256 };

export const HASH_LENGTH = 32;

export type Tag =
  | "vouchsafe-genesis-v1"
  | "vouchsafe-address-v1"
  | "vouchsafe-transaction-id-v1"
  | "vouchsafe-block-id-v1"
  | "vouchsafe-validator-set-v1"
  | "vouchsafe-certificate-v1"
  | "vouchsafe-evidence-v1"
  | "vouchsafe-state-key-v1"
  | "vouchsafe-state-value-v1";

/** SHA-256(length of the tag ‖ tag ‖ data). */
export function tagged(tag: Tag, ...data: Uint8Array[]): Uint8Array {
  return sha256(concatenate(Uint8Array.of(tag.length), ascii(tag), ...data));
}
