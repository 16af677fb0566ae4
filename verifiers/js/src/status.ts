// Sections 12 and 13: the numbers of statuses, reasons, roles and schemes, and the overall status.

import type { Reader } from "./reader.ts";

export const SCHEMES = { 1: "bytes", 2: "directory", 3: "git", 4: "image", 5: "image-configuration" } as const;
export const STATUSES = { 0: "TRUSTED", 1: "UNTRUSTED", 2: "UNKNOWN", 3: "UNSUPPORTED" } as const;
export const REASONS = { 1: "COMPROMISED", 2: "DEPRECATED" } as const;
export const ROLES = { 1: "signer", 2: "admin" } as const;

export type Scheme = (typeof SCHEMES)[keyof typeof SCHEMES];
export type Status = (typeof STATUSES)[keyof typeof STATUSES];
export type Reason = (typeof REASONS)[keyof typeof REASONS];
export type Role = (typeof ROLES)[keyof typeof ROLES];

export const SCHEME_NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries(SCHEMES).map(([number, name]) => [name, Number(number)]),
);

export function isScheme(name: string): name is Scheme {
  return SCHEME_NUMBERS.has(name);
}

export function readScheme(reader: Reader): Scheme {
  return reader.variant("an asset's scheme", SCHEMES);
}

export function readStatus(reader: Reader): Status {
  return reader.variant("a status", STATUSES);
}

export function readReason(reader: Reader): Reason {
  return reader.variant("a reason", REASONS);
}

export function readRole(reader: Reader): Role {
  return reader.variant("a role", ROLES);
}

/** What all organizations' statuses come to: one UNTRUSTED outweighs every TRUSTED. */
export function overall(statuses: readonly Status[]): Status {
  for (const status of ["UNTRUSTED", "TRUSTED", "UNSUPPORTED"] as const) {
    if (statuses.includes(status)) return status;
  }
  return "UNKNOWN";
}
