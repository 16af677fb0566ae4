// Section 15: what a proof file holds, and its binary form.

import { ascii, equal } from "./bytes.ts";
import { CertificateStructure, type Certificate } from "./certificate.ts";
import { HeaderStructure, type Header } from "./header.ts";
import { InclusionProofStructure, type InclusionProof } from "./logs.ts";
import type { Reader, Structure } from "./reader.ts";
import { AssetRecordStructure, EventStructure, type AssetRecord, type LogEvent } from "./records.ts";
import { ensure } from "./refused.ts";
import { StateProofStructure, type StateProof } from "./state_tree.ts";
import { readScheme, type Scheme } from "./status.ts";
import { SignedTransactionStructure, type SignedTransaction } from "./transaction.ts";
import { ValidatorSetStructure, type ValidatorSet } from "./validators.ts";

export const CHANGES_MAX = 4_096;
export const EVENTS_MAX = 65_536;
const MAGIC = ascii("vouchsafe-proof");

export interface SetChange {
  readonly header: Header;
  readonly certificate: Certificate;
  readonly validators: ValidatorSet;
}

export interface Older {
  readonly header: Header;
  readonly inclusion: InclusionProof;
}

export interface AssetSubject {
  readonly kind: "asset";
  readonly scheme: Scheme;
  readonly digest: Uint8Array;
  readonly record: AssetRecord | null;
  readonly stateProof: StateProof;
  readonly events: readonly LogEvent[] | null;
}

export interface ReceiptSubject {
  readonly kind: "receipt";
  readonly transaction: SignedTransaction;
  readonly inclusion: InclusionProof;
}

export interface Proof {
  readonly chainId: Uint8Array;
  readonly changes: readonly SetChange[];
  readonly header: Header;
  readonly certificate: Certificate;
  readonly older: Older | null;
  readonly subject: AssetSubject | ReceiptSubject;
}

function readAssetSubject(reader: Reader): AssetSubject {
  return {
    kind: "asset",
    scheme: readScheme(reader),
    digest: reader.hash(),
    record: reader.option("a record", () => AssetRecordStructure.read(reader)),
    stateProof: StateProofStructure.read(reader),
    events: reader.option("a list of events", () =>
      reader.list("events", 0, EVENTS_MAX, () => EventStructure.read(reader)),
    ),
  };
}

function readReceiptSubject(reader: Reader): ReceiptSubject {
  return {
    kind: "receipt",
    transaction: SignedTransactionStructure.read(reader),
    inclusion: InclusionProofStructure.read(reader),
  };
}

export const ProofStructure: Structure<Proof> = {
  name: "the proof file",
  limit: 16_777_216,
  read(reader) {
    ensure(equal(reader.fixed(MAGIC.length), MAGIC), "Malformed", "this is not a Vouchsafe proof file");
    reader.version("the proof file");
    return {
      chainId: reader.hash(),
      changes: reader.list("changes of validators", 0, CHANGES_MAX, () => ({
        header: HeaderStructure.read(reader),
        certificate: CertificateStructure.read(reader),
        validators: ValidatorSetStructure.read(reader),
      })),
      header: HeaderStructure.read(reader),
      certificate: CertificateStructure.read(reader),
      older: reader.option("an older header", () => ({
        header: HeaderStructure.read(reader),
        inclusion: InclusionProofStructure.read(reader),
      })),
      subject:
        reader.variant("the proof's subject", { 1: "asset", 2: "receipt" } as const) === "asset"
          ? readAssetSubject(reader)
          : readReceiptSubject(reader),
    };
  },
};
