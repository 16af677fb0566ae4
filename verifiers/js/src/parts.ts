// The verifier's parts, for the tests: the vectors judge each by itself. No promise of stability.

export { fromHexadecimal, toHexadecimal } from "./bytes.ts";
export { CertificateStructure, checkCertificate } from "./certificate.ts";
export { checkConsistency, ConsistencyProofStructure } from "./consistency.ts";
export { tagged } from "./hashes.ts";
export { HeaderStructure } from "./header.ts";
export { canonicalJson, parseJson } from "./json.ts";
export { checkAdmitted, fingerprint, readKeyLine } from "./keys.ts";
export { checkInclusion, InclusionProofStructure, leafHash, logRoot } from "./logs.ts";
export { ProofStructure } from "./proof.ts";
export { decode } from "./reader.ts";
export { assetKey, AssetRecordStructure, EventStructure, valueHash } from "./records.ts";
export { checkState, StateProofStructure } from "./state_tree.ts";
export { precommitPreimage, sshsigSignedData, verifies, verifiesZip215 } from "./signatures.ts";
export { BodyStructure, checkTransaction, SignedTransactionStructure, transactionId } from "./transaction.ts";
export { addressOf, ValidatorSetStructure } from "./validators.ts";
export { checkHeader, readProof } from "./verify.ts";
