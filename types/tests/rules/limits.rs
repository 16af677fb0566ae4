//! Bounds: the largest valid value of each structure fits its limit, and a version that nobody
//! knows is refused everywhere.

use vouchsafe_types::asset::{
    Asset, AttributeKey, AttributeValue, Attributes, DisplayName, Scheme,
};
use vouchsafe_types::canonical::{Canonical, DecodeError, Version};
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::consistency::{ConsistencyHashes, ConsistencyProof};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, Digest, TransactionId};
use vouchsafe_types::header::{
    BLOCK_BYTES_MAX, BLOCK_EVIDENCE_MAX, BLOCK_TRANSACTIONS_MAX, Block, BlockEvidence,
    BlockTransactions, Header,
};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey, Signature};
use vouchsafe_types::log::{Frontier, InclusionProof, PATH_HASHES_MAX, PathHashes};
use vouchsafe_types::record::{
    Activity, AdminKeys, AssetRecord, Event, EvidenceRecord, LogHead, OrganizationName,
    OrganizationRecord, OrganizationStatus, OrganizationStatuses, RECORD_BYTES_MAX, SignerRecord,
    SignerRole,
};
use vouchsafe_types::set_change::SetChange;
use vouchsafe_types::state_tree::{ProofHashes, ProofLeaves, ShapeBytes, StateLeaf, StateProof};
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::{
    Body, BodyBytes, RevocationReason, SignedTransaction, TRANSACTION_BYTES_MAX,
};
use vouchsafe_types::validator_set::{VALIDATORS_MAX, Validator, ValidatorSet};
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::sample::{
    attribute, body, certificate, digest, evidence_of_proposals, evidence_of_votes, first_block,
    notarize, proposal, transactions, validators, vote,
};

const DIGEST: Digest = Digest([0xff; 32]);
const KEY: PublicKey = PublicKey([0xff; 32]);
const ID: TransactionId = TransactionId(DIGEST);
const HEAD: LogHead = LogHead { count: u64::MAX, root: DIGEST };

/// The longest organization id there is, one for each number.
fn organization(number: usize) -> OrganizationId {
    OrganizationId::new(&format!("{number:032}")).expect("32 digits")
}

/// Reads its own bytes, which are not longer than the limit.
fn fits<T: Canonical + PartialEq + std::fmt::Debug>(value: &T) -> usize {
    let bytes = value.to_bytes();
    assert!(bytes.len() <= T::LIMIT_BYTES, "{} > {}", bytes.len(), T::LIMIT_BYTES);
    assert_eq!(T::from_bytes(&bytes).as_ref(), Ok(value));
    let mut long = bytes.clone();
    long.resize(T::LIMIT_BYTES + 1, 0);
    let refused = DecodeError::TooLong { limit_bytes: T::LIMIT_BYTES, actual_bytes: long.len() };
    assert_eq!(T::from_bytes(&long), Err(refused));
    bytes.len()
}

fn largest_status(number: usize) -> OrganizationStatus {
    OrganizationStatus {
        organization: organization(number),
        status: Status::Unsupported,
        reason: Some(RevocationReason::Deprecated),
        since_height: u64::MAX,
        since_time_ms: u64::MAX,
        event_index: u64::MAX,
        transaction_id: ID,
        operation_index: u16::MAX,
        signer: KEY,
    }
}

#[test]
fn the_largest_consistency_proof_and_change_of_the_set_have_exactly_their_limits() {
    let path = ConsistencyHashes::new(vec![DIGEST; PATH_HASHES_MAX + 1]).expect("the most");
    let proof = ConsistencyProof { version: Version, first: 1, second: u64::MAX, path };
    assert_eq!(fits(&proof), ConsistencyProof::LIMIT_BYTES);
    let parts = [Header::LIMIT_BYTES, CommitCertificate::LIMIT_BYTES, ValidatorSet::LIMIT_BYTES];
    assert_eq!(SetChange::LIMIT_BYTES, parts.iter().sum::<usize>());
}

#[test]
fn the_largest_records_fit() {
    let organizations = OrganizationStatuses::new((0..256).map(largest_status).collect());
    let organizations = organizations.expect("256");
    fits(&AssetRecord { version: Version, events: HEAD, organizations });
    fits(&Event {
        version: Version,
        transaction_id: ID,
        operation_index: u16::MAX,
        organization: organization(1),
        signer: KEY,
        role: SignerRole::Admin,
        status: Status::Unsupported,
        reason: Some(RevocationReason::Deprecated),
        height: u64::MAX,
        time_ms: u64::MAX,
    });
    fits(&Activity {
        version: Version,
        transaction_id: ID,
        operation_index: u16::MAX,
        signer: KEY,
        height: u64::MAX,
        time_ms: u64::MAX,
    });
    fits(&SignerRecord {
        version: Version,
        organization: organization(1),
        role: SignerRole::Admin,
        not_after_ms: Some(u64::MAX),
        activity: HEAD,
    });
    fits(&OrganizationRecord {
        version: Version,
        name: OrganizationName::new("x".repeat(128)).expect("128"),
        admin_keys: AdminKeys::new(vec![KEY; 64]).expect("64"),
        admin_threshold: u16::MAX,
        activity: HEAD,
    });
    fits(&EvidenceRecord { version: Version, height: u64::MAX });
    assert_eq!(AssetRecord::LIMIT_BYTES, RECORD_BYTES_MAX);
    const { assert!(ValidatorSet::LIMIT_BYTES <= RECORD_BYTES_MAX) };
}

#[test]
fn the_largest_validator_set_and_certificate_fit() {
    let validators = (0..VALIDATORS_MAX).map(|n| Validator {
        public_key: PublicKey(digest(n as u64).0),
        power: 1 << 40,
        organization: organization(n),
    });
    fits(&ValidatorSet::new(validators.collect()).expect("256"));
    let entry = CommitSignature { address: Address(DIGEST), signature: Signature([0xff; 64]) };
    let size = fits(&CommitCertificate {
        version: Version,
        height: u64::MAX,
        round: u32::MAX,
        block_id: BlockId(DIGEST),
        signatures: CommitSignatures::new(vec![entry; VALIDATORS_MAX]).expect("256"),
    });
    assert_eq!(size, CommitCertificate::LIMIT_BYTES);
}

#[test]
fn the_largest_votes_proposals_and_evidence_fit() {
    let vote =
        vote(101, vouchsafe_types::vote::VoteKind::Precommit, u64::MAX, 1, Some(BlockId(DIGEST)));
    let proposal = proposal(101, u64::MAX, 1, Some(0), BlockId(DIGEST));
    fits(&vote);
    fits(&proposal);
    fits(&Evidence::Votes(vote.clone(), vote));
    fits(&Evidence::Proposals(proposal.clone(), proposal));
}

#[test]
fn the_largest_proofs_fit() {
    fits(&InclusionProof {
        version: Version,
        index: u64::MAX,
        size: u64::MAX,
        path: PathHashes::new(vec![DIGEST; PATH_HASHES_MAX]).expect("64"),
    });
    let mut frontier = u64::MAX.to_le_bytes().to_vec();
    frontier.extend_from_slice(&64u32.to_le_bytes());
    frontier.extend_from_slice(&[7; 64 * 32]);
    let size = fits(&Frontier::from_bytes(&frontier).expect("64 peaks for 64 digits"));
    assert_eq!(size, Frontier::LIMIT_BYTES);
    let leaf = StateLeaf { key: DIGEST, value_hash: DIGEST };
    fits(&StateProof {
        version: Version,
        shape: ShapeBytes::new(vec![0xff; ShapeBytes::MOST]).expect("the most"),
        leaves: ProofLeaves::new(vec![leaf; ProofLeaves::MOST]).expect("the most"),
        hashes: ProofHashes::new(vec![DIGEST; ProofHashes::MOST]).expect("the most"),
    });
}

#[test]
fn the_largest_transaction_is_one_mebibyte_with_its_envelope() {
    let transaction = SignedTransaction {
        version: Version,
        body: BodyBytes::new(vec![1; BodyBytes::MOST]).expect("the most"),
        public_key: KEY,
        signature: Signature([0xff; 64]),
    };
    assert_eq!(fits(&transaction), TRANSACTION_BYTES_MAX);
    assert!(BodyBytes::new(vec![1; BodyBytes::MOST + 1]).is_err());
}

#[test]
fn the_largest_asset_keeps_within_a_body_and_a_block_of_many_within_its_limit() {
    let key = |n| AttributeKey::new(format!("{n:064}")).expect("64");
    let value = AttributeValue::new("v".repeat(1024)).expect("1,024");
    let attributes = (0..16)
        .map(|n| vouchsafe_types::asset::Attribute { key: key(n), value: value.clone() })
        .collect();
    let largest = Asset {
        scheme: Scheme::ImageConfiguration,
        digest: DIGEST,
        size_bytes: u64::MAX,
        name: DisplayName::new("n".repeat(255)).expect("255"),
        attributes: Attributes::new(attributes).expect("16"),
    };
    fits(&body(vec![notarize(vec![largest; 50])]));
    let small = transactions().remove(0);
    let block = Block {
        transactions: BlockTransactions::new(vec![small; BLOCK_TRANSACTIONS_MAX])
            .expect("the most"),
        evidence: BlockEvidence::new(vec![evidence_of_votes(); BLOCK_EVIDENCE_MAX]).expect("64"),
        parent_certificate: Some(certificate(1, 0, BlockId(DIGEST), &[101])),
        ..first_block()
    };
    assert!(block.to_bytes().len() <= BLOCK_BYTES_MAX);
    assert_eq!(Block::from_bytes(&block.to_bytes()), Ok(block));
}

#[test]
fn a_header_has_one_length() {
    let header = first_block().header;
    assert_eq!(fits(&header), Header::LIMIT_BYTES);
    assert_eq!(header.to_bytes().len(), 345);
}

#[test]
fn containers_name_their_bounds() {
    assert_eq!((DisplayName::LEAST, DisplayName::MOST), (0, 255));
    assert_eq!((AttributeKey::LEAST, AttributeKey::MOST), (1, 64));
    assert_eq!((AttributeValue::LEAST, AttributeValue::MOST), (0, 1024));
    assert_eq!((BlockEvidence::LEAST, BlockEvidence::MOST), (0, 64));
    assert_eq!((BlockTransactions::LEAST, BlockTransactions::MOST), (0, 65_536));
    assert_eq!((CommitSignatures::LEAST, CommitSignatures::MOST), (1, 256));
    assert_eq!((OrganizationStatuses::LEAST, OrganizationStatuses::MOST), (1, 256));
    assert_eq!((ProofLeaves::LEAST, ProofLeaves::MOST), (0, 1024));
    assert_eq!((ShapeBytes::LEAST, ShapeBytes::MOST), (1, 65_536));
    assert_eq!((ProofHashes::LEAST, ProofHashes::MOST), (0, 65_536));
    assert_eq!((BodyBytes::LEAST, BodyBytes::MOST), (1, 1_048_475));
    assert_eq!(attribute("k", "v").value.into_inner(), "v");
    assert!(AttributeKey::new(String::new()).is_err());
    assert!(OrganizationName::new(String::new()).is_err());
}

/// The first byte is the version: any but the known one is refused by name.
fn versioned<T: Canonical + PartialEq + std::fmt::Debug>(value: &T) {
    let mut bytes = value.to_bytes();
    assert_eq!(bytes[0], 1);
    for actual in [0, 2, 255] {
        bytes[0] = actual;
        assert_eq!(T::from_bytes(&bytes), Err(DecodeError::UnknownVersion { known: 1, actual }));
    }
}

#[test]
fn an_unknown_version_is_refused_by_every_structure() {
    let block = first_block();
    versioned(&block);
    versioned(&block.header);
    versioned(&certificate(1, 0, BlockId(DIGEST), &[101]));
    versioned(&validators());
    versioned(&transactions()[0]);
    versioned(&Body::from_bytes(&transactions()[0].body).expect("valid"));
    let Evidence::Votes(vote, _) = evidence_of_votes() else { unreachable!("votes") };
    let Evidence::Proposals(proposal, _) = evidence_of_proposals() else {
        unreachable!("proposals")
    };
    versioned::<SignedVote>(&vote);
    versioned::<SignedProposal>(&proposal);
    versioned(&InclusionProof::of(&[DIGEST], 0));
    versioned(&crate::sample::naive_tree::sample().prove(&[DIGEST]));
    let organizations = OrganizationStatuses::new(vec![largest_status(0)]).expect("one");
    versioned(&AssetRecord { version: Version, events: HEAD, organizations });
    versioned(&EvidenceRecord { version: Version, height: 1 });
}
