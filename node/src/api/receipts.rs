//! Receipts: where a transaction stands, and the path that proves it.
//!
//! Everyone who waited for a block asks at once. Its tree is hashed once and kept for a while, so
//! that a block of `n` transactions costs `n` hashes and not `n²`. Once it is there, or if the
//! block is small and new, the answer is given on the request's own thread: to wake another one for
//! it costs more than the answer.
//!
//! ```text
//! level 2            root
//! level 1      ab      ·    c        an odd last node rises as it is: RFC 9162's tree
//! level 0    a    b    ·    c
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tonic::Status;
use vouchsafe_ledger::{Location, StoreRead, block_leaves, transaction_at};
use vouchsafe_proto::v1::{GetTransactionResponse, ProvenHeader, Receipt};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::header::Header;
use vouchsafe_types::log::{InclusionProof, PathHashes, node_hash};

use super::{blocks, errors};

/// How many blocks' trees are kept: 4 MiB each at most.
const BLOCKS_KEPT: usize = 8;
/// The most transactions of a block whose tree is hashed on a request's thread: some 10 µs.
const INLINE_TRANSACTIONS_MAX: u32 = 16;

/// All levels of a block's transaction tree, leaves first.
struct BlockTree {
    head: ProvenHeader,
    levels: Vec<Vec<Digest>>,
}

impl BlockTree {
    fn new(head: ProvenHeader, leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let next = level.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(left, right),
                odd => odd[0],
            });
            let next = next.collect();
            levels.push(next);
        }
        Self { head, levels }
    }

    /// The proof for a leaf, if there is such a leaf.
    fn proof(&self, index: u32) -> Option<InclusionProof> {
        let size = self.levels[0].len();
        let mut place = usize::try_from(index).ok().filter(|place| *place < size)?;
        let mut path = Vec::new();
        for level in &self.levels {
            path.extend(level.get(place ^ 1).filter(|_| level.len() > 1));
            place /= 2;
        }
        let path = PathHashes::new(path).expect("a block has far fewer levels than a path may");
        Some(InclusionProof { version: Version, index: index.into(), size: size as u64, path })
    }
}

/// The trees of the blocks asked for last.
#[derive(Clone, Default)]
pub(super) struct Receipts(Arc<Kept>);

#[derive(Default)]
struct Kept {
    trees: Mutex<BTreeMap<u64, Arc<BlockTree>>>,
    /// Held by whoever hashes a tree; the others look meanwhile.
    hashing: Mutex<()>,
}

impl Receipts {
    /// The receipt of a transaction in the newest block, or one just below: without waiting, or
    /// none if that takes reading much. Blocks of now are in the database's memory.
    ///
    /// # Errors
    /// A status for the client.
    pub(super) fn at_once(
        &self,
        store: &dyn StoreRead,
        id: TransactionId,
        location: Location,
    ) -> Result<Option<Receipt>, Status> {
        let height = location.height;
        let tree = match self.kept(height)? {
            Some(tree) => tree,
            None if is_small(store, height)? => self.hash(store, height)?,
            None => return Ok(None),
        };
        receipt_in(&tree, id, location).map(Some)
    }

    /// The receipt of a transaction at a place. Reads from disk, and hashes a block's tree.
    ///
    /// # Errors
    /// A status for the client.
    pub(super) fn receipt(
        &self,
        store: &dyn StoreRead,
        id: TransactionId,
        location: Location,
    ) -> Result<Receipt, Status> {
        receipt_in(&*self.tree(store, location.height)?, id, location)
    }

    fn kept(&self, height: u64) -> Result<Option<Arc<BlockTree>>, Status> {
        Ok(locked(&self.0.trees)?.get(&height).map(Arc::clone))
    }

    /// The tree of a block. Whoever asks first hashes it for those who follow.
    fn tree(&self, store: &dyn StoreRead, height: u64) -> Result<Arc<BlockTree>, Status> {
        if let Some(tree) = self.kept(height)? {
            return Ok(tree);
        }
        let _hashing = locked(&self.0.hashing)?;
        match self.kept(height)? {
            Some(tree) => Ok(tree),
            None => self.hash(store, height),
        }
    }

    /// Hashes the tree of a block, and keeps it.
    fn hash(&self, store: &dyn StoreRead, height: u64) -> Result<Arc<BlockTree>, Status> {
        let head = blocks::proven_header(store, height)?;
        let leaves = block_leaves(store, height)
            .map_err(|error| errors::store(&error))?
            .ok_or_else(|| errors::damaged("block"))?;
        let tree = Arc::new(BlockTree::new(head, leaves));
        let mut trees = locked(&self.0.trees)?;
        trees.insert(height, Arc::clone(&tree));
        if trees.len() > BLOCKS_KEPT {
            // Old blocks are asked for one by one, new ones by everyone.
            let oldest = if height < trees.keys().copied().max().unwrap_or(height) {
                height
            } else {
                trees.keys().copied().min().unwrap_or(height)
            };
            trees.remove(&oldest);
        }
        Ok(tree)
    }

    /// The first receipt of a transaction, if it was ever committed.
    ///
    /// # Errors
    /// A status for the client.
    pub(super) fn first(
        &self,
        store: &dyn StoreRead,
        id: TransactionId,
    ) -> Result<Option<Receipt>, Status> {
        let location = store.locate(&id).map_err(|error| errors::store(&error))?;
        location.map(|location| self.receipt(store, id, location)).transpose()
    }

    /// A committed transaction with its receipt.
    ///
    /// # Errors
    /// NOT_FOUND when this node knows none of that id.
    pub(super) fn transaction(
        &self,
        store: &dyn StoreRead,
        id: TransactionId,
    ) -> Result<GetTransactionResponse, Status> {
        let location = store.locate(&id).map_err(|error| errors::store(&error))?;
        let location = location.ok_or_else(|| errors::no_transaction(&id))?;
        let transaction = transaction_at(store, location)
            .map_err(|error| errors::store(&error))?
            .ok_or_else(|| errors::damaged("block"))?;
        let receipt = self.receipt(store, id, location)?;
        Ok(GetTransactionResponse { transaction, receipt: Some(receipt) })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Status> {
    mutex.lock().map_err(|_| Status::internal("a receipt's maker failed"))
}

/// Has the block so few transactions that its tree is hashed in no time?
fn is_small(store: &dyn StoreRead, height: u64) -> Result<bool, Status> {
    let header = store.header(height).map_err(|error| errors::store(&error))?;
    let header = header.ok_or_else(|| errors::damaged("header"))?;
    let header = Header::from_bytes(&header).map_err(|_| errors::damaged("header"))?;
    Ok(header.transaction_count <= INLINE_TRANSACTIONS_MAX)
}

fn receipt_in(tree: &BlockTree, id: TransactionId, at: Location) -> Result<Receipt, Status> {
    let proof = tree.proof(at.index).ok_or_else(|| errors::damaged("location"))?;
    Ok(Receipt {
        transaction_id: id.as_bytes().to_vec(),
        head: Some(tree.head.clone()),
        inclusion_proof: proof.to_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::log::leaf_hash;

    use super::*;

    #[test]
    fn a_blocks_tree_proves_what_rfc_9162_proves() {
        for size in 1..40usize {
            let leaves: Vec<_> = (0..size).map(|i| leaf_hash(&i.to_le_bytes())).collect();
            let tree = BlockTree::new(ProvenHeader::default(), leaves.clone());
            for index in 0..size {
                let place = u32::try_from(index).expect("small");
                assert_eq!(tree.proof(place), Some(InclusionProof::of(&leaves, index)));
            }
            assert_eq!(tree.proof(u32::try_from(size).expect("small")), None);
        }
    }
}
