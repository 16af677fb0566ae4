//! A chain of one validator: submissions, order of effects, heartbeats, refusals, restarts.

mod driver;

use driver::{GENESIS_TIME_MS, Key, Node, admin, genesis, signer, solo, statement};
use vouchsafe_ledger::{MemoryStore, Rule, StoreRead, StoreWrite};
use vouchsafe_replica::{
    Admission, AdmissionError, Event, MempoolLimits, Origin, Outcome, ReplicaError, Timer,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::{BlockId, sha256};
use vouchsafe_types::header::Block;
use vouchsafe_types::transaction::RevocationReason;

const EXPIRY_MS: u64 = GENESIS_TIME_MS + 600_000;

#[test]
fn the_first_block_waits_for_nothing() {
    let (_folder, _genesis, node) = solo();
    assert_eq!(node.height(), 1);
    assert_eq!(node.block(1).transactions.len(), 0);
    assert!(node.replica.report().votes, "a lone validator votes");
}

#[test]
fn a_submitted_transaction_is_committed_and_settled() {
    let (_folder, genesis, mut node) = solo();
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let id = transaction.id();
    assert_eq!(node.submit(transaction), Ok(Admission::Pooled(id)));
    assert_eq!(node.settled[&id], Outcome::Committed { height: 2, index: 0 });
    assert_eq!(node.block(2).transactions.len(), 1);
}

#[test]
fn the_same_transaction_again_is_answered_from_the_first() {
    let (_folder, genesis, mut node) = solo();
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let id = transaction.id();
    assert_eq!(node.submit(transaction.clone()), Ok(Admission::Pooled(id)));
    assert_eq!(node.submit(transaction), Ok(Admission::Committed(id)));
    assert_eq!(node.height(), 2, "nothing was to be decided again");
}

#[test]
fn nothing_signed_is_sent_before_it_is_on_disk() {
    let (_folder, genesis, mut node) = solo();
    node.trace.clear();
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    node.submit(transaction).expect("pooled");
    let trace = &node.trace;
    let first = |name| trace.iter().position(|n| *n == name).expect(name);
    let store_body = first("store body");
    assert!(store_body < first("sign record"), "{trace:?}");
    let (mut flushed, mut recorded) = (true, false);
    for name in trace {
        match *name {
            "wal append" => flushed = false,
            "wal flush" => flushed = true,
            "sign record" => recorded = true,
            "send vote or proposal" => {
                assert!(flushed, "sent before the log was flushed: {trace:?}");
                assert!(recorded, "sent before the sign record: {trace:?}");
            }
            "commit" => assert!(flushed, "committed before the log was flushed: {trace:?}"),
            _ => {}
        }
    }
}

#[test]
fn a_heartbeat_makes_an_empty_block() {
    let (_folder, genesis, mut node) = solo();
    let time_ms = node.block(1).header.time_ms;
    while node.height() < 2 {
        node.fire_next_timer();
    }
    let heartbeat_ms = genesis.parameters().heartbeat_ms;
    assert!(node.block(2).header.time_ms >= time_ms + heartbeat_ms);
}

#[test]
fn a_transaction_that_breaks_a_rule_is_refused_by_name() {
    let (_folder, genesis, mut node) = solo();
    let chain_id = genesis.chain_id();
    let stranger = statement(&chain_id, &Key::new(9), "a", 1, None, EXPIRY_MS);
    let expired = statement(&chain_id, &signer(), "a", 1, None, GENESIS_TIME_MS);
    let far = statement(&chain_id, &signer(), "a", 1, None, GENESIS_TIME_MS * 2);
    let rule_of = |result| match result {
        Err(AdmissionError::Rule(rule)) => rule,
        other => panic!("{other:?}"),
    };
    assert!(matches!(rule_of(node.submit(stranger)), Rule::UnknownSigner { .. }));
    assert!(matches!(rule_of(node.submit(expired)), Rule::Expired { .. }));
    assert!(matches!(rule_of(node.submit(far)), Rule::ExpiryTooFar { .. }));
    assert_eq!(node.height(), 1, "no block was made for them");
}

#[test]
fn only_an_admin_restores_what_was_compromised() {
    let (_folder, genesis, mut node) = solo();
    let chain_id = genesis.chain_id();
    let compromised = Some(RevocationReason::Compromised);
    node.submit(statement(&chain_id, &signer(), "a", 1, compromised, EXPIRY_MS)).expect("fine");
    let again = node.submit(statement(&chain_id, &signer(), "a", 2, None, EXPIRY_MS));
    assert!(matches!(again, Err(AdmissionError::Rule(Rule::TrustNeedsAdmin { .. }))), "{again:?}");
    node.submit(statement(&chain_id, &admin(), "a", 3, None, EXPIRY_MS)).expect("an admin may");
}

#[test]
fn a_full_pool_says_when_to_try_again() {
    let genesis = genesis(1);
    let folder = tempfile::tempdir().expect("a folder");
    let limits = MempoolLimits { bytes_max: 1 << 20, transactions_max: 0 };
    let key = Key::new(1);
    let store = MemoryStore::default();
    let mut node = Node::boot_with(&genesis, Some(&key), folder.path(), store, limits);
    node.feed(Event::Started);
    let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
    let result = node.submit(transaction);
    assert!(matches!(result, Err(AdmissionError::Full { retry_after_ms: 1.., .. })), "{result:?}");
}

#[test]
fn a_crash_after_any_effect_loses_nothing_and_signs_nothing_twice() {
    let mut cut = 0;
    loop {
        let (folder, genesis, mut node) = solo();
        node.effects_left = Some(cut);
        let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
        let id = transaction.id();
        let survived = node.feed(Event::Submitted {
            ticket: 1,
            transaction: transaction.clone(),
            origin: Origin::Client,
        });
        let acknowledged = node.settled.contains_key(&id);
        let store = node.store.clone();
        drop(node);
        // A conflicting vote would stop the replica: the sign record refuses it.
        let mut node = Node::boot(&genesis, &Key::new(1), folder.path(), store);
        node.now_ms += 5_000;
        node.feed(Event::Started);
        if acknowledged {
            assert_eq!(node.submit(transaction), Ok(Admission::Committed(id)), "cut {cut}");
        } else {
            node.submit(transaction).unwrap_or_else(|error| panic!("cut {cut}: {error}"));
            for _ in 0..20 {
                if node.height() >= 2 {
                    break;
                }
                node.fire_next_timer();
            }
        }
        assert!(node.height() >= 2, "cut {cut}: the chain goes on");
        if survived {
            return;
        }
        cut += 1;
    }
}

#[test]
fn a_heartbeat_that_comes_before_the_clock_agrees_is_set_again() {
    let (_folder, _genesis, mut node) = solo();
    let height = node.height();
    let timer = Timer::Heartbeat { height: height + 1 };
    node.timers.remove(&timer).expect("an idle node waits for its heartbeat");
    node.feed(Event::TimerElapsed(timer));
    assert_eq!(node.height(), height);
    assert!(node.timers.contains_key(&timer));
}

/// What a node says that starts after a crash in the middle of a height, when its store was
/// tampered with meanwhile. Every moment of the crash is tried until it says something.
fn refusal_after(tamper: impl Fn(&MemoryStore, u64, &BlockId)) -> ReplicaError {
    for cut in 0..200 {
        let (folder, genesis, mut node) = solo();
        node.effects_left = Some(cut);
        let transaction = statement(&genesis.chain_id(), &signer(), "a", 1, None, EXPIRY_MS);
        let survived =
            node.feed(Event::Submitted { ticket: 1, transaction, origin: Origin::Client });
        assert!(!survived, "no crash came before the height was over");
        let (height, store) = (node.height() + 1, node.store.clone());
        let Some(block_id) = node.stored_body else { continue };
        drop(node);
        tamper(&store, height, &block_id);
        let mut node = Node::boot(&genesis, &Key::new(1), folder.path(), store);
        if let Err(error) = node.replica.handle(node.now_ms, Event::Started) {
            return error;
        }
    }
    panic!("200 effects are more than a height has");
}

#[test]
fn a_decided_block_whose_body_was_lost_stops_the_node() {
    let error = refusal_after(|store, _, _| store.forget_past());
    assert!(matches!(error, ReplicaError::BodyMissing(_)), "{error}");
}

#[test]
fn a_decided_block_whose_body_is_damaged_stops_the_node() {
    let error = refusal_after(|store, height, block_id| {
        store.put_body(height, block_id, b"no block").expect("writes");
    });
    assert!(matches!(error, ReplicaError::BodyDamaged { .. }), "{error}");
}

#[test]
fn a_decided_block_that_is_invalid_here_stops_the_node() {
    let error = refusal_after(|store, height, block_id| {
        let bytes = store.body(block_id).expect("reads").expect("it was stored");
        let mut block = Block::from_bytes(&bytes).expect("canonical");
        block.header.state_root = sha256(&[b"another state"]);
        store.put_body(height, block_id, &block.to_bytes()).expect("writes");
    });
    assert!(matches!(error, ReplicaError::DecidedInvalid { .. }), "{error}");
}
