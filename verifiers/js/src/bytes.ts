// Small functions on byte strings. They exist here because a browser has no Buffer, and because
// hexadecimal and base64 must be read strictly: one value has one spelling.

/** All of them one after another. */
export function concatenate(...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Below zero, zero or above it, as the first is below, equal to or above the second, bytewise. */
export function compare(first: Uint8Array, second: Uint8Array): number {
  const shorter = Math.min(first.length, second.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = first[index]! - second[index]!;
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}

export function equal(first: Uint8Array, second: Uint8Array): boolean {
  return compare(first, second) === 0;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

const HEXADECIMAL_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHexadecimal(bytes: Uint8Array): string {
  const pairs: string[] = new Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) pairs[index] = HEXADECIMAL_OF_BYTE[bytes[index]!]!;
  return pairs.join("");
}

/** The value of a lowercase hexadecimal digit, or −1. */
function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return -1;
}

/** The bytes of lowercase hexadecimal digits; null if the text is anything else. */
export function fromHexadecimal(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const high = digitValue(text.charCodeAt(2 * index));
    const low = digitValue(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) return null;
    bytes[index] = 16 * high + low;
  }
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The bytes of padded base64 without white space or loose bits; null if the text is anything else. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}

const encoder = new TextEncoder();
// Without ignoreBOM the decoder would swallow a byte order mark, and two encodings would mean one text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text, or null if the bytes are no UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Text of ASCII characters as bytes: tags and names that stand in preimages. */
export const ascii = toUtf8;

/** A 32-bit number, little-endian. */
export function u32LittleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** A 64-bit number, little-endian. */
export function u64LittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
