//! The read path: proofs that a verifier accepts, complete histories, and reads that meet a commit.

use vouchsafe_ledger::{
    Location, MemoryStore, ReadError, StoreError, StoreRead as _, StoreWrite as _, block_leaves,
    transaction_at,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::log::InclusionProof;
use vouchsafe_types::record::{AssetRecord, StateName};
use vouchsafe_types::state_tree::StateProofError;
use vouchsafe_types::verifier::{Verifier, complete_log};

use crate::chain::*;

#[test]
fn a_verifier_accepts_answers_about_present_and_absent_records() {
    let mut chain = Chain::begun();
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a", "b"])])]);
    let names = [
        asset_name("b"),
        asset_name("nobody spoke of this"),
        StateName::Signer(public(ALICE)),
        StateName::Organization(organization("bolt")),
        StateName::Validators,
        asset_name("a"),
    ];
    let answer = chain.ledger.reader().status(&names).expect("reads");
    assert_eq!(answer.height, 2);
    let present: Vec<_> = answer.records.iter().map(Option::is_some).collect();
    assert_eq!(present, [true, false, true, true, true, true]);
    let verifier = Verifier::new(chain.chain_id(), chain.genesis.validator_set().clone());
    let header = verifier.header(&answer.header, &answer.certificate).expect("proven");
    header.state(&names, &answer.records, &answer.proof.to_bytes()).expect("proven");
}

#[test]
fn nothing_is_proven_before_block_1() {
    let reader = Chain::new().ledger.reader();
    assert_eq!(reader.view().height, 0);
    assert_eq!(reader.status(&[asset_name("a")]).err(), Some(ReadError::NoBlockYet));
}

#[test]
fn names_are_1_to_1024_and_distinct() {
    let reader = Chain::begun().ledger.reader();
    let count = |count| Some(ReadError::Names(StateProofError::KeyCount(count)));
    assert_eq!(reader.status(&[]).err(), count(0));
    assert_eq!(reader.status(&[asset_name("a"), asset_name("a")]).err(), count(2));
}

#[test]
fn only_assets_signers_and_organizations_have_a_history() {
    let reader = Chain::begun().ledger.reader();
    assert_eq!(reader.history(&StateName::Validators, 0, 1).err(), Some(ReadError::NoLog));
    let evidence = equivocation(Chain::begun().ledger.chain_id(), validator(0), 1).id();
    let name = StateName::Evidence(evidence);
    assert_eq!(reader.history(&name, 0, 1).err(), Some(ReadError::NoLog));
}

#[test]
fn a_history_is_complete_and_read_in_parts() {
    let mut chain = Chain::new();
    for _ in 0..5 {
        chain.append(&[chain.sign(ALICE, vec![notarize(&["a"])])]);
    }
    let reader = chain.ledger.reader();
    let whole = reader.history(&asset_name("a"), 0, usize::MAX).expect("reads");
    assert_eq!((whole.count, whole.entries.len()), (5, 5));
    let record = whole.answer.records[0].as_deref().expect("present");
    let record = AssetRecord::from_bytes(record).expect("canonical");
    let events: Vec<vouchsafe_types::record::Event> =
        complete_log(&record.events, "event", &whole.entries).expect("complete");
    assert_eq!(events.iter().map(|event| event.height).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    for (from, limit, expected) in [(1, 2, 1..3), (3, 9, 3..5), (4, 0, 0..0), (9, 9, 0..0)] {
        let part = reader.history(&asset_name("a"), from, limit).expect("reads");
        assert_eq!((part.count, &part.entries[..]), (5, &whole.entries[expected]));
    }
    for name in [StateName::Signer(public(ALICE)), StateName::Organization(organization("acme"))] {
        assert_eq!(reader.history(&name, 0, 10).expect("reads").entries.len(), 5);
    }
    let absent = reader.history(&asset_name("absent"), 0, 10).expect("reads");
    assert_eq!((absent.count, absent.entries.len()), (0, 0));
}

#[test]
fn a_transactions_place_is_proven() {
    let mut chain = Chain::begun();
    let transactions: Vec<_> =
        ["a", "b", "c"].map(|label| chain.sign(BOB, vec![notarize(&[label])])).into();
    let height = chain.append(&transactions);
    let wanted = &transactions[1];
    let place = chain.store.locate(&wanted.id()).expect("reads").expect("committed");
    assert_eq!(place, Location { height, index: 1 });
    let bytes = transaction_at(&chain.store, place).expect("reads").expect("there");
    assert_eq!(bytes, wanted.bytes());
    let leaves = block_leaves(&chain.store, height).expect("reads").expect("there");
    let proof = InclusionProof::of(&leaves, place.index as usize).to_bytes();
    let verifier = Verifier::new(chain.chain_id(), chain.genesis.validator_set().clone());
    let view = chain.ledger.view();
    let (header, certificate) = (view.header.as_ref(), view.certificate.as_ref());
    let header = verifier.header(header.expect("one"), certificate.expect("one")).expect("proven");
    let (_, index) = header.transaction(&bytes, &proof).expect("proven");
    assert_eq!(index, 1);
    let nowhere = [Location { height, index: 3 }, Location { height: height + 1, index: 0 }];
    assert!(nowhere.iter().all(|at| transaction_at(&chain.store, *at) == Ok(None)));
    assert_eq!(block_leaves(&chain.store, height + 1), Ok(None));
}

/// A block that changes "a" is in the store, and not yet the ledger's head.
fn half_committed() -> (Chain<MemoryStore>, vouchsafe_ledger::NextHead) {
    let mut chain = Chain::new();
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a", "b"])])]);
    let built = chain.build(&[chain.sign(ALICE, vec![deprecate(&["a"])])]);
    let (height, block_id) = (built.executed.height(), built.executed.block_id());
    chain.store.put_body(height, &block_id, &built.block.to_bytes()).expect("stores");
    let seeds = [0, 1, 2].map(validator);
    let certificate = certificate(&chain.chain_id(), &built.executed, &seeds);
    let (batch, next) = built.executed.certify(certificate);
    chain.store.commit(&batch).expect("commits");
    (chain, next)
}

#[test]
fn a_read_that_meets_a_commit_waits_for_the_new_view() {
    let (mut chain, next) = half_committed();
    let reader = chain.ledger.reader();
    // What the block did not change is still answered at the old height.
    assert_eq!(reader.status(&[asset_name("b")]).expect("unchanged").height, 1);
    let at_hand = reader.status_at_hand(&[asset_name("b")]).expect("unchanged");
    assert_eq!(at_hand.expect("known").height, 1);
    // Who must not wait is told that there is something to wait for.
    assert!(reader.status_at_hand(&[asset_name("a")]).expect("reads").is_none());
    let waiting = std::thread::spawn(move || reader.status(&[asset_name("a")]));
    chain.ledger.committed(next);
    let answer = waiting.join().expect("no panic").expect("answered");
    assert_eq!(answer.height, 2);
    let verifier = Verifier::new(chain.chain_id(), chain.genesis.validator_set().clone());
    let header = verifier.header(&answer.header, &answer.certificate).expect("proven");
    header.state(&[asset_name("a")], &answer.records, &answer.proof.to_bytes()).expect("proven");
}

#[test]
fn a_read_does_not_wait_for_ever() {
    let (chain, _) = half_committed();
    let error = chain.ledger.reader().status(&[asset_name("a")]).err();
    assert_eq!(error, Some(ReadError::Stalled { height: 1 }));
}

#[test]
fn a_log_that_grew_since_is_cut_at_the_proven_count() {
    let (chain, _) = half_committed();
    let reader = chain.ledger.reader();
    let bob = StateName::Signer(public(BOB));
    assert_eq!(reader.history(&bob, 0, 10).expect("unchanged").entries.len(), 0);
}

#[test]
fn a_damaged_record_is_named_and_not_waited_for() {
    let bob = StateName::Signer(public(BOB)).key();
    let mut chain = Chain::over_damage(|key, stored| {
        if *key == bob {
            stored.record[0] ^= 1;
        }
    });
    chain.append(&[]);
    let error = chain.ledger.reader().status(&[StateName::Signer(public(BOB))]).err();
    assert!(matches!(error, Some(ReadError::Store(StoreError::Corrupt(_)))), "{error:?}");
}
