//! One virtual node: the real replica over virtual files, and a store in memory whose writes are
//! durable and whole.

use std::collections::BTreeMap;

use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::sign_record::SignRecord;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::wal::Wal;
use vouchsafe_ledger::{Ledger, MemoryStore, Terms};
use vouchsafe_replica::{MempoolLimits, Replica, ReplicaParameters, Timer, WalOperation};

use super::disk::lose_power;
use super::founding::Founding;
use super::key::Key;
use super::random::Random;

/// What a node runs while it is up.
pub struct Running {
    /// The judgment.
    pub replica: Replica<MemoryStore>,
    /// Which setting of each timer counts.
    pub timers: BTreeMap<Timer, u64>,
    wal: Wal<MemoryFile>,
    record: SignRecord<MemoryFile>,
}

/// A node, up or down.
pub struct Node {
    /// Its consensus key.
    pub key: Key,
    /// How often it was started. What was meant for an earlier life is lost.
    pub life: u32,
    /// None while it is down.
    pub running: Option<Running>,
    /// The node's database.
    pub store: MemoryStore,
    /// The rounds after the first of their height that it began, since this was set to 0.
    pub rounds_lost: u64,
    /// After how many more effects its power goes.
    pub effects_left: Option<u64>,
    wal_file: MemoryFile,
    record_file: MemoryFile,
}

impl Node {
    /// A node that was never started.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self {
            key,
            life: 0,
            running: None,
            store: MemoryStore::new(),
            rounds_lost: 0,
            effects_left: None,
            wal_file: MemoryFile::default(),
            record_file: MemoryFile::default(),
        }
    }

    /// Starts it on what its disk holds. A log that cannot be read is removed first, as its error
    /// tells an operator to do.
    ///
    /// # Errors
    /// Why it does not start, in words.
    pub fn boot(
        &mut self,
        founding: &Founding,
        terms: Terms,
        mempool: MempoolLimits,
    ) -> Result<(), String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let ledger = Ledger::open_under(terms, &founding.genesis, self.store.clone())
            .map_err(|e| words(&e))?;
        let record = SignRecord::load(self.record_file.reopen()).map_err(|e| words(&e))?;
        let height = ledger.head().height + 1;
        let opened = Wal::open(self.wal_file.reopen()).and_then(|(mut wal, _)| {
            let replay = wal.entries_for(height)?;
            Ok((wal, replay))
        });
        let (wal, replay) = match opened {
            Ok(opened) => opened,
            Err(_) => {
                self.wal_file.wipe();
                let (wal, _) = Wal::open(self.wal_file.reopen()).map_err(|e| words(&e))?;
                (wal, Vec::new())
            }
        };
        let parameters = ReplicaParameters {
            mempool,
            signer: Some(Box::new(self.key.clone())),
            signed: record.latest(),
            replay,
        };
        let replica = Replica::new(parameters, ledger).map_err(|e| words(&e))?;
        self.life += 1;
        self.effects_left = None;
        self.running = Some(Running { replica, timers: BTreeMap::new(), wal, record });
        Ok(())
    }

    /// The power goes.
    pub fn crash(&mut self, random: &mut Random) {
        self.running = None;
        self.effects_left = None;
        lose_power(&self.wal_file, random);
        lose_power(&self.record_file, random);
    }

    /// The power goes during the effect that comes.
    pub fn hold_syncs(&self) {
        self.wal_file.hold_syncs();
        self.record_file.hold_syncs();
    }

    /// Its log is lost, as when an operator removes it. Its sign record is not.
    pub fn lose_log(&mut self) {
        self.wal_file.wipe();
    }

    /// It forgets what it signed: its log and its sign record are gone, its database is not.
    pub fn forget_signatures(&mut self) {
        self.wal_file.wipe();
        self.record_file.wipe();
    }

    /// This node's address, as a validator.
    #[must_use]
    pub fn address(&self) -> vouchsafe_types::identity::Address {
        self.key.public_key().address()
    }
}

impl Running {
    /// Acts on the log.
    pub fn wal(&mut self, operation: WalOperation) {
        match operation {
            WalOperation::Reset { height } => self.wal.reset(height),
            WalOperation::Append(entry) => self.wal.append(&entry),
            WalOperation::Flush => self.wal.flush(),
        }
        .expect("memory does not fail");
    }

    /// Writes the sign record.
    pub fn sign_record(&mut self, mark: vouchsafe_consensus::sign_record::SignMark) {
        self.record.write(mark).expect("memory does not fail");
    }
}
