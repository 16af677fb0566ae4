// What cli.mjs says of a proof that holds, line by line.

import { describeAge, describeDuration, describeStatus, describeTime } from "./dist/vouchsafe-verify.mjs";

/** Clocks differ: a proof may be this far ahead of this machine's, in milliseconds. */
const AHEAD_LEAST = 10_000n;

const lesser = (first, second) => (first < second ? first : second);
const greater = (first, second) => (first > second ? first : second);

/**
 * Why a proof that holds does not do by --max-age (section 14, step 6); null if it does. A slow clock
 * makes every proof look younger than it is, so what is far ahead of it is not called young.
 */
export function faultOfAge(shown, genesis, options, now) {
  if (options["max-age"] === undefined) return null;
  const age = BigInt(now) - BigInt(shown.time_ms);
  const ageMax = 1000n * BigInt(options["max-age"]);
  const aheadMax = lesser(greater(AHEAD_LEAST, genesis.parameters.get("clock_ahead_max_ms")), ageMax);
  if (age > ageMax) return `TOO OLD: the proof holds, and is older than ${options["max-age"]} seconds`;
  if (-age <= aheadMax) return null;
  const ahead = `${describeDuration(-age)} ahead of this machine's clock`;
  return `FROM THE FUTURE: the proof holds, and is from ${ahead}, which hides how old it is: set the clock`;
}

const said = (entry) => (entry.reason ? `${entry.status} (${entry.reason})` : entry.status);

function assetLines(asset) {
  const lines = [`${asset.status}: ${describeStatus(asset.status)}`, `  ${asset.scheme} sha256:${asset.digest}`];
  for (const entry of asset.organizations) {
    const since = `since height ${entry.since_height}, ${describeTime(entry.since_time_ms)}`;
    lines.push(`  ${entry.organization}: ${said(entry)} ${since}, signed by ${entry.signer}`);
  }
  for (const event of asset.events ?? []) {
    const when = `${describeTime(event.time_ms)}, height ${event.height}`;
    const who = `${event.organization} said ${said(event)}, signed by ${event.signer} (${event.role})`;
    lines.push(`  history: ${when}: ${who}`);
  }
  return lines;
}

function receiptLines(receipt) {
  const lines = [
    "RECEIPT: the statements below were recorded. It does not show what status anything has.",
    `  transaction ${receipt.transaction_id}, signed by ${receipt.signer}`,
  ];
  for (const operation of receipt.operations) {
    for (const asset of operation.assets) lines.push(`  ${said(operation)}: ${asset.scheme} sha256:${asset.digest}`);
  }
  return lines;
}

export function linesOf(shown, options, asked, now, fault) {
  // What was said then must not be read as an answer now.
  const lines = fault ? [fault] : shown.asset ? assetLines(shown.asset) : receiptLines(shown.receipt);
  lines.push(`at height ${shown.height}, ${describeTime(shown.time_ms)}, ${describeAge(shown.time_ms, now)}`);
  lines.push(`on the chain ${shown.chain_id}`);
  lines.push("A later revocation cannot be seen.");
  if (options["chain-id"] === undefined) lines.push("No --chain-id was given: the genesis document was not compared with anything.");
  if (!asked) lines.push("No FILE was given: the digest was not compared with anything.");
  return lines;
}
