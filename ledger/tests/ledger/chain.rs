//! A chain of four validators and two organizations, with all of their keys.

use std::sync::atomic::{AtomicU64, Ordering};

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry, peer_id_of,
};
use vouchsafe_ledger::{
    BuildInput, Built, Executed, GenesisBatch, InvalidBlock, Ledger, MemoryStore, RecordChange,
    StoreRead as _, StoreWrite, StoredRecord, ValidateError,
};
use vouchsafe_types::asset::{Asset, AssetKey, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, sha256};
use vouchsafe_types::header::{Block, BlockTransactions};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey, Signature};
use vouchsafe_types::log::{leaf_hash, root};
use vouchsafe_types::record::StateName;
use vouchsafe_types::state_tree::StateLeaf;
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, RevocationReason, SignedTransaction,
    Transaction, VerifiedTransaction, signing_data,
};
use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

pub(crate) const GENESIS_TIME_MS: u64 = 1_700_000_000_000;
/// Carol's last valid block time.
pub(crate) const CAROL_NOT_AFTER_MS: u64 = GENESIS_TIME_MS + 5_000;
/// Seeds of the validators' consensus keys.
const VALIDATORS: [u8; 4] = [101, 102, 103, 104];

/// Seeds of the signers' keys.
pub(crate) const ALICE: u8 = 1; // signer of acme
pub(crate) const ADA: u8 = 2; // admin of acme
pub(crate) const CAROL: u8 = 3; // signer of acme, until CAROL_NOT_AFTER_MS
pub(crate) const BOB: u8 = 4; // signer of bolt
pub(crate) const STRANGER: u8 = 9;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

pub(crate) fn public(seed: u8) -> PublicKey {
    PublicKey(VerificationKeyBytes::from(&key(seed)).into())
}

pub(crate) fn organization(id: &str) -> OrganizationId {
    OrganizationId::new(id).expect("valid")
}

fn member(id: &str, admin: u8, signers: Vec<Signer>, validators: &[u8]) -> Member {
    let entry = |seed: &u8| ValidatorEntry {
        organization: organization(id),
        consensus_key: public(*seed),
        peer_id: peer_id_of(&public(seed + 100)).expect("an Ed25519 key"),
        power: 1,
        addresses: Vec::new(),
    };
    let organization = Organization {
        id: organization(id),
        name: format!("The {id} company"),
        admin_keys: vec![public(admin)],
        admin_threshold: 1,
        signers,
    };
    Member::new(organization, validators.iter().map(entry).collect(), Vec::new()).expect("valid")
}

pub(crate) fn genesis_of(name: &str, parameters: Parameters) -> Genesis {
    let signer = |seed, role, not_after_ms| Signer { public_key: public(seed), role, not_after_ms };
    let acme = vec![
        signer(ALICE, Role::Signer, None),
        signer(ADA, Role::Admin, None),
        signer(CAROL, Role::Signer, Some(CAROL_NOT_AFTER_MS)),
    ];
    let bolt = vec![signer(BOB, Role::Signer, None)];
    let members = vec![
        member("acme", 50, acme, &VALIDATORS[..2]),
        member("bolt", 51, bolt, &VALIDATORS[2..]),
    ];
    Genesis::assemble(name, GENESIS_TIME_MS, parameters, members).expect("valid")
}

/// A ledger with its genesis.
pub(crate) struct Chain<S> {
    pub(crate) genesis: Genesis,
    pub(crate) store: S,
    pub(crate) ledger: Ledger<S>,
}

impl Chain<MemoryStore> {
    pub(crate) fn new() -> Self {
        Self::with_parameters(Parameters::default())
    }

    pub(crate) fn with_parameters(parameters: Parameters) -> Self {
        Self::open(genesis_of("test", parameters), MemoryStore::new())
    }

    /// One with a first block, so that the next one has a parent.
    pub(crate) fn begun() -> Self {
        let mut chain = Self::new();
        chain.append(&[]);
        chain
    }

    /// One whose store holds damaged records under the state tree of an undamaged one.
    pub(crate) fn over_damage(damage: impl Fn(&Digest, &mut StoredRecord)) -> Self {
        let honest = Self::new();
        let records = honest.store.leaves().expect("reads").map(|leaf| {
            let leaf = leaf.expect("reads");
            let mut stored = honest.store.record(&leaf).expect("reads").expect("present");
            damage(&leaf.key, &mut stored);
            RecordChange {
                key: leaf.key,
                value_hash: leaf.value_hash,
                stored: stored.into(),
                growth: None,
            }
        });
        let batch = GenesisBatch { chain_id: honest.chain_id(), records: records.collect() };
        let store = MemoryStore::new();
        store.initialize(&batch).expect("empty");
        Self::open(honest.genesis, store)
    }
}

pub(crate) fn asset(label: &str) -> Asset {
    Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[label.as_bytes()]),
        size_bytes: label.len() as u64,
        name: DisplayName::new(label.into()).expect("short"),
        attributes: Attributes::default(),
    }
}

pub(crate) fn asset_key(label: &str) -> AssetKey {
    asset(label).key()
}

pub(crate) fn asset_name(label: &str) -> StateName {
    StateName::Asset(asset_key(label))
}

fn assets(labels: &[&str]) -> Assets {
    Assets::new(labels.iter().map(|label| asset(label)).collect()).expect("few")
}

pub(crate) fn notarize(labels: &[&str]) -> Operation {
    Operation::Notarize { assets: assets(labels) }
}

pub(crate) fn compromise(labels: &[&str]) -> Operation {
    Operation::Revoke { assets: assets(labels), reason: RevocationReason::Compromised }
}

pub(crate) fn deprecate(labels: &[&str]) -> Operation {
    Operation::Revoke { assets: assets(labels), reason: RevocationReason::Deprecated }
}

pub(crate) fn sign(
    chain_id: &ChainId,
    signer: u8,
    operations: Vec<Operation>,
    expiry_ms: u64,
) -> SignedTransaction {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&NONCE.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let operations = Operations::new(operations).expect("few");
    let body = Body { version: Version, operations, nonce, expiry_ms }.to_bytes();
    let signature = Signature(key(signer).sign(&signing_data(chain_id, &body)).into());
    let body = BodyBytes::new(body).expect("short");
    SignedTransaction { version: Version, body, public_key: public(signer), signature }
}

pub(crate) fn verified(chain_id: &ChainId, signed: SignedTransaction) -> VerifiedTransaction {
    Transaction::from_signed(chain_id, signed)
        .and_then(|transaction| transaction.verify(chain_id))
        .expect("valid")
}

impl<S: StoreWrite + Clone> Chain<S> {
    pub(crate) fn open(genesis: Genesis, store: S) -> Self {
        let ledger = Ledger::open(&genesis, store.clone()).expect("opens");
        Self { genesis, store, ledger }
    }

    /// The leaf of a name in the state tree.
    pub(crate) fn leaf(&self, name: &StateName) -> Option<StateLeaf> {
        let key = name.key();
        self.ledger.view().tree.get(&key).map(|value_hash| StateLeaf { key, value_hash })
    }

    pub(crate) fn chain_id(&self) -> ChainId {
        *self.ledger.chain_id()
    }

    /// The time of the next block, as this fixture builds it.
    pub(crate) fn next_time_ms(&self) -> u64 {
        self.ledger.head().time_ms + 1_000
    }

    pub(crate) fn sign(&self, signer: u8, operations: Vec<Operation>) -> VerifiedTransaction {
        self.sign_until(signer, operations, self.next_time_ms() + 60_000)
    }

    pub(crate) fn sign_until(
        &self,
        signer: u8,
        operations: Vec<Operation>,
        expiry_ms: u64,
    ) -> VerifiedTransaction {
        let chain_id = self.chain_id();
        verified(&chain_id, sign(&chain_id, signer, operations, expiry_ms))
    }

    pub(crate) fn proposer(&self, round: u32) -> Address {
        let head = self.ledger.head();
        head.validators.proposer(head.height + 1, round)
    }

    pub(crate) fn input(&self) -> BuildInput {
        BuildInput {
            round: 0,
            now_ms: self.next_time_ms(),
            proposer: self.proposer(0),
            evidence: Vec::new(),
        }
    }

    pub(crate) fn build(&self, transactions: &[VerifiedTransaction]) -> Built {
        self.ledger.build(self.input(), transactions).expect("builds")
    }

    /// An otherwise valid next block that carries these transactions, whatever rule they break.
    pub(crate) fn block_with(&self, transactions: Vec<SignedTransaction>) -> Block {
        let mut block = self.build(&[]).block;
        block.transactions = BlockTransactions::new(transactions).expect("few");
        reseal(&mut block);
        block
    }

    pub(crate) fn validate(&self, block: &Block) -> Result<Executed, InvalidBlock> {
        match self.ledger.validate(block, &|_| None) {
            Ok(executed) => Ok(executed),
            Err(ValidateError::Invalid(rule)) => Err(rule),
            Err(ValidateError::Store(error)) => panic!("{error}"),
        }
    }

    /// Why a block is invalid.
    pub(crate) fn refusal(&self, block: &Block) -> InvalidBlock {
        self.validate(block).map(|executed| executed.block_id()).expect_err("invalid")
    }

    /// Commits what was built, as three validators would.
    pub(crate) fn commit(&mut self, built: Built) {
        let certificate = certificate(&self.chain_id(), &built.executed, &VALIDATORS[..3]);
        let (height, block_id) = (built.executed.height(), built.executed.block_id());
        self.store.put_body(height, &block_id, &built.block.to_bytes()).expect("stores");
        self.ledger.commit(built.executed, certificate).expect("commits");
    }

    /// Builds, judges and commits a block of these transactions; gives its height.
    pub(crate) fn append(&mut self, transactions: &[VerifiedTransaction]) -> u64 {
        let built = self.build(transactions);
        assert!(built.refused.is_empty(), "{:?}", built.refused);
        let judged = self.validate(&built.block).expect("what is built is valid");
        assert_eq!(judged.block_id(), built.executed.block_id());
        self.commit(built);
        self.ledger.head().height
    }
}

/// A certificate by validators of these seeds.
pub(crate) fn certificate(
    chain_id: &ChainId,
    executed: &Executed,
    seeds: &[u8],
) -> CommitCertificate {
    let (height, block_id) = (executed.height(), executed.block_id());
    certificate_of(chain_id, height, block_id, seeds)
}

pub(crate) fn certificate_of(
    chain_id: &ChainId,
    height: u64,
    block_id: BlockId,
    seeds: &[u8],
) -> CommitCertificate {
    let vote = |seed: u8| Vote {
        version: Version,
        kind: VoteKind::Precommit,
        height,
        round: 0,
        block_id: Some(block_id),
        address: public(seed).address(),
    };
    let mut signatures: Vec<_> = seeds
        .iter()
        .map(|seed| CommitSignature {
            address: public(*seed).address(),
            signature: Signature(key(*seed).sign(&vote(*seed).preimage(chain_id)).into()),
        })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    let signatures = CommitSignatures::new(signatures).expect("few");
    CommitCertificate { version: Version, height, round: 0, block_id, signatures }
}

/// Another valid certificate of the head than the one stored.
pub(crate) fn other_certificate<S: StoreWrite + Clone>(chain: &Chain<S>) -> CommitCertificate {
    let head = chain.ledger.head();
    certificate_of(&chain.chain_id(), head.height, head.block_id, &VALIDATORS)
}

/// Makes counts and roots of a changed block true again, except for the state root.
pub(crate) fn reseal(block: &mut Block) {
    let leaves: Vec<_> = block.transactions.iter().map(|t| leaf_hash(&t.to_bytes())).collect();
    block.header.transactions_root = root(&leaves);
    block.header.transaction_count = u32::try_from(leaves.len()).expect("few");
    let evidence: Vec<_> = block.evidence.iter().map(|e| leaf_hash(&e.to_bytes())).collect();
    block.header.evidence_root = root(&evidence);
    if let Some(certificate) = &block.parent_certificate {
        block.header.parent_certificate = certificate.hash();
    }
}

/// Two prevotes of one validator for different blocks.
pub(crate) fn equivocation(chain_id: &ChainId, seed: u8, height: u64) -> Evidence {
    let vote = |label: &str| {
        let vote = Vote {
            version: Version,
            kind: VoteKind::Prevote,
            height,
            round: 0,
            block_id: Some(BlockId(sha256(&[label.as_bytes()]))),
            address: public(seed).address(),
        };
        let signature = Signature(key(seed).sign(&vote.preimage(chain_id)).into());
        SignedVote { vote, signature }
    };
    Evidence::of_votes(vote("one"), vote("other"))
}

/// A validator's seed.
pub(crate) fn validator(index: usize) -> u8 {
    VALIDATORS[index]
}
