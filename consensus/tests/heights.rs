//! When a height starts, when it ends, and how a validator that is behind catches up.

mod network;

use std::sync::Arc;

use network::solo::{Solo, discarded, height_of_own, logged, published, timer};
use network::{block, keys, proposer};
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::timer::{Timeouts, TimerKind};
use vouchsafe_consensus::{
    Decision, Demand, Effect, Engine, EngineError, EngineParameters, Input, JudgedBlock,
    MessageError, Phase, Start, Withheld,
};
use vouchsafe_types::signature::Zip215;
use vouchsafe_types::vote::VoteKind;

fn demands(effects: &[Effect]) -> Vec<Demand> {
    let demand = |effect: &Effect| match effect {
        Effect::HeightDemanded { demand, .. } => Some(*demand),
        _ => None,
    };
    effects.iter().filter_map(demand).collect()
}

fn decision(effects: &[Effect]) -> Option<Decision> {
    match effects.last() {
        Some(Effect::Decided(decision)) => Some(decision.clone()),
        _ => None,
    }
}

#[test]
fn a_waiting_engine_has_no_timers_and_says_nothing() {
    let mut solo = Solo::waiting();
    let vote = solo.others[0].vote(VoteKind::Prevote, solo.height(), 0, None);
    assert_eq!(solo.vote(vote), []);
    assert_eq!((solo.engine.phase(), solo.engine.is_voting()), (Phase::Waiting, false));
}

#[test]
fn the_proposers_proposal_demands_the_start_once() {
    let mut solo = Solo::waiting();
    let height = solo.height();
    let key = proposer(&solo.keys, height, 0).clone();
    let proposal = key.proposal(height, 0, None, block("a"));
    let effects = solo.handle(Input::Message(Message::Proposal(proposal)));
    assert_eq!(demands(&effects), [Demand::Proposal]);
    assert_eq!(solo.all_vote(VoteKind::Prevote, 0, Some(block("a"))), []);
}

#[test]
fn votes_of_more_than_a_third_demand_the_start() {
    let mut solo = Solo::waiting();
    let height = solo.height();
    let vote = |index: usize, kind| solo.others[index].vote(kind, height, 0, None);
    let [first, again, second] =
        [vote(0, VoteKind::Prevote), vote(0, VoteKind::Precommit), vote(1, VoteKind::Prevote)];
    assert_eq!(solo.vote(first), []);
    assert_eq!(solo.vote(again), [], "one of four is not more than a third");
    assert_eq!(demands(&solo.vote(second)), [Demand::Votes]);
}

#[test]
fn a_certificate_demands_the_start_and_decides_after_it() {
    let mut solo = Solo::waiting();
    let certificate = solo.certificate(solo.height(), 0, block("a"));
    let effects = solo.handle(Input::CommitCertificate(certificate.clone()));
    assert_eq!(demands(&effects), [Demand::Certificate]);
    let effects = solo.handle(Input::CommitCertificate(certificate.clone()));
    assert_eq!(discarded(&effects), [MessageError::AlreadyKept]);
    solo.handle(Input::Judged(solo.judged(0, block("a"))));
    let effects = solo.start(Start::default());
    assert_eq!(decision(&effects).expect("decided").certificate, certificate);
}

#[test]
fn messages_kept_for_the_next_height_demand_it_when_it_is_awaited() {
    let mut solo = Solo::running();
    let next = solo.height() + 1;
    for key in &solo.others.clone() {
        assert_eq!(solo.vote(key.vote(VoteKind::Prevote, next, 0, None)), []);
    }
    let set = solo.set.clone();
    let effects = solo.engine.await_height(next, set).expect("forward");
    assert_eq!(demands(&effects), [Demand::Votes]);
    assert!(effects.contains(&Effect::CancelAllTimers), "the abandoned height's timers");
    solo.start(Start::default());
    assert_eq!(solo.engine.height(), next);
}

#[test]
fn what_came_early_counts_after_the_start() {
    let mut solo = Solo::waiting();
    let height = solo.height();
    solo.propose(0, block("a"));
    solo.all_vote(VoteKind::Prevote, 0, Some(block("a")));
    let effects = solo.start(Start::default());
    let expected = [VoteKind::Prevote, VoteKind::Precommit]
        .map(|kind| Message::Vote(solo.own.vote(kind, height, 0, Some(block("a")))));
    assert_eq!(published(&effects), expected);
}

#[test]
fn a_proposer_is_asked_for_a_block_and_proposes_the_answer() {
    let keys = keys(4);
    let height = height_of_own(&keys, &keys[0]);
    let mut solo = Solo::recorded(height, None);
    let effects = solo.start(Start::default());
    assert!(effects.contains(&Effect::GetValue { height, round: 0, timeout_ms: 1_000 }));
    let late = Input::Propose { height: height + 1, round: 0, block_id: block("b") };
    assert_eq!(solo.handle(late), []);
    let effects = solo.handle(Input::Propose { height, round: 0, block_id: block("a") });
    let proposal = solo.own.proposal(height, 0, None, block("a"));
    let vote = solo.own.vote(VoteKind::Prevote, height, 0, Some(block("a")));
    let published = published(&effects);
    assert!(published.contains(&Message::Proposal(proposal)));
    assert!(published.contains(&Message::Vote(vote)));
    let late = Input::Propose { height, round: 0, block_id: block("b") };
    let effects = solo.handle(late);
    assert!(
        effects
            .iter()
            .all(|effect| matches!(effect, Effect::WalAppend(_) | Effect::CancelTimer(_)))
    );
}

#[test]
fn log_and_record_are_durable_before_anything_leaves_and_a_decision_is_last() {
    let mut solo = Solo::running();
    let effects = solo.decide(block("a"));
    let position = |wanted: &dyn Fn(&Effect) -> bool| effects.iter().position(wanted);
    let published = position(&|effect| matches!(effect, Effect::Publish(_))).expect("votes");
    let is_own = |effect: &Effect| match effect {
        Effect::WalAppend(entry) => matches!(&entry.event,
            vouchsafe_consensus::wal::WalEvent::Vote(signed)
                if signed.vote.address == solo.own.address()),
        _ => false,
    };
    let appended = position(&is_own).expect("logged");
    let flushed = appended
        + effects[appended..].iter().position(|e| *e == Effect::WalFlush).expect("flushed");
    let recorded = position(&|effect| matches!(effect, Effect::SignRecord(_))).expect("recorded");
    assert!(appended < flushed && flushed < recorded && recorded < published);
    assert!(decision(&effects).is_some());
    assert!(matches!(effects.last(), Some(Effect::Decided(_))), "a decision is last");
    // What others said need not be safe by then: the certificate takes its place.
    let last_own = effects.iter().rposition(is_own).expect("a precommit");
    assert!(effects[last_own..].contains(&Effect::WalFlush), "own votes are flushed before it");
    assert!(matches!(effects[effects.len() - 2], Effect::WalAppend(_) | Effect::CancelTimer(_)));
}

#[test]
fn a_height_is_silent_after_its_decision_but_for_its_votes() {
    let mut solo = Solo::running();
    let effects = solo.decide(block("a"));
    let decision = decision(&effects).expect("decided");
    decision.certificate.verify(&network::chain_id(), &solo.set).expect("a valid certificate");
    assert_eq!(solo.engine.phase(), Phase::Decided);
    let (height, set) = (solo.height(), solo.set.clone());
    let late = solo.others[0].vote(VoteKind::Precommit, height, 0, None);
    let past = MessageError::PastHeight { height, current: height };
    assert_eq!(discarded(&solo.vote(late)), [past]);
    solo.engine.await_height(height + 1, set).expect("forward");
    // Those who lack the decision still need this validator's votes.
    let again = timer(&effects, TimerKind::Rebroadcast).expect("scheduled");
    let repeated = solo.handle(Input::TimerElapsed(again));
    assert_eq!(published(&repeated).len(), 2);
    solo.start(Start::default());
    let effects = solo.handle(Input::TimerElapsed(again));
    assert_eq!(discarded(&effects), [MessageError::StaleTimer]);
}

#[test]
fn a_timer_of_an_earlier_start_is_ignored() {
    let mut solo = Solo::waiting();
    let effects = solo.start(Start::default());
    let timer = timer(&effects, TimerKind::Propose).expect("scheduled");
    let (next, set) = (solo.height() + 1, solo.set.clone());
    solo.engine.await_height(next, set).expect("forward");
    solo.start(Start::default());
    let effects = solo.handle(Input::TimerElapsed(timer));
    assert_eq!(discarded(&effects), [MessageError::StaleTimer]);
}

#[test]
fn a_round_of_two_thirds_nil_ends_without_a_wait_and_a_mixed_one_does_not() {
    let rounds = |effects: &[Effect]| -> Vec<u32> {
        let round = |effect: &Effect| match effect {
            Effect::RoundStarted { round, .. } => Some(*round),
            _ => None,
        };
        effects.iter().filter_map(round).collect()
    };
    let mut solo = Solo::running();
    let height = solo.height();
    let nil = |solo: &Solo, at: usize| solo.others[at].vote(VoteKind::Precommit, height, 0, None);
    let one = nil(&solo, 0);
    assert_eq!(rounds(&solo.vote(one)), []);
    let other = solo.others[1].vote(VoteKind::Precommit, height, 0, Some(block("a")));
    assert_eq!(rounds(&solo.vote(other)), []);
    let third = nil(&solo, 2);
    let effects = solo.vote(third);
    assert_eq!(rounds(&effects), [], "one of the three may still be part of a decision");
    assert!(timer(&effects, TimerKind::Precommit).is_some(), "so it is waited for others");

    let mut solo = Solo::running();
    let [first, second, third] = [0, 1, 2].map(|at| nil(&solo, at));
    solo.vote(first);
    solo.vote(second);
    assert_eq!(rounds(&solo.vote(third)), [1], "nothing can be decided in round 0 any more");
}

#[test]
fn a_silent_proposer_costs_one_timeout() {
    let mut solo = Solo::waiting();
    let height = solo.height();
    let effects = solo.start(Start::default());
    let propose = timer(&effects, TimerKind::Propose).expect("scheduled");
    let effects = solo.handle(Input::TimerElapsed(propose));
    let nil = Message::Vote(solo.own.vote(VoteKind::Prevote, height, 0, None));
    assert_eq!(published(&effects), [nil]);
    solo.all_vote(VoteKind::Prevote, 0, None);
    // No second timer: that nothing can be decided is known with the third precommit.
    let effects = solo.all_vote(VoteKind::Precommit, 0, None);
    let proposer = solo.set.proposer(height, 1);
    assert!(effects.contains(&Effect::RoundStarted { height, round: 1, proposer }));
}

#[test]
fn a_certificate_decides_with_the_block_that_was_judged_before_or_after() {
    for judged_first in [true, false] {
        // The block is the one of round 0, decided in round 2: headers keep their first round.
        let mut solo = Solo::running();
        let certificate = solo.certificate(solo.height(), 2, block("a"));
        let judged = solo.judged(0, block("a"));
        let (height, block_id) = (solo.height(), block("a"));
        let wanted = Effect::CertifiedBlockWanted { height, round: 2, block_id };
        let mut effects = Vec::new();
        if judged_first {
            effects.extend(solo.handle(Input::Judged(judged)));
        }
        effects.extend(solo.handle(Input::CommitCertificate(certificate.clone())));
        assert_eq!(effects.contains(&wanted), !judged_first);
        if !judged_first {
            let again = solo.handle(Input::CommitCertificate(certificate.clone()));
            assert_eq!(discarded(&again), [MessageError::AlreadyKept]);
            effects.extend(solo.handle(Input::Judged(judged)));
        }
        assert_eq!(decision(&effects).expect("decided").certificate, certificate);
    }
}

#[test]
fn a_certificate_that_does_not_verify_is_dropped() {
    let mut solo = Solo::running();
    let mut certificate = solo.certificate(solo.height(), 0, block("a"));
    certificate.block_id = block("b");
    let effects = solo.handle(Input::CommitCertificate(certificate));
    assert!(matches!(discarded(&effects)[..], [MessageError::InvalidSignature(_)]));
}

#[test]
fn a_certified_block_that_is_judged_invalid_is_named() {
    let mut solo = Solo::running();
    let (height, block_id) = (solo.height(), block("a"));
    let certificate = solo.certificate(height, 0, block_id);
    solo.handle(Input::CommitCertificate(certificate));
    let judged = JudgedBlock { valid: false, ..solo.judged(0, block_id) };
    let effects = solo.handle(Input::Judged(judged));
    assert!(effects.contains(&Effect::CertifiedBlockInvalid { height, block_id }));
    assert_eq!(decision(&effects), None);
}

#[test]
fn an_invalid_block_gets_no_vote() {
    let mut solo = Solo::running();
    let height = solo.height();
    let proposal = proposer(&solo.keys, height, 0).proposal(height, 0, None, block("a"));
    solo.handle(Input::Message(Message::Proposal(proposal)));
    let judged = JudgedBlock { valid: false, ..solo.judged(0, block("a")) };
    let effects = solo.handle(Input::Judged(judged));
    let nil = Message::Vote(solo.own.vote(VoteKind::Prevote, height, 0, None));
    assert_eq!(published(&effects), [nil]);
}

#[test]
fn a_node_that_follows_neither_proposes_nor_votes_and_still_decides() {
    let keys = keys(4);
    let height = height_of_own(&keys, &keys[0]);
    let mut solo = Solo::recorded(height, None);
    let mut effects = solo.start(Start { replay: Vec::new(), follow: true });
    let reason = Withheld::Following;
    assert!(effects.contains(&Effect::VotingWithheld { height, reason }));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::GetValue { .. })));
    assert!(!solo.engine.is_voting());
    let certificate = solo.certificate(height, 0, block("a"));
    effects.extend(solo.handle(Input::CommitCertificate(certificate)));
    effects.extend(solo.handle(Input::Judged(solo.judged(0, block("a")))));
    assert!(decision(&effects).is_some());
    assert_eq!((published(&effects), logged(&effects)), (vec![], vec![]));
    let set = solo.set.clone();
    solo.engine.await_height(height + 1, set).expect("forward");
    solo.start(Start::default());
    assert!(solo.engine.is_voting());
}

#[test]
fn an_engine_without_a_key_follows() {
    let keys = keys(4);
    let set = network::set_of(&keys);
    let (chain_id, timeouts) = (network::chain_id(), Timeouts::default());
    let parameters = EngineParameters {
        chain_id,
        signature_rule: Arc::new(Zip215),
        timeouts,
        signer: None,
        signed: None,
    };
    let mut engine = Engine::new(parameters, 1, set).expect("valid");
    let mut effects = engine.start_height(&Start::default()).expect("it starts");
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        for key in &keys[..3] {
            let vote = key.vote(kind, 1, 0, Some(block("a")));
            effects.extend(engine.handle(Input::Message(Message::Vote(vote))).expect("no fault"));
        }
    }
    let proposal = proposer(&keys, 1, 0).proposal(1, 0, None, block("a"));
    let proposal = Input::Message(Message::Proposal(proposal));
    effects.extend(engine.handle(proposal).expect("no fault"));
    let address = proposer(&keys, 1, 0).address();
    let block_id = block("a");
    let judged = JudgedBlock { height: 1, round: 0, proposer: address, block_id, valid: true };
    effects.extend(engine.handle(Input::Judged(judged)).expect("no fault"));
    assert!(decision(&effects).is_some());
    assert_eq!((engine.address(), engine.is_voting(), published(&effects)), (None, false, vec![]));
}

#[test]
fn the_log_is_emptied_once_the_height_before_is_stored_or_at_the_first_start() {
    let reset = |height| Effect::WalReset { height };
    let mut solo = Solo::waiting();
    let height = solo.height();
    assert!(solo.start(Start::default()).contains(&reset(height)));
    let set = solo.set.clone();
    let effects = solo.engine.await_height(height + 1, set).expect("forward");
    assert!(effects.contains(&reset(height + 1)));
    assert!(!solo.start(Start::default()).contains(&reset(height + 1)));
}

#[test]
fn heights_go_forward_only_and_start_once() {
    let mut solo = Solo::running();
    let (height, set) = (solo.height(), solo.set.clone());
    let again = solo.engine.start_height(&Start::default());
    assert!(matches!(again, Err(EngineError::NotWaiting { .. })));
    let back = solo.engine.await_height(height, set);
    assert!(matches!(back, Err(EngineError::NotForward { .. })));
}

#[test]
fn a_timeout_outside_its_bounds_makes_no_engine() {
    let keys = keys(1);
    let timeouts = Timeouts { propose_ms: 60_001, ..Timeouts::default() };
    let chain_id = network::chain_id();
    let parameters = EngineParameters {
        chain_id,
        signature_rule: Arc::new(Zip215),
        timeouts,
        signer: None,
        signed: None,
    };
    let engine = Engine::new(parameters, 1, network::set_of(&keys));
    assert!(matches!(engine.err(), Some(EngineError::Timeout(_))));
}
