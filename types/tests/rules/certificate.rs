//! Certificates: order, membership, power and every signature.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{
    CertificateError, CertificateHash, CommitCertificate, CommitSignatures,
};
use vouchsafe_types::hash::{BlockId, Domain, sha256, tagged};
use vouchsafe_types::identity::Signature;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::VoteKind;

use crate::sample::{
    VALIDATOR_SEEDS, address, certificate, chain, other_chain, set, validators, vote,
};

fn block() -> BlockId {
    BlockId(sha256(&[b"block"]))
}

fn with(
    certificate: &CommitCertificate,
    change: impl FnOnce(&mut Vec<vouchsafe_types::certificate::CommitSignature>),
) -> CommitCertificate {
    let mut list = certificate.signatures.to_vec();
    change(&mut list);
    let signatures = CommitSignatures::new(list).expect("1 to 256");
    CommitCertificate { signatures, ..certificate.clone() }
}

fn verdict(certificate: &CommitCertificate, set: &ValidatorSet) -> Result<(), CertificateError> {
    certificate.verify(&chain(), set)
}

#[test]
fn three_of_four_equal_validators_are_enough() {
    for skipped in VALIDATOR_SEEDS {
        let three: Vec<_> = VALIDATOR_SEEDS.into_iter().filter(|s| *s != skipped).collect();
        assert_eq!(verdict(&certificate(7, 2, block(), &three), &validators()), Ok(()));
    }
    assert_eq!(verdict(&certificate(7, 2, block(), &VALIDATOR_SEEDS), &validators()), Ok(()));
}

#[test]
fn two_thirds_exactly_are_not_enough() {
    let set = set(&[(101, 1), (102, 1), (103, 1)]);
    let two = certificate(7, 0, block(), &[101, 102]);
    let short = CertificateError::Power { power: 2, total_power: 3 };
    assert_eq!(verdict(&two, &set), Err(short));
    assert_eq!(verdict(&certificate(7, 0, block(), &[101, 102, 103]), &set), Ok(()));
}

#[test]
fn power_counts_and_not_heads() {
    let set = set(&[(101, 7), (102, 1), (103, 1), (104, 1)]);
    assert_eq!(verdict(&certificate(7, 0, block(), &[101]), &set), Ok(()));
    let heads = certificate(7, 0, block(), &[102, 103, 104]);
    assert_eq!(verdict(&heads, &set), Err(CertificateError::Power { power: 3, total_power: 10 }));
}

#[test]
fn signatures_ascend_strictly_by_address() {
    let good = certificate(7, 0, block(), &VALIDATOR_SEEDS);
    let swapped = with(&good, |list| list.swap(0, 1));
    assert_eq!(verdict(&swapped, &validators()), Err(CertificateError::Order));
}

#[test]
fn one_validator_does_not_count_twice() {
    let good = certificate(7, 0, block(), &VALIDATOR_SEEDS[..2]);
    let doubled = with(&good, |list| list.insert(0, list[0].clone()));
    assert_eq!(verdict(&doubled, &validators()), Err(CertificateError::Order));
}

#[test]
fn a_signer_outside_the_set_is_refused_although_the_rest_suffices() {
    let more = certificate(7, 0, block(), &[101, 102, 103, 104, 105]);
    let stranger = CertificateError::UnknownValidator(address(105));
    assert_eq!(verdict(&more, &validators()), Err(stranger));
}

#[test]
fn one_bad_signature_among_enough_good_ones_is_refused_and_named() {
    let good = certificate(7, 0, block(), &VALIDATOR_SEEDS);
    for index in 0..4 {
        let bad = with(&good, |list| list[index].signature.0[1] ^= 1);
        let named = CertificateError::Signature(good.signatures[index].address);
        assert_eq!(verdict(&bad, &validators()), Err(named));
    }
    let zero = with(&good, |list| list[2].signature = Signature([0; 64]));
    assert!(matches!(verdict(&zero, &validators()), Err(CertificateError::Signature(_))));
}

#[test]
fn precommits_of_another_block_height_round_or_chain_certify_nothing() {
    let good = certificate(7, 1, block(), &VALIDATOR_SEEDS);
    let moved = [
        CommitCertificate { height: 8, ..good.clone() },
        CommitCertificate { round: 2, ..good.clone() },
        CommitCertificate { block_id: BlockId(sha256(&[b"other"])), ..good.clone() },
    ];
    for bad in moved {
        assert!(matches!(verdict(&bad, &validators()), Err(CertificateError::Signature(_))));
    }
    let foreign = good.verify(&other_chain(), &validators());
    assert!(matches!(foreign, Err(CertificateError::Signature(_))));
}

#[test]
fn prevotes_do_not_certify() {
    let good = certificate(7, 0, block(), &VALIDATOR_SEEDS[..3]);
    let prevotes = with(&good, |list| {
        for (entry, seed) in list.iter_mut().zip(VALIDATOR_SEEDS) {
            let vote = vote(seed, VoteKind::Prevote, 7, 0, Some(block()));
            entry.address = vote.vote.address;
            entry.signature = vote.signature;
        }
        list.sort_by_key(|entry| entry.address);
    });
    assert!(matches!(verdict(&prevotes, &validators()), Err(CertificateError::Signature(_))));
}

#[test]
fn a_certificate_hash_is_of_its_bytes_and_never_zero() {
    let good = certificate(7, 0, block(), &VALIDATOR_SEEDS);
    assert_eq!(good.hash().0, tagged(Domain::Certificate, &good.to_bytes()));
    let fewer = certificate(7, 0, block(), &VALIDATOR_SEEDS[..3]);
    assert_ne!(good.hash(), fewer.hash());
    assert_eq!(CertificateHash::ZERO.as_bytes(), &[0; 32]);
}
