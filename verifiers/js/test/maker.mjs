// Makes small chains and proof files, so that every rule can be broken one at a time. It writes
// encodings and signs; the verifier does neither, so that nothing here is its code.

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

export const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const tagged = (tag, ...data) => sha256([tag.length], Buffer.from(tag), ...data);
export const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

export const u8 = (value) => Buffer.from([value]);
export function u16(value) {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}
export function u32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
export function u64(value) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
export const bytes = (value) => join(u32(Buffer.from(value).length), Buffer.from(value));
export const list = (values) => join(u32(values.length), ...values);
export const option = (value) => (value === null ? u8(0) : join(u8(1), value));

/** An Ed25519 key from a seed of 32 equal bytes. */
export function keyOf(seedByte) {
  const seed = Buffer.alloc(32, seedByte);
  const pkcs8 = join(Buffer.from("302e020100300506032b657004220420", "hex"), seed);
  const secret = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
  const blob = join(Buffer.from("0000000b7373682d6564323535313900000020", "hex"), publicKey);
  return { secret, publicKey, line: `ssh-ed25519 ${blob.toString("base64")}`, address: tagged("vouchsafe-address-v1", publicKey) };
}

export function validatorSet(seeds) {
  const keys = seeds.map(keyOf).sort((first, second) => first.address.compare(second.address));
  const members = keys.map((key) => join(key.publicKey, u64(10), bytes("acme")));
  const encoding = join(u8(1), list(members));
  return { keys, encoding, hash: tagged("vouchsafe-validator-set-v1", encoding) };
}

export function genesisDocument(set) {
  return {
    version: 1,
    chain_name: "Made for tests",
    genesis_time_ms: "1767225600000",
    parameters: {
      block_bytes_max: "4194304", expiry_window_ms: "3600000", heartbeat_ms: "10000", timeout_propose_ms: "1000",
      timeout_prevote_ms: "500", timeout_precommit_ms: "500", timeout_increment_ms: "500", timeout_max_ms: "60000",
      evidence_age_max_blocks: "100000", clock_ahead_max_ms: "2000", clock_behind_max_ms: "10000",
    },
    organizations: [{ id: "acme", name: "Acme", admin_keys: [keyOf(1).line], admin_threshold: 1, signers: [] }],
    validators: set.keys.map((key, index) => ({
      organization: "acme", consensus_key: key.line, peer_id: `peer${index}`, power: "10", addresses: [],
    })),
    observers: [],
  };
}

const ZERO = Buffer.alloc(32);

export function header(chainId, fields) {
  const encoding = join(
    u8(1), chainId, u64(fields.height), u32(0), u64(fields.time ?? 1767225600000n + BigInt(fields.height)), ZERO,
    fields.historyRoot ?? ZERO, fields.transactionsRoot ?? ZERO, u32(fields.transactionCount ?? 0),
    fields.stateRoot ?? ZERO, fields.set.hash, (fields.next ?? fields.set).hash, ZERO, ZERO, ZERO,
  );
  return { encoding, id: tagged("vouchsafe-block-id-v1", encoding), height: BigInt(fields.height), chainId };
}

/** A certificate of all of the set, or of those whose places are given. */
export function certificate(of, set, places = set.keys.map((_, index) => index)) {
  const signatures = places.map((place) => {
    const key = set.keys[place];
    const preimage = join(
      [0, 17], Buffer.from("vouchsafe-vote-v1"), of.chainId, [1, 2], u64(of.height), u32(0), [1], of.id, key.address,
    );
    return join(key.address, sign(null, preimage, key.secret));
  });
  return join(u8(1), u64(of.height), u32(0), of.id, list(signatures));
}

export const leafHash = (entry) => sha256([0], entry);
export const nodeHash = (left, right) => sha256([1], left, right);
export const inclusion = (index, size, path) => join(u8(1), u64(index), u64(size), list(path));

const TREE = Buffer.from("vouchsafe-state-tree-v1");
export const assetKey = (digest) => tagged("vouchsafe-state-key-v1", [1, 1], digest);
export const valueHash = (record) => tagged("vouchsafe-state-value-v1", record);
/** A state of one leaf: its root, and the proof that leads there. */
export function stateOf(key, value) {
  return { root: sha256([0], TREE, key, value), proof: join(u8(1), bytes([0x40]), list([join(key, value)]), list([])) };
}
export const EMPTY_STATE = { root: ZERO, proof: join(u8(1), bytes([0]), list([]), list([])) };

export function event(fields) {
  const reason = fields.reason ? option(u8(fields.reason)) : u8(0);
  return join(
    u8(1), sha256(Buffer.from("transaction")), u16(fields.operation ?? 0), bytes(fields.organization ?? "acme"),
    keyOf(1).publicKey, u8(1), u8(fields.status), reason, u64(fields.height ?? 3), u64(1767225600003n),
  );
}

export function record(events, root, entries) {
  const organizations = entries.map((entry) => join(
    bytes(entry.organization), u8(entry.status), entry.reason ? option(u8(entry.reason)) : u8(0), u64(3),
    u64(1767225600003n), u64(0), sha256(Buffer.from("transaction")), u16(0), keyOf(1).publicKey,
  ));
  return join(u8(1), u64(events), root, list(organizations));
}

const string = (value) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.from(value).length);
  return join(length, Buffer.from(value));
};

export function transaction(chainId, operations, key = keyOf(1)) {
  const body = join(u8(1), list(operations), Buffer.alloc(16, 7), u64(1767226200000n));
  const hash = createHash("sha512").update(join(chainId, body)).digest();
  const data = join(Buffer.from("SSHSIG"), string("vouchsafe-tx-v1"), string(""), string("sha512"), string(hash));
  return join(u8(1), bytes(body), key.publicKey, sign(null, data, key.secret));
}
export const asset = (digest) => join(u8(1), digest, u64(5), bytes("name"), list([]));
export const notarize = (digests) => join(u8(1), list(digests.map(asset)));
export const revoke = (digests, reason) => join(u8(2), list(digests.map(asset)), u8(reason));

/** A proof's parts, as buffers, in the binary form. */
export function binary(parts) {
  const { subject } = parts;
  const encodedSubject = subject.transaction
    ? join(u8(2), subject.transaction, subject.inclusion)
    : join(u8(1), u8(1), subject.digest, option(subject.record), subject.stateProof,
      option(subject.events === null ? null : list(subject.events)));
  return join(
    Buffer.from("vouchsafe-proof"), u8(1), parts.chainId,
    list(parts.changes.map((change) => join(change.header, change.certificate, change.validators))),
    parts.header, parts.certificate,
    option(parts.older === null ? null : join(parts.older.header, parts.older.inclusion)), encodedSubject,
  );
}

/** The same parts in the JSON form, as an object. */
export function json(parts) {
  const hex = (value) => (value === null ? null : Buffer.from(value).toString("hex"));
  const hexOfAll = (object) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, hex(value)]));
  const { subject } = parts;
  const made = {
    format: "vouchsafe-proof", version: 1, chain_id: hex(parts.chainId), changes: parts.changes.map(hexOfAll),
    header: hex(parts.header), certificate: hex(parts.certificate), older: parts.older && hexOfAll(parts.older),
  };
  if (subject.transaction) return { ...made, receipt: hexOfAll(subject) };
  const { digest, record: given, stateProof, events } = subject;
  return {
    ...made,
    asset: {
      scheme: "bytes", digest: hex(digest), record: hex(given), state_proof: hex(stateProof), events: events && events.map(hex),
    },
  };
}
