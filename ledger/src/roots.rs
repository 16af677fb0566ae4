//! Sizes and roots that a block's builder and its judges compute alike.

use borsh::BorshSerialize;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::{leaf_hash, root};

/// The length of a value's canonical encoding, in bytes.
pub(crate) fn encoded_bytes(value: &impl BorshSerialize) -> u64 {
    borsh::object_length(value).expect("every bound was checked, and nothing is written") as u64
}

/// RFC 9162 root over evidence.
#[must_use]
pub fn evidence_root(evidence: &[Evidence]) -> Digest {
    let leaves: Vec<Digest> = evidence.iter().map(|piece| leaf_hash(&piece.to_bytes())).collect();
    root(&leaves)
}
