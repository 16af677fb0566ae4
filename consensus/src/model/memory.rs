//! What was worked out before: most states share their files with others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use vouchsafe_types::canonical::Canonical;

use super::carry_out::Fault;
use super::digest::{digest, digest_of};
use super::disk::Disk;
use super::node::{Boot, Event, Node, tell};
use super::world::Checked;
use crate::wal::WalEntry;

/// By the number of all that each depends on.
#[derive(Default)]
pub(super) struct Memory {
    boots: Mutex<BTreeMap<u64, Result<Arc<Node>, String>>>,
    replays: Mutex<BTreeMap<u64, u64>>,
    /// Every fault that a step led to: the last steps are taken, but the checker does not look at
    /// where they lead.
    faults: Mutex<Vec<(Fault, String)>>,
}

impl Memory {
    /// Notes a fault and what led to it.
    pub(super) fn note(&self, fault: &Fault, told: String) {
        self.faults.lock().expect("no thread panics").push((fault.clone(), told));
    }

    /// The first fault of each kind.
    pub(super) fn faults(&self) -> BTreeMap<&'static str, (Fault, String)> {
        let faults = self.faults.lock().expect("no thread panics");
        let mut first = BTreeMap::new();
        for (fault, told) in faults.iter() {
            first.entry(fault.property()).or_insert_with(|| (fault.clone(), told.clone()));
        }
        first
    }

    /// The validator that comes up with these files.
    ///
    /// # Errors
    /// Why a file does not open.
    pub(super) fn boot(
        &self,
        validator: usize,
        disk: &Disk,
        lost: bool,
        checked: &Checked,
    ) -> Result<Arc<Node>, String> {
        let key = digest_of(&(validator, disk.number(), lost));
        let mut boots = self.boots.lock().expect("no thread panics");
        if let Some(known) = boots.get(&key) {
            return known.clone();
        }
        let booted = Node::boot(validator, disk, lost, checked).map(Arc::new);
        boots.insert(key, booted.clone());
        booted
    }

    /// The number of the engine that would come of a power cut now, were these entries flushed.
    pub(super) fn replay(&self, node: &Node, flushed: &[WalEntry], checked: &Checked) -> u64 {
        let entries: Vec<_> = node.logged.iter().chain(flushed).cloned().collect();
        let bytes: Vec<_> = entries.iter().map(Canonical::to_bytes).collect();
        let signed = format!("{:?}", node.signed);
        let key = digest_of(&(node.validator, bytes, signed));
        let known = self.replays.lock().expect("no thread panics").get(&key).copied();
        known.unwrap_or_else(|| {
            let boot = Boot::new(entries, node.signed);
            let mut engine = boot.engine(&checked.cast, node.validator);
            let number = match tell(&mut engine, Event::Start, &boot, &checked.cast) {
                Ok(_) => digest(&engine),
                Err(error) => digest_of(&error.to_string()),
            };
            self.replays.lock().expect("no thread panics").insert(key, number);
            number
        })
    }
}
