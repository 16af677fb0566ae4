// Section 3, keys: which Ed25519 keys are admitted, how a key is named to people, and the OpenSSH
// lines in which the genesis document writes keys.

import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii, concatenate, equal, fromBase64, toBase64 } from "./bytes.ts";
import { sha256 } from "./hashes.ts";
import { ensure, quoted, Refused } from "./refused.ts";

export const KEY_LENGTH = 32;
const KEY_TYPE = "ssh-ed25519";
const LINE_LENGTH_MAX = 8192;
const FIELD_PRIME = 2n ** 255n - 19n;

/** The y coordinate as it was written, without the sign bit. */
function writtenY(key: Uint8Array): bigint {
  let y = 0n;
  for (let index = KEY_LENGTH - 1; index >= 0; index -= 1) {
    const byte = index === KEY_LENGTH - 1 ? key[index]! & 0x7f : key[index]!;
    y = (y << 8n) | BigInt(byte);
  }
  return y;
}

/** Refuses a key that may be neither a signer's nor an admin's nor a validator's. */
export function checkAdmitted(key: Uint8Array): void {
  let point;
  try {
    point = ed25519.Point.fromBytes(key, true);
  } catch {
    throw new Refused("NotAPoint", "a public key is not a point of the curve");
  }
  ensure(!point.isSmallOrder(), "SmallOrder", "a public key is of small order, so that anyone could sign for it");
  // An encoding with x = 0 and the sign bit is of small order, so that only y is left to check. The
  // point is not encoded again for that: the library keeps the y that it was given.
  ensure(writtenY(key) < FIELD_PRIME, "NonCanonical", "a public key is not written in its canonical form");
}

/** RFC 4251's `string`: a 4-byte big-endian length, and the bytes. */
export function sshString(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, false);
  return concatenate(length, bytes);
}

function sshBlob(key: Uint8Array): Uint8Array {
  return concatenate(sshString(ascii(KEY_TYPE)), sshString(key));
}

/** What `ssh-keygen -l` prints. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${toBase64(sha256(sshBlob(key))).replace(/=+$/, "")}`;
}

/** The key of an OpenSSH line without a comment: `ssh-ed25519 AAAA…`. */
export function readKeyLine(line: string): Uint8Array {
  ensure(line.length <= LINE_LENGTH_MAX, "TooLong", "a public-key line is too long");
  const [type, base64, ...rest] = line.split(" ");
  if (type === undefined || base64 === undefined || rest.length > 0) {
    throw new Refused("NotAPublicKey", "a line is not an OpenSSH public key without a comment");
  }
  ensure(type === KEY_TYPE, "KeyType", `a public key has the type ${quoted(type)} instead of '${KEY_TYPE}'`);
  const blob = fromBase64(base64);
  if (blob === null) throw new Refused("Base64", "a public key's base64 is damaged");
  const key = blob.subarray(-KEY_LENGTH);
  ensure(equal(blob, sshBlob(key)), "Framing", "a public key's OpenSSH framing is damaged");
  checkAdmitted(key);
  return key;
}
