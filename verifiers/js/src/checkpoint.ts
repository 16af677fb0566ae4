// Section 16: checkpoints: how many blocks a chain has and the root over their ids, as a signed note
// that outsiders keep and compare. A note is read strictly, because its text is what was signed; of a
// witness's line nothing is looked at but that it has a name.

import { concatenate, equal, fromBase64, fromHexadecimal, fromUtf8, toUtf8 } from "./bytes.ts";
import { HASH_LENGTH, sha256 } from "./hashes.ts";
import { checkLength } from "./reader.ts";
import { ensure, Refused } from "./refused.ts";
import { SIGNATURE_LENGTH, verifiesZip215 } from "./signatures.ts";
import type { Validator, ValidatorSet } from "./validators.ts";

export const CHECKPOINT_LENGTH_MAX = 65_536;
const ORIGIN = "vouchsafe/";
const SIZE_MAX = 2n ** 64n - 1n;
const KEY_ID_LENGTH = 4;
const ED25519 = 1;
/** An em dash, a name, and what the name decides how to read. */
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([^]*)$/u;
const ADDRESS = /^[0-9a-f]{64}$/;

export interface Checkpoint {
  readonly chainId: Uint8Array;
  /** How many blocks: the height of the last. */
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** A line in the form of a validator's, whether or not it names one. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note as it is written: nothing of it is believed before its signatures are checked. */
export interface CheckpointNote {
  readonly checkpoint: Checkpoint;
  /** What is signed. */
  readonly text: Uint8Array;
  /** Without the lines of witnesses. */
  readonly signatures: readonly NoteSignature[];
}

function refuseForm(sentence: string): never {
  throw new Refused("Form", sentence);
}

function readChainId(line: string): Uint8Array {
  const chainId = line.startsWith(ORIGIN) ? fromHexadecimal(line.slice(ORIGIN.length)) : null;
  if (chainId?.length !== HASH_LENGTH) refuseForm("a checkpoint's first line is not the name of a chain");
  return chainId;
}

function readSize(line: string): bigint {
  // No validators decided a height of 0, so that no checkpoint of no blocks can count.
  const size = /^[1-9][0-9]{0,19}$/.test(line) ? BigInt(line) : null;
  if (size === null || size > SIZE_MAX) refuseForm("a checkpoint's second line is not a number of blocks");
  return size;
}

function readRoot(line: string): Uint8Array {
  const root = fromBase64(line);
  if (root?.length !== HASH_LENGTH) refuseForm("a checkpoint's third line is not a root in base64");
  return root;
}

/** Null for a witness's line. */
function readSignature(line: string): NoteSignature | null {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined) refuseForm("a line after a checkpoint's text is no signature line");
  if (!ADDRESS.test(name)) return null;
  const bytes = fromBase64(base64);
  if (bytes?.length !== KEY_ID_LENGTH + SIGNATURE_LENGTH) {
    refuseForm("a line under a checkpoint has a validator's form of name, and not a key id and a signature");
  }
  return { name, keyId: bytes.subarray(0, KEY_ID_LENGTH), signature: bytes.subarray(KEY_ID_LENGTH) };
}

/** Reads a note without checking who signed it. */
export function readCheckpoint(noteBytes: Uint8Array): CheckpointNote {
  checkLength("a checkpoint", noteBytes.length, CHECKPOINT_LENGTH_MAX);
  const lines = fromUtf8(noteBytes)?.split("\n");
  if (lines === undefined) refuseForm("a checkpoint is not UTF-8");
  if (lines.pop() !== "") refuseForm("a checkpoint's last line is not ended by a newline");
  const [chainId, size, root, empty, ...signatureLines] = lines;
  if (chainId === undefined || size === undefined || root === undefined || empty !== "") {
    refuseForm("a checkpoint is not three lines and an empty one before its signatures");
  }
  if (signatureLines.length === 0) refuseForm("a checkpoint has no signature line");
  return {
    checkpoint: { chainId: readChainId(chainId), size: readSize(size), root: readRoot(root) },
    text: toUtf8(`${chainId}\n${size}\n${root}\n`),
    signatures: signatureLines.map(readSignature).filter((signature) => signature !== null),
  };
}

function keyIdOf(name: string, publicKey: Uint8Array): Uint8Array {
  const preimage = concatenate(toUtf8(name), Uint8Array.of(0x0a, ED25519), publicKey);
  return sha256(preimage).subarray(0, KEY_ID_LENGTH);
}

/** The validators who signed a text. One signature of theirs that does not hold spoils the note. */
function signersOf(text: Uint8Array, signatures: readonly NoteSignature[], validators: ValidatorSet): Set<Validator> {
  const signers = new Set<Validator>();
  for (const { name, keyId, signature } of signatures) {
    const validator = validators.byAddress.get(name);
    if (validator === undefined) continue;
    const { publicKey } = validator;
    ensure(!signers.has(validator), "Repeated", "a validator's signature stands under a checkpoint twice");
    ensure(
      equal(keyId, keyIdOf(name, publicKey)),
      "Signature",
      "the key id of a validator's signature under a checkpoint is not its key's",
    );
    ensure(
      verifiesZip215(publicKey, text, signature),
      "Signature",
      "a validator's signature under a checkpoint does not hold",
    );
    signers.add(validator);
  }
  return signers;
}

/**
 * What a note says, if it counts. The validators are those who decided the height that is its size.
 * Who gives `validators` of a genesis document, for want of a header of that height, must say that a
 * later change of the set would not be seen.
 */
export function verifyCheckpoint(noteBytes: Uint8Array, validators: ValidatorSet, chainId: Uint8Array): Checkpoint {
  const { checkpoint, text, signatures } = readCheckpoint(noteBytes);
  ensure(equal(checkpoint.chainId, chainId), "Chain", "a checkpoint is of another chain than the one expected");
  const power = [...signersOf(text, signatures, validators)].reduce((sum, signer) => sum + signer.power, 0n);
  ensure(
    3n * power > 2n * validators.totalPower,
    "Power",
    "the validators that signed a checkpoint have no more than two thirds of the voting power",
  );
  return checkpoint;
}
