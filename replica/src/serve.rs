//! Answers to other nodes' requests, made from the store alone: whoever drives the replica calls
//! this beside it, so that a peer that catches up never keeps it from voting.

use std::collections::BTreeSet;

use vouchsafe_ledger::{StoreError, StoreRead, stored_block, stored_leaves};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::{Block, BlockTransactions};
use vouchsafe_types::transaction::SignedTransaction;

use crate::peer::{CertifiedBlock, CertifiedBlocks, Request, Response, WantedLeaves};

/// The blocks of one response are this many bytes at most, unless the first alone is longer.
pub const BLOCKS_BYTES_MAX: usize = 4 << 20;

/// Answers a request of a peer.
///
/// # Errors
/// The store's error: the node stops, the peer is not to blame.
pub fn answer<S: StoreRead>(store: &S, request: &Request) -> Result<Response, StoreError> {
    match request {
        Request::Status { .. } => Ok(Response::Status { height: store.head_height()? }),
        Request::Blocks { from, count } => blocks(store, *from, *count),
        Request::Block { block_id } => Ok(Response::Block(body(store, block_id)?.map(Box::new))),
        Request::Transactions { block_id, leaves } => transactions(store, block_id, leaves),
    }
}

fn corrupt(what: &str, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {error}"))
}

fn body<S: StoreRead>(store: &S, id: &BlockId) -> Result<Option<Block>, StoreError> {
    let Some(bytes) = store.body(id)? else { return Ok(None) };
    let block = stored_block(&bytes).map_err(|error| corrupt("a block's body", &error))?;
    Ok(Some(block))
}

fn blocks<S: StoreRead>(store: &S, from: u64, count: u32) -> Result<Response, StoreError> {
    let mut list = Vec::new();
    let mut bytes_left = BLOCKS_BYTES_MAX;
    let count = (count as usize).min(CertifiedBlocks::MOST);
    for height in (from.max(1)..=store.head_height()?).take(count) {
        let (Some(block), Some(certificate)) = (store.block(height)?, store.certificate(height)?)
        else {
            let what = format!("height {height} is committed");
            return Err(corrupt(&what, &"its block or certificate is absent"));
        };
        let bytes = block.len() + certificate.len();
        if bytes > bytes_left && !list.is_empty() {
            break;
        }
        bytes_left = bytes_left.saturating_sub(bytes);
        let block = stored_block(&block).map_err(|error| corrupt("a committed block", &error))?;
        let certificate = CommitCertificate::from_bytes(&certificate)
            .map_err(|error| corrupt("a certificate", &error))?;
        list.push(CertifiedBlock { block, certificate });
    }
    let list = CertifiedBlocks::new(list).expect("the count is bounded above");
    Ok(Response::Blocks(list))
}

fn transactions<S: StoreRead>(
    store: &S,
    block_id: &BlockId,
    leaves: &WantedLeaves,
) -> Result<Response, StoreError> {
    let mut found = Vec::new();
    if let Some(bytes) = store.body(block_id)? {
        let wanted: BTreeSet<&Digest> = leaves.iter().collect();
        let stored = stored_leaves(&bytes).map_err(|error| corrupt("a block's body", &error))?;
        for (_, signed) in stored.into_iter().filter(|(leaf, _)| wanted.contains(leaf)) {
            let signed = SignedTransaction::from_bytes(signed);
            found.push(signed.map_err(|error| corrupt("a block's transaction", &error))?);
        }
    }
    let found = BlockTransactions::new(found).expect("no more than the block has");
    Ok(Response::Transactions(found))
}
