// What users of the verifier import: dist/vouchsafe-verify.mjs is this file with all that it needs.

export {
  CHECKPOINT_LENGTH_MAX, readCheckpoint, verifyCheckpoint, type Checkpoint, type CheckpointNote, type NoteSignature,
} from "./checkpoint.ts";
export { verifyConsistency, type LogHead } from "./consistency.ts";
export { chainIdOf, GENESIS_LENGTH_MAX, readGenesis, type Genesis } from "./genesis.ts";
export { JSON_LENGTH_MAX as PROOF_LENGTH_MAX } from "./proof_json.ts";
export { Refused } from "./refused.ts";
export type { Scheme, Status, Reason, Role } from "./status.ts";
export type {
  Shown, ShownAsset, ShownEvent, ShownOperation, ShownOrganization, ShownReceipt,
} from "./shown.ts";
export { verify, verifyProof, type Asked } from "./verify.ts";
export { describeAge, describeDuration, describeStatus, describeTime } from "./words.ts";
export * as parts from "./parts.ts";
