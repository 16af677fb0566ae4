//! Reads that are made of a store's own: a transaction's bytes, and a block's leaf hashes.

use borsh::BorshDeserialize as _;
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::{Block, BlockTransactions, Header};
use vouchsafe_types::log::leaf_hash;
use vouchsafe_types::transaction::SignedTransaction;

use crate::store::{Location, StoreError, StoreRead};

/// The block at a committed height.
///
/// # Errors
/// [`StoreError::Corrupt`] when what is stored is no block, or the store's error.
pub fn block_at(store: &dyn StoreRead, height: u64) -> Result<Option<Block>, StoreError> {
    let Some(bytes) = store.block(height)? else { return Ok(None) };
    let block = stored_block(&bytes)
        .map_err(|error| StoreError::Corrupt(format!("the block at height {height}: {error}")))?;
    Ok(Some(block))
}

/// Reads a block that this node wrote. What came from others was held against its own encoding
/// before it was stored, and is not again.
///
/// # Errors
/// The bytes are no block.
pub fn stored_block(bytes: &[u8]) -> Result<Block, std::io::Error> {
    borsh::from_slice(bytes)
}

/// A transaction's leaf hash, and its canonical bytes within a stored block.
pub type StoredLeaf<'a> = (Digest, &'a [u8]);

/// The leaf hashes of a stored block's transactions with their bytes, of which none is copied.
///
/// # Errors
/// The bytes are no block.
pub fn stored_leaves(bytes: &[u8]) -> Result<Vec<StoredLeaf<'_>>, std::io::Error> {
    let mut rest = bytes;
    Version::<1>::deserialize(&mut rest)?;
    Header::deserialize(&mut rest)?;
    Option::<CommitCertificate>::deserialize(&mut rest)?;
    let count = u32::deserialize(&mut rest)? as usize;
    let mut leaves = Vec::with_capacity(count.min(BlockTransactions::MOST));
    for _ in 0..count {
        let from = rest;
        SignedTransaction::deserialize(&mut rest)?;
        let transaction = &from[..from.len() - rest.len()];
        leaves.push((leaf_hash(transaction), transaction));
    }
    Ok(leaves)
}

/// The canonical bytes of the signed transaction at a place.
///
/// # Errors
/// [`StoreError::Corrupt`] when what is stored is no block, or the store's error.
pub fn transaction_at(store: &dyn StoreRead, at: Location) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(block) = block_at(store, at.height)? else { return Ok(None) };
    Ok(block.transactions.get(at.index as usize).map(|transaction| transaction.to_bytes()))
}

/// The leaf hashes of a block's transactions: what inclusion proofs are made from.
///
/// # Errors
/// [`StoreError::Corrupt`] when what is stored is no block, or the store's error.
pub fn block_leaves(store: &dyn StoreRead, height: u64) -> Result<Option<Vec<Digest>>, StoreError> {
    let Some(bytes) = store.block(height)? else { return Ok(None) };
    let leaves = stored_leaves(&bytes)
        .map_err(|error| StoreError::Corrupt(format!("the block at height {height}: {error}")))?;
    Ok(Some(leaves.into_iter().map(|(leaf, _)| leaf).collect()))
}
