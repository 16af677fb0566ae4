//! A chain of four validators in memory, for the tests of everything that checks answers.

use vouchsafe_genesis::{Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry};
use vouchsafe_keys::{SecretKey, TransactionSigner as _};
use vouchsafe_proto::v1;
use vouchsafe_types::asset::{Asset, AssetKey, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{
    CertificateHash, CommitCertificate, CommitSignature, CommitSignatures,
};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, sha256};
use vouchsafe_types::header::{GENESIS_PARENT, Header};
use vouchsafe_types::identity::{OrganizationId, Signature};
use vouchsafe_types::log::{self, InclusionProof};
use vouchsafe_types::record::{
    AssetRecord, LogHead, OrganizationStatus, OrganizationStatuses, StateName, value_hash,
};
use vouchsafe_types::state_tree::{StateLeaf, StateProofBuilder, leaf_hash};
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::{RevocationReason, SignedTransaction};
use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

use crate::transaction_builder::{Act, body};

/// When everything in the fixture happens, in milliseconds since 1970.
pub(crate) const TIME_MS: u64 = 1_800_000_000_000;

/// How many validators there are, each with a power of 1: three are a quorum.
pub(crate) const VALIDATORS: u8 = 4;

/// A validator's consensus key.
pub(crate) fn consensus_key(validator: u8) -> SecretKey {
    SecretKey::from_seed(&[100 + validator; 32])
}

/// The one signer.
pub(crate) fn signer_key() -> SecretKey {
    SecretKey::from_seed(&[4; 32])
}

/// A genesis document of one organization, `acme`.
pub(crate) fn genesis(chain_name: &str) -> Genesis {
    let id = OrganizationId::new("acme").expect("valid");
    let signer =
        Signer { public_key: signer_key().public_key(), role: Role::Signer, not_after_ms: None };
    let organization = Organization {
        id: id.clone(),
        name: "Acme".into(),
        admin_keys: vec![SecretKey::from_seed(&[3; 32]).public_key()],
        admin_threshold: 1,
        signers: vec![signer],
    };
    let validator = |number: u8| ValidatorEntry {
        organization: id.clone(),
        consensus_key: consensus_key(number).public_key(),
        peer_id: SecretKey::from_seed(&[200 + number; 32]).peer_id(),
        power: 1,
        addresses: vec![],
    };
    let validators = (0..VALIDATORS).map(validator).collect();
    let member = Member::new(organization, validators, vec![]).expect("valid");
    Genesis::assemble(chain_name, 1, Parameters::default(), vec![member]).expect("valid")
}

/// The fixture's chain.
pub(crate) fn chain_id() -> ChainId {
    genesis("fixture").chain_id()
}

/// An asset of some content.
pub(crate) fn asset(content: &[u8]) -> Asset {
    Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[content]),
        size_bytes: content.len() as u64,
        name: DisplayName::new("n".into()).expect("short"),
        attributes: Attributes::default(),
    }
}

/// A transaction that notarizes some content.
pub(crate) fn signed(content: &[u8]) -> SignedTransaction {
    let body = body(Act::Notarize, vec![asset(content)], TIME_MS + 1000).expect("builds");
    signer_key().sign_transaction(&chain_id(), &body).expect("signs")
}

/// A header at a height, over a state and the transactions given.
pub(crate) fn header(
    height: u64,
    state_root: Digest,
    transactions: &[SignedTransaction],
) -> Header {
    let genesis = genesis("fixture");
    let leaves: Vec<_> = transactions.iter().map(|t| log::leaf_hash(&t.to_bytes())).collect();
    Header {
        version: Version,
        chain_id: genesis.chain_id(),
        height,
        round: 0,
        time_ms: TIME_MS,
        parent: GENESIS_PARENT,
        history_root: log::empty_root(),
        transactions_root: log::root(&leaves),
        transaction_count: u32::try_from(leaves.len()).expect("few"),
        state_root,
        validators: genesis.validator_set().hash(),
        next_validators: genesis.validator_set().hash(),
        proposer: consensus_key(0).public_key().address(),
        parent_certificate: CertificateHash::ZERO,
        evidence_root: log::empty_root(),
    }
}

/// Evidence of two prevotes of a validator at a height.
pub(crate) fn equivocation(validator: u8, height: u64) -> Evidence {
    let key = consensus_key(validator);
    let vote = |block_id| {
        let address = key.public_key().address();
        let (kind, round) = (VoteKind::Prevote, 0);
        let vote = Vote { version: Version, kind, height, round, block_id, address };
        SignedVote { signature: key.sign(&vote.preimage(&chain_id())), vote }
    };
    Evidence::of_votes(vote(None), vote(Some(BlockId(sha256(&[b"another"])))))
}

/// The header with the certificate of a quorum, as a node sends it.
pub(crate) fn certified(header: &Header) -> v1::ProvenHeader {
    certified_by(header, 0, &[0, 1, 2])
}

/// The header with a certificate in a round by the validators given, in the order of their
/// addresses. Numbers from [`VALIDATORS`] on are strangers.
pub(crate) fn certified_by(header: &Header, round: u32, signers: &[u8]) -> v1::ProvenHeader {
    let keys: Vec<_> = signers.iter().copied().map(consensus_key).collect();
    let unsigned = |key: &SecretKey| CommitSignature {
        address: key.public_key().address(),
        signature: Signature([0; 64]),
    };
    let mut certificate = CommitCertificate {
        version: Version,
        height: header.height,
        round,
        block_id: header.block_id(),
        signatures: CommitSignatures::new(keys.iter().map(unsigned).collect()).expect("some"),
    };
    let sign = |key: &SecretKey| {
        let address = key.public_key().address();
        let signature = key.sign(&certificate.precommit(address).preimage(&header.chain_id));
        CommitSignature { address, signature }
    };
    let mut signatures: Vec<_> = keys.iter().map(sign).collect();
    signatures.sort_by_key(|entry| entry.address);
    certificate.signatures = CommitSignatures::new(signatures).expect("some");
    v1::ProvenHeader { header: header.to_bytes(), certificate: certificate.to_bytes() }
}

/// `acme` says TRUSTED.
pub(crate) fn trusted_record() -> AssetRecord {
    record_of(Status::Trusted, None)
}

/// `acme` says so.
pub(crate) fn record_of(status: Status, reason: Option<RevocationReason>) -> AssetRecord {
    let said = OrganizationStatus {
        organization: OrganizationId::new("acme").expect("valid"),
        status,
        reason,
        since_height: 1,
        since_time_ms: 1,
        event_index: 0,
        transaction_id: signed(b"x").id(&chain_id()),
        operation_index: 0,
        signer: signer_key().public_key(),
    };
    AssetRecord {
        version: Version,
        events: LogHead { count: 1, root: log::empty_root() },
        organizations: OrganizationStatuses::new(vec![said]).expect("one"),
    }
}

fn leaf_of(key: AssetKey, record: &[u8]) -> StateLeaf {
    StateLeaf { key: StateName::Asset(key).key(), value_hash: value_hash(record) }
}

/// The root of a state that holds nothing but an asset's record.
pub(crate) fn state_root(key: AssetKey, record: &[u8]) -> Digest {
    leaf_hash(&leaf_of(key, record))
}

/// A node's answer about one asset, in a state that holds nothing but its record.
pub(crate) fn status_answer(key: AssetKey, record: &[u8]) -> v1::GetStatusResponse {
    let mut proof = StateProofBuilder::new();
    proof.leaf(leaf_of(key, record));
    v1::GetStatusResponse {
        head: Some(certified(&header(9, state_root(key, record), &[]))),
        records: vec![v1::Record { record: Some(record.to_vec()) }],
        proof: proof.finish().expect("one leaf").to_bytes(),
    }
}

/// A transaction alone in its block, and its receipt.
pub(crate) fn receipt(transaction: &SignedTransaction) -> v1::Receipt {
    let leaf = log::leaf_hash(&transaction.to_bytes());
    let transactions = std::slice::from_ref(transaction);
    v1::Receipt {
        transaction_id: transaction.id(&chain_id()).as_bytes().to_vec(),
        head: Some(certified(&header(9, Digest::ZERO, transactions))),
        inclusion_proof: InclusionProof::of(&[leaf], 0).to_bytes(),
    }
}
