// Reads what a person chose or dropped. Files that are dropped together are told apart by what they
// hold, so that nobody has to know which is which.

import { sha256 } from "@noble/hashes/sha2.js";
import { toHexadecimal } from "../src/bytes.ts";

export type Slot = "file" | "proof" | "genesis";

const SNIFF_LENGTH = 1_048_576;

/** The file's bytes, but no more than one above the limit: a longer one is refused by its length. */
export async function readUpTo(file: Blob, limit: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, limit + 1).arrayBuffer());
}

/** SHA-256 of the content, in pieces: the file may be larger than memory. */
export async function digestOf(file: Blob, onProgress: (share: number) => void): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    hash.update(value);
    length += value.length;
    onProgress(length / file.size);
  }
  return toHexadecimal(hash.digest());
}

/** What a file seems to be. A wrong guess misleads nobody: what is no proof is then refused as one. */
export async function guessSlot(file: Blob): Promise<Slot> {
  const start = new TextDecoder("utf-8").decode(await readUpTo(file, SNIFF_LENGTH));
  if (start.startsWith("vouchsafe-proof")) return "proof";
  if (!start.trimStart().startsWith("{")) return "file";
  if (start.includes('"vouchsafe-proof"') && start.includes('"certificate"')) return "proof";
  return start.includes('"genesis_time_ms"') && start.includes('"validators"') ? "genesis" : "file";
}
