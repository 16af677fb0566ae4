//! Organizations whose share of the pool was full a moment ago. Their next submissions are refused
//! before anything is spent on them: what refusing costs is what a node has least of when it is
//! full.
//!
//! ```text
//! submission ─▶ share full a moment ago? ─ yes ─▶ refused
//!                    │ no
//!                    └─▶ signature, pool ─ full ─▶ noted for a moment
//! ```
//!
//! Only verified submissions are noted, so nobody but an organization's own signers can fill its
//! share, or have it called full.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use vouchsafe_types::identity::OrganizationId;

/// How long a share is called full after it was: a few blocks, after which there may be room.
const FULL_FOR: Duration = Duration::from_millis(100);

/// Until when each organization's share is called full.
#[derive(Debug, Default)]
pub(crate) struct FullShares(Mutex<BTreeMap<OrganizationId, Instant>>);

impl FullShares {
    /// There was no room for a verified submission.
    pub(crate) fn note(&self, organization: &OrganizationId, now: Instant) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.insert(organization.clone(), now + FULL_FOR);
    }

    /// Was there none a moment ago?
    pub(crate) fn is_full(&self, organization: &OrganizationId, now: Instant) -> bool {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(organization).is_some_and(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_full_for_a_moment_and_others_are_not() {
        let organization = |id| OrganizationId::new(id).expect("valid");
        let (acme, bolt) = (organization("acme"), organization("bolt"));
        let (shares, now) = (FullShares::default(), Instant::now());
        assert!(!shares.is_full(&acme, now));
        shares.note(&acme, now);
        assert!(shares.is_full(&acme, now + FULL_FOR / 2));
        assert!(!shares.is_full(&bolt, now));
        assert!(!shares.is_full(&acme, now + FULL_FOR));
    }
}
