//! Every committed block has a certificate of the validators who decide its height.

use std::sync::Arc;

use vouchsafe_ledger::CommitBatch;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;

use super::Violation;
use crate::simulation::founding::Founding;

/// The chain and its validators.
pub struct Certificates(Arc<Founding>);

impl Certificates {
    pub(super) fn new(founding: Arc<Founding>) -> Self {
        Self(founding)
    }

    pub(super) fn on_commit(&self, node: usize, batch: &CommitBatch) -> Result<(), Violation> {
        let words = |fault: &dyn std::fmt::Display| {
            format!("certificates: node {node}, height {}: {fault}", batch.height)
        };
        let certificate =
            CommitCertificate::from_bytes(&batch.certificate).map_err(|e| words(&e))?;
        if certificate.height != batch.height || certificate.block_id != batch.block_id {
            return Err(words(&"it is another block's"));
        }
        let Founding { genesis, terms, .. } = &*self.0;
        let set = self.0.validators_at(batch.height);
        certificate
            .verify_under(&*terms.signature_rule, &genesis.chain_id(), set)
            .map_err(|e| words(&e))
    }
}
