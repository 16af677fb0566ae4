//! A store in memory: for simulation, and for executing a chain again beside the stored one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::state_tree::StateLeaf;

use crate::acts::{Act, LogKind, act_of};
use crate::store::{
    CommitBatch, GenesisBatch, Leaves, Location, Offence, RecordChange, StoreError, StoreRead,
    StoreWrite, StoredRecord,
};

/// Everything that a store holds, in ordered maps.
#[derive(Default)]
struct Contents {
    chain_id: Option<ChainId>,
    head_height: u64,
    headers: BTreeMap<u64, (BlockId, Vec<u8>)>,
    certificates: BTreeMap<u64, Vec<u8>>,
    validators: BTreeMap<u64, Vec<u8>>,
    bodies: BTreeMap<(u64, BlockId), Vec<u8>>,
    heights: BTreeMap<BlockId, u64>,
    transactions: BTreeMap<TransactionId, Location>,
    records: BTreeMap<Digest, (Digest, Arc<StoredRecord>)>,
    logs: BTreeMap<(Digest, u64), (LogKind, Arc<Act>)>,
    waiting_evidence: BTreeMap<Offence, Vec<u8>>,
    evidence_heights: BTreeSet<u64>,
    history: Frontier,
}

/// A store in memory. A clone shares its contents.
#[derive(Clone, Default)]
pub struct MemoryStore {
    contents: Arc<RwLock<Contents>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets bodies and log entries of the past: what an execution never reads again.
    pub fn forget_past(&self) {
        let mut contents = self.write();
        contents.bodies.clear();
        contents.heights.clear();
        contents.logs.clear();
    }

    /// Is there a record at this key of the state tree?
    #[must_use]
    pub fn has_record(&self, key: &Digest) -> bool {
        self.read().records.contains_key(key)
    }

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        // A writer that panicked changed either everything or nothing: see `commit`.
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn put_records(&mut self, records: &[RecordChange]) {
        for change in records {
            self.records.insert(change.key, (change.value_hash, Arc::clone(&change.stored)));
        }
    }

    fn put_log_entries(&mut self, batch: &CommitBatch) {
        let acts: Vec<_> = batch.acts.iter().map(|act| Arc::new(act.clone())).collect();
        for change in &batch.records {
            let Some(growth) = &change.growth else { continue };
            for (index, asset) in (growth.from..).zip(&growth.assets) {
                let act = act_of(&acts, *asset).expect("a block's logs grow by its acts");
                self.logs.insert((change.key, index), (growth.kind, Arc::clone(act)));
            }
        }
    }

    fn prune(&mut self, batch: &CommitBatch) {
        let least = (batch.height, BlockId(Digest([0; 32])));
        let most = (batch.height, BlockId(Digest([0xff; 32])));
        let bodies: Vec<_> = self.bodies.range(least..=most).map(|(place, _)| *place).collect();
        for place in bodies.into_iter().filter(|(_, id)| *id != batch.block_id) {
            self.bodies.remove(&place);
            self.heights.remove(&place.1);
        }
        self.waiting_evidence.retain(|offence, _| {
            offence.height >= batch.evidence_from && !batch.offences.contains(offence)
        });
    }
}

impl StoreRead for MemoryStore {
    fn chain_id(&self) -> Result<Option<ChainId>, StoreError> {
        Ok(self.read().chain_id)
    }

    fn head_height(&self) -> Result<u64, StoreError> {
        Ok(self.read().head_height)
    }

    fn header(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().headers.get(&height).map(|(_, header)| header.clone()))
    }

    fn certificate(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().certificates.get(&height).cloned())
    }

    fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let contents = self.read();
        let Some((block_id, _)) = contents.headers.get(&height) else { return Ok(None) };
        Ok(contents.bodies.get(&(height, *block_id)).cloned())
    }

    fn height_of(&self, block_id: &BlockId) -> Result<Option<u64>, StoreError> {
        let contents = self.read();
        let height = contents.heights.get(block_id).copied();
        Ok(height.filter(|height| *height <= contents.head_height))
    }

    fn validators(&self, height: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let contents = self.read();
        let newest = contents.validators.range(..=height).next_back();
        Ok(newest.map(|(from, set)| (*from, set.clone())))
    }

    fn body(&self, block_id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let contents = self.read();
        let Some(height) = contents.heights.get(block_id) else { return Ok(None) };
        Ok(contents.bodies.get(&(*height, *block_id)).cloned())
    }

    fn locate(&self, id: &TransactionId) -> Result<Option<Location>, StoreError> {
        Ok(self.read().transactions.get(id).copied())
    }

    fn record(&self, leaf: &StateLeaf) -> Result<Option<StoredRecord>, StoreError> {
        Ok(self.read().records.get(&leaf.key).map(|(_, stored)| StoredRecord::clone(stored)))
    }

    fn log_entries(
        &self,
        leaf: &StateLeaf,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let contents = self.read();
        let range = contents.logs.range((leaf.key, from)..=(leaf.key, u64::MAX));
        Ok(range.take(limit).map(|(_, (kind, act))| act.entry(*kind)).collect())
    }

    fn history(&self) -> Result<Frontier, StoreError> {
        Ok(self.read().history.clone())
    }

    fn waiting_evidence(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(self.read().waiting_evidence.values().cloned().collect())
    }

    fn evidence_heights(&self, from: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        Ok(self.read().evidence_heights.range(from..).take(limit).copied().collect())
    }

    fn leaves(&self) -> Result<Leaves<'_>, StoreError> {
        let contents = self.read();
        let leaf = |(key, (value_hash, _)): (&Digest, &(Digest, Arc<StoredRecord>))| {
            Ok(StateLeaf { key: *key, value_hash: *value_hash })
        };
        let leaves: Vec<_> = contents.records.iter().map(leaf).collect();
        Ok(Box::new(leaves.into_iter()))
    }
}

impl StoreWrite for MemoryStore {
    fn initialize(&self, genesis: &GenesisBatch) -> Result<(), StoreError> {
        let mut contents = self.write();
        if let Some(actual) = contents.chain_id {
            return Err(StoreError::OtherChain { expected: genesis.chain_id, actual });
        }
        contents.chain_id = Some(genesis.chain_id);
        contents.put_records(&genesis.records);
        Ok(())
    }

    fn put_body(&self, height: u64, block_id: &BlockId, block: &[u8]) -> Result<(), StoreError> {
        let mut contents = self.write();
        if height <= contents.head_height {
            return Err(StoreError::NotNext { height, head: contents.head_height });
        }
        contents.bodies.insert((height, *block_id), block.to_vec());
        contents.heights.insert(*block_id, height);
        Ok(())
    }

    fn put_evidence(&self, offence: Offence, evidence: &[u8]) -> Result<(), StoreError> {
        self.write().waiting_evidence.insert(offence, evidence.to_vec());
        Ok(())
    }

    fn commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let mut contents = self.write();
        let head = contents.head_height;
        if batch.height != head + 1 {
            return Err(StoreError::NotNext { height: batch.height, head });
        }
        match &batch.body {
            Some(body) => {
                contents.bodies.insert((batch.height, batch.block_id), body.clone());
                contents.heights.insert(batch.block_id, batch.height);
            }
            None if contents.bodies.contains_key(&(batch.height, batch.block_id)) => {}
            None => return Err(StoreError::MissingBody(batch.block_id)),
        }
        contents.head_height = batch.height;
        contents.headers.insert(batch.height, (batch.block_id, batch.header.clone()));
        contents.certificates.insert(batch.height, batch.certificate.clone());
        if let Some(set) = &batch.next_validators {
            contents.validators.insert(batch.height + 1, set.clone());
        }
        contents.put_records(&batch.records);
        contents.put_log_entries(batch);
        for (index, transaction) in (0u32..).zip(&batch.transactions) {
            let location = Location { height: batch.height, index };
            contents.transactions.insert(transaction.id, location);
        }
        if !batch.offences.is_empty() {
            contents.evidence_heights.insert(batch.height);
        }
        contents.history = batch.history.clone();
        contents.prune(batch);
        Ok(())
    }
}
