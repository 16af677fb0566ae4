// What all tests need: the vectors, the built module, and how an expected refusal is named.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parts, Refused } from "../dist/vouchsafe-verify.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A file of vectors. A missing one fails the test that needs it: nothing is skipped. */
export function vectors(name) {
  return JSON.parse(readFileSync(join(root, "../../vectors", name), "utf8"));
}

export const bytes = (hexadecimal) => new Uint8Array(Buffer.from(hexadecimal, "hex"));
export const hex = parts.toHexadecimal;
export const text = (value) => new TextEncoder().encode(value);

/** The rule by which something was refused; null if it was not. */
export function ruleOf(act) {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.rule;
    throw error;
  }
}

/** Of nested rules only the last name counts here. */
export function assertRefused(act, dotted, about) {
  assert.equal(ruleOf(act), dotted.split(".").at(-1), about);
}

/** An object of camel-case names and byte strings, as the vectors write it. */
export function assertFields(actual, expected, names, about) {
  for (const [name, field] of Object.entries(names)) {
    const value = actual[field];
    const written = value instanceof Uint8Array ? hex(value) : typeof value === "bigint" ? value.toString() : value;
    assert.equal(written, expected[name], `${about}: ${name}`);
  }
}
