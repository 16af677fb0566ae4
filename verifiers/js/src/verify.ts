// Sections 14 and 15: from the genesis document, which is trusted, to what a proof file shows.

import { equal } from "./bytes.ts";
import { checkCertificate, type Certificate } from "./certificate.ts";
import { readGenesis, type Genesis } from "./genesis.ts";
import type { Header } from "./header.ts";
import { checkInclusion, leafHash, logRoot } from "./logs.ts";
import { ProofStructure } from "./proof.ts";
import type { AssetSubject, Older, Proof, ReceiptSubject, SetChange } from "./proof.ts";
import { readProofJson } from "./proof_json.ts";
import { decode } from "./reader.ts";
import { assetKey, valueHash } from "./records.ts";
import { ensure } from "./refused.ts";
import { showAsset, showHeader, showReceipt, type Shown } from "./shown.ts";
import { checkState } from "./state_tree.ts";
import { checkTransaction, type Body } from "./transaction.ts";
import type { ValidatorSet } from "./validators.ts";

/** What is asked about. A proof about anything else is refused. */
export interface Asked {
  readonly scheme: string;
  readonly digest: string;
}

/** The validators that decide every height above `height`, up to the next change. */
export interface Trusted {
  readonly chainId: Uint8Array;
  readonly validators: ValidatorSet;
  readonly height: bigint;
}

/** Section 14, step 1. */
export function checkHeader(header: Header, certificate: Certificate, trusted: Trusted): void {
  ensure(equal(header.chainId, trusted.chainId), "Chain", "a header is of another chain than the genesis document");
  ensure(header.height > trusted.height, "Stale", "a header is not above the height from which its validators decide");
  const decides = equal(header.validators, trusted.validators.hash);
  ensure(decides, "Validators", "a header was not decided by the validators that the verifier was led to");
  const together = equal(certificate.blockId, header.blockId) && certificate.height === header.height;
  ensure(together, "OtherBlock", "a certificate is of another block than its header");
  checkCertificate(certificate, trusted.validators, trusted.chainId);
}

function follow(change: SetChange, trusted: Trusted): Trusted {
  const { header, certificate, validators } = change;
  checkHeader(header, certificate, trusted);
  const announced = equal(validators.hash, header.nextValidators);
  ensure(announced, "NextValidators", "a new set of validators is not the one that the old set decided");
  ensure(!equal(validators.hash, header.validators), "NoChange", "a change of validators changes nothing");
  return { chainId: trusted.chainId, validators, height: header.height };
}

function checkOlder(older: Older, proven: Header): void {
  const { header, inclusion } = older;
  ensure(equal(header.chainId, proven.chainId), "Chain", "the older header is of another chain than the genesis document");
  // With BigInt a height of 0 gives −1, which no 64-bit number equals.
  const inPlace = inclusion.size === proven.height - 1n && inclusion.index === header.height - 1n;
  ensure(inPlace, "OlderPlace", "the older header's inclusion proof is of another place in the chain's history");
  checkInclusion(inclusion, leafHash(header.blockId), proven.historyRoot);
}

function checkAsset(subject: AssetSubject, header: Header): void {
  const { scheme, digest, record, stateProof, events } = subject;
  const claim = { key: assetKey(scheme, digest), valueHash: record && valueHash(record.encoding) };
  checkState(stateProof, [claim], header.stateRoot);
  if (events === null) return;
  const complete = BigInt(events.length) === (record?.eventCount ?? 0n);
  ensure(complete, "IncompleteLog", "the events given are not as many as the record counts");
  if (record === null) return;
  const root = logRoot(events.map((event) => event.encoding));
  ensure(equal(root, record.eventRoot), "OtherLog", "the events given are not those that the record commits to");
}

function checkReceipt(subject: ReceiptSubject, header: Header): Body {
  const { transaction, inclusion } = subject;
  const body = checkTransaction(transaction, header.chainId);
  const sameCount = inclusion.size === BigInt(header.transactionCount);
  ensure(sameCount, "TransactionCount", "the receipt counts other transactions than the block has");
  checkInclusion(inclusion, transaction.leaf, header.transactionsRoot);
  return body;
}

/** Whether the proof is about the asset asked about: a receipt, if its transaction names it. */
function isAbout(shown: Shown, asked: Asked): boolean {
  const about = shown.asset ? [shown.asset] : shown.receipt!.operations.flatMap((operation) => operation.assets);
  return about.some((asset) => asset.scheme === asked.scheme && asset.digest === asked.digest);
}

const BINARY_START = "v".charCodeAt(0);

/** Reads either form. What does not begin as the binary form is read as JSON, whatever it is. */
export function readProof(bytes: Uint8Array): Proof {
  return bytes[0] === BINARY_START ? decode(ProofStructure, bytes) : readProofJson(bytes);
}

/** Section 15 from a genesis document that was read before. */
export function verifyProof(genesis: Genesis, proofBytes: Uint8Array, asked: Asked | null = null): Shown {
  const proof = readProof(proofBytes);
  ensure(equal(proof.chainId, genesis.chainId), "Chain", "the proof is of another chain than the genesis document");
  let trusted: Trusted = { chainId: genesis.chainId, validators: genesis.validators, height: 0n };
  for (const change of proof.changes) trusted = follow(change, trusted);
  checkHeader(proof.header, proof.certificate, trusted);
  if (proof.older) checkOlder(proof.older, proof.header);
  const header = proof.older?.header ?? proof.header;
  const shown: Shown = { ...showHeader(header), asset: null, receipt: null };
  if (proof.subject.kind === "asset") {
    checkAsset(proof.subject, header);
    shown.asset = showAsset(proof.subject);
  } else {
    const body = checkReceipt(proof.subject, header);
    shown.receipt = showReceipt(proof.subject, body, genesis.chainId);
  }
  ensure(asked === null || isAbout(shown, asked), "OtherAsset", "the proof is about another asset than the one asked about");
  return shown;
}

/** What the proof shows to whoever trusts the genesis document; throws `Refused` if it does not hold. */
export function verify(genesisBytes: Uint8Array, proofBytes: Uint8Array, asked: Asked | null = null): Shown {
  return verifyProof(readGenesis(genesisBytes), proofBytes, asked);
}
