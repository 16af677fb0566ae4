//! What one command saw of its nodes: every proven header, held against all others, and how each
//! node stood.
//!
//! ```text
//! answer ─▶ proven ─▶ witness.head ─▶ another block at this height? ─ yes ─▶ fork: the command ends
//!             │                                                  no ─▶ the answer may be used
//!             └ no ─▶ witness.failed ─▶ JSON's `nodes`, standard error
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{Lie, NodeFailure};
use crate::fork::{Chain, Fork};
use crate::node_url::NodeUrl;
use crate::seen::Seen;
use crate::standing::{NodeFacts, Standing, Standings};

#[derive(Debug, Default)]
struct Notes {
    chain: Chain,
    fork: Option<Arc<Fork>>,
    standings: Standings,
    told: BTreeSet<String>,
}

/// The notes of one command, shared by all of its questions.
#[derive(Debug, Default)]
pub struct Witness(Mutex<Notes>);

impl Witness {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().expect("nothing panics while it takes notes")
    }

    /// Begins with the newest block that earlier commands saw.
    pub fn remember(&self, seen: Seen) {
        self.notes().chain.remember(seen);
    }

    /// A node proved a header.
    ///
    /// # Errors
    /// [`Lie::Fork`] if it contradicts another; the command has failed then, whatever else is
    /// answered.
    pub fn head(&self, node: &NodeUrl, head: &ProvenHeader) -> Result<(), Lie> {
        let mut notes = self.notes();
        notes.standings.proved(node, Seen::from(head));
        let Err(fork) = notes.chain.admit(Some(node), head) else { return Ok(()) };
        for node in fork.nodes() {
            let error = Lie::Fork(fork.clone()).into();
            notes.standings.failed(&NodeFailure { node: node.clone(), error });
        }
        notes.fork.get_or_insert(fork.clone());
        Err(Lie::Fork(fork))
    }

    /// A proof file proved a header. If it contradicts another, the command has failed.
    pub fn proof_file(&self, head: &ProvenHeader) {
        let mut notes = self.notes();
        if let Err(fork) = notes.chain.admit(None, head) {
            notes.fork.get_or_insert(fork);
        }
    }

    /// The fork that was found, if one was.
    #[must_use]
    pub fn fork(&self) -> Option<Arc<Fork>> {
        self.notes().fork.clone()
    }

    /// A node's answer is the one given.
    pub fn used(&self, node: &NodeUrl) {
        self.notes().standings.used(node);
    }

    /// Nodes failed.
    pub fn failed(&self, failures: &[NodeFailure]) {
        let mut notes = self.notes();
        failures.iter().for_each(|failure| notes.standings.failed(failure));
    }

    /// What a node has done so far, if it was asked.
    #[must_use]
    pub fn standing_of(&self, node: &NodeUrl) -> Option<Standing> {
        self.notes().standings.of(node)
    }

    /// The newest header that a node proved.
    #[must_use]
    pub fn newest_of(&self, node: &NodeUrl) -> Option<Seen> {
        self.notes().standings.newest_of(node)
    }

    /// Is this told for the first time?
    pub fn tells_first(&self, message: &str) -> bool {
        self.notes().told.insert(message.to_owned())
    }

    /// How each node stood.
    #[must_use]
    pub fn facts(&self) -> Vec<NodeFacts> {
        self.notes().standings.facts()
    }
}
