//! The RocksDB store: what it refuses to open, and that it answers as the store in memory does.

use std::path::{Path, PathBuf};

use rocksdb::{DB, Options};
use vouchsafe_ledger::{
    Act, AtHand, CommitBatch, CommittedTransaction, GenesisBatch, Growth, LogKind, MemoryStore,
    Offence, ReadAtHand, RecordChange, RocksStore, StoreError, StoreRead, StoreWrite, StoredRecord,
};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::evidence::EvidenceId;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId, sha256};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::{Event, SignerRole, value_hash};
use vouchsafe_types::state_tree::StateLeaf;
use vouchsafe_types::status::Status;

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
    let stored = StoredRecord { record, log: Some(log) }.into();
    RecordChange { key: digest(name), value_hash, stored, growth: None }
}

fn genesis() -> GenesisBatch {
    let mut records = vec![record("a", "a at genesis"), record("b", "b at genesis")];
    records.sort_by_key(|change| change.key);
    GenesisBatch { chain_id: chain("chain"), records }
}

fn block_id(height: u64, label: &str) -> BlockId {
    BlockId(digest(&format!("{height} {label}")))
}

/// The id of a transaction. All of them begin alike.
fn transaction_id(label: &str) -> TransactionId {
    let mut id = digest(label);
    id.0[..8].fill(7);
    TransactionId(id)
}

/// One act of one asset.
fn act(height: u64, transaction: u32, label: &str) -> Act {
    let event = Event {
        version: Version,
        transaction_id: transaction_id(label),
        operation_index: 0,
        organization: OrganizationId::new("acme").expect("valid"),
        signer: PublicKey([1; 32]),
        role: SignerRole::Signer,
        status: Status::Trusted,
        reason: None,
        height,
        time_ms: height * 1000,
    };
    Act { transaction, first_asset: transaction, asset_count: 1, event }
}

/// A block of transactions, each of which is told of in the log of "a".
fn batch(height: u64, labels: &[&str]) -> CommitBatch {
    let mut history = Frontier::default();
    (1..=height).for_each(|h| history.append(block_id(h, "decided").0));
    let acts: Vec<Act> =
        (0u32..).zip(labels).map(|(index, label)| act(height, index, label)).collect();
    let transaction = |label: &&str| {
        let leaf = digest(&format!("leaf {label}"));
        CommittedTransaction { id: transaction_id(label), leaf }
    };
    let mut record = record("a", &format!("a at {height}"));
    let assets = acts.iter().map(|act| act.first_asset).collect();
    record.growth = Some(Growth { kind: LogKind::Activity, from: (height - 1) * 2, assets });
    CommitBatch {
        body: None,
        height,
        block_id: block_id(height, "decided"),
        header: format!("header {height}").into_bytes(),
        certificate: format!("certificate {height}").into_bytes(),
        // Every second block changes the set.
        next_validators: height
            .is_multiple_of(2)
            .then(|| format!("set {}", height + 1).into_bytes()),
        records: vec![record],
        transactions: labels.iter().map(transaction).collect(),
        acts,
        offences: (height == 3).then(|| offence(2, "recorded")).into_iter().collect(),
        evidence_from: height,
        history,
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
        format!("{:?}", store.history()),
    ];
    for height in 0..5 {
        let id = block_id(height, "decided");
        let lost = block_id(height, "lost");
        lines.push(format!("{:?} {:?}", store.header(height), store.certificate(height)));
        lines.push(format!("{:?}", store.validators(height)));
        lines.push(format!("{:?} {:?}", store.block(height), store.height_of(&id)));
        lines.push(format!("{:?} {:?}", store.body(&lost), store.height_of(&lost)));
    }
    for label in ["t1", "t2", "t3", "t4", "t5", "t6", "t7"] {
        lines.push(format!("{:?}", store.locate(&transaction_id(label))));
    }
    let leaves: Vec<_> = store.leaves().expect("readable").collect();
    lines.push(format!("{leaves:?}"));
    for leaf in leaves.into_iter().flatten() {
        lines.push(format!("{:?}", store.record(&leaf)));
        for (from, limit) in [(0, 9), (1, 2), (2, 1), (3, 9), (5, 0), (5, 9), (6, 9)] {
            lines.push(format!("{:?}", store.log_entries(&leaf, from, limit)));
        }
    }
    let absent = StateLeaf { key: digest("c"), value_hash: digest("c") };
    lines.push(format!("{:?} {:?}", store.record(&absent), store.log_entries(&absent, 0, 9)));
    lines.push(format!("{:?} {:?}", store.waiting_evidence(), store.evidence_heights(2, 9)));
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
    put_and_commit(store, &batch(1, &["t1", "t2"]));
    put_and_commit(store, &batch(2, &["t3", "t4"]));
    put_and_commit(store, &batch(3, &["t5", "t6"]));
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

/// What a database of another schema is refused with.
fn refused_with_schema(schema: u32) -> (PathBuf, StoreError) {
    let folder = tempfile::tempdir().expect("a folder");
    drop(RocksStore::open(folder.path()).expect("made"));
    let options = Options::default();
    let families = DB::list_cf(&options, folder.path()).expect("listed");
    let mut database = DB::open_cf(&options, folder.path(), families).expect("opened");
    database.put("schema", schema.to_le_bytes()).expect("written");
    database.create_cf("a family of another time", &options).expect("made");
    drop(database);
    (folder.path().into(), refused(folder.path()))
}

#[test]
fn a_newer_schema_is_refused_by_name() {
    let (path, error) = refused_with_schema(3);
    assert_eq!(error, StoreError::NewerSchema { path, found: 3, known: 2 });
}

#[test]
fn an_older_schema_is_refused_by_name() {
    let (path, error) = refused_with_schema(1);
    assert_eq!(error, StoreError::OlderSchema { path, found: 1, known: 2 });
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
fn what_only_the_log_holds_beside_files_that_are_newer_is_read_again() {
    // Bodies become files while the transactions' places, which are merged, are in the log alone.
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("made");
    store.initialize(&genesis()).expect("written");
    put_and_commit(&store, &batch(1, &["a", "b"]));
    let body: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
    let is_file = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.path().extension().is_some_and(|kind| kind == "sst"))
    };
    let mut number = 0;
    while !std::fs::read_dir(folder.path()).expect("listed").any(is_file) {
        assert!(number < 200, "400 MB of bodies became no file");
        let id = block_id(2, &format!("candidate {number}"));
        store.put_body(2, &id, &body).expect("written");
        number += 1;
    }
    let before = contents(&store);
    drop(store);
    assert_eq!(contents(&RocksStore::open(folder.path()).expect("opens again")), before);
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
    assert_eq!(store.commit(&batch(1, &[])), Err(missing));
    assert_eq!(store.commit(&batch(2, &[])), Err(StoreError::NotNext { height: 2, head: 0 }));
    put_and_commit(&store, &batch(1, &[]));
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
fn a_compacted_database_is_smaller_and_holds_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("made");
    live_through(&store);
    let before = contents(&store);
    store.compact().expect("compacted");
    assert_eq!(contents(&store), before);
    let families = store.family_bytes().expect("open");
    let bodies = families.iter().find(|(name, _)| *name == "bodies").expect("a family");
    assert!(bodies.1 > 0, "what was in memory is in a file: {families:?}");
    drop(store);
    assert_eq!(contents(&RocksStore::open(folder.path()).expect("opened")), before);
}

#[test]
fn what_only_the_disk_knows_is_not_at_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = RocksStore::open(folder.path()).expect("opens");
    store.initialize(&genesis()).expect("written");
    let leaf = StateLeaf { key: digest("a"), value_hash: value_hash(b"a at genesis") };
    let known = AtHand::Known(Some(b"a at genesis".to_vec()));
    let at_hand = |store: &RocksStore| store.record_at_hand(&leaf).expect("reads");
    assert_eq!(at_hand(&store), known, "as it was written");
    drop(store);
    // What was written lies in a file now, and no block of it was read.
    let store = RocksStore::open(folder.path()).expect("opens");
    assert_eq!(at_hand(&store), AtHand::OnDisk);
    assert!(store.record(&leaf).expect("reads").is_some());
    assert_eq!(at_hand(&store), known, "as it was read");
}
