//! The light client: from the validators that are pinned to those of any later height, through each
//! change of the set between them. To follow each change needs no assumption about how many
//! validators stay, and changes are rare.
//!
//! ```text
//! genesis set ─certifies▶ header 70 ─names▶ set B ─certifies▶ header 912 ─names▶ set C …
//!                         └──── SetChange ─────┘              └──── SetChange ─────┘
//! ```

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, bounded};
use crate::certificate::CommitCertificate;
use crate::header::Header;
use crate::validator_set::ValidatorSet;
use crate::verifier::{ProofError, Verifier};

/// The most changes in one proof.
pub const SET_CHANGES_MAX: usize = 4096;

/// The last block that one set decided, and the set that decides from the next height on.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct SetChange {
    /// The block's header.
    pub header: Header,
    /// Its certificate, by the old set.
    pub certificate: CommitCertificate,
    /// The new set.
    pub validators: ValidatorSet,
}

impl Canonical for SetChange {
    const LIMIT_BYTES: usize =
        Header::LIMIT_BYTES + CommitCertificate::LIMIT_BYTES + ValidatorSet::LIMIT_BYTES;
}

bounded!(
    /// Changes of the validator set, in order.
    list SetChanges: SetChange, "changes of the validator set in a proof", 0, SET_CHANGES_MAX
);

impl Verifier {
    /// A verifier that trusts the set which decides after a change, and nothing that the old one
    /// may sign above it.
    ///
    /// # Errors
    /// One [`ProofError`] for each rule.
    pub fn led(&self, change: &SetChange) -> Result<Self, ProofError> {
        let SetChange { header, certificate, validators } = change;
        let proven = self.proven(header.clone(), certificate.clone())?;
        let (height, next) = (header.height, validators.hash());
        if next != proven.header().next_validators {
            return Err(ProofError::NextValidators { height });
        }
        if next == proven.header().validators {
            return Err(ProofError::NoChange { height });
        }
        Ok(Self::above(*self.chain_id(), validators.clone(), height))
    }

    /// Led through changes one after the other. Those that a later pin is past come first and are
    /// left out: they say nothing that it does not know better.
    ///
    /// # Errors
    /// The first [`ProofError`].
    pub fn led_through(&self, changes: &[SetChange]) -> Result<Self, ProofError> {
        let is_past = |change: &&SetChange| {
            let height = change.header.height;
            height != 0 && height <= self.decides_above()
        };
        let mut later = changes.iter().skip_while(is_past);
        later.try_fold(self.clone(), |verifier, change| verifier.led(change))
    }
}
