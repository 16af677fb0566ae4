//! What must hold, whatever happens: one file each, with its source.

mod agreement;
mod blame;
mod certificates;
mod durability;
mod evidence;
pub mod queues;
mod signing;
mod validity;

use std::sync::Arc;

use vouchsafe_ledger::{CommitBatch, StoreRead};
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::identity::Address;

use super::founding::Founding;

pub use agreement::Agreement;
pub use blame::Blame;
pub use certificates::Certificates;
pub use durability::Durability;
pub use evidence::Accountability;
pub use signing::Signing;
pub use validity::Validity;

/// What broke an invariant, in words.
pub type Violation = String;

/// All invariants that are checked while a run goes on.
pub struct Invariants {
    /// One block a height.
    pub agreement: Agreement,
    /// Nobody honest signs two messages for one place.
    pub signing: Signing,
    /// What is acknowledged stays.
    pub durability: Durability,
    certificates: Certificates,
    validity: Validity,
    /// Whoever contradicts itself is convicted, and nobody else.
    pub evidence: Accountability,
    blame: Blame,
}

impl Invariants {
    /// For a chain and its honest validators.
    #[must_use]
    pub fn new(founding: &Arc<Founding>, honest: Vec<Option<Address>>) -> Self {
        let honest = Arc::new(honest);
        Self {
            agreement: Agreement::default(),
            signing: Signing::default(),
            durability: Durability::default(),
            certificates: Certificates::new(Arc::clone(founding)),
            validity: Validity::new(Arc::clone(founding)),
            evidence: Accountability::new(Arc::clone(founding), Arc::clone(&honest)),
            blame: Blame::new(honest),
        }
    }

    /// An honest node writes a height, whose body it holds unless its store is about to say that
    /// it does not.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub fn on_commit(
        &mut self,
        node: usize,
        batch: &CommitBatch,
        body: Option<&[u8]>,
        store: &dyn StoreRead,
    ) -> Result<(), Violation> {
        self.agreement.on_commit(node, batch)?;
        self.certificates.on_commit(node, batch)?;
        if let Some(body) = body {
            self.validity.on_commit(node, batch, body, store)?;
        }
        self.durability.on_commit(batch);
        Ok(())
    }

    /// An honest node sends a message.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub fn on_sent(&mut self, node: usize, message: &PeerMessage) -> Result<(), Violation> {
        self.signing.on_sent(node, message)
    }

    /// An honest node says that a transaction is committed.
    pub fn on_acknowledged(&mut self, id: TransactionId, height: u64) {
        self.durability.on_acknowledged(id, height);
    }

    /// An honest node holds proof that somebody contradicted themselves.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub fn on_evidence(&mut self, node: usize, evidence: &Evidence) -> Result<(), Violation> {
        self.evidence.on_evidence(node, evidence)
    }

    /// An honest node finds fault with what another sent.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub fn on_blame(&mut self, node: usize, peer: usize, fault: &str) -> Result<(), Violation> {
        self.blame.on_blame(node, peer, fault)
    }
}
