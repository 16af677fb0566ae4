//! Records as a block is changing them. Each is read once a block, changed in memory, and encoded
//! and hashed once at the end, however many transactions touch it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::evidence::EvidenceId;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::{
    AssetRecord, Event, EvidenceRecord, OrganizationRecord, OrganizationStatus,
    OrganizationStatuses, SignerRecord, StateName, value_hash,
};
use vouchsafe_types::status::Status;

use crate::state::{State, frontier_of, head_of};
use crate::store::{RecordChange, StoreError, StoredRecord};

/// What organizations say of an asset.
#[derive(Default)]
pub(crate) struct AssetDraft {
    statuses: Vec<OrganizationStatus>,
    log: Frontier,
    changed: bool,
}

/// A record with a log of activity.
pub(crate) struct ActorDraft<T> {
    pub(crate) key: Digest,
    pub(crate) record: T,
    log: Frontier,
    changed: bool,
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
        self.place(organization).map_or(Status::Unknown, |place| self.statuses[place].status)
    }

    /// Appends an event, and returns its index. A repeated status does not move since when it is
    /// said, nor who said it first.
    pub(crate) fn append(&mut self, event: &Event, leaf: Digest) -> u64 {
        let event_index = self.log.size();
        self.log.append(leaf);
        self.changed = true;
        let place = self.place(&event.organization);
        if let Ok(place) = place
            && self.statuses[place].status == event.status
        {
            return event_index;
        }
        let status = OrganizationStatus {
            organization: event.organization.clone(),
            status: event.status,
            reason: event.reason,
            since_height: event.height,
            since_time_ms: event.time_ms,
            event_index,
            transaction_id: event.transaction_id,
            operation_index: event.operation_index,
            signer: event.signer,
        };
        match place {
            Ok(place) => self.statuses[place] = status,
            Err(place) => self.statuses.insert(place, status),
        }
        event_index
    }

    fn finish(self) -> (Vec<u8>, Frontier) {
        let record = AssetRecord {
            version: Version,
            events: head_of(&self.log),
            organizations: OrganizationStatuses::new(self.statuses)
                .expect("each organization of the genesis speaks once, and there are few"),
        };
        (record.to_bytes(), self.log)
    }
}

impl<T> ActorDraft<T> {
    /// Appends an activity, and returns its index.
    pub(crate) fn append(&mut self, leaf: Digest) -> u64 {
        let index = self.log.size();
        self.log.append(leaf);
        self.changed = true;
        index
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
                        log: frontier_of(key, &record.events, log)?,
                        statuses: record.organizations.into_inner(),
                        changed: false,
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
                        Some(ActorDraft { key, record, log, changed: false })
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
            let draft = ActorDraft { key, record, log, changed: false };
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
        let assets =
            self.assets.into_iter().filter(|(_, draft)| draft.changed).map(|(key, draft)| {
                let (record, log) = draft.finish();
                change(key, record, Some(log))
            });
        let signers = self.signers.into_values().flatten().filter(|draft| draft.changed);
        let signers = signers.map(|ActorDraft { key, mut record, log, .. }| {
            record.activity = head_of(&log);
            change(key, record.to_bytes(), Some(log))
        });
        let organizations = self.organizations.into_values().filter(|draft| draft.changed);
        let organizations = organizations.map(|ActorDraft { key, mut record, log, .. }| {
            record.activity = head_of(&log);
            change(key, record.to_bytes(), Some(log))
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

/// A record as it is stored.
pub(crate) fn change(key: Digest, record: Vec<u8>, log: Option<Frontier>) -> RecordChange {
    RecordChange { key, value_hash: value_hash(&record), stored: StoredRecord { record, log } }
}
