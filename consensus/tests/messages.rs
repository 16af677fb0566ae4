//! Each rule that a peer's message can break, and what it costs: the message, nothing else.

mod network;

use network::solo::{Solo, discarded, published};
use network::{Key, block, proposer};
use vouchsafe_consensus::message::{
    Envelope, Message, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
    RoundSignature,
};
use vouchsafe_consensus::{
    EARLY_VERDICTS_MAX, HEIGHTS_AHEAD_MAX, Input, JudgedBlock, MessageError, ROUNDS_AHEAD_MAX,
    Start,
};
use vouchsafe_types::canonical::{Canonical, DecodeError};
use vouchsafe_types::vote::VoteKind;

/// The one reason for which a message was dropped.
fn refusal(solo: &mut Solo, message: Message) -> MessageError {
    let effects = solo.handle(Input::Message(message));
    let errors = discarded(&effects);
    assert_eq!((errors.len(), effects.len()), (1, 1), "{effects:?}");
    errors[0].clone()
}

fn polka(solo: &Solo, signers: &[Key]) -> PolkaCertificate {
    let (height, round, block_id) = (solo.height(), 0, block("a"));
    let mut signatures: Vec<_> = signers
        .iter()
        .map(|key| key.vote(VoteKind::Prevote, height, round, Some(block_id)))
        .map(|signed| PolkaSignature { address: signed.vote.address, signature: signed.signature })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    PolkaCertificate { height, round, block_id, signatures }
}

fn round_certificate(
    solo: &Solo,
    signers: &[Key],
    kind: RoundCertificateKind,
    vote: VoteKind,
    round: u32,
) -> RoundCertificate {
    let height = solo.height();
    let mut signatures: Vec<_> = signers
        .iter()
        .map(|key| key.vote(vote, height, round, None))
        .map(|signed| RoundSignature {
            kind: vote,
            block_id: None,
            address: signed.vote.address,
            signature: signed.signature,
        })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    RoundCertificate { height, round, kind, signatures }
}

#[test]
fn a_vote_of_someone_outside_the_set_is_dropped() {
    let mut solo = Solo::running();
    let stranger = Key::new(99);
    let vote = stranger.vote(VoteKind::Prevote, solo.height(), 0, None);
    let error = refusal(&mut solo, Message::Vote(vote));
    assert_eq!(error, MessageError::UnknownValidator(stranger.address()));
    assert!(!error.is_misbehaviour());
}

#[test]
fn a_vote_whose_signature_is_of_another_vote_is_dropped_as_misbehaviour() {
    let mut solo = Solo::running();
    let mut vote = solo.others[0].vote(VoteKind::Prevote, solo.height(), 0, None);
    vote.vote.block_id = Some(block("a"));
    let error = refusal(&mut solo, Message::Vote(vote.clone()));
    assert_eq!(error, MessageError::InvalidSignature(vote.vote.address));
    assert!(error.is_misbehaviour());
}

#[test]
fn votes_and_proposals_too_many_rounds_ahead_are_dropped() {
    let mut solo = Solo::running();
    let height = solo.height();
    let near = solo.others[0].vote(VoteKind::Prevote, height, ROUNDS_AHEAD_MAX, None);
    assert_eq!(discarded(&solo.vote(near)), []);
    let round = ROUNDS_AHEAD_MAX + 1;
    let expected = MessageError::FarFutureRound { round, current: 0 };
    let far = solo.others[0].vote(VoteKind::Prevote, height, round, None);
    assert_eq!(refusal(&mut solo, Message::Vote(far)), expected);
    let key = proposer(&solo.keys, height, round).clone();
    let proposal = key.proposal(height, round, None, block("a"));
    assert_eq!(refusal(&mut solo, Message::Proposal(proposal)), expected);
}

#[test]
fn messages_of_heights_behind_or_far_ahead_are_dropped() {
    let mut solo = Solo::recorded(50, None);
    let behind = solo.others[0].vote(VoteKind::Prevote, 49, 0, None);
    assert_eq!(
        refusal(&mut solo, Message::Vote(behind)),
        MessageError::PastHeight { height: 49, current: 50 }
    );
    let height = 50 + HEIGHTS_AHEAD_MAX;
    let near = solo.others[0].vote(VoteKind::Prevote, height, 0, None);
    assert_eq!(discarded(&solo.vote(near)), []);
    let far = solo.others[0].vote(VoteKind::Prevote, height + 1, 0, None);
    assert_eq!(
        refusal(&mut solo, Message::Vote(far)),
        MessageError::FarFutureHeight { height: height + 1, current: 50 }
    );
}

#[test]
fn a_proposal_out_of_turn_is_dropped() {
    let mut solo = Solo::running();
    let height = solo.height();
    let expected = proposer(&solo.keys, height, 0).address();
    let other = solo.others.iter().find(|key| key.address() != expected).expect("two").clone();
    let proposal = other.proposal(height, 0, None, block("a"));
    assert_eq!(
        refusal(&mut solo, Message::Proposal(proposal)),
        MessageError::WrongProposer { address: other.address(), expected }
    );
}

#[test]
fn a_proposal_whose_lock_is_not_earlier_is_dropped() {
    let mut solo = Solo::running();
    let key = proposer(&solo.keys, solo.height(), 2).clone();
    for pol_round in [2, 3] {
        let proposal = key.proposal(solo.height(), 2, Some(pol_round), block("a"));
        let error = refusal(&mut solo, Message::Proposal(proposal));
        assert_eq!(error, MessageError::PolRoundNotEarlier { pol_round, round: 2 });
        assert!(error.is_misbehaviour());
    }
}

#[test]
fn a_certificate_with_too_little_power_is_dropped() {
    let mut solo = Solo::running();
    let expected = MessageError::NotEnoughPower { signed: 2, total: 4 };
    let certificate = polka(&solo, &solo.others[..2]);
    let error = refusal(&mut solo, Message::PolkaCertificate(certificate));
    assert_eq!(error, expected);
    assert!(error.is_misbehaviour());
    let (kind, vote) = (RoundCertificateKind::Precommit, VoteKind::Precommit);
    let certificate = round_certificate(&solo, &solo.others[..2], kind, vote, 0);
    assert_eq!(refusal(&mut solo, Message::RoundCertificate(certificate)), expected);
    let (kind, vote) = (RoundCertificateKind::Skip, VoteKind::Prevote);
    let certificate = round_certificate(&solo, &solo.others[..1], kind, vote, 1);
    assert_eq!(
        refusal(&mut solo, Message::RoundCertificate(certificate)),
        MessageError::NotEnoughPower { signed: 1, total: 4 }
    );
}

#[test]
fn a_certificate_that_is_not_sorted_or_names_one_twice_is_dropped() {
    let mut solo = Solo::running();
    let mut certificate = polka(&solo, &solo.others);
    certificate.signatures.swap(0, 1);
    let error = refusal(&mut solo, Message::PolkaCertificate(certificate));
    assert_eq!(error, MessageError::UnsortedCertificate);
    let mut certificate = polka(&solo, &solo.others);
    certificate.signatures[1] = certificate.signatures[0].clone();
    let error = refusal(&mut solo, Message::PolkaCertificate(certificate));
    assert_eq!(error, MessageError::UnsortedCertificate);
}

#[test]
fn a_certificate_with_one_forged_signature_is_dropped() {
    let mut solo = Solo::running();
    let mut certificate = polka(&solo, &solo.keys);
    certificate.signatures[3].signature.0[7] ^= 1;
    let forged = certificate.signatures[3].address;
    assert_eq!(
        refusal(&mut solo, Message::PolkaCertificate(certificate)),
        MessageError::InvalidSignature(forged)
    );
}

#[test]
fn a_prevote_in_a_certificate_of_precommits_is_dropped() {
    let mut solo = Solo::running();
    let (kind, vote) = (RoundCertificateKind::Precommit, VoteKind::Prevote);
    let certificate = round_certificate(&solo, &solo.others, kind, vote, 0);
    let first = certificate.signatures[0].address;
    assert_eq!(
        refusal(&mut solo, Message::RoundCertificate(certificate)),
        MessageError::PrevoteAmongPrecommits(first)
    );
}

#[test]
fn a_certificate_of_a_later_height_is_dropped() {
    let mut solo = Solo::running();
    let (height, current) = (solo.height() + 1, solo.height());
    let expected = MessageError::FutureCertificate { height, current };
    let mut certificate = polka(&solo, &solo.others);
    certificate.height = height;
    assert_eq!(refusal(&mut solo, Message::PolkaCertificate(certificate)), expected);
    let certificate = solo.certificate(height, 0, block("a"));
    let effects = solo.handle(Input::CommitCertificate(certificate));
    assert_eq!(discarded(&effects), [expected]);
}

#[test]
fn a_third_message_in_one_place_of_an_early_height_is_dropped() {
    let mut solo = Solo::running();
    let height = solo.height() + 1;
    let kind = VoteKind::Prevote;
    for label in ["a", "b"] {
        let vote = solo.others[0].vote(kind, height, 0, Some(block(label)));
        assert_eq!(discarded(&solo.vote(vote)), []);
    }
    for label in ["b", "c"] {
        let vote = solo.others[0].vote(kind, height, 0, Some(block(label)));
        assert_eq!(refusal(&mut solo, Message::Vote(vote)), MessageError::AlreadyKept);
    }
}

#[test]
fn too_many_verdicts_for_an_early_height_are_dropped() {
    let mut solo = Solo::waiting();
    let (height, proposer) = (solo.height(), solo.others[0].address());
    for number in 0..=EARLY_VERDICTS_MAX {
        let block_id = block(&number.to_string());
        let judged = JudgedBlock { height, round: 0, proposer, block_id, valid: true };
        let errors = discarded(&solo.handle(Input::Judged(judged)));
        if number < EARLY_VERDICTS_MAX {
            assert_eq!(errors, []);
        } else {
            assert_eq!(errors, [MessageError::TooManyEarlyVerdicts(block_id)]);
        }
    }
}

#[test]
fn enough_votes_of_a_later_round_move_a_validator_there() {
    let mut solo = Solo::running();
    let (kind, vote) = (RoundCertificateKind::Skip, VoteKind::Prevote);
    // Certificates are not bound to a window of rounds: enough validators vouch for them.
    let certificate = round_certificate(&solo, &solo.others[..2], kind, vote, 25);
    let effects = solo.handle(Input::Message(Message::RoundCertificate(certificate)));
    assert_eq!(discarded(&effects), []);
    assert_eq!(solo.engine.round(), 25);
}

#[test]
fn a_polka_lets_a_validator_accept_a_block_that_is_proposed_again() {
    let mut solo = (1..)
        .map(|height| Solo::recorded(height, None))
        .find(|solo| solo.set.proposer(solo.height(), 1) != solo.own.address())
        .expect("turns change");
    solo.start(Start::default());
    let height = solo.height();
    let polka = polka(&solo, &solo.others);
    solo.handle(Input::Judged(solo.judged(0, block("a"))));
    let (kind, vote) = (RoundCertificateKind::Skip, VoteKind::Prevote);
    let certificate = round_certificate(&solo, &solo.others[..2], kind, vote, 1);
    solo.handle(Input::Message(Message::RoundCertificate(certificate)));
    let next = proposer(&solo.keys, height, 1).clone();
    let proposal = next.proposal(height, 1, Some(0), block("a"));
    let effects = solo.handle(Input::Message(Message::Proposal(proposal)));
    assert_eq!(published(&effects), [], "the lock is not proven yet");
    let effects = solo.handle(Input::Message(Message::PolkaCertificate(polka)));
    let vote = solo.own.vote(VoteKind::Prevote, height, 1, Some(block("a")));
    assert_eq!(published(&effects), [Message::Vote(vote)]);
}

#[test]
fn every_message_reads_back_from_its_envelope_and_only_whole() {
    let solo = Solo::running();
    let key = &solo.others[0];
    let (kind, vote) = (RoundCertificateKind::Skip, VoteKind::Prevote);
    let messages = [
        Message::Vote(key.vote(VoteKind::Prevote, 1, 0, None)),
        Message::Proposal(key.proposal(1, 1, Some(0), block("a"))),
        Message::PolkaCertificate(polka(&solo, &solo.others)),
        Message::RoundCertificate(round_certificate(&solo, &solo.others, kind, vote, 1)),
    ];
    for message in messages {
        let mut bytes = message.clone().into_envelope().to_bytes();
        assert_eq!(Envelope::from_bytes(&bytes).map(|read| read.message), Ok(message));
        assert!(Envelope::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        bytes.push(0);
        assert_eq!(Envelope::from_bytes(&bytes), Err(DecodeError::TrailingBytes(1)));
        bytes[0] = 2;
        assert!(matches!(Envelope::from_bytes(&bytes), Err(DecodeError::UnknownVersion { .. })));
    }
}
