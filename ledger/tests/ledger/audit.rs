//! The audit: a sound chain passes, and each kind of damage is named.

use vouchsafe_ledger::{
    AuditError, CommitBatch, Growth, InvalidBlock, Ledger, LogKind, MemoryStore, StoreRead as _,
    StoreWrite as _, block_at, verify_chain,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CertificateError, CommitCertificate};
use vouchsafe_types::header::Block;

use crate::chain::*;

fn sound() -> Chain<MemoryStore> {
    let mut chain = Chain::new();
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a", "b"])])]);
    chain.append(&[
        chain.sign(BOB, vec![compromise(&["a"])]),
        chain.sign(ADA, vec![notarize(&["c"])]),
    ]);
    chain.append(&[]);
    chain
}

/// A copy of a sound chain whose writes were altered on their way to the store.
fn altered(
    alter_body: impl Fn(u64, &mut Vec<u8>),
    alter: impl Fn(&mut CommitBatch),
) -> Option<AuditError> {
    let chain = sound();
    let (store, shadow) = (MemoryStore::new(), MemoryStore::new());
    drop(Ledger::open(&chain.genesis, store.clone()).expect("opens"));
    let mut ledger = Ledger::open(&chain.genesis, shadow.clone()).expect("opens");
    for height in 1..=3 {
        let block = block_at(&chain.store, height).expect("reads").expect("there");
        let executed = ledger.validate(&block, &|_| None).expect("valid");
        let certificate = chain.store.certificate(height).expect("reads").expect("there");
        let certificate = CommitCertificate::from_bytes(&certificate).expect("canonical");
        let (mut batch, next) = executed.certify(certificate);
        let mut body = block.to_bytes();
        shadow.put_body(height, &batch.block_id, &body).expect("stores");
        shadow.commit(&batch).expect("commits");
        ledger.committed(next);
        alter(&mut batch);
        alter_body(height, &mut body);
        store.put_body(height, &batch.block_id, &body).expect("stores");
        store.commit(&batch).expect("commits");
    }
    verify_chain(&chain.genesis, &store, &mut |_| {}).err()
}

fn altered_batch(alter: impl Fn(&mut CommitBatch)) -> Option<AuditError> {
    altered(|_, _| {}, alter)
}

#[test]
fn a_sound_chain_passes() {
    let chain = sound();
    let mut heights = Vec::new();
    let report = verify_chain(&chain.genesis, &chain.store, &mut |height| heights.push(height))
        .expect("sound");
    assert_eq!(heights, [1, 2, 3]);
    assert_eq!((report.height, report.transactions), (3, 3));
    // Validators, two organizations, four signers, three assets.
    assert_eq!(report.records, 10);
    assert_eq!(report.state_root, chain.ledger.head().state_root);
    assert_eq!(altered_batch(|_| {}), None);
}

#[test]
fn an_empty_store_is_named() {
    let genesis = sound().genesis;
    let error = verify_chain(&genesis, &MemoryStore::new(), &mut |_| {}).err();
    assert_eq!(error, Some(AuditError::Empty));
}

#[test]
fn a_missing_body_is_named() {
    let chain = sound();
    chain.store.forget_past();
    let error = verify_chain(&chain.genesis, &chain.store, &mut |_| {}).err();
    assert_eq!(error, Some(AuditError::Missing { part: "block", height: 1 }));
}

#[test]
fn an_invalid_block_is_named() {
    let change = |height: u64, body: &mut Vec<u8>| {
        if height == 2 {
            let mut block = Block::from_bytes(body).expect("canonical");
            block.header.state_root.0[0] ^= 1;
            *body = block.to_bytes();
        }
    };
    let error = altered(change, |_| {});
    let rule = matches!(
        error,
        Some(AuditError::Block { height: 2, error: InvalidBlock::StateRoot { .. } })
    );
    assert!(rule, "{error:?}");
}

#[test]
fn a_header_that_is_not_the_blocks_is_named() {
    let error = altered_batch(|batch| batch.header[1] ^= 1);
    assert_eq!(error, Some(AuditError::Part { part: "header", height: 1 }));
}

#[test]
fn a_certificate_of_another_block_is_named() {
    let error = altered_batch(|batch| batch.certificate[14] ^= 1);
    assert_eq!(error, Some(AuditError::Part { part: "certificate", height: 1 }));
}

#[test]
fn a_certificate_that_does_not_verify_is_named() {
    let error = altered_batch(|batch| *batch.certificate.last_mut().expect("not empty") ^= 1);
    let expected = matches!(
        error,
        Some(AuditError::Certificate { height: 1, error: CertificateError::Signature(_) })
    );
    assert!(expected, "{error:?}");
}

#[test]
fn a_wrong_index_is_named() {
    let error = altered_batch(|batch| batch.transactions.reverse());
    assert_eq!(error, Some(AuditError::Index { height: 2, index: 0 }));
    let error = altered_batch(|batch| {
        batch.transactions.iter_mut().for_each(|transaction| transaction.id.0.0[0] ^= 1);
    });
    assert_eq!(error, Some(AuditError::Index { height: 1, index: 0 }));
}

fn stored(change: &mut vouchsafe_ledger::RecordChange) -> &mut vouchsafe_ledger::StoredRecord {
    std::sync::Arc::make_mut(&mut change.stored)
}

#[test]
fn a_wrong_record_is_named() {
    let key = asset_name("a").key();
    let at_key = |batch: &mut CommitBatch, change: fn(&mut vouchsafe_ledger::RecordChange)| {
        batch.records.iter_mut().filter(|record| record.key == key).for_each(change);
    };
    for change in [
        |record: &mut vouchsafe_ledger::RecordChange| stored(record).record[0] ^= 1,
        |record: &mut vouchsafe_ledger::RecordChange| stored(record).log = None,
        |record: &mut vouchsafe_ledger::RecordChange| record.value_hash.0[0] ^= 1,
    ] {
        let error = altered_batch(|batch| at_key(batch, change));
        assert_eq!(error, Some(AuditError::Record(key)));
    }
    let error = altered_batch(|batch| batch.records.retain(|record| record.key != key));
    assert_eq!(error, Some(AuditError::Record(key)));
}

#[test]
fn a_wrong_log_is_named() {
    let key = asset_name("a").key();
    let growths = |batch: &mut CommitBatch, change: fn(&mut Option<Growth>)| {
        let own = batch.records.iter_mut().filter(|record| record.key == key);
        own.for_each(|record| change(&mut record.growth));
    };
    for change in [
        |growth: &mut Option<Growth>| *growth = None,
        |growth: &mut Option<Growth>| growth.iter_mut().for_each(|g| g.from += 1),
        |growth: &mut Option<Growth>| growth.iter_mut().for_each(|g| g.kind = LogKind::Activity),
    ] {
        let error = altered_batch(|batch| growths(batch, change));
        assert_eq!(error, Some(AuditError::Log(key)));
    }
    let error = altered_batch(|batch| batch.acts.iter_mut().for_each(|a| a.event.time_ms += 1));
    assert!(matches!(error, Some(AuditError::Log(_))), "{error:?}");
}

#[test]
fn a_wrong_history_is_named() {
    let error = altered_batch(|batch| batch.history = Default::default());
    assert_eq!(error, Some(AuditError::Part { part: "history", height: 3 }));
}
