// Section 9: the certificate that more than two thirds of a set's power decided a block.

import { compare, toHexadecimal } from "./bytes.ts";
import { HASH_LENGTH } from "./hashes.ts";
import type { Structure } from "./reader.ts";
import { Refused, ensure } from "./refused.ts";
import { precommitPreimage, SIGNATURE_LENGTH, verifiesZip215 } from "./signatures.ts";
import { VALIDATORS_MAX, type Validator, type ValidatorSet } from "./validators.ts";

export interface CertificateSignature {
  readonly address: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Certificate {
  readonly height: bigint;
  readonly round: number;
  readonly blockId: Uint8Array;
  readonly signatures: readonly CertificateSignature[];
}

export const CertificateStructure: Structure<Certificate> = {
  name: "a certificate",
  limit: 24_625,
  read(reader) {
    reader.version("a certificate");
    return {
      height: reader.u64(),
      round: reader.u32(),
      blockId: reader.hash(),
      signatures: reader.list("signatures of a certificate", 1, VALIDATORS_MAX, () => ({
        address: reader.fixed(HASH_LENGTH),
        signature: reader.fixed(SIGNATURE_LENGTH),
      })),
    };
  },
};

function checkOrder(signatures: readonly CertificateSignature[]): void {
  signatures.forEach((entry, index) => {
    const ascends = index === 0 || compare(signatures[index - 1]!.address, entry.address) < 0;
    ensure(ascends, "Order", "a certificate's signatures do not ascend by address");
  });
}

function signersOf(signatures: readonly CertificateSignature[], set: ValidatorSet): Validator[] {
  return signatures.map((entry) => {
    const signer = set.byAddress.get(toHexadecimal(entry.address));
    if (signer === undefined) {
      throw new Refused("UnknownValidator", "a certificate is signed by somebody who is no validator of that height");
    }
    return signer;
  });
}

/** Refuses a certificate that does not prove, under the set, that its block was decided. */
export function checkCertificate(certificate: Certificate, set: ValidatorSet, chainId: Uint8Array): void {
  const { height, round, blockId, signatures } = certificate;
  checkOrder(signatures);
  const signers = signersOf(signatures, set);
  const power = signers.reduce((sum, signer) => sum + signer.power, 0n);
  ensure(
    3n * power > 2n * set.totalPower,
    "Power",
    "the validators that signed a certificate have no more than two thirds of the voting power",
  );
  signatures.forEach((entry, index) => {
    const preimage = precommitPreimage({ chainId, height, round, blockId, address: entry.address });
    const genuine = verifiesZip215(signers[index]!.publicKey, preimage, entry.signature);
    ensure(genuine, "Signature", "a validator's signature in a certificate does not verify");
  });
}
