//! How large a proof file is and what its verification costs, by the size of the state and by the
//! number of changes of the validator set. docs/PERFORMANCE.md has its results.
//!
//! ```text
//! proofs [VALIDATORS]      a table: assets × changes ─▶ bytes, time, share of it in signatures
//! ```
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "it measures time, and judges nothing by it"
)]
#![allow(clippy::cast_precision_loss, reason = "ratios of small numbers")]

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use vouchsafe_ledger::StateTree;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{
    CertificateHash, CommitCertificate, CommitSignature, CommitSignatures,
};
use vouchsafe_types::hash::{ChainId, Digest, TransactionId, sha256};
use vouchsafe_types::header::{GENESIS_PARENT, Header};
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::log::empty_root;
use vouchsafe_types::proof::{AssetSubject, Magic, Proof, Subject};
use vouchsafe_types::record::{
    AssetRecord, LogHead, OrganizationStatus, OrganizationStatuses, StateName, value_hash,
};
use vouchsafe_types::set_change::{SetChange, SetChanges};
use vouchsafe_types::state_tree::StateLeaf;
use vouchsafe_types::status::Status;
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::verifier::Verifier;
use vouchsafe_types::vote::{Vote, VoteKind};

type Failure = Box<dyn Error>;

const CHAIN: ChainId = ChainId(Digest([7; 32]));
/// How often a proof is verified for one number.
const REPETITIONS: u32 = 50;

fn key(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey(VerificationKeyBytes::from(&key(seed)).into())
}

/// A set of so many, with another power for the first each time.
fn set(validators: u8, turn: u64) -> Result<ValidatorSet, Failure> {
    let organization = OrganizationId::new("acme")?;
    let member = |seed| Validator {
        public_key: public(seed),
        power: if seed == 0 { 1000 + turn } else { 1000 },
        organization: organization.clone(),
    };
    Ok(ValidatorSet::new((0..validators).map(member).collect())?)
}

fn header(height: u64, state_root: Digest, now: &ValidatorSet, next: &ValidatorSet) -> Header {
    Header {
        version: Version,
        chain_id: CHAIN,
        height,
        round: 0,
        time_ms: 1_800_000_000_000 + height,
        parent: GENESIS_PARENT,
        history_root: empty_root(),
        transactions_root: empty_root(),
        transaction_count: 0,
        state_root,
        validators: now.hash(),
        next_validators: next.hash(),
        proposer: now.proposer(height, 0),
        parent_certificate: CertificateHash::ZERO,
        evidence_root: empty_root(),
    }
}

/// The least certificate: signatures of just more than two thirds of equal powers.
fn certificate(header: &Header, validators: u8) -> Result<CommitCertificate, Failure> {
    let (height, block_id) = (header.height, header.block_id());
    let least = u8::try_from(usize::from(validators) * 2 / 3 + 1)?;
    let mut signatures = Vec::new();
    for seed in 0..least {
        let address = public(seed).address();
        let (kind, block) = (VoteKind::Precommit, Some(block_id));
        let vote = Vote { version: Version, kind, height, round: 0, block_id: block, address };
        let signature = Signature(key(seed).sign(&vote.preimage(&CHAIN)).into());
        signatures.push(CommitSignature { address, signature });
    }
    signatures.sort_by_key(|entry| entry.address);
    let signatures = CommitSignatures::new(signatures)?;
    Ok(CommitCertificate { version: Version, height, round: 0, block_id, signatures })
}

fn record() -> Result<AssetRecord, Failure> {
    let status = OrganizationStatus {
        organization: OrganizationId::new("acme")?,
        status: Status::Trusted,
        reason: None,
        since_height: 1,
        since_time_ms: 1_800_000_000_000,
        event_index: 0,
        transaction_id: TransactionId(Digest([3; 32])),
        operation_index: 0,
        signer: public(1),
    };
    let organizations = OrganizationStatuses::new(vec![status])?;
    Ok(AssetRecord {
        version: Version,
        events: LogHead { count: 1, ..LogHead::empty() },
        organizations,
    })
}

fn proof(tree: &StateTree, changes: u64, validators: u8) -> Result<Proof, Failure> {
    let mut led = Vec::new();
    for turn in 0..changes {
        let (now, next) = (set(validators, turn)?, set(validators, turn + 1)?);
        let header = header(turn * 100 + 99, tree.root(), &now, &next);
        let certificate = certificate(&header, validators)?;
        led.push(SetChange { header, certificate, validators: next });
    }
    let last = set(validators, changes)?;
    let header = header(changes * 100 + 1, tree.root(), &last, &last);
    let key = AssetKey { scheme: Scheme::Bytes, digest: Digest([9; 32]) };
    let state_proof = tree.prove(&[StateName::Asset(key).key()])?;
    let subject = AssetSubject { key, record: Some(record()?), state_proof, events: None };
    Ok(Proof {
        magic: Magic,
        version: Version,
        chain_id: CHAIN,
        changes: SetChanges::new(led)?,
        certificate: certificate(&header, validators)?,
        header,
        older: None,
        subject: Subject::Asset(subject),
    })
}

/// Microseconds of one turn, the least of several.
fn microseconds(mut work: impl FnMut()) -> f64 {
    let turn = |_| {
        let began = Instant::now();
        work();
        began.elapsed().as_secs_f64() * 1e6
    };
    (0..REPETITIONS).map(turn).fold(f64::INFINITY, f64::min)
}

fn measure(assets: u64, tree: &StateTree, changes: u64, validators: u8) -> Result<(), Failure> {
    let bytes = proof(tree, changes, validators)?.to_bytes();
    let pinned = Verifier::new(CHAIN, set(validators, 0)?);
    let whole = microseconds(|| {
        let proof = Proof::from_bytes(&bytes).expect("just made");
        black_box(proof.verify(&pinned).expect("just made"));
    });
    let proof = Proof::from_bytes(&bytes)?;
    let sets = proof.changes.iter().map(|change| change.validators.clone());
    let sets: Vec<ValidatorSet> = std::iter::once(set(validators, 0)?).chain(sets).collect();
    let certificates = proof.changes.iter().map(|change| &change.certificate);
    let certificates: Vec<_> = certificates.chain([&proof.certificate]).collect();
    let signatures = microseconds(|| {
        for (certificate, set) in certificates.iter().zip(&sets) {
            certificate.verify(&CHAIN, set).expect("just made");
        }
    });
    let share = signatures / whole * 100.0;
    println!("| {assets} | {changes} | {} | {whole:.0} | {share:.0} % |", bytes.len());
    Ok(())
}

fn main() -> Result<(), Failure> {
    let validators = std::env::args().nth(1).map_or(Ok(4), |text| text.parse())?;
    println!("{validators} validators; certificates of the least power that counts\n");
    println!(
        "| assets | changes of the set | bytes | µs | of it signatures |\n|---|---|---|---|---|"
    );
    for assets in [1_000, 100_000, 1_000_000] {
        let key = AssetKey { scheme: Scheme::Bytes, digest: Digest([9; 32]) };
        let named = StateLeaf {
            key: StateName::Asset(key).key(),
            value_hash: value_hash(&record()?.to_bytes()),
        };
        let other = |n: u64| {
            let key = sha256(&[&n.to_le_bytes()]);
            StateLeaf { key, value_hash: key }
        };
        let mut leaves: Vec<StateLeaf> = (1..assets).map(other).chain([named]).collect();
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        let tree = StateTree::from_sorted_leaves(leaves.into_iter().map(Ok::<_, Infallible>))?;
        for changes in [0, 10, 100] {
            measure(assets, &tree, changes, validators)?;
        }
    }
    Ok(())
}
