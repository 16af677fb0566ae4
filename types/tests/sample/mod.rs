//! Values that the tests and the vectors are built from: every key comes from a fixed seed, so
//! that the same bytes come out everywhere and always.
#![allow(dead_code, reason = "each of the two test programs uses its part")]

pub(crate) mod crafted;
pub(crate) mod naive_tree;
pub(crate) mod ssh_keygen;

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use vouchsafe_types::asset::{
    Asset, Attribute, AttributeKey, AttributeValue, Attributes, DisplayName, Scheme,
};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{
    CertificateHash, CommitCertificate, CommitSignature, CommitSignatures,
};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, Domain, sha256, tagged};
use vouchsafe_types::header::{Block, BlockEvidence, BlockTransactions, GENESIS_PARENT, Header};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey, Signature};
use vouchsafe_types::log;
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, RevocationReason, SignedTransaction,
    signing_data,
};
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

/// 2026-01-01T00:00:00Z.
pub(crate) const TIME_MS: u64 = 1_767_225_600_000;
/// The seeds of the four validators' keys.
pub(crate) const VALIDATOR_SEEDS: [u8; 4] = [101, 102, 103, 104];

pub(crate) fn secret(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

pub(crate) fn public(seed: u8) -> PublicKey {
    PublicKey(VerificationKeyBytes::from(&secret(seed)).into())
}

pub(crate) fn sign(seed: u8, message: &[u8]) -> Signature {
    Signature(secret(seed).sign(message).into())
}

pub(crate) fn chain() -> ChainId {
    ChainId(tagged(Domain::Genesis, b"sample"))
}

pub(crate) fn other_chain() -> ChainId {
    ChainId(tagged(Domain::Genesis, b"another sample"))
}

pub(crate) fn organization(id: &str) -> OrganizationId {
    OrganizationId::new(id).expect("the sample keeps to the alphabet")
}

pub(crate) fn validator(seed: u8, power: u64) -> Validator {
    Validator { public_key: public(seed), power, organization: organization("acme") }
}

/// Four validators of power 1.
pub(crate) fn validators() -> ValidatorSet {
    set(&VALIDATOR_SEEDS.map(|seed| (seed, 1)))
}

pub(crate) fn set(members: &[(u8, u64)]) -> ValidatorSet {
    let list = members.iter().map(|(seed, power)| validator(*seed, *power)).collect();
    ValidatorSet::new(list).expect("a sample set is valid")
}

pub(crate) fn attribute(key: &str, value: &str) -> Attribute {
    Attribute {
        key: AttributeKey::new(key.into()).expect("a sample key is short"),
        value: AttributeValue::new(value.into()).expect("a sample value is short"),
    }
}

pub(crate) fn asset(content: &str) -> Asset {
    Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[content.as_bytes()]),
        size_bytes: content.len() as u64,
        name: DisplayName::new(format!("{content}.txt")).expect("a sample name is short"),
        attributes: Attributes::default(),
    }
}

pub(crate) fn notarize(assets: Vec<Asset>) -> Operation {
    Operation::Notarize { assets: Assets::new(assets).expect("1 to 4,096") }
}

pub(crate) fn revoke(assets: Vec<Asset>, reason: RevocationReason) -> Operation {
    Operation::Revoke { assets: Assets::new(assets).expect("1 to 4,096"), reason }
}

pub(crate) fn body(operations: Vec<Operation>) -> Body {
    Body {
        version: Version,
        operations: Operations::new(operations).expect("1 to 4,096"),
        nonce: *b"sixteen bytes ok",
        expiry_ms: TIME_MS + 600_000,
    }
}

/// A transaction with any bytes for a body, signed properly.
pub(crate) fn signed_bytes(seed: u8, body: Vec<u8>) -> SignedTransaction {
    let signature = sign(seed, &signing_data(&chain(), &body));
    let body = BodyBytes::new(body).expect("a sample body is short");
    SignedTransaction { version: Version, body, public_key: public(seed), signature }
}

pub(crate) fn signed(seed: u8, body: &Body) -> SignedTransaction {
    signed_bytes(seed, body.to_bytes())
}

/// Transactions of three signers: a file, a directory with attributes, and revocations.
pub(crate) fn transactions() -> Vec<SignedTransaction> {
    let directory = Asset {
        scheme: Scheme::Directory,
        attributes: Attributes::new(vec![attribute("ci", "no"), attribute("version", "1.2.3")])
            .expect("they ascend"),
        ..asset("release")
    };
    vec![
        signed(1, &body(vec![notarize(vec![asset("hello")])])),
        signed(2, &body(vec![notarize(vec![asset("world"), directory])])),
        signed(
            3,
            &body(vec![
                revoke(vec![asset("hello")], RevocationReason::Compromised),
                revoke(vec![asset("world")], RevocationReason::Deprecated),
                notarize(vec![asset("again")]),
            ]),
        ),
    ]
}

pub(crate) fn evidence_of_votes() -> Evidence {
    let vote = |block: u8| vote(101, VoteKind::Prevote, 1, 1, Some(BlockId(sha256(&[&[block]]))));
    Evidence::of_votes(vote(1), vote(2))
}

pub(crate) fn evidence_of_proposals() -> Evidence {
    let block_id = BlockId(sha256(&[b"block"]));
    Evidence::of_proposals(proposal(102, 1, 2, None, block_id), {
        proposal(102, 1, 2, Some(1), block_id)
    })
}

pub(crate) fn vote(
    seed: u8,
    kind: VoteKind,
    height: u64,
    round: u32,
    block_id: Option<BlockId>,
) -> SignedVote {
    let address = public(seed).address();
    let vote = Vote { version: Version, kind, height, round, block_id, address };
    let signature = sign(seed, &vote.preimage(&chain()));
    SignedVote { vote, signature }
}

pub(crate) fn proposal(
    seed: u8,
    height: u64,
    round: u32,
    pol_round: Option<u32>,
    block_id: BlockId,
) -> SignedProposal {
    let address = public(seed).address();
    let proposal = Proposal { version: Version, height, round, pol_round, block_id, address };
    let signature = sign(seed, &proposal.preimage(&chain()));
    SignedProposal { proposal, signature }
}

/// A certificate by the validators of these seeds, ascending by address.
pub(crate) fn certificate(
    height: u64,
    round: u32,
    block_id: BlockId,
    seeds: &[u8],
) -> CommitCertificate {
    let mut signatures: Vec<_> = seeds
        .iter()
        .map(|seed| {
            let vote = vote(*seed, VoteKind::Precommit, height, round, Some(block_id));
            CommitSignature { address: vote.vote.address, signature: vote.signature }
        })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    let signatures = CommitSignatures::new(signatures).expect("few");
    CommitCertificate { version: Version, height, round, block_id, signatures }
}

/// Block 1: no parent, no certificate, the three sample transactions.
pub(crate) fn first_block() -> Block {
    let transactions = transactions();
    let leaves: Vec<_> = transactions.iter().map(|t| log::leaf_hash(&t.to_bytes())).collect();
    let header = Header {
        version: Version,
        chain_id: chain(),
        height: 1,
        round: 0,
        time_ms: TIME_MS + 1,
        parent: GENESIS_PARENT,
        history_root: log::empty_root(),
        transactions_root: log::root(&leaves),
        transaction_count: 3,
        state_root: naive_tree::sample().root(),
        validators: validators().hash(),
        next_validators: validators().hash(),
        proposer: validators().proposer(1, 0),
        parent_certificate: CertificateHash::ZERO,
        evidence_root: log::empty_root(),
    };
    Block {
        version: Version,
        header,
        parent_certificate: None,
        transactions: BlockTransactions::new(transactions).expect("few"),
        evidence: BlockEvidence::new(vec![]).expect("none"),
    }
}

/// The certificate that decides [`first_block`].
pub(crate) fn first_certificate() -> CommitCertificate {
    certificate(1, 0, first_block().header.block_id(), &VALIDATOR_SEEDS[..3])
}

/// Block 2: no transactions, the certificate of block 1, two pieces of evidence.
pub(crate) fn second_block() -> Block {
    let parent = first_block();
    let certificate = first_certificate();
    let evidence = vec![evidence_of_votes(), evidence_of_proposals()];
    let leaves: Vec<_> = evidence.iter().map(|e| log::leaf_hash(&e.to_bytes())).collect();
    let parent_id = parent.header.block_id();
    let header = Header {
        height: 2,
        round: 1,
        time_ms: TIME_MS + 10_001,
        parent: parent_id,
        history_root: log::root(&[log::leaf_hash(parent_id.as_bytes())]),
        transactions_root: log::empty_root(),
        transaction_count: 0,
        proposer: validators().proposer(2, 1),
        parent_certificate: certificate.hash(),
        evidence_root: log::root(&leaves),
        ..parent.header
    };
    Block {
        version: Version,
        header,
        parent_certificate: Some(certificate),
        transactions: BlockTransactions::new(vec![]).expect("none"),
        evidence: BlockEvidence::new(evidence).expect("few"),
    }
}

/// A digest from a number, for tests that need many.
pub(crate) fn digest(number: u64) -> Digest {
    sha256(&[&number.to_le_bytes()])
}

pub(crate) fn address(seed: u8) -> Address {
    public(seed).address()
}
