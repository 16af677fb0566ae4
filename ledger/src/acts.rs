//! Acts: what a block's operations say, once for all records and logs that tell of them. A store
//! that keeps a block's acts need keep neither the entries of logs, nor the record of an asset of
//! which nobody spoke twice: they follow from here, to the byte.
//!
//! ```text
//! a block's assets, over all transactions   0 1 2 │ 3 │ 4 5 6 7
//!                                           act 0   1   act 2      any number names one act
//! act ─▶ event ─┬─▶ entry of each asset's log, and its first record
//!               └─▶ activity: entry of the signer's and the organization's log
//! ```

use std::borrow::Borrow;

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::{Frontier, leaf_hash};
use vouchsafe_types::record::{
    Activity, AssetRecord, Event, LogHead, OrganizationStatus, OrganizationStatuses,
};

/// One operation of a block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Act {
    /// The index of its transaction in the block, from 0.
    pub transaction: u32,
    /// The number of its first asset. Assets are counted over the whole block, from 0.
    pub first_asset: u32,
    /// How many assets it names.
    pub asset_count: u32,
    /// What it says of each of them.
    pub event: Event,
}

/// What a log tells of an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogKind {
    /// The whole event: the log of an asset.
    Events,
    /// That somebody acted: the log of a signer or an organization.
    Activity,
}

impl Act {
    /// Does it name the asset of this number?
    pub(crate) fn names(&self, asset: u32) -> bool {
        asset.checked_sub(self.first_asset).is_some_and(|place| place < self.asset_count)
    }

    /// The canonical bytes of its entry in a log.
    pub(crate) fn entry(&self, kind: LogKind) -> Vec<u8> {
        match kind {
            LogKind::Events => self.event.to_bytes(),
            LogKind::Activity => activity(&self.event).to_bytes(),
        }
    }
}

/// The act that names the asset of a number, among acts of one block in its order.
pub(crate) fn act_of<A: Borrow<Act>>(acts: &[A], asset: u32) -> Option<&A> {
    let after = acts.partition_point(|act| act.borrow().first_asset <= asset);
    acts[..after].last().filter(|act| (*act).borrow().names(asset))
}

/// That the signer of an event acted.
pub(crate) fn activity(event: &Event) -> Activity {
    Activity {
        version: Version,
        transaction_id: event.transaction_id,
        operation_index: event.operation_index,
        signer: event.signer,
        height: event.height,
        time_ms: event.time_ms,
    }
}

/// What an event makes its organization say of an asset in whose log it has an index.
pub(crate) fn status_of(event: &Event, event_index: u64) -> OrganizationStatus {
    OrganizationStatus {
        organization: event.organization.clone(),
        status: event.status,
        reason: event.reason,
        since_height: event.height,
        since_time_ms: event.time_ms,
        event_index,
        transaction_id: event.transaction_id,
        operation_index: event.operation_index,
        signer: event.signer,
    }
}

/// An asset's record: what organizations say, and where its log ends.
pub(crate) fn asset_record(statuses: Vec<OrganizationStatus>, log: &Frontier) -> Vec<u8> {
    let record = AssetRecord {
        version: Version,
        events: LogHead { count: log.size(), root: log.root() },
        organizations: OrganizationStatuses::new(statuses)
            .expect("each organization of the genesis speaks once, and there are few"),
    };
    record.to_bytes()
}

/// The record of an asset in whose log an event is alone, and that log.
pub(crate) fn first_record(event: &Event) -> (Vec<u8>, Frontier) {
    first_record_at(event, leaf_of(event))
}

/// [`first_record`] of an event whose leaf hash is known.
pub(crate) fn first_record_at(event: &Event, leaf: Digest) -> (Vec<u8>, Frontier) {
    let mut log = Frontier::default();
    log.append(leaf);
    (asset_record(vec![status_of(event, 0)], &log), log)
}

/// The leaf hash of an event in the log of an asset.
pub(crate) fn leaf_of(event: &Event) -> Digest {
    leaf_hash(&event.to_bytes())
}
