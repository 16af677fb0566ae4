//! A tree from sorted leaves in one pass: a bucket of leaves and one more of look-ahead tell
//! whether all that share a prefix fit a bucket.

use std::collections::VecDeque;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{StateLeaf, path_bit};

use super::node::{BUCKET_LEAVES_MAX, Hashed};

struct Sorted<E, I: Iterator<Item = Result<StateLeaf, E>>> {
    leaves: I,
    /// The next leaves: [`BUCKET_LEAVES_MAX`] and one, until the last ones.
    ahead: VecDeque<StateLeaf>,
}

impl<E, I: Iterator<Item = Result<StateLeaf, E>>> Sorted<E, I> {
    fn look_ahead(&mut self) -> Result<(), E> {
        while self.ahead.len() <= BUCKET_LEAVES_MAX {
            let Some(next) = self.leaves.next().transpose()? else { break };
            if let Some(last) = self.ahead.back() {
                assert!(last.key < next.key, "the state's leaves ascend strictly by key");
            }
            self.ahead.push_back(next);
        }
        Ok(())
    }

    /// The subtree of all leaves that have a key's first `depth` bits.
    fn subtree(&mut self, prefix: &Digest, depth: usize) -> Result<Hashed, E> {
        self.look_ahead()?;
        let inside = self.ahead.iter().take_while(|leaf| shares(&leaf.key, prefix, depth)).count();
        if inside <= BUCKET_LEAVES_MAX {
            let leaves: Vec<StateLeaf> = self.ahead.drain(..inside).collect();
            return Ok(Hashed::of(depth, &leaves));
        }
        let left = self.subtree(&with_bit(prefix, depth, false), depth + 1)?;
        let right = self.subtree(&with_bit(prefix, depth, true), depth + 1)?;
        // Together they are more than a bucket holds.
        Ok(Hashed::branch(left, right))
    }
}

/// Do two keys have the same first `depth` bits?
fn shares(one: &Digest, other: &Digest, depth: usize) -> bool {
    let (bytes, bits) = (depth / 8, depth % 8);
    one.0[..bytes] == other.0[..bytes]
        && (bits == 0 || (one.0[bytes] ^ other.0[bytes]) >> (8 - bits) == 0)
}

/// A prefix, one bit longer.
fn with_bit(prefix: &Digest, depth: usize, right: bool) -> Digest {
    let mut longer = *prefix;
    if right {
        longer.0[depth / 8] |= 0x80 >> (depth % 8);
    }
    debug_assert_eq!(path_bit(&longer, depth), right, "the bits after a prefix are zero");
    longer
}

pub(super) fn from_sorted<E>(
    leaves: impl Iterator<Item = Result<StateLeaf, E>>,
) -> Result<Hashed, E> {
    let mut sorted = Sorted { leaves, ahead: VecDeque::with_capacity(BUCKET_LEAVES_MAX + 1) };
    sorted.subtree(&Digest::ZERO, 0)
}
