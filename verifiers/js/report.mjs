// What cli.mjs says of a proof that holds, line by line.

import { describeAge, describeStatus, describeTime } from "./dist/vouchsafe-verify.mjs";

export function isTooOld(shown, options) {
  if (options["max-age"] === undefined) return false;
  return BigInt(Date.now()) - BigInt(shown.time_ms) > 1000n * BigInt(options["max-age"]);
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

export function linesOf(shown, options, asked) {
  const lines = [];
  if (isTooOld(shown, options)) lines.push(`TOO OLD: the proof holds, and is older than ${options["max-age"]} seconds`);
  lines.push(...(shown.asset ? assetLines(shown.asset) : receiptLines(shown.receipt)));
  lines.push(`at height ${shown.height}, ${describeTime(shown.time_ms)}, ${describeAge(shown.time_ms, Date.now())}`);
  lines.push(`on the chain ${shown.chain_id}`);
  lines.push("A later revocation cannot be seen.");
  if (options["chain-id"] === undefined) lines.push("No --chain-id was given: the genesis document was not compared with anything.");
  if (!asked) lines.push("No FILE was given: the digest was not compared with anything.");
  return lines;
}
