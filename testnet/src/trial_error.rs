//! What a trial finds.

use std::path::PathBuf;
use std::time::Duration;

use tonic::Status;
use vouchsafe_client::answer::Lie;
use vouchsafe_types::hash::{BlockId, Digest, TransactionId};

use crate::cut::CutError;
use crate::error::TestnetError;
use crate::statement::StatementError;

/// A promise that the network broke, or why a trial could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The network could not be made or handled.
    #[error(transparent)]
    Testnet(#[from] TestnetError),
    /// A statement could not be made.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A partition could not be read.
    #[error(transparent)]
    Cut(#[from] CutError),
    /// The network was to be cut, and cannot be.
    #[error(
        "the network cannot be cut here: {0}; cuts take network namespaces, that is Linux, root \
         and iproute2; add --no-cuts to kill and pause only"
    )]
    NoCuts(TestnetError),
    /// A node that must answer did not.
    #[error("node {node} does not answer: {status}; look at its log")]
    NoAnswer {
        /// The node.
        node: u8,
        /// What it said.
        status: Box<Status>,
    },
    /// A node's answer is not proven.
    #[error("node {node} lies: {lie}")]
    Lie {
        /// The node.
        node: u8,
        /// How.
        lie: Box<Lie>,
    },
    /// Two nodes have two certified blocks at one height.
    #[error("FORK at height {height}: block {one} on node {first}, block {other} on node {second}")]
    Fork {
        /// The height.
        height: u64,
        /// A node.
        first: u8,
        /// Its block.
        one: BlockId,
        /// Another node.
        second: u8,
        /// Its block.
        other: BlockId,
    },
    /// Two nodes have two states at one height.
    #[error(
        "two states at height {height}: {one} on node {first}, {other} on node {second}; execution \
         is not deterministic"
    )]
    States {
        /// The height.
        height: u64,
        /// A node.
        first: u8,
        /// Its state root.
        one: Digest,
        /// Another node.
        second: u8,
        /// Its state root.
        other: Digest,
    },
    /// A node's chain has a hole or another order.
    #[error("node {node} gave height {actual} where {expected} was asked for")]
    Order {
        /// The node.
        node: u8,
        /// The height asked for.
        expected: u64,
        /// The height given.
        actual: u64,
    },
    /// Something acknowledged is missing.
    #[error("LOST: transaction {id} was acknowledged, and node {node} proves that it is not there")]
    Lost {
        /// The transaction.
        id: TransactionId,
        /// The node.
        node: u8,
    },
    /// Something is there that nobody has signed.
    #[error("INVENTED: node {node} proves a record for transaction {id}, which was never sent")]
    Invented {
        /// The transaction.
        id: TransactionId,
        /// The node.
        node: u8,
    },
    /// A validator that runs once contradicted itself.
    #[error(
        "{pieces} pieces of evidence are in blocks, and no key runs twice: a node signed again \
         after a crash what it had signed otherwise"
    )]
    SignedTwice {
        /// How many pieces.
        pieces: usize,
    },
    /// A valid statement was refused.
    #[error("node {node} refused a valid transaction: {status}")]
    Refused {
        /// The node.
        node: u8,
        /// Its words.
        status: Box<Status>,
    },
    /// Something was acknowledged without a quorum.
    #[error("{heights} heights were committed and {receipts} receipts given without a quorum")]
    CommittedWithoutQuorum {
        /// Heights.
        heights: u64,
        /// Receipts.
        receipts: usize,
    },
    /// Nothing was committed although a quorum was there.
    #[error("{what} did not happen within {} s", within.as_secs())]
    Stalled {
        /// What was waited for.
        what: String,
        /// How long.
        within: Duration,
    },
    /// A process that has no place on the chain got one.
    #[error("the stranger got in: {0}")]
    Admitted(String),
    /// A liar was not caught.
    #[error("{0} lied to nobody who noticed: see whether it was asked, and what was believed")]
    NotBlamed(PathBuf),
    /// `vouch evidence` does not show what a node's blocks hold.
    #[error("by node {node}, vouch evidence does not show what its blocks hold: {said}")]
    NotShown {
        /// The node.
        node: u8,
        /// What was said instead.
        said: String,
    },
    /// A contradiction left no evidence.
    #[error("one key signed twice for {seconds} s, and no honest node noticed")]
    NoEvidence {
        /// How long both ran.
        seconds: u64,
    },
}
