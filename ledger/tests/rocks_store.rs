//! The RocksDB store: what it refuses to open, and that it answers as the store in memory does.

use std::path::Path;
use std::sync::Arc;

use rocksdb::{DB, Options};
use vouchsafe_ledger::{
    AtHand, CommitBatch, CommittedTransaction, GenesisBatch, LogEntry, MemoryStore, Offence,
    ReadAtHand, RecordChange, RocksStore, StoreError, StoreRead, StoreWrite, StoredRecord,
};
use vouchsafe_types::evidence::EvidenceId;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId, sha256};
use vouchsafe_types::log::{Frontier, empty_root};
use vouchsafe_types::record::value_hash;

fn digest(label: &str) -> Digest {
    sha256(&[label.as_bytes()])
}

fn chain(label: &str) -> ChainId {
    ChainId(digest(label))
}

fn record(name: &str, text: &str) -> RecordChange {
    let mut log = Frontier::default();
    log.append(digest(text));
    let record = text.as_bytes().to_vec();
    let value_hash = value_hash(&record);
    RecordChange { key: digest(name), value_hash, stored: StoredRecord { record, log: Some(log) } }
}

fn genesis() -> GenesisBatch {
    let mut records = vec![record("a", "a at genesis"), record("b", "b at genesis")];
    records.sort_by_key(|change| change.key);
    GenesisBatch { chain_id: chain("chain"), records }
}

fn block_id(height: u64, label: &str) -> BlockId {
    BlockId(digest(&format!("{height} {label}")))
}

fn transaction(label: &str, expiry_ms: u64) -> CommittedTransaction {
    let id = TransactionId(digest(label));
    CommittedTransaction { id, leaf: digest(&format!("leaf {label}")), expiry_ms }
}

fn batch(height: u64, transactions: Vec<CommittedTransaction>) -> CommitBatch {
    let mut history = Frontier::default();
    (1..=height).for_each(|h| history.append(block_id(h, "decided").0));
    let text = format!("a at {height}");
    let bytes: Arc<[u8]> = text.as_bytes().into();
    CommitBatch {
        height,
        block_id: block_id(height, "decided"),
        header: format!("header {height}").into_bytes(),
        certificate: format!("certificate {height}").into_bytes(),
        // Every second block changes the set.
        next_validators: height
            .is_multiple_of(2)
            .then(|| format!("set {}", height + 1).into_bytes()),
        records: vec![record("a", &text)],
        log_entries: vec![LogEntry { key: digest("a"), index: height - 1, bytes }],
        transactions,
        offences: (height == 3).then(|| offence(2, "recorded")).into_iter().collect(),
        evidence_from: height,
        history,
        parent_time_ms: (height - 1) * 1000,
        time_ms: height * 1000,
    }
}

fn offence(height: u64, label: &str) -> Offence {
    Offence { height, id: EvidenceId(digest(label)) }
}

fn put_and_commit(store: &dyn StoreWrite, batch: &CommitBatch) {
    let (height, id) = (batch.height, batch.block_id);
    store.put_body(height, &id, format!("body {height}").as_bytes()).expect("written");
    store.commit(batch).expect("written");
}

/// Everything that can be read, as text: equal texts are equal stores.
fn contents(store: &dyn StoreRead) -> String {
    let mut lines = vec![
        format!("{:?} {:?}", store.chain_id(), store.head_height()),
        format!("{:?} {:?}", store.history(), store.replay_count()),
    ];
    for height in 0..5 {
        let id = block_id(height, "decided");
        let lost = block_id(height, "lost");
        lines.push(format!("{:?} {:?}", store.header(height), store.certificate(height)));
        lines.push(format!("{:?}", store.validators(height)));
        lines.push(format!("{:?} {:?}", store.block(height), store.height_of(&id)));
        lines.push(format!("{:?} {:?}", store.body(&lost), store.height_of(&lost)));
    }
    for label in ["t1", "t2", "t3", "t4"] {
        let id = TransactionId(digest(label));
        let leaf = digest(&format!("leaf {label}"));
        lines.push(format!("{:?} {:?}", store.locate(&id), store.locate_leaf(&leaf)));
        lines.push(format!("{:?} {:?}", store.replay(1500, &id), store.replay(9000, &id)));
    }
    for name in ["a", "b", "c"] {
        let key = digest(name);
        lines.push(format!("{:?} {:?}", store.record(&key), store.log_entries(&key, 1, 2)));
    }
    lines.push(format!("{:?} {:?}", store.waiting_evidence(), store.evidence_heights(2, 9)));
    let leaves: Vec<_> = store.leaves().expect("readable").collect();
    lines.push(format!("{leaves:?}"));
    lines.join("\n")
}

fn live_through(store: &dyn StoreWrite) {
    store.initialize(&genesis()).expect("written");
    store.put_body(1, &block_id(1, "lost"), b"loser").expect("written");
    // The first is too old in time, the second stands in a block; the third waits.
    for (height, label) in [(1, "too old"), (2, "recorded"), (3, "waiting")] {
        let offence = offence(height, label);
        store.put_evidence(offence, label.as_bytes()).expect("written");
        store.put_evidence(offence, label.as_bytes()).expect("written again");
    }
    put_and_commit(store, &batch(1, vec![transaction("t1", 1500), transaction("t2", 9000)]));
    put_and_commit(store, &batch(2, vec![]));
    // The fourth expires as it is committed: it is not kept against replay at all.
    put_and_commit(store, &batch(3, vec![transaction("t3", 9000), transaction("t4", 3000)]));
    store.put_body(4, &block_id(4, "lost"), b"undecided").expect("written");
}

#[test]
fn it_answers_as_the_store_in_memory_does_and_after_reopening_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = MemoryStore::new();
    live_through(&memory);
    let rocks = RocksStore::open(folder.path()).expect("made");
    live_through(&rocks);
    assert_eq!(contents(&rocks), contents(&memory));
    drop(rocks);
    let again = RocksStore::open(folder.path()).expect("opened");
    assert_eq!(contents(&again), contents(&memory));
    assert!(again.body(&block_id(4, "lost")).expect("readable").is_some(), "still undecided");
    assert!(again.body(&block_id(1, "lost")).expect("readable").is_none(), "it lost");
}

fn refused(path: &Path) -> StoreError {
    RocksStore::open(path).map(|_| ()).expect_err("refused")
}

#[test]
fn a_database_in_use_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let _held = RocksStore::open(folder.path()).expect("made");
    assert!(matches!(refused(folder.path()), StoreError::Locked { .. }));
}

#[test]
fn a_newer_schema_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(RocksStore::open(folder.path()).expect("made"));
    let options = Options::default();
    let families = DB::list_cf(&options, folder.path()).expect("listed");
    let mut database = DB::open_cf(&options, folder.path(), families).expect("opened");
    database.put("schema", 2u32.to_le_bytes()).expect("written");
    database.create_cf("a family of the future", &options).expect("made");
    drop(database);
    let newer = StoreError::NewerSchema { path: folder.path().into(), found: 2, known: 1 };
    assert_eq!(refused(folder.path()), newer);
}

#[test]
fn a_database_of_something_else_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = DB::open_default(folder.path()).expect("made");
    database.put("a", "b").expect("written");
    drop(database);
    assert!(matches!(refused(folder.path()), StoreError::NotALedger { .. }));
}

/// Makes a database without a schema, as a crash between its making and its schema leaves it.
fn unfinished(folder: &Path, families: &[&str]) -> DB {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    DB::open_cf(&options, folder, families).expect("made")
}

#[test]
fn an_empty_database_without_a_schema_is_finished_and_any_other_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(unfinished(folder.path(), &["default", "headers", "records"]));
    live_through(&RocksStore::open(folder.path()).expect("finished"));

    let not_ours = |path: &Path| StoreError::NotALedger { path: path.to_owned() };
    let folder = tempfile::tempdir().expect("a folder");
    drop(unfinished(folder.path(), &["default", "pictures"]));
    assert_eq!(refused(folder.path()), not_ours(folder.path()), "a foreign family");

    let folder = tempfile::tempdir().expect("a folder");
    let database = unfinished(folder.path(), &["default", "headers"]);
    database.put("a", "b").expect("written");
    drop(database);
    assert_eq!(refused(folder.path()), not_ours(folder.path()), "our family's name, not empty");
}

#[test]
fn a_disk_that_fails_is_not_taken_for_a_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("LOCK")).expect("made");
    let error = refused(folder.path());
    assert!(matches!(error, StoreError::Io(_)), "a folder where a file should be: {error}");
}

#[test]
fn every_family_has_its_filter_and_buffers_and_a_torn_end_is_tolerated() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(RocksStore::open(folder.path()).expect("made"));
    let options = std::fs::read_dir(folder.path()).expect("listed").filter_map(|entry| {
        let path = entry.expect("listed").path();
        path.to_string_lossy().contains("OPTIONS-").then_some(path)
    });
    let newest = options.max().expect("RocksDB writes down its options");
    let text = std::fs::read_to_string(newest).expect("read");
    let count = |line: &str| text.lines().filter(|found| found.trim() == line).count();
    // RocksDB's, for the whole database.
    assert_eq!(count("wal_recovery_mode=kTolerateCorruptedTailRecords"), 1);
    assert_eq!(count("paranoid_checks=true"), 1);
    assert_eq!(count("db_write_buffer_size=100663296"), 1);
    // Each family's: all nine beside the default one, which holds little.
    assert_eq!(count("filter_policy=bloomfilter"), 9);
    assert_eq!(count("cache_index_and_filter_blocks=true"), 9);
    assert_eq!(count("write_buffer_size=16777216"), 9);
}

#[test]
fn a_damaged_database_is_refused_as_corrupt() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(RocksStore::open(folder.path()).expect("made"));
    std::fs::write(folder.path().join("CURRENT"), "rubbish").expect("written");
    assert!(matches!(refused(folder.path()), StoreError::Corrupt(_)));
}

#[test]
fn a_store_is_initialized_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("made");
    store.initialize(&genesis()).expect("written");
    assert!(matches!(store.initialize(&genesis()), Err(StoreError::OtherChain { .. })));
}

#[test]
fn heights_follow_each_other_and_bodies_come_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("made");
    store.initialize(&genesis()).expect("written");
    let missing = StoreError::MissingBody(block_id(1, "decided"));
    assert_eq!(store.commit(&batch(1, vec![])), Err(missing));
    assert_eq!(store.commit(&batch(2, vec![])), Err(StoreError::NotNext { height: 2, head: 0 }));
    put_and_commit(&store, &batch(1, vec![]));
    let late = store.put_body(1, &block_id(1, "lost"), b"late");
    assert_eq!(late, Err(StoreError::NotNext { height: 1, head: 1 }));
}

#[test]
fn the_database_tells_its_sizes() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("new");
    store.initialize(&genesis()).expect("empty");
    let statistics = store.statistics().expect("open");
    assert!(statistics.estimated_keys >= 2 && statistics.memtables_bytes > 0, "{statistics:?}");
    assert!(!statistics.writes_stopped && statistics.background_errors == 0, "{statistics:?}");
    // Opening it again moves what was written from the log into table files.
    drop(store);
    let statistics = RocksStore::open(folder.path()).expect("ours").statistics().expect("open");
    let files = std::fs::read_dir(folder.path()).expect("listed").map(|file| file.expect("listed"));
    let tables = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "sst"));
    let on_disk_bytes: u64 = tables.map(|file| file.metadata().expect("a file").len()).sum();
    assert!(0 < statistics.live_data_bytes, "{statistics:?}");
    assert!((1..=on_disk_bytes).contains(&statistics.files_bytes), "{statistics:?}");
}

#[test]
fn blocks_that_hold_evidence_are_noted_once_in_an_older_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("opens");
    live_through(&store);
    assert_eq!(store.evidence_heights(0, 9), Ok(vec![3]));
    drop(store);
    // As the first versions left it. Only the second block's header says that it holds none.
    let families = DB::list_cf(&Options::default(), folder.path()).expect("listed");
    let database = DB::open_cf(&Options::default(), folder.path(), &families).expect("opens");
    database.delete("evidence-noted").expect("deleted");
    let headers = database.cf_handle("headers").expect("there");
    let key = 2u64.to_be_bytes();
    let mut header = database.get_cf(headers, key).expect("read").expect("there");
    header.extend(empty_root().0);
    database.put_cf(headers, key, header).expect("written");
    drop(database);
    for _ in 0..2 {
        let store = RocksStore::open(folder.path()).expect("opens");
        assert_eq!(store.evidence_heights(0, 9), Ok(vec![1, 3]));
    }
}

#[test]
fn what_only_the_disk_knows_is_not_at_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("opens");
    store.initialize(&genesis()).expect("written");
    let known = AtHand::Known(Some(b"a at genesis".to_vec()));
    let at_hand = |store: &RocksStore| store.record_at_hand(&digest("a")).expect("reads");
    assert_eq!(at_hand(&store), known, "as it was written");
    drop(store);
    // What was written lies in a file now, and no block of it was read.
    let store = RocksStore::open(folder.path()).expect("opens");
    assert_eq!(at_hand(&store), AtHand::OnDisk);
    assert!(store.record(&digest("a")).expect("reads").is_some());
    assert_eq!(at_hand(&store), known, "as it was read");
}
