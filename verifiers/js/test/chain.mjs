// One small made chain, and the parts of proofs on it, for tests to alter.

import { chainIdOf, readGenesis } from "../dist/vouchsafe-verify.mjs";
import * as make from "./maker.mjs";

export const first = make.validatorSet([0x65, 0x66, 0x67, 0x68]);
export const second = make.validatorSet([0x65, 0x66, 0x67, 0x69]);
export const third = make.validatorSet([0x70]);
export const genesisBytes = new TextEncoder().encode(JSON.stringify(make.genesisDocument(first)));
export const genesis = readGenesis(genesisBytes);
export const chainId = Buffer.from(chainIdOf(genesis), "hex");
export const digest = make.sha256(Buffer.from("hello"));

export function provenHeader(fields) {
  const made = make.header(chainId, fields);
  return { made, header: made.encoding, certificate: make.certificate(made, fields.set) };
}

const { u8, u16 } = make;
export const events = [
  make.event({ status: 0 }),
  make.event({ status: 3, reason: 2, operation: 1 }),
  make.event({ status: 0, organization: "bolt", operation: 2 }),
];
const leaves = events.map(make.leafHash);
export const eventRoot = make.nodeHash(make.nodeHash(leaves[0], leaves[1]), leaves[2]);
export const record = make.record(3, eventRoot, [
  { organization: "acme", status: 3, reason: 2 },
  { organization: "bolt", status: 0 },
]);
export const state = make.stateOf(make.assetKey(digest), make.valueHash(record));

/** A change from one set to another, decided at a height. */
export function change(height, from, to) {
  const { header, certificate } = provenHeader({ height, set: from, next: to });
  return { header, certificate, validators: to.encoding };
}

function proof(fields, subject, more = {}) {
  const { header, certificate } = provenHeader(fields);
  return { chainId, changes: [], header, certificate, older: null, subject, ...more };
}

export const assetSubject = { digest, record, stateProof: state.proof, events: null };

export const assetProof = () => proof({ height: 9, set: first, stateRoot: state.root }, { ...assetSubject });

export const historyProof = () => ({ ...assetProof(), subject: { ...assetSubject, events } });

export const absenceProof = () =>
  proof({ height: 9, set: first }, { digest, record: null, stateProof: make.EMPTY_STATE.proof, events: null });

export const changedProof = () =>
  proof({ height: 9, set: third, stateRoot: state.root }, { ...assetSubject }, {
    changes: [change(3, first, second), change(5, second, third)],
  });

/** The subject hangs from the header of height 2, which one of height 4 commits to. */
export function olderProof(olderFields = {}, olderChain = chainId) {
  const older = make.header(olderChain, { height: 2, set: first, stateRoot: state.root, ...olderFields });
  const [one, three] = [make.sha256(u8(1)), make.sha256(u8(3))].map(make.leafHash);
  const historyRoot = make.nodeHash(make.nodeHash(one, make.leafHash(older.id)), three);
  return proof({ height: 4, set: first, historyRoot }, { ...assetSubject }, {
    older: { header: older.encoding, inclusion: make.inclusion(1, 3, [one, three]) },
  });
}

/** A receipt of the second of three transactions. */
export function receiptProof(transaction = make.transaction(chainId, [make.notarize([digest]), make.revoke([make.sha256(u16(1)), make.sha256(u16(2))], 2)])) {
  const [before, after] = [make.sha256(u8(1)), make.sha256(u8(3))];
  const transactionsRoot = make.nodeHash(make.nodeHash(before, make.leafHash(transaction)), after);
  return proof({ height: 6, set: first, transactionsRoot, transactionCount: 3 }, {
    transaction,
    inclusion: make.inclusion(1, 3, [before, after]),
  });
}
