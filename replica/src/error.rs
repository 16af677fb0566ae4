//! Why a replica cannot go on. Each stops the node: a replica that guesses is worse than none.

use vouchsafe_consensus::EngineError;
use vouchsafe_consensus::timer::TimeoutOutOfBounds;
use vouchsafe_ledger::{BuildError, StoreError};
use vouchsafe_types::canonical::DecodeError;
use vouchsafe_types::hash::BlockId;

/// A fatal fault.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The engine stopped.
    #[error("consensus stopped: {0}")]
    Engine(#[from] EngineError),
    /// The genesis document's timeouts are not the engine's.
    #[error("the chain's parameters do not fit the engine: {0}")]
    Timeouts(#[from] TimeoutOutOfBounds),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// No block could be built.
    #[error("no block could be built: {0}")]
    Build(#[from] BuildError),
    /// A stored body does not decode.
    #[error("the stored body of block {block_id} is damaged: {error}")]
    BodyDamaged {
        /// The block.
        block_id: BlockId,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// Evidence that waits in the store does not decode.
    #[error("stored evidence is damaged: {0}")]
    EvidenceDamaged(DecodeError),
    /// A decided block is not in the store, though it is made durable before it is voted for.
    #[error(
        "block {0} was decided, but its body is missing here: the database lost a synced write; \
         restore this node's data folder from another node's"
    )]
    BodyMissing(BlockId),
    /// More than two thirds of the power decided what this program calls invalid.
    #[error(
        "block {block_id} at height {height} was decided by the others, but this program finds it \
         invalid: compare this node's version with theirs, and replace it"
    )]
    DecidedInvalid {
        /// The height.
        height: u64,
        /// The block.
        block_id: BlockId,
    },
}
