// invalid.json: what must be refused, and by which rule. Of its cases, those that a verifier of proof
// files meets; the others are about structures that no proof file holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parts } from "../dist/vouchsafe-verify.mjs";
import { assertRefused, bytes, vectors } from "./common.mjs";

const STRUCTURES = {
  Body: parts.BodyStructure,
  SignedTransaction: parts.SignedTransactionStructure,
  Header: parts.HeaderStructure,
  CommitCertificate: parts.CertificateStructure,
  ValidatorSet: parts.ValidatorSetStructure,
  StateProof: parts.StateProofStructure,
  InclusionProof: parts.InclusionProofStructure,
  Event: parts.EventStructure,
};
const NOT_IN_PROOF_FILES = [
  "decode Block", "decode SignedVote", "decode Evidence", "decode EvidenceRecord", "verify evidence",
];

const decoded = (structure, hexadecimal) => parts.decode(structure, bytes(hexadecimal));
const claimOf = ({ key, value_hash }) => ({ key: bytes(key), valueHash: value_hash === null ? null : bytes(value_hash) });

const CHECKS = {
  "read a public key": ({ line }) => parts.readKeyLine(line),
  "verify a transaction": ({ transaction, chain_id }) =>
    parts.checkTransaction(decoded(parts.SignedTransactionStructure, transaction), bytes(chain_id)),
  "verify a certificate": ({ certificate, validators, chain_id }) =>
    parts.checkCertificate(
      decoded(parts.CertificateStructure, certificate),
      decoded(parts.ValidatorSetStructure, validators),
      bytes(chain_id),
    ),
  "verify a header": ({ header, certificate, validators, chain_id }) =>
    parts.checkHeader(decoded(parts.HeaderStructure, header), decoded(parts.CertificateStructure, certificate), {
      chainId: bytes(chain_id),
      validators: decoded(parts.ValidatorSetStructure, validators),
      height: 0n,
    }),
  "verify inclusion": ({ proof, leaf_hash, root }) =>
    parts.checkInclusion(decoded(parts.InclusionProofStructure, proof), bytes(leaf_hash), bytes(root)),
  "verify a state proof": ({ proof, claims, root }) =>
    parts.checkState(decoded(parts.StateProofStructure, proof), claims.map(claimOf), bytes(root)),
};

function actOf(vector) {
  if (CHECKS[vector.check]) return () => CHECKS[vector.check](vector);
  const structure = STRUCTURES[vector.check.replace("decode ", "")];
  return structure && (() => decoded(structure, vector.bytes));
}

for (const vector of vectors("invalid.json").cases) {
  const act = actOf(vector);
  if (act) test(`invalid.json: ${vector.check}: ${vector.about}`, () => assertRefused(act, vector.error, vector.about));
  else test(`invalid.json: ${vector.check} is not in proof files`, () => assert.ok(NOT_IN_PROOF_FILES.includes(vector.check)));
}
