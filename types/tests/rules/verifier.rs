//! The verifier believes a whole, genuine answer, and names what is wrong with any other.

use vouchsafe_types::canonical::{Canonical as _, DecodeError, Version};
use vouchsafe_types::certificate::CertificateError;
use vouchsafe_types::evidence::{Evidence, EvidenceError};
use vouchsafe_types::hash::{BlockId, TransactionId, sha256};
use vouchsafe_types::header::Header;
use vouchsafe_types::log::{self, InclusionProof, LogProofError};
use vouchsafe_types::record::{Activity, LogHead, StateName, value_hash};
use vouchsafe_types::state_tree::StateProofError;
use vouchsafe_types::transaction::TransactionError;
use vouchsafe_types::verifier::{ProofError, ProvenHeader, Verifier, complete_log, decode};
use vouchsafe_types::vote::VoteKind;

use crate::sample::naive_tree::NaiveTree;
use crate::sample::{
    VALIDATOR_SEEDS, asset, certificate, chain, digest, evidence_of_proposals, evidence_of_votes,
    first_block, organization, other_chain, public, set, transactions, validators, vote,
};

const RECORD: &[u8] = b"the record of the asset";

fn names() -> [StateName; 2] {
    [StateName::Asset(asset("hello").key()), StateName::Organization(organization("acme"))]
}

/// A state in which the first name holds [`RECORD`] and the second nothing.
fn tree() -> NaiveTree {
    let mut tree = NaiveTree((0..9).map(|n| (digest(n), digest(n))).collect());
    tree.0.insert(names()[0].key(), value_hash(RECORD));
    tree
}

fn header() -> Header {
    Header { state_root: tree().root(), ..first_block().header }
}

fn verifier() -> Verifier {
    Verifier::new(chain(), validators())
}

fn certified(header: &Header) -> Vec<u8> {
    certificate(header.height, 3, header.block_id(), &VALIDATOR_SEEDS[..3]).to_bytes()
}

fn proven() -> ProvenHeader {
    verifier().header(&header().to_bytes(), &certified(&header())).expect("genuine")
}

fn refusal(header: &Header, certificate: &[u8]) -> ProofError {
    verifier().header(&header.to_bytes(), certificate).expect_err("it is refused")
}

#[test]
fn a_header_with_more_than_two_thirds_is_proven() {
    let proven = proven();
    assert_eq!(*proven.header(), header());
    assert_eq!(proven.block_id(), header().block_id());
    assert_eq!(proven.certificate().round, 3);
    assert_eq!((verifier().chain_id(), verifier().validators()), (&chain(), &validators()));
}

#[test]
fn a_part_that_does_not_decode_is_named() {
    let (header_bytes, certificate) = (header().to_bytes(), certified(&header()));
    let part = |error| match error {
        Err(ProofError::Decode { part, .. }) => part,
        other => panic!("{other:?}"),
    };
    assert_eq!(part(verifier().header(&header_bytes[1..], &certificate).map(|_| ())), "header");
    assert_eq!(
        part(verifier().header(&header_bytes, &certificate[1..]).map(|_| ())),
        "certificate"
    );
    assert_eq!(part(proven().state(&names(), &[None, None], b"")), "state proof");
    let transaction = transactions()[0].to_bytes();
    assert_eq!(part(proven().transaction(&transaction, b"").map(|_| ())), "inclusion proof");
    let trailing = decode::<Header>("it", &[&header_bytes[..], &[0]].concat());
    assert!(matches!(
        trailing,
        Err(ProofError::Decode { part: "it", error: DecodeError::TooLong { .. } })
    ));
}

#[test]
fn a_header_of_another_chain_is_refused() {
    let foreign = Header { chain_id: other_chain(), ..header() };
    let refused = ProofError::Chain { expected: chain(), actual: other_chain() };
    assert_eq!(refusal(&foreign, &certified(&foreign)), refused);
}

#[test]
fn a_header_of_other_validators_is_refused() {
    let strangers = set(&[(111, 1), (112, 1), (113, 1)]);
    let header = Header { validators: strangers.hash(), ..header() };
    let certificate = certificate(1, 0, header.block_id(), &[111, 112, 113]).to_bytes();
    assert_eq!(refusal(&header, &certificate), ProofError::Validators { height: 1 });
}

#[test]
fn a_certificate_of_another_block_or_height_is_refused() {
    let other = BlockId(sha256(&[b"other"]));
    let wrong_block = certificate(1, 0, other, &VALIDATOR_SEEDS).to_bytes();
    let refused = ProofError::OtherBlock { certified: other, height: 1 };
    assert_eq!(refusal(&header(), &wrong_block), refused);
    let wrong_height = certificate(2, 0, header().block_id(), &VALIDATOR_SEEDS).to_bytes();
    let refused = ProofError::OtherBlock { certified: header().block_id(), height: 2 };
    assert_eq!(refusal(&header(), &wrong_height), refused);
}

#[test]
fn every_altered_bit_of_a_header_is_refused() {
    let (bytes, certificate) = (header().to_bytes(), certified(&header()));
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(verifier().header(&altered, &certificate).is_err(), "bit {bit}");
    }
}

#[test]
fn a_certificate_short_of_power_is_refused() {
    let two = certificate(1, 0, header().block_id(), &VALIDATOR_SEEDS[..2]).to_bytes();
    let short = CertificateError::Power { power: 2, total_power: 4 };
    assert_eq!(refusal(&header(), &two), ProofError::Certificate(short));
}

#[test]
fn the_state_under_a_header_is_proven() {
    let proof = tree().prove(&names().map(|name| name.key())).to_bytes();
    let told = |records: [Option<&[u8]>; 2]| {
        proven().state(&names(), &records.map(|r| r.map(<[u8]>::to_vec)), &proof)
    };
    assert_eq!(told([Some(RECORD), None]), Ok(()));
    let [present, absent] = names().map(|name| name.key());
    let wrong = |error| Err(ProofError::State(error));
    assert_eq!(told([None, None]), wrong(StateProofError::Present(present)));
    assert_eq!(told([Some(b"another"), None]), wrong(StateProofError::Value(present)));
    assert_eq!(told([Some(RECORD), Some(b"x")]), wrong(StateProofError::Absent(absent)));
}

#[test]
fn one_record_is_given_for_each_name() {
    let refused = proven().state(&names(), &[None], b"");
    assert_eq!(refused, Err(ProofError::RecordCount { expected: 2, actual: 1 }));
}

#[test]
fn a_state_proof_from_another_block_is_refused() {
    let mut later = tree();
    later.0.insert(digest(100), digest(100));
    let proof = later.prove(&[names()[0].key()]).to_bytes();
    let told = proven().state(&names()[..1], &[Some(RECORD.to_vec())], &proof);
    assert_eq!(told, Err(ProofError::State(StateProofError::Root)));
}

fn leaves() -> Vec<vouchsafe_types::hash::Digest> {
    transactions().iter().map(|t| log::leaf_hash(&t.to_bytes())).collect()
}

#[test]
fn a_transaction_in_the_block_is_proven_with_its_index() {
    for (index, signed) in transactions().iter().enumerate() {
        let proof = InclusionProof::of(&leaves(), index).to_bytes();
        let (transaction, at) = proven().transaction(&signed.to_bytes(), &proof).expect("in it");
        assert_eq!((transaction.signed(), at), (signed, index as u64));
    }
}

#[test]
fn a_transaction_that_is_none_or_not_signed_for_this_chain_is_refused() {
    let proof = InclusionProof::of(&leaves(), 0).to_bytes();
    let envelope = proven().transaction(b"", &proof);
    assert!(matches!(envelope, Err(ProofError::Transaction(TransactionError::Envelope(_)))));
    let mut forged = transactions().remove(0);
    forged.signature.0[0] ^= 1;
    let signature = proven().transaction(&forged.to_bytes(), &proof);
    let refused = TransactionError::Signature(chain());
    assert_eq!(signature, Err(ProofError::Transaction(refused)));
}

#[test]
fn a_transaction_elsewhere_or_in_a_log_of_another_size_is_refused() {
    let bytes = transactions()[1].to_bytes();
    let elsewhere = InclusionProof::of(&leaves(), 0).to_bytes();
    let refused = Err(ProofError::Inclusion(LogProofError::Root));
    assert_eq!(proven().transaction(&bytes, &elsewhere), refused);
    let shorter = InclusionProof::of(&leaves()[..2], 1).to_bytes();
    let refused = Err(ProofError::TransactionCount { expected: 3, actual: 2 });
    assert_eq!(proven().transaction(&bytes, &shorter), refused);
}

fn entries(count: u64) -> Vec<Activity> {
    (0..count)
        .map(|height| Activity {
            version: Version,
            transaction_id: TransactionId(digest(height)),
            operation_index: 0,
            signer: public(1),
            height,
            time_ms: 5,
        })
        .collect()
}

fn head(entries: &[Activity]) -> LogHead {
    let leaves: Vec<_> = entries.iter().map(|entry| log::leaf_hash(&entry.to_bytes())).collect();
    LogHead { count: entries.len() as u64, root: log::root(&leaves) }
}

fn bytes(entries: &[Activity]) -> Vec<Vec<u8>> {
    entries.iter().map(|entry| entry.to_bytes()).collect()
}

#[test]
fn a_complete_log_is_proven_and_read() {
    for count in 0..9 {
        let all = entries(count);
        assert_eq!(complete_log(&head(&all), "activity", &bytes(&all)), Ok(all));
    }
}

#[test]
fn a_log_with_an_entry_left_out_added_swapped_or_altered_is_refused() {
    let all = entries(5);
    let head = head(&all);
    let read = |entries: &[Vec<u8>]| complete_log::<Activity>(&head, "activity", entries);
    let short = ProofError::IncompleteLog { expected: 5, actual: 4 };
    assert_eq!(read(&bytes(&all)[..4]), Err(short));
    let long = ProofError::IncompleteLog { expected: 5, actual: 6 };
    assert_eq!(read(&bytes(&entries(6))), Err(long));
    let mut swapped = bytes(&all);
    swapped.swap(1, 2);
    assert_eq!(read(&swapped), Err(ProofError::OtherLog));
    let mut altered = bytes(&all);
    altered[4][50] ^= 1;
    assert_eq!(read(&altered), Err(ProofError::OtherLog));
}

#[test]
fn an_entry_in_the_log_that_does_not_decode_is_named() {
    let entries = vec![b"rubbish".to_vec()];
    let head = LogHead { count: 1, root: log::root(&[log::leaf_hash(b"rubbish")]) };
    let read = complete_log::<Activity>(&head, "activity", &entries);
    assert!(matches!(read, Err(ProofError::Decode { part: "activity", .. })));
}

/// The header of a block that holds these pieces, proven, and what the verifier says of others.
fn judged(held: &[Vec<u8>], given: &[Vec<u8>]) -> Result<Vec<Evidence>, ProofError> {
    let leaves: Vec<_> = held.iter().map(|piece| log::leaf_hash(piece)).collect();
    let header = Header { evidence_root: log::root(&leaves), ..first_block().header };
    let proven = verifier().header(&header.to_bytes(), &certified(&header)).expect("genuine");
    verifier().evidence(&proven, given)
}

#[test]
fn evidence_is_all_that_a_block_holds() {
    let evidence = [evidence_of_votes(), evidence_of_proposals()];
    let held = evidence.clone().map(|piece| piece.to_bytes());
    assert_eq!(judged(&held, &held), Ok(evidence.to_vec()));
    assert_eq!(judged(&[], &[]), Ok(vec![]));
    let [first, second] = held.clone();
    let others = [vec![], vec![first.clone()], vec![second.clone(), first.clone()]];
    for given in others.into_iter().chain([vec![first.clone(), second, first]]) {
        let error = ProofError::OtherEvidence { height: 1, actual: given.len() };
        assert_eq!(judged(&held, &given), Err(error));
    }
}

#[test]
fn evidence_in_a_block_accuses_a_validator() {
    let block = |label: &[u8]| Some(BlockId(sha256(&[label])));
    let of_stranger = |label| vote(77, VoteKind::Prevote, 1, 0, block(label));
    let held = [Evidence::of_votes(of_stranger(b"a"), of_stranger(b"b")).to_bytes()];
    let address = public(77).address();
    assert_eq!(judged(&held, &held), Err(ProofError::Accused { height: 1, address }));
}

#[test]
fn evidence_in_a_block_convicts_whom_it_accuses() {
    let Evidence::Votes(one, mut other) = evidence_of_votes() else { unreachable!("of votes") };
    other.signature.0[0] ^= 1;
    let forged = Evidence::Votes(one, other);
    let held = [forged.to_bytes()];
    let error = EvidenceError::Signature(forged.address());
    assert_eq!(judged(&held, &held), Err(ProofError::Evidence { height: 1, error }));
    let held = [b"no evidence".to_vec()];
    let decoded = judged(&held, &held);
    assert!(matches!(decoded, Err(ProofError::Decode { part: "evidence", .. })), "{decoded:?}");
}
