//! Nobody honest is blamed: a peer that is dropped for nothing is a peer lost to the quorum.

use std::sync::Arc;

use vouchsafe_types::identity::Address;

use super::Violation;

/// The honest nodes.
pub struct Blame(Arc<Vec<Option<Address>>>);

impl Blame {
    pub(super) fn new(honest: Arc<Vec<Option<Address>>>) -> Self {
        Self(honest)
    }

    pub(super) fn on_blame(&self, node: usize, peer: usize, fault: &str) -> Result<(), Violation> {
        if self.0.get(peer).is_some_and(Option::is_some) {
            return Err(format!("blame: node {node} blames the honest node {peer}: {fault}"));
        }
        Ok(())
    }
}
