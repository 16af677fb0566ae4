//! What is told to every peer, and relayed by them.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_consensus::message::Message;
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::transaction::{SignedTransaction, TRANSACTION_BYTES_MAX};
use vouchsafe_types::vote::SignedProposal;

use crate::peer::compact::CompactBlock;

/// The longest message of consensus, in bytes: a compact block of 65,536 leaves of 32 bytes, 64
/// pieces of evidence, and a certificate of 256 signatures fit.
pub const GOSSIP_BYTES_MAX: usize = 4 << 20;
/// The most transactions in one message. By bytes, one transaction of the greatest length fits.
const TRANSACTIONS_MAX: usize = 512;

/// A message of consensus, between nodes.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum PeerMessage {
    /// A vote, a certificate that helps others to a round, or a proposal alone.
    Consensus(Message),
    /// A proposal together with the block that it names.
    Proposal(Box<ProposedBlock>),
    /// Evidence that no block holds yet.
    Evidence(Box<Evidence>),
}

/// A proposal and its block. The signature covers the block's id, the id its header, and the
/// header what else is in it: nobody but the proposer can make one.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct ProposedBlock {
    /// The proposal.
    pub proposal: SignedProposal,
    /// The block that it names.
    pub block: CompactBlock,
}

/// A message of consensus as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Gossip {
    version: Version<1>,
    /// The message.
    pub message: PeerMessage,
}

impl Gossip {
    /// The message, ready to be encoded.
    #[must_use]
    pub fn new(message: PeerMessage) -> Self {
        Self { version: Version, message }
    }
}

impl Canonical for Gossip {
    const LIMIT_BYTES: usize = GOSSIP_BYTES_MAX;
}

vouchsafe_types::bounded!(
    /// Transactions that wait, as they are gossiped: their signatures are not verified yet.
    list TransactionList: SignedTransaction, "transactions in a message", 1, TRANSACTIONS_MAX
);

/// Waiting transactions as they are sent.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Transactions {
    version: Version<1>,
    list: TransactionList,
}

impl Transactions {
    /// The most transactions in one message.
    pub const COUNT_MAX: usize = TransactionList::MOST;
    /// The most bytes of transactions in one message.
    pub const LIST_BYTES_MAX: usize = TRANSACTION_BYTES_MAX;

    /// A message of some transactions.
    ///
    /// # Errors
    /// [`DecodeError::TooFew`](vouchsafe_types::canonical::DecodeError::TooFew) or
    /// [`TooMany`](vouchsafe_types::canonical::DecodeError::TooMany).
    pub fn new(
        list: Vec<SignedTransaction>,
    ) -> Result<Self, vouchsafe_types::canonical::DecodeError> {
        Ok(Self { version: Version, list: TransactionList::new(list)? })
    }

    /// The transactions.
    #[must_use]
    pub fn into_list(self) -> Vec<SignedTransaction> {
        self.list.into_inner()
    }
}

impl Canonical for Transactions {
    const LIMIT_BYTES: usize = 1 + 4 + Self::LIST_BYTES_MAX;
}
