//! The log of all block ids: roots at any size, and proofs that one size continues another. Every
//! header commits to it by its history root.
//!
//! ```text
//! blocks   1 … 256 │ 257 … 512 │ 513 … 768 │ 769 … newest
//! kept      root   │   root    │   root    │ hashed when needed
//! ```
//!
//! The roots of full groups are made when they are first needed and kept in memory: 32 bytes for
//! 256 blocks. After a start the first question reads every header once.

use std::sync::{Mutex, PoisonError};

use vouchsafe_types::canonical::Version;
use vouchsafe_types::consistency::ConsistencyProof;
use vouchsafe_types::hash::{BlockId, Digest, Domain, tagged};
use vouchsafe_types::log::{InclusionProof, PathHashes, leaf_hash, node_hash, split};

use crate::store::{StoreError, StoreRead};

/// So many blocks make a group whose root is kept; a power of two.
const GROUP_BLOCKS: u64 = 256;

/// What is kept of the log.
#[derive(Debug, Default)]
pub struct BlockLog {
    groups: Mutex<Vec<Digest>>,
}

impl BlockLog {
    /// The root over the ids of the first so many blocks, at least one.
    ///
    /// # Errors
    /// The store's, and [`StoreError::Corrupt`] for a block that is not there.
    pub fn root(&self, store: &dyn StoreRead, size: u64) -> Result<Digest, StoreError> {
        self.subtree(store, 0, size)
    }

    /// The proof that the log of the second size begins with that of the first.
    ///
    /// # Errors
    /// As of [`root`](Self::root).
    ///
    /// # Panics
    /// When `first` is 0 or above `second`.
    pub fn consistency(
        &self,
        store: &dyn StoreRead,
        first: u64,
        second: u64,
    ) -> Result<ConsistencyProof, StoreError> {
        let subtree = |from, size| self.subtree(store, from, size);
        ConsistencyProof::from_subtrees(first, second, &subtree)
    }

    /// The proof that a block is one of the first so many (RFC 9162 §2.1.3.1).
    ///
    /// # Errors
    /// As of [`root`](Self::root).
    ///
    /// # Panics
    /// When `height` is 0 or above `size`.
    pub fn inclusion(
        &self,
        store: &dyn StoreRead,
        height: u64,
        size: u64,
    ) -> Result<InclusionProof, StoreError> {
        assert!((1..=size).contains(&height), "the caller knows both blocks");
        let index = height - 1;
        let (mut path, mut from, mut width) = (Vec::new(), 0, size);
        while width > 1 {
            let left = split(width);
            if index < from + left {
                path.push(self.subtree(store, from + left, width - left)?);
                width = left;
            } else {
                path.push(self.subtree(store, from, left)?);
                (from, width) = (from + left, width - left);
            }
        }
        path.reverse();
        let path = PathHashes::new(path).expect("a path has a hash for each halving, 64 at most");
        Ok(InclusionProof { version: Version, index, size, path })
    }

    /// The root over so many leaves from an index on, where RFC 9162's tree has a subtree.
    fn subtree(&self, store: &dyn StoreRead, from: u64, size: u64) -> Result<Digest, StoreError> {
        if size == 1 {
            return leaf(store, from);
        }
        if size == GROUP_BLOCKS && from.is_multiple_of(GROUP_BLOCKS) {
            return self.group(store, from / GROUP_BLOCKS);
        }
        parted(from, size, &|from, size| self.subtree(store, from, size))
    }

    fn group(&self, store: &dyn StoreRead, index: u64) -> Result<Digest, StoreError> {
        // What is kept is whole, whatever happened to who made it.
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(index).expect("fewer groups than memory holds");
        while groups.len() <= place {
            let from = groups.len() as u64 * GROUP_BLOCKS;
            groups.push(whole(store, from, GROUP_BLOCKS)?);
        }
        Ok(groups[place])
    }
}

/// The root over so many leaves from an index on, from their headers alone.
fn whole(store: &dyn StoreRead, from: u64, size: u64) -> Result<Digest, StoreError> {
    if size == 1 {
        return leaf(store, from);
    }
    parted(from, size, &|from, size| whole(store, from, size))
}

/// The root over more than one leaf, from those of its two subtrees.
fn parted(
    from: u64,
    size: u64,
    subtree: &dyn Fn(u64, u64) -> Result<Digest, StoreError>,
) -> Result<Digest, StoreError> {
    let left = split(size);
    Ok(node_hash(&subtree(from, left)?, &subtree(from + left, size - left)?))
}

fn leaf(store: &dyn StoreRead, index: u64) -> Result<Digest, StoreError> {
    let height = index + 1;
    let header = store.header(height)?;
    let missing = || StoreError::Corrupt(format!("the header of height {height} is missing"));
    let block_id = BlockId(tagged(Domain::BlockId, &header.ok_or_else(missing)?));
    Ok(leaf_hash(block_id.as_bytes()))
}
