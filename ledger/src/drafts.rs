//! Records as a block is changing them. Each is read once a block, changed in memory, and encoded
//! and hashed once at the end, however many transactions touch it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::evidence::EvidenceId;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::{
    AssetRecord, Event, EvidenceRecord, LogHead, OrganizationRecord, OrganizationStatus,
    SignerRecord, StateName, value_hash,
};
use vouchsafe_types::status::Status;

use crate::acts::{LogKind, asset_record, first_record_at, leaf_of, status_of};
use crate::state::{State, frontier_of, head_of};
use crate::store::{Growth, RecordChange, StoreError, StoredRecord};

/// What organizations say of an asset.
#[derive(Default)]
pub(crate) struct AssetDraft {
    /// The act that named it first, while there is no other: nearly always. Statuses and log follow
    /// from it then, and are empty here.
    first: Option<Arc<FirstAct>>,
    statuses: Vec<OrganizationStatus>,
    log: Frontier,
    appended: Vec<u32>,
}

/// An act, and what it makes of each asset that nobody spoke of before: they are all alike.
pub(crate) struct FirstAct {
    event: Event,
    leaf: Digest,
    stored: Arc<StoredRecord>,
    value_hash: Digest,
}

impl FirstAct {
    pub(crate) fn of(event: &Event) -> Arc<Self> {
        let leaf = leaf_of(event);
        let (record, log) = first_record_at(event, leaf);
        let value_hash = value_hash(&record);
        let stored = Arc::new(StoredRecord { record, log: Some(log) });
        Arc::new(Self { event: event.clone(), leaf, stored, value_hash })
    }
}

/// A record with a log of activity.
pub(crate) struct ActorDraft<T> {
    pub(crate) key: Digest,
    pub(crate) record: T,
    log: Frontier,
    appended: Vec<u32>,
}

/// All records that the block has read.
pub(crate) struct Drafts<'a> {
    state: State<'a>,
    assets: BTreeMap<Digest, AssetDraft>,
    signers: BTreeMap<PublicKey, Option<ActorDraft<SignerRecord>>>,
    organizations: BTreeMap<OrganizationId, ActorDraft<OrganizationRecord>>,
    evidence: BTreeMap<EvidenceId, u64>,
    validators: Option<Vec<u8>>,
}

impl AssetDraft {
    fn place(&self, organization: &OrganizationId) -> Result<usize, usize> {
        self.statuses.binary_search_by(|status| status.organization.cmp(organization))
    }

    /// What an organization says.
    pub(crate) fn status(&self, organization: &OrganizationId) -> Status {
        if let Some(first) = &self.first {
            let speaks = first.event.organization == *organization;
            return if speaks { first.event.status } else { Status::Unknown };
        }
        self.place(organization).map_or(Status::Unknown, |place| self.statuses[place].status)
    }

    /// Appends the act that names this asset by a number in the block. A repeated status does not
    /// move since when it is said, nor who said it first.
    pub(crate) fn append(&mut self, act: &Arc<FirstAct>, asset: u32) {
        match self.first.take() {
            None if self.log.size() == 0 => {
                self.first = Some(Arc::clone(act));
                self.appended.push(asset);
                return;
            }
            None => {}
            Some(first) => {
                self.log.append(first.leaf);
                self.statuses.push(status_of(&first.event, 0));
            }
        }
        let FirstAct { event, leaf, .. } = &**act;
        let event_index = self.log.size();
        self.log.append(*leaf);
        self.appended.push(asset);
        let place = self.place(&event.organization);
        if let Ok(place) = place
            && self.statuses[place].status == event.status
        {
            return;
        }
        let status = status_of(event, event_index);
        match place {
            Ok(place) => self.statuses[place] = status,
            Err(place) => self.statuses.insert(place, status),
        }
    }

    fn finish(self, key: Digest) -> RecordChange {
        if let Some(first) = self.first {
            let growth = Some(Growth { kind: LogKind::Events, from: 0, assets: self.appended });
            let (value_hash, stored) = (first.value_hash, Arc::clone(&first.stored));
            return RecordChange { key, value_hash, stored, growth };
        }
        let growth = growth(LogKind::Events, &self.log, self.appended);
        let record = asset_record(self.statuses, &self.log);
        changed(key, StoredRecord { record, log: Some(self.log) }, growth)
    }
}

impl<T> ActorDraft<T> {
    /// Appends the activity of the act that names an asset by a number in the block.
    pub(crate) fn append(&mut self, leaf: Digest, asset: u32) {
        self.log.append(leaf);
        self.appended.push(asset);
    }

    /// The record with its log's new head.
    fn finish(self, encode: impl FnOnce(T, LogHead) -> Vec<u8>) -> RecordChange {
        let Self { key, record, log, appended } = self;
        let growth = growth(LogKind::Activity, &log, appended);
        let record = encode(record, head_of(&log));
        changed(key, StoredRecord { record, log: Some(log) }, growth)
    }
}

impl<'a> Drafts<'a> {
    pub(crate) fn new(state: State<'a>) -> Self {
        Self {
            state,
            assets: BTreeMap::new(),
            signers: BTreeMap::new(),
            organizations: BTreeMap::new(),
            evidence: BTreeMap::new(),
            validators: None,
        }
    }

    /// The asset at a state key; one that nobody spoke of has a draft without statuses.
    pub(crate) fn asset(&mut self, key: &Digest) -> Result<&mut AssetDraft, StoreError> {
        match self.assets.entry(*key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let draft = match self.state.record::<AssetRecord>(key)? {
                    None => AssetDraft::default(),
                    Some((record, log)) => AssetDraft {
                        first: None,
                        log: frontier_of(key, &record.events, log)?,
                        statuses: record.organizations.into_inner(),
                        appended: Vec::new(),
                    },
                };
                Ok(entry.insert(draft))
            }
        }
    }

    /// The signer of a key, if it is one.
    pub(crate) fn signer(
        &mut self,
        public_key: &PublicKey,
    ) -> Result<Option<&mut ActorDraft<SignerRecord>>, StoreError> {
        match self.signers.entry(*public_key) {
            Entry::Occupied(entry) => Ok(entry.into_mut().as_mut()),
            Entry::Vacant(entry) => {
                let key = StateName::Signer(*public_key).key();
                let draft = match self.state.record::<SignerRecord>(&key)? {
                    None => None,
                    Some((record, log)) => {
                        let log = frontier_of(&key, &record.activity, log)?;
                        Some(ActorDraft { key, record, log, appended: Vec::new() })
                    }
                };
                Ok(entry.insert(draft).as_mut())
            }
        }
    }

    /// An organization of the genesis.
    pub(crate) fn organization(
        &mut self,
        id: &OrganizationId,
    ) -> Result<&mut ActorDraft<OrganizationRecord>, StoreError> {
        if !self.organizations.contains_key(id) {
            let key = StateName::Organization(id.clone()).key();
            let Some((record, log)) = self.state.record::<OrganizationRecord>(&key)? else {
                return Err(StoreError::Corrupt(format!("the record of {id} is missing")));
            };
            let log = frontier_of(&key, &record.activity, log)?;
            let draft = ActorDraft { key, record, log, appended: Vec::new() };
            self.organizations.insert(id.clone(), draft);
        }
        Ok(self.organizations.get_mut(id).expect("it was there or just inserted"))
    }

    /// The height of the block that holds a piece of evidence.
    pub(crate) fn evidence_height(&self, id: &EvidenceId) -> Result<Option<u64>, StoreError> {
        let record = self.state.record::<EvidenceRecord>(&StateName::Evidence(*id).key())?;
        Ok(record.map(|(record, _)| record.height))
    }

    /// Does this block hold a piece of evidence already?
    pub(crate) fn holds_evidence(&self, id: &EvidenceId) -> bool {
        self.evidence.contains_key(id)
    }

    /// Records that the block of a height holds a piece of evidence.
    pub(crate) fn record_evidence(&mut self, id: EvidenceId, height: u64) {
        self.evidence.insert(id, height);
    }

    /// The canonical bytes of the set that decides from the next height on.
    pub(crate) fn set_validators(&mut self, set: Vec<u8>) {
        self.validators = Some(set);
    }

    /// The records changed, ascending by key.
    pub(crate) fn finish(self) -> Vec<RecordChange> {
        let assets = self.assets.into_iter().filter(|(_, draft)| !draft.appended.is_empty());
        let assets = assets.map(|(key, draft)| draft.finish(key));
        let signers = self.signers.into_values().flatten().filter(|d| !d.appended.is_empty());
        let signers = signers.map(|draft| {
            draft.finish(|record, activity| SignerRecord { activity, ..record }.to_bytes())
        });
        let organizations = self.organizations.into_values().filter(|d| !d.appended.is_empty());
        let organizations = organizations.map(|draft| {
            draft.finish(|record, activity| OrganizationRecord { activity, ..record }.to_bytes())
        });
        let evidence = self.evidence.into_iter().map(|(id, height)| {
            let record = EvidenceRecord { version: Version, height };
            change(StateName::Evidence(id).key(), record.to_bytes(), None)
        });
        let validators = self.validators.map(|set| change(StateName::Validators.key(), set, None));
        let records = assets.chain(signers).chain(organizations).chain(evidence);
        let mut changes: Vec<_> = records.chain(validators).collect();
        changes.sort_by_key(|change| change.key);
        changes
    }
}

/// A record as it is stored, without growth of its log.
pub(crate) fn change(key: Digest, record: Vec<u8>, log: Option<Frontier>) -> RecordChange {
    changed(key, StoredRecord { record, log }, None)
}

fn changed(key: Digest, stored: StoredRecord, growth: Option<Growth>) -> RecordChange {
    let value_hash = value_hash(&stored.record);
    RecordChange { key, value_hash, stored: Arc::new(stored), growth }
}

/// How a log grew to what it is.
fn growth(kind: LogKind, log: &Frontier, assets: Vec<u32>) -> Option<Growth> {
    let from = log.size() - assets.len() as u64;
    Some(Growth { kind, from, assets })
}
