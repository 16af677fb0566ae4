//! A tree from sorted leaves in one pass: two leaves of look-ahead tell whether a leaf is alone
//! under its prefix.

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{StateLeaf, path_bit};

use super::node::Node;

struct Sorted<E, I: Iterator<Item = Result<StateLeaf, E>>> {
    leaves: I,
    first: Option<StateLeaf>,
    second: Option<StateLeaf>,
}

impl<E, I: Iterator<Item = Result<StateLeaf, E>>> Sorted<E, I> {
    fn advance(&mut self) -> Result<(), E> {
        let next = self.leaves.next().transpose()?;
        if let (Some(second), Some(next)) = (&self.second, &next) {
            assert!(second.key < next.key, "the state's leaves ascend strictly by key");
        }
        self.first = self.second.take();
        self.second = next;
        Ok(())
    }

    /// The subtree of all leaves that share the first leaf's first `depth` bits.
    fn subtree(&mut self, depth: usize) -> Result<Node, E> {
        let Some(first) = self.first else { return Ok(Node::Empty) };
        let alone = self.second.is_none_or(|second| !shares(&first.key, &second.key, depth));
        if alone {
            self.advance()?;
            return Ok(Node::leaf(first.key, first.value_hash));
        }
        let left = if path_bit(&first.key, depth) { Node::Empty } else { self.subtree(depth + 1)? };
        // The left subtree took every leaf with a zero bit here.
        let right = match self.first {
            Some(next) if shares(&first.key, &next.key, depth) => self.subtree(depth + 1)?,
            _ => Node::Empty,
        };
        Ok(Node::join(left, right))
    }
}

/// Do two keys have the same first `depth` bits?
fn shares(one: &Digest, other: &Digest, depth: usize) -> bool {
    let (bytes, bits) = (depth / 8, depth % 8);
    one.0[..bytes] == other.0[..bytes]
        && (bits == 0 || (one.0[bytes] ^ other.0[bytes]) >> (8 - bits) == 0)
}

pub(super) fn from_sorted<E>(
    leaves: impl Iterator<Item = Result<StateLeaf, E>>,
) -> Result<Node, E> {
    let mut sorted = Sorted { leaves, first: None, second: None };
    sorted.advance()?;
    sorted.advance()?;
    sorted.subtree(0)
}
