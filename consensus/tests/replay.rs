//! A restart in the middle of a height: from a sound log, from none, and from a wrong one.

mod network;

use network::solo::{Solo, logged, published, timer};
use network::{block, chain_id, proposer};
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::sign_record::{SignMark, SignRefusal};
use vouchsafe_consensus::timer::TimerKind;
use vouchsafe_consensus::wal::{WalEntry, WalEvent};
use vouchsafe_consensus::{Effect, EngineError, Input, Phase, Start, Withheld};
use vouchsafe_types::vote::{SignedVote, VoteKind};

fn mark(signed: &SignedVote) -> SignMark {
    SignMark::of_vote(&signed.vote, &signed.vote.preimage(&chain_id()))
}

fn is_withheld(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::VotingWithheld { .. }))
}

/// A validator that prevoted for a block: what left, what it logged, and the newest mark.
fn prevoted() -> (u64, Vec<Message>, Vec<WalEntry>, SignMark) {
    let mut solo = Solo::running();
    let effects = solo.propose(0, block("a"));
    let vote = solo.own.vote(VoteKind::Prevote, solo.height(), 0, Some(block("a")));
    (solo.height(), published(&effects), logged(&effects), mark(&vote))
}

#[test]
fn a_restart_from_the_log_sends_the_same_votes_and_logs_nothing_again() {
    let (height, before, log, signed) = prevoted();
    let mut solo = Solo::recorded(height, Some(signed));
    let effects = solo.replay(log);
    assert_eq!((published(&effects), logged(&effects)), (before, vec![]));
    assert!(!is_withheld(&effects) && solo.engine.is_voting());
    assert!(!effects.iter().any(|e| matches!(e, Effect::WalReset { .. } | Effect::SignRecord(_))));
    // It goes on from there.
    let effects = solo.all_vote(VoteKind::Prevote, 0, Some(block("a")));
    let precommit = solo.own.vote(VoteKind::Precommit, height, 0, Some(block("a")));
    assert_eq!(published(&effects), [Message::Vote(precommit)]);
}

#[test]
fn a_record_behind_the_log_is_brought_up_before_the_votes_leave_again() {
    let (height, _, log, signed) = prevoted();
    let mut solo = Solo::recorded(height, None);
    let effects = solo.replay(log);
    let recorded = effects.iter().position(|effect| *effect == Effect::SignRecord(signed));
    let left = effects.iter().position(|effect| matches!(effect, Effect::Publish(_)));
    assert!(recorded.expect("recorded") < left.expect("sent again"));
}

#[test]
fn a_log_cut_before_a_vote_signs_the_same_vote_again_and_logs_it() {
    let (height, before, mut log, _) = prevoted();
    let own_vote = log.pop().expect("the vote came last");
    let mut solo = Solo::recorded(height, None);
    let effects = solo.replay(log);
    assert_eq!(published(&effects), before);
    assert_eq!(logged(&effects), [own_vote]);
}

#[test]
fn a_log_without_what_the_record_names_follows_without_voting_until_the_height_is_over() {
    let (height, _, log, signed) = prevoted();
    let cut = log[..log.len() - 1].to_vec();
    for replay in [Vec::new(), cut] {
        let mut solo = Solo::recorded(height, Some(signed));
        let mut effects = solo.replay(replay);
        let reason = Withheld::LogLacksRecord(signed);
        assert!(effects.contains(&Effect::VotingWithheld { height, reason }));
        assert!(!solo.engine.is_voting());
        effects.extend(solo.decide(block("b")));
        assert_eq!((published(&effects), logged(&effects)), (vec![], vec![]));
        assert_eq!(solo.engine.phase(), Phase::Decided);
        let set = solo.set.clone();
        solo.engine.await_height(height + 1, set).expect("forward");
        assert!(!is_withheld(&solo.start(Start::default())));
        assert!(solo.engine.is_voting());
    }
}

#[test]
fn a_record_of_a_later_height_withholds_votes_at_every_height_before() {
    let vote = Solo::waiting().own.vote(VoteKind::Precommit, 3, 0, None);
    let mut solo = Solo::recorded(1, Some(mark(&vote)));
    for height in 1..=4 {
        let effects = solo.start(Start::default());
        assert_eq!(is_withheld(&effects), height <= 3, "height {height}");
        let set = solo.set.clone();
        solo.engine.await_height(height + 1, set).expect("forward");
    }
}

#[test]
fn a_record_whose_message_differs_from_the_logged_one_withholds_votes() {
    let (height, _, log, _) = prevoted();
    let other = Solo::waiting().own.vote(VoteKind::Prevote, height, 0, Some(block("b")));
    let mut solo = Solo::recorded(height, Some(mark(&other)));
    assert!(is_withheld(&solo.replay(log)));
}

#[test]
fn a_replay_that_derives_another_vote_than_the_log_holds_stops_the_node() {
    let (height, _, mut log, _) = prevoted();
    let solo = Solo::waiting();
    let other = solo.own.vote(VoteKind::Prevote, height, 0, Some(block("b")));
    *log.last_mut().expect("the vote came last") = WalEntry::new(height, WalEvent::Vote(other));
    let mut solo = Solo::recorded(height, None);
    let start = Start { replay: log, follow: false };
    let error = solo.engine.start_height(&start).expect_err("it diverges");
    assert!(matches!(error, EngineError::ReplayDivergence { .. }), "{error}");
    let set = solo.set.clone();
    let stopped = solo.engine.await_height(height + 1, set);
    assert!(matches!(stopped, Err(EngineError::Stopped)));
    let proposal = proposer(&solo.keys, height, 0).proposal(height, 0, None, block("a"));
    let stopped = solo.engine.handle(Input::Message(Message::Proposal(proposal)));
    assert!(matches!(stopped, Err(EngineError::Stopped)));
}

#[test]
fn signing_before_what_was_signed_stops_the_node_and_nothing_leaves() {
    // The log holds a precommit of round 0, but nothing that leads to it: deriving the prevote of
    // that round anew would be a step back.
    let solo = Solo::waiting();
    let height = solo.height();
    let precommit = solo.own.vote(VoteKind::Precommit, height, 0, None);
    let mut solo = Solo::recorded(height, Some(mark(&precommit)));
    let effects = solo.replay(vec![WalEntry::new(height, WalEvent::Vote(precommit))]);
    assert!(!is_withheld(&effects));
    let propose = timer(&effects, TimerKind::Propose).expect("scheduled");
    let error = solo.engine.handle(Input::TimerElapsed(propose)).expect_err("refused");
    assert!(matches!(error, EngineError::Refused(SignRefusal::Regression { .. })), "{error}");
}

#[test]
fn signing_against_what_was_signed_stops_the_node_and_nothing_leaves() {
    let solo = Solo::waiting();
    let height = solo.height();
    let prevote = solo.own.vote(VoteKind::Prevote, height, 0, Some(block("z")));
    let mut solo = Solo::recorded(height, Some(mark(&prevote)));
    let effects = solo.replay(vec![WalEntry::new(height, WalEvent::Vote(prevote))]);
    let propose = timer(&effects, TimerKind::Propose).expect("scheduled");
    let error = solo.engine.handle(Input::TimerElapsed(propose)).expect_err("refused");
    assert!(matches!(error, EngineError::Refused(SignRefusal::Conflict { .. })), "{error}");
}

#[test]
fn what_came_before_the_replay_cannot_change_what_was_voted() {
    let (height, before, log, signed) = prevoted();
    let mut solo = Solo::recorded(height, Some(signed));
    // The dishonest proposer's other proposal arrives first after the restart.
    solo.propose(0, block("b"));
    let effects = solo.replay(log);
    assert_eq!(published(&effects)[..before.len()], before);
}

#[test]
fn a_commit_certificate_is_remembered_over_a_restart() {
    let mut solo = Solo::running();
    let height = solo.height();
    let certificate = solo.certificate(height, 3, block("a"));
    let effects = solo.handle(Input::CommitCertificate(certificate));
    assert_eq!(solo.engine.round(), 3);
    let log = logged(&effects);
    let mut solo = Solo::recorded(height, None);
    let effects = solo.replay(log);
    assert_eq!(solo.engine.round(), 3);
    let block_id = block("a");
    assert!(effects.contains(&Effect::CertifiedBlockWanted { height, round: 3, block_id }));
}

#[test]
fn a_decision_is_reached_again_from_the_log() {
    let mut solo = Solo::running();
    let height = solo.height();
    let effects = solo.decide(block("a"));
    let decided = effects.last().cloned();
    assert!(matches!(decided, Some(Effect::Decided(_))));
    let mut solo = Solo::recorded(height, None);
    let effects = solo.replay(logged(&effects));
    assert_eq!(effects.last().cloned(), decided);
}

#[test]
fn a_replay_asks_for_no_block_of_a_round_that_is_over() {
    let keys = network::keys(4);
    let height = network::solo::height_of_own(&keys, &keys[0]);
    let mut solo = Solo::recorded(height, None);
    solo.start(Start::default());
    let effects = solo.handle(Input::Propose { height, round: 0, block_id: block("a") });
    let asks = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::GetValue { .. }));
    let mut solo = Solo::recorded(height, None);
    assert!(!asks(&solo.replay(logged(&effects))));
    // But of the present round it asks again, when nothing was proposed yet.
    let vote = solo.others[0].vote(VoteKind::Prevote, height, 0, None);
    let mut solo = Solo::recorded(height, None);
    assert!(asks(&solo.replay(vec![WalEntry::new(height, WalEvent::Vote(vote))])));
}

#[test]
fn entries_of_another_height_are_not_replayed() {
    let (height, _, log, _) = prevoted();
    let mut solo = Solo::recorded(height + 1, None);
    let start = Start { replay: log, follow: false };
    let error = solo.engine.start_height(&start).expect_err("another height's");
    assert!(matches!(error, EngineError::ForeignReplay { .. }));
}

#[test]
fn a_validator_that_hears_its_own_forgotten_vote_does_not_vote_on() {
    // Log and record are lost, but the network remembers.
    let mut solo = Solo::running();
    let height = solo.height();
    let forgotten = solo.own.vote(VoteKind::Prevote, height, 0, Some(block("a")));
    let reason = Withheld::SignedElsewhere(mark(&forgotten));
    let effects = solo.vote(forgotten);
    assert!(effects.contains(&Effect::VotingWithheld { height, reason }));
    assert!(!solo.engine.is_voting());
    let effects = solo.decide(block("b"));
    assert_eq!((published(&effects), logged(&effects)), (vec![], vec![]));
}

#[test]
fn a_validator_that_hears_its_own_remembered_vote_goes_on() {
    let (height, _, log, signed) = prevoted();
    let mut solo = Solo::recorded(height, Some(signed));
    solo.replay(log);
    let own = solo.own.vote(VoteKind::Prevote, height, 0, Some(block("a")));
    assert!(!is_withheld(&solo.vote(own)));
    let effects = solo.all_vote(VoteKind::Prevote, 0, Some(block("a")));
    let own = solo.own.vote(VoteKind::Precommit, height, 0, Some(block("a")));
    assert_eq!(published(&effects), [Message::Vote(own.clone())]);
    assert!(!is_withheld(&solo.vote(own)));
}
