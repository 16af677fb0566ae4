//! Reads that are made of a store's own: a transaction's bytes, and a block's leaf hashes.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::Block;
use vouchsafe_types::log::leaf_hash;

use crate::store::{Location, StoreError, StoreRead};

/// The block at a committed height.
///
/// # Errors
/// [`StoreError::Corrupt`] when what is stored is no block, or the store's error.
pub fn block_at(store: &dyn StoreRead, height: u64) -> Result<Option<Block>, StoreError> {
    let Some(bytes) = store.block(height)? else { return Ok(None) };
    let block = Block::from_bytes(&bytes)
        .map_err(|error| StoreError::Corrupt(format!("the block at height {height}: {error}")))?;
    Ok(Some(block))
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
    let block = block_at(store, height)?;
    Ok(block.map(|block| block.transactions.iter().map(|t| leaf_hash(&t.to_bytes())).collect()))
}
