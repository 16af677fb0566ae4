// The vectors of blocks, transactions, records, logs and trees: that each structure is read, hashed
// and verified as the specification says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parts } from "../dist/vouchsafe-verify.mjs";
import { assertFields, bytes, hex, text, vectors } from "./common.mjs";

const HEADER_FIELDS = {
  chain_id: "chainId", height: "height", round: "round", time_ms: "timeMilliseconds", parent: "parent",
  history_root: "historyRoot", transactions_root: "transactionsRoot", transaction_count: "transactionCount",
  state_root: "stateRoot", validators: "validators", next_validators: "nextValidators", proposer: "proposer",
  parent_certificate: "parentCertificate", evidence_root: "evidenceRoot",
};

test("tags.json: tagged hashes", () => {
  for (const { tag, of_nothing, of_abc } of vectors("tags.json").domains) {
    assert.equal(hex(parts.tagged(tag)), of_nothing, tag);
    assert.equal(hex(parts.tagged(tag, text("abc"))), of_abc, tag);
  }
});

test("blocks.json: validator sets and their hashes", () => {
  for (const set of vectors("blocks.json").validator_sets) {
    const read = parts.decode(parts.ValidatorSetStructure, bytes(set.bytes));
    assert.equal(hex(read.hash), set.hash, set.about);
    assert.equal(read.totalPower.toString(), set.total_power);
    const members = read.members.map((member) => ({
      address: hex(member.address),
      public_key: hex(member.publicKey),
      power: member.power.toString(),
      organization: member.organization,
    }));
    assert.deepEqual(members, set.members);
  }
});

test("blocks.json: headers, ids and certificates", () => {
  const { chain_id, validator_sets, blocks } = vectors("blocks.json");
  for (const block of blocks) {
    const header = parts.decode(parts.HeaderStructure, bytes(block.header_bytes));
    assertFields(header, block.header, HEADER_FIELDS, block.about);
    assert.equal(hex(header.blockId), block.block_id, block.about);
    const set = validator_sets.find((candidate) => candidate.hash === block.header.validators);
    const validators = parts.decode(parts.ValidatorSetStructure, bytes(set.bytes));
    const certificate = {
      height: BigInt(block.certificate.height),
      round: block.certificate.round,
      blockId: bytes(block.certificate.block_id),
      signatures: block.certificate.signatures.map((entry) => ({
        address: bytes(entry.address),
        signature: bytes(entry.signature),
      })),
    };
    for (const entry of block.certificate.signatures) {
      const preimage = parts.precommitPreimage({ ...certificate, chainId: bytes(chain_id), address: bytes(entry.address) });
      assert.equal(hex(preimage), entry.preimage, block.about);
    }
    parts.checkHeader(header, certificate, { chainId: bytes(chain_id), validators, height: 0n });
  }
});

test("transactions.json: bodies, ids, leaf hashes, keys", () => {
  const { chain_id, keys, transactions } = vectors("transactions.json");
  for (const key of keys) {
    assert.equal(parts.fingerprint(bytes(key.public_key)), key.fingerprint);
    assert.equal(hex(parts.readKeyLine(key.openssh_line)), key.public_key);
    assert.equal(hex(parts.addressOf(bytes(key.public_key))), key.address);
  }
  for (const vector of transactions) {
    const transaction = parts.decode(parts.SignedTransactionStructure, bytes(vector.transaction_bytes));
    const body = parts.checkTransaction(transaction, bytes(chain_id));
    assert.equal(hex(transaction.leaf), vector.leaf_hash, vector.about);
    assert.equal(hex(parts.transactionId(transaction, bytes(chain_id))), vector.transaction_id, vector.about);
    assert.equal(hex(parts.sshsigSignedData(bytes(vector.signed_message))), vector.sshsig_signed_data, vector.about);
    const operations = body.operations.map((operation) => ({
      operation: operation.kind,
      assets: operation.assets.map((asset) => [asset.scheme, hex(asset.digest), asset.size.toString(), asset.name, asset.attributes]),
      reason: operation.reason ?? undefined,
    }));
    const expected = vector.body.operations.map((operation) => ({
      operation: operation.operation,
      assets: operation.assets.map((asset) => [asset.scheme, asset.digest, asset.size_bytes, asset.name, asset.attributes]),
      reason: operation.reason,
    }));
    assert.deepEqual(operations, expected, vector.about);
    assert.equal(hex(body.nonce), vector.body.nonce);
    assert.equal(body.expiryMilliseconds.toString(), vector.body.expiry_ms);
  }
});

const ENTRY_FIELDS = {
  organization: "organization", status: "status", reason: "reason", signer: "signer",
  transaction_id: "transactionId", operation_index: "operationIndex",
};

test("records.json: names, records, events", () => {
  const { names, records, events } = vectors("records.json");
  for (const name of names) assert.equal(hex(parts.tagged("vouchsafe-state-key-v1", bytes(name.bytes))), name.key, name.kind);
  const asset = names.find((name) => name.kind === "Asset");
  assert.equal(hex(parts.assetKey("bytes", bytes(asset.bytes.slice(4)))), asset.key);
  for (const record of records) assert.equal(hex(parts.valueHash(bytes(record.bytes))), record.value_hash, record.kind);
  for (const { bytes: encoding, fields } of records.filter((record) => record.kind === "AssetRecord")) {
    const record = parts.decode(parts.AssetRecordStructure, bytes(encoding));
    assertFields(record, fields.events, { count: "eventCount", root: "eventRoot" }, "AssetRecord");
    assert.equal(record.organizations.length, fields.organizations.length);
    record.organizations.forEach((entry, index) => {
      const more = { since_height: "sinceHeight", since_time_ms: "sinceTimeMilliseconds", event_index: "eventIndex" };
      assertFields(entry, fields.organizations[index], { ...ENTRY_FIELDS, ...more }, "AssetRecord");
    });
  }
  for (const vector of events) {
    const event = parts.decode(parts.EventStructure, bytes(vector.bytes));
    assertFields(event, vector, { ...ENTRY_FIELDS, role: "role", height: "height", time_ms: "timeMilliseconds" }, "Event");
    assert.equal(hex(parts.leafHash(event.encoding)), vector.leaf_hash);
  }
  const record = parts.decode(parts.AssetRecordStructure, bytes(records.find(({ kind }) => kind === "AssetRecord").bytes));
  assert.equal(hex(parts.logRoot(events.map((event) => bytes(event.bytes)))), hex(record.eventRoot));
});

test("logs.json: roots and inclusion proofs", () => {
  const { entries, leaf_hashes, roots, inclusion_proofs } = vectors("logs.json");
  const logged = entries.map(bytes);
  logged.forEach((entry, index) => assert.equal(hex(parts.leafHash(entry)), leaf_hashes[index]));
  for (const { size, root } of roots) assert.equal(hex(parts.logRoot(logged.slice(0, size))), root, `size ${size}`);
  for (const vector of inclusion_proofs) {
    const proof = parts.decode(parts.InclusionProofStructure, bytes(vector.bytes));
    assert.deepEqual([proof.index, proof.size], [BigInt(vector.index), BigInt(vector.size)]);
    assert.deepEqual(proof.path.map(hex), vector.path);
    parts.checkInclusion(proof, bytes(vector.leaf_hash), bytes(vector.root));
  }
});

test("state_trees.json: proofs of presence and absence", () => {
  for (const tree of vectors("state_trees.json").trees) {
    for (const vector of tree.proofs) {
      const proof = parts.decode(parts.StateProofStructure, bytes(vector.bytes));
      const claims = vector.claims.map((claim) => ({
        key: bytes(claim.key),
        valueHash: claim.value_hash === null ? null : bytes(claim.value_hash),
      }));
      parts.checkState(proof, claims, bytes(tree.root));
      const bits = [...proof.shape].map((byte) => byte.toString(2).padStart(8, "0")).join(" ");
      assert.equal(bits, vector.shape_bits, vector.about);
    }
  }
});
