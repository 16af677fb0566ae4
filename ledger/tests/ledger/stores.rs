//! Both stores answer alike about one chain, although one of them keeps places instead of records
//! and entries of logs: over every kind of act, and for assets whose keys begin alike.

use std::path::Path;

use vouchsafe_genesis::Parameters;
use vouchsafe_ledger::{MemoryStore, RocksStore, StoreRead, verify_chain};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::transaction::{Operation, VerifiedTransaction};

use crate::chain::*;

/// One chain in both stores.
struct Twins {
    memory: Chain<MemoryStore>,
    durable: Chain<RocksStore>,
    ids: Vec<TransactionId>,
}

impl Twins {
    fn new(path: &Path) -> Self {
        let store = RocksStore::open(path).expect("opens");
        let durable = Chain::open(genesis_of("test", Parameters::default()), store);
        Self { memory: Chain::new(), durable, ids: Vec::new() }
    }

    fn append(&mut self, acts: Vec<(u8, Vec<Operation>)>) {
        let sign = |(signer, operations)| self.memory.sign(signer, operations);
        let transactions: Vec<VerifiedTransaction> = acts.into_iter().map(sign).collect();
        self.ids.extend(transactions.iter().map(|transaction| transaction.id()));
        self.memory.append(&transactions);
        self.durable.append(&transactions);
        self.are_alike();
    }

    fn are_alike(&self) {
        assert_eq!(self.memory.ledger.head(), self.durable.ledger.head());
        let (memory, durable) = (&self.memory.store, &self.durable.store);
        assert_eq!(contents(memory, &self.ids), contents(durable, &self.ids));
    }

    /// The same after the durable one was closed, compacted if asked for, and opened again.
    fn reopen(self, compacts: bool) -> Self {
        let Self { memory, durable, ids } = self;
        if compacts {
            durable.store.compact().expect("compacted");
        }
        let (genesis, path) = (durable.genesis.clone(), durable.store.path().to_owned());
        drop(durable);
        let durable = Chain::open(genesis, RocksStore::open(&path).expect("opens"));
        let twins = Self { memory, durable, ids };
        twins.are_alike();
        twins
    }

    fn pass_an_audit(&self) {
        let chain = &self.durable;
        let report = verify_chain(&chain.genesis, &chain.store, &mut |_| {}).expect("sound");
        assert_eq!(report.state_root, self.memory.ledger.head().state_root);
    }
}

/// All records, all logs read in parts, and where the transactions stand.
fn contents(store: &dyn StoreRead, ids: &[TransactionId]) -> Vec<String> {
    let mut lines = Vec::new();
    for leaf in store.leaves().expect("reads") {
        let leaf = leaf.expect("reads");
        lines.push(format!("{leaf:?} {:?}", store.record(&leaf).expect("reads").expect("there")));
        for from in 0..6 {
            for limit in [0, 1, 3, 1000] {
                lines.push(format!("{:?}", store.log_entries(&leaf, from, limit)));
            }
        }
    }
    lines.extend(ids.iter().map(|id| format!("{:?}", store.locate(id).expect("reads"))));
    lines
}

#[test]
fn both_stores_answer_alike_about_every_kind_of_act() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut twins = Twins::new(folder.path());
    twins.append(vec![
        (ALICE, vec![notarize(&["a", "b"]), deprecate(&["c"])]),
        (BOB, vec![compromise(&["d"])]),
    ]);
    // A first act, twice spoken of at once, spoken of again, and by another organization.
    twins.append(vec![
        (ALICE, vec![notarize(&["e", "f"])]),
        (BOB, vec![notarize(&["e", "a"])]),
        (ADA, vec![deprecate(&["b"]), notarize(&["g"])]),
    ]);
    twins.append(vec![]);
    let mut twins = twins.reopen(false);
    // What was said is said again, by the same and by another.
    twins.append(vec![(ALICE, vec![notarize(&["e", "f", "h"])])]);
    twins.append(vec![(BOB, vec![deprecate(&["g", "h", "c"])]), (BOB, vec![compromise(&["h"])])]);
    twins.pass_an_audit();
    let mut twins = twins.reopen(true);
    twins.append(vec![(ADA, vec![compromise(&["a", "b", "c", "d", "e", "f", "g", "h", "i"])])]);
    twins.reopen(true).pass_an_audit();
}

#[test]
fn both_stores_answer_alike_about_many_acts_in_a_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut twins = Twins::new(folder.path());
    let labels: Vec<String> = (0..200).map(|number| format!("asset {number}")).collect();
    let acts = labels.chunks(2).map(|pair| {
        let label = |index: usize| notarize(&[pair[index].as_str()]);
        (ALICE, vec![label(0), label(1)])
    });
    twins.append(acts.collect());
    let all: Vec<&str> = labels.iter().map(String::as_str).collect();
    twins.append(vec![(ADA, vec![deprecate(&all[..150])]), (BOB, vec![notarize(&all[100..])])]);
    twins.reopen(true).pass_an_audit();
}

/// Writes into a stopped store, as if the key of "b" began as that of "a" does, and its place came
/// first. Keys that really begin alike take 2³² tries to find.
fn make_alike(path: &Path) {
    let options = rocksdb::Options::default();
    let families = rocksdb::DB::list_cf(&options, path).expect("listed");
    let database = rocksdb::DB::open_cf(&options, path, families).expect("opens");
    let firsts = database.cf_handle("firsts").expect("a family");
    let part = |label: &str| asset_name(label).key().0[..8].to_vec();
    // Height 1, and the first asset of the block.
    let place = [1, 0];
    let true_key = [&part("b")[..], &place].concat();
    assert!(database.get_cf(firsts, &true_key).expect("reads").is_some(), "its place is known");
    database.delete_cf(firsts, true_key).expect("deletes");
    database.put_cf(firsts, [&part("a")[..], &place].concat(), []).expect("writes");
}

#[test]
fn of_assets_whose_keys_begin_alike_the_right_one_is_read_and_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut twins = Twins::new(folder.path());
    twins.append(vec![(BOB, vec![notarize(&["b"])]), (ALICE, vec![notarize(&["a"])])]);
    let twins = twins.reopen(true);
    let Twins { memory, durable, ids } = twins;
    let (genesis, path) = (durable.genesis.clone(), durable.store.path().to_owned());
    drop(durable);
    make_alike(&path);
    let durable = Chain::open(genesis, RocksStore::open(&path).expect("opens"));
    let mut twins = Twins { memory, durable, ids };
    let of_a = |twins: &Twins, store: &dyn StoreRead| {
        let leaf = twins.memory.leaf(&asset_name("a")).expect("present");
        let record = store.record(&leaf).expect("reads").expect("there");
        (record, store.log_entries(&leaf, 0, 9).expect("reads"))
    };
    let leaves = |store: &dyn StoreRead| -> Vec<_> {
        store.leaves().expect("reads").map(|leaf| leaf.expect("reads")).collect()
    };
    for _ in 0..2 {
        assert_eq!(leaves(&twins.durable.store), leaves(&twins.memory.store));
        let (memory, durable) = (&twins.memory.store, &twins.durable.store);
        assert_eq!(of_a(&twins, durable), of_a(&twins, memory));
        let again = twins.memory.sign(ALICE, vec![deprecate(&["a"])]);
        twins.memory.append(std::slice::from_ref(&again));
        twins.durable.append(&[again]);
    }
    assert_eq!(leaves(&twins.durable.store), leaves(&twins.memory.store), "b is where it was");
}
