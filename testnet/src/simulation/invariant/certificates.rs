//! Every committed block has a certificate that verifies from the genesis document alone.

use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::CommitBatch;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::validator_set::ValidatorSet;

use super::Violation;

/// The chain and its validators.
pub struct Certificates {
    chain_id: ChainId,
    validators: ValidatorSet,
}

impl Certificates {
    pub(super) fn new(genesis: &Genesis) -> Self {
        Self { chain_id: genesis.chain_id(), validators: genesis.validator_set().clone() }
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
        certificate.verify(&self.chain_id, &self.validators).map_err(|e| words(&e))
    }
}
