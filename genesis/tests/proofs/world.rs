//! Small chains by hand: every header commits to the ones before it, and some lead to another
//! validator set.
//!
//! ```text
//! height   1   2   3   4 │ 5 … 9 │ 10 … 12
//! set      four keys     │ five  │ two of other power
//! state    ·   assets of two organizations, from height 2 on
//! block        3 holds three transactions
//! ```

use libp2p_identity::ed25519;
use serde_json::{Value, json};
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry, parse_address,
    peer_id_of,
};
use vouchsafe_types::asset::{Asset, AssetKey, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{
    CertificateHash, CommitCertificate, CommitSignature, CommitSignatures,
};
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId, sha256};
use vouchsafe_types::header::{GENESIS_PARENT, Header};
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::log;
use vouchsafe_types::proof::{
    AssetSubject, Magic, Older, Proof, ProofEvents, ReceiptSubject, Subject,
};
use vouchsafe_types::record::{
    AssetRecord, Event, LogHead, OrganizationStatus, OrganizationStatuses, SignerRole, StateName,
    value_hash,
};
use vouchsafe_types::set_change::{SetChange, SetChanges};
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, RevocationReason, SignedTransaction,
    signing_data,
};
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::vote::{Vote, VoteKind};

use crate::naive_tree::NaiveTree;

/// 2026-01-01T00:00:00Z.
const TIME_MS: u64 = 1_767_225_600_000;
/// The newest height of a sample chain.
pub(crate) const NEWEST: u64 = 12;
/// The last heights of the first two sets.
pub(crate) const CHANGES_AT: [u64; 2] = [4, 9];
/// The height whose block holds transactions.
pub(crate) const FULL_BLOCK: u64 = 3;

/// The validators of one set: seeds and powers.
pub(crate) type Powers = Vec<(u8, u64)>;

/// A sample chain.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) about: &'static str,
    pub(crate) genesis: Genesis,
    sets: [Powers; 3],
    headers: Vec<Header>,
    tree: NaiveTree,
    assets: Vec<(AssetKey, AssetRecord, Vec<Event>)>,
    pub(crate) transactions: Vec<SignedTransaction>,
}

fn keypair(seed: u8) -> ed25519::Keypair {
    ed25519::SecretKey::try_from_bytes([seed; 32]).expect("32 bytes").into()
}

pub(crate) fn public(seed: u8) -> PublicKey {
    PublicKey(keypair(seed).public().to_bytes())
}

pub(crate) fn sign(seed: u8, message: &[u8]) -> Signature {
    Signature(keypair(seed).sign(message).try_into().expect("64 bytes"))
}

fn organization(id: &str) -> OrganizationId {
    OrganizationId::new(id).expect("the sample keeps to the alphabet")
}

pub(crate) fn set(powers: &Powers) -> ValidatorSet {
    let member = |&(seed, power): &(u8, u64)| Validator {
        public_key: public(seed),
        power,
        organization: organization(if seed % 2 == 0 { "acme" } else { "bolt" }),
    };
    ValidatorSet::new(powers.iter().map(member).collect()).expect("a sample set is valid")
}

fn member(id: &str, signers: &[(u8, Role)], validators: &Powers) -> Member {
    let signer =
        |&(seed, role): &(u8, Role)| Signer { public_key: public(seed), role, not_after_ms: None };
    let organization = Organization {
        id: organization(id),
        name: format!("{id} \"Ltd\" – 東京"),
        admin_keys: vec![public(signers[0].0)],
        admin_threshold: 1,
        signers: signers.iter().map(signer).collect(),
    };
    let entry = |&(seed, power): &(u8, u64)| ValidatorEntry {
        organization: organization.id.clone(),
        consensus_key: public(seed),
        peer_id: peer_id_of(&public(seed + 100)).expect("a valid key"),
        power,
        addresses: vec![parse_address(&format!("/ip4/192.0.2.{seed}/tcp/26656")).expect("valid")],
    };
    let validators = validators.iter().map(entry).collect();
    Member::new(organization, validators, Vec::new()).expect("valid")
}

fn genesis(name: &str, first: &Powers) -> Genesis {
    let (acme, bolt): (Powers, Powers) = first.iter().partition(|(seed, _)| seed % 2 == 0);
    let members = vec![
        member("acme", &[(1, Role::Admin), (2, Role::Signer)], &acme),
        member("bolt", &[(11, Role::Admin)], &bolt),
    ];
    Genesis::assemble(name, TIME_MS, Parameters::default(), members).expect("valid")
}

pub(crate) fn asset(content: &str, scheme: Scheme) -> Asset {
    Asset {
        scheme,
        digest: sha256(&[content.as_bytes()]),
        size_bytes: content.len() as u64,
        name: DisplayName::new(format!("{content}.txt")).expect("short"),
        attributes: Attributes::default(),
    }
}

pub(crate) fn notarize(assets: Vec<Asset>) -> Operation {
    Operation::Notarize { assets: Assets::new(assets).expect("few") }
}

fn revoke(assets: Vec<Asset>, reason: RevocationReason) -> Operation {
    Operation::Revoke { assets: Assets::new(assets).expect("few"), reason }
}

/// A transaction, signed properly.
pub(crate) fn signed(
    chain_id: &ChainId,
    seed: u8,
    operations: Vec<Operation>,
) -> SignedTransaction {
    let operations = Operations::new(operations).expect("few");
    let body =
        Body { version: Version, operations, nonce: [seed; 16], expiry_ms: TIME_MS + 60_000 };
    signed_bytes(chain_id, seed, body.to_bytes())
}

/// A transaction with any bytes for a body.
pub(crate) fn signed_bytes(chain_id: &ChainId, seed: u8, body: Vec<u8>) -> SignedTransaction {
    let signature = sign(seed, &signing_data(chain_id, &body));
    let body = BodyBytes::new(body).expect("short");
    SignedTransaction { version: Version, body, public_key: public(seed), signature }
}

fn transactions(chain_id: &ChainId) -> Vec<SignedTransaction> {
    let bytes = |content| asset(content, Scheme::Bytes);
    vec![
        signed(chain_id, 1, vec![notarize(vec![bytes("hello"), asset("tree", Scheme::Directory)])]),
        signed(chain_id, 11, vec![revoke(vec![bytes("hello")], RevocationReason::Deprecated)]),
        signed(
            chain_id,
            2,
            vec![
                revoke(vec![bytes("evil")], RevocationReason::Compromised),
                notarize(vec![bytes("again")]),
            ],
        ),
    ]
}

/// What was said of an asset: who, as what, and what.
type Said = (u8, SignerRole, Status);

/// The events that statements make, one in each block from height 2 on, and the record.
fn history(key: AssetKey, said: &[Said]) -> (AssetKey, AssetRecord, Vec<Event>) {
    let event = |(at, &(seed, role, status)): (u64, &Said)| Event {
        version: Version,
        transaction_id: TransactionId(crate::sample::digest(1000 + at)),
        operation_index: u16::try_from(at).expect("small"),
        organization: organization(if seed < 10 { "acme" } else { "bolt" }),
        signer: public(seed),
        role,
        status,
        reason: match status {
            Status::Untrusted => Some(RevocationReason::Compromised),
            Status::Unsupported => Some(RevocationReason::Deprecated),
            _ => None,
        },
        height: 2,
        time_ms: TIME_MS + 2000,
    };
    let events: Vec<Event> = (0..).zip(said).map(event).collect();
    let leaves: Vec<Digest> =
        events.iter().map(|event| log::leaf_hash(&event.to_bytes())).collect();
    let mut statuses: Vec<OrganizationStatus> = Vec::new();
    for (index, event) in (0..).zip(&events) {
        statuses.retain(|status| status.organization != event.organization);
        statuses.push(OrganizationStatus {
            organization: event.organization.clone(),
            status: event.status,
            reason: event.reason,
            since_height: event.height,
            since_time_ms: event.time_ms,
            event_index: index,
            transaction_id: event.transaction_id,
            operation_index: event.operation_index,
            signer: event.signer,
        });
    }
    statuses.sort_by(|one, other| one.organization.cmp(&other.organization));
    let record = AssetRecord {
        version: Version,
        events: LogHead { count: events.len() as u64, root: log::root(&leaves) },
        organizations: OrganizationStatuses::new(statuses).expect("few"),
    };
    (key, record, events)
}

/// What the sample chains hold.
fn assets() -> Vec<(AssetKey, AssetRecord, Vec<Event>)> {
    use SignerRole::{Admin, Signer};
    use Status::{Trusted, Unsupported, Untrusted};
    let key = |content, scheme| asset(content, scheme).key();
    vec![
        history(key("hello", Scheme::Bytes), &[(1, Admin, Trusted)]),
        history(key("tree", Scheme::Directory), &[(2, Signer, Trusted), (2, Signer, Trusted)]),
        history(key("evil", Scheme::Bytes), &[(2, Signer, Trusted), (2, Signer, Untrusted)]),
        history(key("old", Scheme::Git), &[(11, Admin, Trusted), (11, Admin, Unsupported)]),
        history(
            key("mixed", Scheme::Image),
            &[
                (1, Admin, Trusted),
                (11, Admin, Untrusted),
                (11, Admin, Trusted),
                (2, Signer, Trusted),
            ],
        ),
        history(key("split", Scheme::Bytes), &[(11, Admin, Untrusted), (1, Admin, Trusted)]),
        history(key("fading", Scheme::Bytes), &[(1, Admin, Unsupported), (11, Admin, Trusted)]),
    ]
}

/// The key of an asset of which nobody has spoken.
pub(crate) fn absent(number: u64) -> AssetKey {
    AssetKey { scheme: Scheme::Bytes, digest: crate::sample::digest(number) }
}

impl World {
    fn new(about: &'static str, sets: [Powers; 3]) -> Self {
        let genesis = genesis(about, &sets[0]);
        let assets = assets();
        let mut tree = NaiveTree::default();
        for (key, record, _) in &assets {
            tree.0.insert(StateName::Asset(*key).key(), value_hash(&record.to_bytes()));
        }
        // Others' records, so that proofs have hashes in them.
        tree.0.extend((0..20).map(|n| (crate::sample::digest(n), crate::sample::digest(n + 500))));
        let transactions = transactions(&genesis.chain_id());
        let headers = Vec::new();
        let mut world = Self { about, genesis, sets, headers, tree, assets, transactions };
        for height in 1..=NEWEST {
            let header = world.next_header(height);
            world.headers.push(header);
        }
        world
    }

    fn next_header(&self, height: u64) -> Header {
        let set_at = |height| set(self.powers(height));
        let ids: Vec<BlockId> = self.headers.iter().map(Header::block_id).collect();
        let history: Vec<Digest> = ids.iter().map(|id| log::leaf_hash(id.as_bytes())).collect();
        let full = if height == FULL_BLOCK { &self.transactions[..] } else { &[] };
        let leaves: Vec<Digest> = full.iter().map(|t| log::leaf_hash(&t.to_bytes())).collect();
        let certificate = |parent: &Header| self.certificate(parent.height).hash();
        Header {
            version: Version,
            chain_id: self.genesis.chain_id(),
            height,
            round: 0,
            time_ms: TIME_MS + height * 1000,
            parent: ids.last().copied().unwrap_or(GENESIS_PARENT),
            history_root: log::root(&history),
            transactions_root: log::root(&leaves),
            transaction_count: u32::try_from(leaves.len()).expect("few"),
            state_root: if height == 1 { NaiveTree::default().root() } else { self.tree.root() },
            validators: set_at(height).hash(),
            next_validators: set_at(height + 1).hash(),
            proposer: set_at(height).proposer(height, 0),
            parent_certificate: self.headers.last().map_or(CertificateHash::ZERO, certificate),
            evidence_root: log::empty_root(),
        }
    }

    /// Who decides a height.
    pub(crate) fn powers(&self, height: u64) -> &Powers {
        let index = CHANGES_AT.iter().filter(|last| height > **last).count();
        &self.sets[index]
    }

    pub(crate) fn header(&self, height: u64) -> Header {
        self.headers[usize::try_from(height - 1).expect("small")].clone()
    }

    /// The certificate of all validators.
    pub(crate) fn certificate(&self, height: u64) -> CommitCertificate {
        let seeds: Vec<u8> = self.powers(height).iter().map(|(seed, _)| *seed).collect();
        self.certificate_of(&self.header(height), &seeds)
    }

    /// Precommits of these validators for a header.
    pub(crate) fn certificate_of(&self, header: &Header, seeds: &[u8]) -> CommitCertificate {
        let block_id = header.block_id();
        let signature = |seed: &u8| {
            let address = public(*seed).address();
            let vote = precommit(header.height, block_id, *seed);
            let signature = sign(*seed, &vote.preimage(&self.genesis.chain_id()));
            CommitSignature { address, signature }
        };
        let mut signatures: Vec<_> = seeds.iter().map(signature).collect();
        signatures.sort_by_key(|entry| entry.address);
        CommitCertificate {
            version: Version,
            height: header.height,
            round: 0,
            block_id,
            signatures: CommitSignatures::new(signatures).expect("few"),
        }
    }

    /// The change after a set's last height.
    pub(crate) fn change(&self, last: u64) -> SetChange {
        SetChange {
            header: self.header(last),
            certificate: self.certificate(last),
            validators: set(self.powers(last + 1)),
        }
    }

    fn proof(&self, height: u64, subject: Subject) -> Proof {
        let passed = CHANGES_AT.iter().filter(|last| height > **last);
        let changes = passed.map(|last| self.change(*last)).collect();
        Proof {
            magic: Magic,
            version: Version,
            chain_id: self.genesis.chain_id(),
            changes: SetChanges::new(changes).expect("few"),
            header: self.header(height),
            certificate: self.certificate(height),
            older: None,
            subject,
        }
    }

    /// The proof of an asset's status at a height, with its events if wished.
    pub(crate) fn asset_proof(&self, height: u64, key: AssetKey, with_events: bool) -> Proof {
        let held = self.assets.iter().find(|(asset, ..)| *asset == key);
        let state_proof = self.tree.prove(&[StateName::Asset(key).key()]);
        let events = held.map_or(Vec::new(), |(_, _, events)| events.clone());
        let events = with_events.then(|| ProofEvents::new(events).expect("few"));
        let record = held.map(|(_, record, _)| record.clone());
        self.proof(height, Subject::Asset(AssetSubject { key, record, state_proof, events }))
    }

    /// The proof of a transaction in the full block.
    pub(crate) fn receipt(&self, index: usize) -> Proof {
        let leaves: Vec<Digest> =
            self.transactions.iter().map(|t| log::leaf_hash(&t.to_bytes())).collect();
        let inclusion = log::InclusionProof::of(&leaves, index);
        let transaction = self.transactions[index].clone();
        self.proof(FULL_BLOCK, Subject::Receipt(ReceiptSubject { transaction, inclusion }))
    }

    /// The same subject, under a newer header that commits to the proof's own.
    pub(crate) fn made_older(&self, proof: Proof, newest: u64) -> Proof {
        let count = usize::try_from(newest - 1).expect("small");
        let ids = self.headers[..count].iter().map(Header::block_id);
        let leaves: Vec<Digest> = ids.map(|id| log::leaf_hash(id.as_bytes())).collect();
        let index = usize::try_from(proof.header.height - 1).expect("small");
        let inclusion = log::InclusionProof::of(&leaves, index);
        let older = Some(Older { header: proof.header, inclusion });
        Proof { older, ..self.proof(newest, proof.subject) }
    }

    pub(crate) fn to_json(&self) -> Value {
        let document: Value =
            serde_json::from_str(&self.genesis.to_pretty_json()).expect("it is JSON");
        json!({"about": self.about, "document": document})
    }
}

pub(crate) fn precommit(height: u64, block_id: BlockId, seed: u8) -> Vote {
    Vote {
        version: Version,
        kind: VoteKind::Precommit,
        height,
        round: 0,
        block_id: Some(block_id),
        address: public(seed).address(),
    }
}

/// The sample chains, in the order of the vectors.
pub(crate) fn all() -> Vec<World> {
    let four: Powers = [(21, 1), (22, 1), (23, 1), (24, 1)].into();
    let five: Powers = [(21, 1), (22, 1), (25, 1), (26, 1), (27, 1)].into();
    let two: Powers = [(28, 5), (29, 2)].into();
    let weighted: Powers = [(31, 1), (32, 10), (33, 20), (34, 1 << 40)].into();
    vec![
        World::new("four equal validators", [four, five.clone(), two.clone()]),
        World::new("very unequal validators", [weighted.clone(), five, two]),
        World::new("one validator", [[(40, 1)].into(), weighted, [(40, 1)].into()]),
    ]
}
