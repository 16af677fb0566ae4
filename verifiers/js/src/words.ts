// Times, ages and statuses in words, the same on the page and on the command line.

import type { Status } from "./status.ts";

const UNITS: readonly (readonly [string, bigint])[] = [
  ["day", 86_400_000n],
  ["hour", 3_600_000n],
  ["minute", 60_000n],
  ["second", 1_000n],
];

function amount(count: bigint, unit: string): string {
  return `${count} ${unit}${count === 1n ? "" : "s"}`;
}

/** A length of time, in its two largest units. */
export function describeDuration(milliseconds: bigint): string {
  const first = UNITS.findIndex(([, length]) => milliseconds >= length);
  if (first === -1) return "less than a second";
  const [unit, length] = UNITS[first]!;
  const parts = [amount(milliseconds / length, unit)];
  const next = UNITS[first + 1];
  const rest = next ? (milliseconds % length) / next[1] : 0n;
  if (next && rest > 0n) parts.push(amount(rest, next[0]));
  return parts.join(" and ");
}

/** How old a header of this time is. Its time may be ahead of this machine's clock. */
export function describeAge(timeMilliseconds: string, nowMilliseconds: number): string {
  const age = BigInt(nowMilliseconds) - BigInt(timeMilliseconds);
  if (age >= 0n) return `${describeDuration(age)} ago`;
  return `${describeDuration(-age)} ahead of this machine's clock`;
}

/** UTC to the second; a number that no calendar holds, as it is. */
export function describeTime(timeMilliseconds: string): string {
  const number = Number(timeMilliseconds);
  // Beyond the year 9999 JavaScript writes years in a form that nobody reads.
  if (number > 253_402_300_799_999) return `${timeMilliseconds} ms after 1970`;
  return `${new Date(number).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

export function describeStatus(status: Status): string {
  switch (status) {
    case "TRUSTED":
      return "An organization says that it can be trusted, and none says the opposite.";
    case "UNTRUSTED":
      return "An organization says that it must not be trusted.";
    case "UNSUPPORTED":
      return "It is no longer supported by who vouched for it.";
    case "UNKNOWN":
      return "No organization has said anything about it.";
  }
}
