//! The hot paths, so often and nothing else: `scripts/instructions` counts their instructions under
//! valgrind. Times on a shared machine cannot show that a path grew by a twentieth; counts can.
//!
//! ```text
//! hot_paths CASE COUNT        twice the count less once the count is the path without the set-up
//! ```
//!
//! Everything is fixed, keys, nonces and times alike, so that a count is the same on every run.

use std::hint::black_box;
use std::process::ExitCode;

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use prost::Message as _;
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry, peer_id_of,
};
use vouchsafe_ledger::{BuildInput, Built, Ledger, MemoryStore, StoreWrite as _};
use vouchsafe_proto::v1::{GetStatusResponse, ProvenHeader, Record};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::sha256;
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::record::StateName;
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, SignedTransaction, Transaction,
    VerifiedTransaction, signing_data,
};
use vouchsafe_types::vote::{Vote, VoteKind};

const GENESIS_TIME_MS: u64 = 1_700_000_000_000;
const EXPIRY_MS: u64 = GENESIS_TIME_MS + 3_600_000;
/// Seeds of the validators' consensus keys.
const VALIDATORS: [u8; 4] = [101, 102, 103, 104];
/// The seed of the only signer's key.
const SIGNER: u8 = 1;
/// Signatures that are verified together.
const BATCH: u64 = 64;
/// Transactions in a block, of one asset each.
const BLOCK_TRANSACTIONS: u64 = 100;
/// Assets in the tree from which a status is proven.
const ASSETS: u64 = 10_000;
/// Assets in each transaction that fills the tree.
const ASSETS_EACH: u64 = 1_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().unwrap_or_default();
    let count = arguments.next().and_then(|count| count.parse::<u64>().ok());
    let Some(count) = count else { return usage() };
    match case.as_str() {
        "verify" => verify(count),
        "decode" => decode(count),
        "execute" => execute(count),
        "prove" => prove(count),
        "encode" => encode(count),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("hot_paths: write a case (verify, decode, execute, prove, encode) and a count");
    ExitCode::FAILURE
}

/// A batch of 64 signatures.
fn verify(count: u64) {
    let chain = Chain::new();
    let decoded: Vec<_> = (0..BATCH).map(|number| chain.decoded(number, 1)).collect();
    for _ in 0..count {
        let verdicts = Transaction::verify_batch(decoded.clone(), chain.ledger.chain_id());
        assert!(black_box(verdicts).iter().all(Result::is_ok), "they were signed");
    }
}

/// A signed transaction from its bytes, as a request brings it.
fn decode(count: u64) {
    let chain = Chain::new();
    let bytes = chain.signed(0, 1).to_bytes();
    for _ in 0..count {
        let decoded = Transaction::from_bytes(chain.ledger.chain_id(), black_box(&bytes));
        black_box(decoded.expect("its own bytes"));
    }
}

/// A block of 100 transactions, of one asset each, over the store in memory.
fn execute(count: u64) {
    let chain = Chain::new();
    let all: Vec<_> = (0..BLOCK_TRANSACTIONS).map(|number| chain.verified(number, 1)).collect();
    for _ in 0..count {
        let built = black_box(chain.build(&all));
        assert_eq!(built.block.transactions.len(), all.len(), "there is room for all");
    }
}

/// One status with its proof from a tree of 10,000 assets.
fn prove(count: u64) {
    let chain = Chain::with_assets();
    let reader = chain.ledger.reader();
    for number in 0..count {
        let name = StateName::Asset(asset(number * 37 % ASSETS).key());
        let answer = reader.status_at_hand(black_box(&[name])).expect("reads");
        black_box(answer.expect("memory knows all"));
    }
}

/// The bytes of an answer that was found.
fn encode(count: u64) {
    let chain = Chain::with_assets();
    let name = StateName::Asset(asset(0).key());
    let answer = chain.ledger.reader().status(&[name]).expect("reads");
    for _ in 0..count {
        let answer = black_box(&answer);
        let (header, certificate) = (answer.header.to_vec(), answer.certificate.to_vec());
        let records = answer.records.iter().cloned().map(|record| Record { record });
        let response = GetStatusResponse {
            head: Some(ProvenHeader { header, certificate }),
            records: records.collect(),
            proof: answer.proof.to_bytes(),
        };
        black_box(response.encode_to_vec());
    }
}

/// A chain of four validators and one signer.
struct Chain {
    store: MemoryStore,
    ledger: Ledger<MemoryStore>,
}

impl Chain {
    fn new() -> Self {
        let store = MemoryStore::new();
        let ledger = Ledger::open(&genesis(), store.clone()).expect("an empty store opens");
        Self { store, ledger }
    }

    /// One with [`ASSETS`] committed.
    fn with_assets() -> Self {
        let mut chain = Self::new();
        let of = |first| chain.verified(first * ASSETS_EACH, ASSETS_EACH);
        let all: Vec<_> = (0..ASSETS / ASSETS_EACH).map(of).collect();
        let Built { block, executed, .. } = chain.build(&all);
        assert_eq!(block.transactions.len(), all.len(), "there is room for all");
        let (height, block_id) = (executed.height(), executed.block_id());
        let vote = |address| Vote {
            version: Version,
            kind: VoteKind::Precommit,
            height,
            round: 0,
            block_id: Some(block_id),
            address,
        };
        let mut signatures: Vec<_> = VALIDATORS[..3]
            .iter()
            .map(|seed| {
                let address = public(*seed).address();
                let preimage = vote(address).preimage(chain.ledger.chain_id());
                CommitSignature { address, signature: signature(*seed, &preimage) }
            })
            .collect();
        signatures.sort_by_key(|entry| entry.address);
        let signatures = CommitSignatures::new(signatures).expect("three");
        let certificate =
            CommitCertificate { version: Version, height, round: 0, block_id, signatures };
        chain.store.put_body(height, &block_id, &block.to_bytes()).expect("stores");
        chain.ledger.commit(executed, certificate).expect("commits");
        chain
    }

    fn build(&self, transactions: &[VerifiedTransaction]) -> Built {
        let head = self.ledger.head();
        let input = BuildInput {
            round: 0,
            now_ms: head.time_ms + 1_000,
            proposer: head.validators.proposer(head.height + 1, 0),
            evidence: Vec::new(),
        };
        self.ledger.build(input, transactions).expect("the proposer builds")
    }

    /// Vouches for so many assets, from a number on.
    fn signed(&self, first: u64, assets: u64) -> SignedTransaction {
        let assets = Assets::new((first..first + assets).map(asset).collect()).expect("few");
        let operations = Operations::new(vec![Operation::Notarize { assets }]).expect("one");
        let nonce = u128::from(first).to_le_bytes();
        let body = Body { version: Version, operations, nonce, expiry_ms: EXPIRY_MS }.to_bytes();
        let signature = signature(SIGNER, &signing_data(self.ledger.chain_id(), &body));
        let body = BodyBytes::new(body).expect("short");
        SignedTransaction { version: Version, body, public_key: public(SIGNER), signature }
    }

    fn decoded(&self, first: u64, assets: u64) -> Transaction {
        let signed = self.signed(first, assets);
        Transaction::from_signed(self.ledger.chain_id(), signed).expect("well formed")
    }

    fn verified(&self, first: u64, assets: u64) -> VerifiedTransaction {
        self.decoded(first, assets).verify(self.ledger.chain_id()).expect("signed")
    }
}

fn genesis() -> Genesis {
    let id = OrganizationId::new("acme").expect("valid");
    let entry = |seed: u8| ValidatorEntry {
        organization: id.clone(),
        consensus_key: public(seed),
        peer_id: peer_id_of(&public(seed + 100)).expect("an Ed25519 key"),
        power: 1,
        addresses: Vec::new(),
    };
    let signer = Signer { public_key: public(SIGNER), role: Role::Signer, not_after_ms: None };
    let organization = Organization {
        id: id.clone(),
        name: "The acme company".into(),
        admin_keys: vec![public(50)],
        admin_threshold: 1,
        signers: vec![signer],
    };
    let validators = VALIDATORS.map(entry).to_vec();
    let member = Member::new(organization, validators, Vec::new()).expect("valid");
    Genesis::assemble("hot-paths", GENESIS_TIME_MS, Parameters::default(), vec![member])
        .expect("valid")
}

fn asset(number: u64) -> Asset {
    let name = format!("file-{number:05}.tar");
    Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[name.as_bytes()]),
        size_bytes: number,
        name: DisplayName::new(name).expect("short"),
        attributes: Attributes::default(),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey(VerificationKeyBytes::from(&key(seed)).into())
}

fn signature(seed: u8, message: &[u8]) -> Signature {
    Signature(key(seed).sign(message).into())
}
