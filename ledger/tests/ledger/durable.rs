//! The ledger over RocksDB: restarts, crashes between two writes, other chains, forgotten ids.

use std::path::Path;

use vouchsafe_genesis::Parameters;
use vouchsafe_ledger::{
    AuditError, GenesisBatch, Ledger, MemoryStore, RocksStore, StoreError, StoreRead as _,
    StoreWrite as _, verify_chain,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::header::Block;

use crate::chain::*;

fn open(path: &Path) -> Chain<RocksStore> {
    let store = RocksStore::open(path).expect("opens");
    Chain::open(genesis_of("test", Parameters::default()), store)
}

#[test]
fn a_reopened_ledger_stands_where_it_stood() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut chain = open(folder.path());
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a", "b"])])]);
    chain.append(&[chain.sign(BOB, vec![compromise(&["a"])])]);
    let (head, view) = (chain.ledger.head().clone(), chain.ledger.view());
    drop(chain);
    let mut chain = open(folder.path());
    assert_eq!(chain.ledger.head(), &head);
    let again = chain.ledger.view();
    assert_eq!((again.height, &again.header, again.block_id), (2, &view.header, view.block_id));
    assert_eq!(again.certificate, view.certificate);
    assert_eq!((again.time_ms, again.tree.root()), (view.time_ms, view.tree.root()));
    chain.append(&[chain.sign(ALICE, vec![deprecate(&["b"])])]);
    let report = verify_chain(&chain.genesis, &chain.store, &mut |_| {}).expect("sound");
    assert_eq!((report.height, report.transactions), (3, 3));
    assert_eq!(report.state_root, chain.ledger.head().state_root);
}

#[test]
fn both_stores_lead_to_one_chain() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (mut durable, mut memory) = (open(folder.path()), Chain::new());
    for operation in [notarize(&["a", "b", "c"]), deprecate(&["b"]), compromise(&["c"])] {
        let transaction = memory.sign(ALICE, vec![operation]);
        durable.append(std::slice::from_ref(&transaction));
        memory.append(&[transaction]);
        assert_eq!(durable.ledger.head(), memory.ledger.head());
    }
}

#[test]
fn a_restarted_ledger_still_refuses_replays() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut chain = open(folder.path());
    let transaction = chain.sign(ALICE, vec![notarize(&["a"])]);
    chain.append(std::slice::from_ref(&transaction));
    drop(chain);
    let chain = open(folder.path());
    let place = vouchsafe_ledger::Rule::AlreadyCommitted { height: 1, index: 0 };
    assert_eq!(
        chain.build(std::slice::from_ref(&transaction)).refused,
        [(transaction.id(), place)]
    );
}

#[test]
fn a_crash_between_body_and_commit_loses_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut chain = open(folder.path());
    chain.append(&[]);
    let transaction = chain.sign(ALICE, vec![notarize(&["a"])]);
    let built = chain.build(std::slice::from_ref(&transaction));
    let rival = chain.build(&[]);
    for built in [&built, &rival] {
        let bytes = built.block.to_bytes();
        chain.store.put_body(2, &built.executed.block_id(), &bytes).expect("stores");
    }
    drop(chain);
    // The node starts again: its log says that the block was decided; the body is still here.
    let mut chain = open(folder.path());
    assert_eq!(chain.ledger.head().height, 1);
    let block_id = built.executed.block_id();
    assert_eq!(chain.store.height_of(&block_id), Ok(None));
    assert_eq!(chain.store.block(2), Ok(None));
    let bytes = chain.store.body(&block_id).expect("reads").expect("durable");
    let block = Block::from_bytes(&bytes).expect("canonical");
    let executed = chain.validate(&block).expect("valid");
    let seeds = [0, 1, 2].map(validator);
    let certificate = certificate(&chain.chain_id(), &executed, &seeds);
    chain.ledger.commit(executed, certificate).expect("commits");
    assert_eq!(chain.store.height_of(&block_id), Ok(Some(2)));
    assert_eq!(chain.store.block(2), Ok(Some(bytes)));
    assert_eq!(chain.store.body(&rival.executed.block_id()), Ok(None), "the loser is forgotten");
    assert!(verify_chain(&chain.genesis, &chain.store, &mut |_| {}).is_ok());
}

#[test]
fn a_ledger_has_its_geneses_parameters() {
    let parameters = Parameters { heartbeat_ms: 1_234, ..Default::default() };
    assert_eq!(Chain::with_parameters(parameters).ledger.parameters(), &parameters);
}

#[test]
fn another_chains_database_is_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let chain = open(folder.path());
    let (actual, store) = (chain.chain_id(), chain.store.clone());
    let other = genesis_of("other", Parameters::default());
    let expected = other.chain_id();
    let error = Ledger::open(&other, store.clone()).err();
    assert_eq!(error, Some(StoreError::OtherChain { expected, actual }));
    let text = error.expect("refused").to_string();
    assert!(text.contains(&format!("belongs to chain {actual}")), "{text}");
    let audit = verify_chain(&other, &store, &mut |_| {}).err();
    assert_eq!(audit, Some(AuditError::OtherChain { expected, actual }));
}

#[test]
fn a_state_that_is_not_the_heads_is_refused_with_a_remedy() {
    let genesis = genesis_of("test", Parameters::default());
    let full = Chain::new();
    let leaves = full.store.leaves().expect("reads").skip(1);
    let records = leaves.map(|leaf| {
        let leaf = leaf.expect("reads");
        let stored = full.store.record(&leaf).expect("reads").expect("present");
        let (key, value_hash) = (leaf.key, leaf.value_hash);
        vouchsafe_ledger::RecordChange { key, value_hash, stored: stored.into(), growth: None }
    });
    let store = MemoryStore::new();
    let batch = GenesisBatch { chain_id: genesis.chain_id(), records: records.collect() };
    store.initialize(&batch).expect("empty");
    let error = Ledger::open(&genesis, store).err().expect("refused");
    assert!(matches!(error, StoreError::StateRoot { height: 0, .. }), "{error}");
    assert!(error.to_string().contains("restore the data directory"));
}
