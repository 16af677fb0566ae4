// Section 3, signatures: the ledger's one rule (ZIP-215 and an admitted key), and the bytes that
// transactions (SSHSIG) and precommits are signed as.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ascii, concatenate, u32LittleEndian, u64LittleEndian } from "./bytes.ts";
import { checkAdmitted, sshString } from "./keys.ts";
import { Refused } from "./refused.ts";

export const SIGNATURE_LENGTH = 64;
const NAMESPACE = "vouchsafe-tx-v1";
const VOTE_TAG = "vouchsafe-vote-v1";
const PRECOMMIT = 2;

/** ZIP-215 alone, whether the key is admitted or not. */
export function verifiesZip215(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, message, key, { zip215: true });
}

/** The ledger's verdict. */
export function verifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    checkAdmitted(key);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  return verifiesZip215(key, message, signature);
}

/** What OpenSSH's SSHSIG signs for a message of ours. */
export function sshsigSignedData(message: Uint8Array): Uint8Array {
  return concatenate(
    ascii("SSHSIG"),
    sshString(ascii(NAMESPACE)),
    sshString(new Uint8Array(0)),
    sshString(ascii("sha512")),
    sshString(sha512(message)),
  );
}

export interface Precommit {
  readonly chainId: Uint8Array;
  readonly height: bigint;
  readonly round: number;
  readonly blockId: Uint8Array;
  readonly address: Uint8Array;
}

/** Section 7: the preimage of a precommit for a block. */
export function precommitPreimage(precommit: Precommit): Uint8Array {
  return concatenate(
    Uint8Array.of(0, VOTE_TAG.length),
    ascii(VOTE_TAG),
    precommit.chainId,
    Uint8Array.of(1, PRECOMMIT),
    u64LittleEndian(precommit.height),
    u32LittleEndian(precommit.round),
    Uint8Array.of(1),
    precommit.blockId,
    precommit.address,
  );
}
