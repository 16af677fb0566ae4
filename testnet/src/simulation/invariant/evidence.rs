//! Accountability: there is never evidence against an honest validator.

use std::sync::Arc;

use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::identity::Address;

use super::Violation;

/// The honest validators.
pub struct EvidenceAgainst(Arc<Vec<Option<Address>>>);

impl EvidenceAgainst {
    pub(super) fn new(honest: Arc<Vec<Option<Address>>>) -> Self {
        Self(honest)
    }

    pub(super) fn on_evidence(&self, node: usize, evidence: &Evidence) -> Result<(), Violation> {
        let address = evidence.address();
        if self.0.contains(&Some(address)) {
            let height = evidence.height();
            return Err(format!(
                "evidence: node {node} holds evidence against the honest {address} at {height}"
            ));
        }
        Ok(())
    }
}
