// Section 5: signed transactions, which receipts are about.

import { compare, concatenate, toUtf8, u32LittleEndian, toHexadecimal } from "./bytes.ts";
import { tagged } from "./hashes.ts";
import { checkAdmitted, KEY_LENGTH } from "./keys.ts";
import { leafHash } from "./logs.ts";
import { decode, type Reader, type Structure } from "./reader.ts";
import { ensure } from "./refused.ts";
import { SIGNATURE_LENGTH, sshsigSignedData, verifiesZip215 } from "./signatures.ts";
import { readReason, readScheme, type Reason, type Scheme } from "./status.ts";

const BODY_LENGTH_MAX = 1_048_475;
const NONCE_LENGTH = 16;
const OPERATIONS_MAX = 4_096;
const ASSETS_MAX = 4_096;

export interface Asset {
  readonly scheme: Scheme;
  readonly digest: Uint8Array;
  readonly size: bigint;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

export interface Operation {
  readonly kind: "Notarize" | "Revoke";
  readonly assets: readonly Asset[];
  readonly reason: Reason | null;
}

export interface Body {
  readonly operations: readonly Operation[];
  readonly nonce: Uint8Array;
  readonly expiryMilliseconds: bigint;
}

export interface SignedTransaction {
  readonly body: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly leaf: Uint8Array;
}

function readAttributes(reader: Reader): Asset["attributes"] {
  let previous: Uint8Array | null = null;
  return reader.list("attributes of an asset", 0, 16, () => {
    const key = reader.text("an attribute's key", 1, 64);
    const value = reader.text("an attribute's value", 0, 1_024);
    const ascends = previous === null || compare(previous, toUtf8(key)) < 0;
    ensure(ascends, "Malformed", "an asset's attributes do not ascend");
    previous = toUtf8(key);
    return { key, value };
  });
}

function readAsset(reader: Reader): Asset {
  return {
    scheme: readScheme(reader),
    digest: reader.hash(),
    size: reader.u64(),
    name: reader.text("an asset's name", 0, 255),
    attributes: readAttributes(reader),
  };
}

function readOperation(reader: Reader): Operation {
  const kind = reader.variant("an operation", { 1: "Notarize", 2: "Revoke" } as const);
  const assets = reader.list("assets of an operation", 1, ASSETS_MAX, () => readAsset(reader));
  return { kind, assets, reason: kind === "Revoke" ? readReason(reader) : null };
}

export const BodyStructure: Structure<Body> = {
  name: "a transaction's body",
  limit: BODY_LENGTH_MAX,
  read(reader) {
    reader.version("a transaction's body");
    return {
      operations: reader.list("operations of a transaction", 1, OPERATIONS_MAX, () => readOperation(reader)),
      nonce: reader.fixed(NONCE_LENGTH),
      expiryMilliseconds: reader.u64(),
    };
  },
};

export const SignedTransactionStructure: Structure<SignedTransaction> = {
  name: "a transaction",
  limit: 1_048_576,
  read(reader) {
    const start = reader.position;
    reader.version("a transaction");
    const fields = {
      body: reader.bytes("bytes of a transaction's body", 1, BODY_LENGTH_MAX),
      publicKey: reader.fixed(KEY_LENGTH),
      signature: reader.fixed(SIGNATURE_LENGTH),
    };
    return { ...fields, leaf: leafHash(reader.since(start)) };
  },
};

function checkAssets(body: Body): void {
  const assets = body.operations.flatMap((operation) => operation.assets);
  ensure(assets.length <= ASSETS_MAX, "AssetCount", "a transaction names too many assets");
  const keys = new Set(assets.map((asset) => `${asset.scheme}:${toHexadecimal(asset.digest)}`));
  ensure(keys.size === assets.length, "RepeatedAsset", "a transaction names an asset twice");
}

/** The body of a transaction that is valid by itself on this chain; else refuses. */
export function checkTransaction(transaction: SignedTransaction, chainId: Uint8Array): Body {
  const body = decode(BodyStructure, transaction.body);
  checkAssets(body);
  checkAdmitted(transaction.publicKey);
  const signedData = sshsigSignedData(concatenate(chainId, transaction.body));
  const genuine = verifiesZip215(transaction.publicKey, signedData, transaction.signature);
  ensure(genuine, "Signature", "the signer's signature of a transaction does not verify");
  return body;
}

export function transactionId(transaction: SignedTransaction, chainId: Uint8Array): Uint8Array {
  const { body, publicKey } = transaction;
  return tagged(
    "vouchsafe-transaction-id-v1",
    Uint8Array.of(1),
    chainId,
    publicKey,
    u32LittleEndian(body.length),
    body,
  );
}
