//! Bytes that do not decode, each with its error.

use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::log::InclusionProof;
use vouchsafe_types::record::{Event, EvidenceRecord};
use vouchsafe_types::state_tree::StateProof;
use vouchsafe_types::transaction::{Body, SignedTransaction};
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::SignedVote;

use crate::invalid::refused;
use crate::json::Json;
use crate::sample::{
    VALIDATOR_SEEDS, asset, body, certificate, digest, evidence_of_votes, first_block, naive_tree,
    notarize, transactions, validators,
};

fn decode<T: Canonical + std::fmt::Debug>(
    kind: &str,
    about: &str,
    bytes: Vec<u8>,
    error: &str,
) -> Json {
    let found = T::from_bytes(&bytes).expect_err(about);
    refused(&format!("decode {kind}"), about, vec![("bytes", bytes)], &found, error)
}

/// Bytes with one of them set.
fn set(mut bytes: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    bytes[at] = byte;
    bytes
}

/// Bytes with a little-endian count set.
fn count(mut bytes: Vec<u8>, at: usize, count: u32) -> Vec<u8> {
    bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
    bytes
}

fn cut(mut bytes: Vec<u8>, by: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() - by);
    bytes
}

fn longer(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(0);
    bytes
}

fn one_file() -> Vec<u8> {
    body(vec![notarize(vec![asset("hello")])]).to_bytes()
}

/// Offsets in [`one_file`]: 1 version, 4 count, 1 operation, 4 count, 1 scheme, 32 digest, 8 size,
/// 4 + 9 name, 4 attributes, 16 nonce, 8 expiry.
fn bodies() -> Vec<Json> {
    let bad = |about, bytes, error| decode::<Body>("Body", about, bytes, error);
    let with_attributes = Body::from_bytes(&transactions()[1].body).expect("valid").to_bytes();
    let version = find(&with_attributes, b"version");
    let mut swapped = with_attributes;
    // The first attribute's key "ci" becomes "zi", which is behind "version".
    let first = version - 4 - 2 - 4 - 2;
    assert_eq!(&swapped[first..first + 2], b"ci");
    swapped[first] = b'z';
    vec![
        bad("empty input", vec![], "Malformed"),
        bad("an unknown version", set(one_file(), 0, 2), "UnknownVersion"),
        bad("no operations", count(one_file(), 1, 0), "TooFew"),
        bad("4,097 operations announced", count(one_file(), 1, 4097), "TooMany"),
        bad("an unknown operation", set(one_file(), 5, 3), "Malformed"),
        bad("no assets in an operation", count(one_file(), 6, 0), "TooFew"),
        bad("2³² − 1 assets announced", count(one_file(), 6, u32::MAX), "TooMany"),
        bad("an unknown scheme", set(one_file(), 10, 0), "Malformed"),
        bad("a name of 256 bytes announced", count(one_file(), 51, 256), "TooMany"),
        bad("a name that is not UTF-8", set(one_file(), 55, 0xff), "Malformed"),
        bad("17 attributes announced", count(one_file(), 64, 17), "TooMany"),
        bad("attributes out of order", swapped, "Malformed"),
        bad("the last byte is missing", cut(one_file(), 1), "Malformed"),
        bad("a byte follows", longer(one_file()), "TrailingBytes"),
    ]
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it is there")
}

fn envelopes() -> Vec<Json> {
    let good = || transactions()[0].to_bytes();
    let bad =
        |about, bytes, error| decode::<SignedTransaction>("SignedTransaction", about, bytes, error);
    vec![
        bad("an unknown version", set(good(), 0, 0), "UnknownVersion"),
        bad("an empty body", count(good(), 1, 0), "TooFew"),
        bad("a body that is too long announced", count(good(), 1, 1_048_476), "TooMany"),
        bad("a body that the input does not hold", count(good(), 1, 1_048_475), "Malformed"),
        bad("cut in the signature", cut(good(), 10), "Malformed"),
        bad("a byte follows", longer(good()), "TrailingBytes"),
    ]
}

fn blocks() -> Vec<Json> {
    let header = || first_block().header.to_bytes();
    let bad = |about, bytes, error| decode::<Header>("Header", about, bytes, error);
    let block = first_block().to_bytes();
    vec![
        bad("an unknown version", set(header(), 0, 9), "UnknownVersion"),
        bad("cut", cut(header(), 1), "Malformed"),
        bad("a byte follows, more than a header may have", longer(header()), "TooLong"),
        decode::<Block>(
            "Block",
            "the option's byte before the certificate is 2",
            set(block.clone(), 1 + 345, 2),
            "Malformed",
        ),
        decode::<Block>(
            "Block",
            "65,537 transactions announced",
            count(block.clone(), 1 + 345 + 1, 65_537),
            "TooMany",
        ),
        decode::<Block>(
            "Block",
            "the header's version is unknown",
            set(block, 1, 7),
            "UnknownVersion",
        ),
    ]
}

fn votes_and_sets() -> Vec<Json> {
    let vote = match evidence_of_votes() {
        Evidence::Votes(vote, _) => vote.to_bytes(),
        Evidence::Proposals(..) => unreachable!("votes"),
    };
    let commit = certificate(1, 0, BlockId(digest(1)), &VALIDATOR_SEEDS).to_bytes();
    let set_bytes = validators().to_bytes();
    // Version, count, then members of 32 + 8 + (4 + 4) bytes.
    let mut swapped = set_bytes.clone();
    swapped[5..5 + 96].rotate_left(48);
    let mut repeated = set_bytes.clone();
    repeated.copy_within(5..5 + 48, 5 + 48);
    let mut powerless = set_bytes.clone();
    powerless[37..45].fill(0);
    let mut mighty = set_bytes.clone();
    mighty[37..45].copy_from_slice(&(1u64 << 48).to_le_bytes());
    let bad = |about, bytes, error| decode::<ValidatorSet>("ValidatorSet", about, bytes, error);
    vec![
        decode::<SignedVote>(
            "SignedVote",
            "an unknown kind of vote",
            set(vote.clone(), 1, 3),
            "Malformed",
        ),
        decode::<SignedVote>(
            "SignedVote",
            "the option's byte before the block id is 2",
            set(vote, 14, 2),
            "Malformed",
        ),
        decode::<Evidence>(
            "Evidence",
            "an unknown kind of evidence",
            set(evidence_of_votes().to_bytes(), 0, 3),
            "Malformed",
        ),
        decode::<CommitCertificate>(
            "CommitCertificate",
            "no signatures",
            cut(count(commit.clone(), 45, 0), 4 * 96),
            "TooFew",
        ),
        decode::<CommitCertificate>(
            "CommitCertificate",
            "257 signatures announced",
            count(commit, 45, 257),
            "TooMany",
        ),
        bad("no validators", vec![1, 0, 0, 0, 0], "TooFew"),
        bad("257 validators announced", count(set_bytes.clone(), 1, 257), "TooMany"),
        bad("out of order", swapped, "NotCanonical"),
        bad("one validator twice", repeated, "Malformed"),
        bad("a validator without power", powerless, "Malformed"),
        bad("more than 2⁴⁸ power in all", mighty, "Malformed"),
        bad("an organization id with a capital letter", set(set_bytes, 49, b'A'), "Malformed"),
    ]
}

fn proofs_and_records() -> Vec<Json> {
    let proof = naive_tree::sample().prove(&[naive_tree::key(0x20, 0)]);
    let leaves_at = 1 + 4 + proof.shape.len();
    let state = proof.to_bytes();
    let leaves: Vec<_> = (0..5).map(digest).collect();
    let inclusion = InclusionProof::of(&leaves, 2).to_bytes();
    vec![
        decode::<StateProof>(
            "StateProof",
            "no shape",
            vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            "TooFew",
        ),
        decode::<StateProof>(
            "StateProof",
            "1,025 leaves announced",
            count(state.clone(), leaves_at, 1025),
            "TooMany",
        ),
        decode::<StateProof>("StateProof", "a byte follows", longer(state), "TrailingBytes"),
        decode::<InclusionProof>(
            "InclusionProof",
            "65 hashes announced",
            count(inclusion.clone(), 17, 65),
            "TooMany",
        ),
        decode::<InclusionProof>(
            "InclusionProof",
            "an unknown version",
            set(inclusion, 0, 2),
            "UnknownVersion",
        ),
        decode::<Event>("Event", "longer than any event", vec![1; 257], "TooLong"),
        decode::<EvidenceRecord>("EvidenceRecord", "cut", vec![1, 5, 0, 0], "Malformed"),
    ]
}

pub(crate) fn all() -> Vec<Json> {
    [bodies(), envelopes(), blocks(), votes_and_sets(), proofs_and_records()].concat()
}
