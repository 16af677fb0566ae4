//! What the log remembers of a height: every input that moved this validator's votes.
//!
//! Each entry carries its height, because a crash during a reset leaves the entries of the height
//! before under the new height's sequence number, and timeouts name no height of their own.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::VALIDATORS_MAX;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::message::PolkaCertificate;
use crate::timer::TimerKind;

/// The version byte that begins every entry; batches of them begin with 2.
const ENTRY_VERSION: u8 = 1;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct WalEntry {
    version: Version<ENTRY_VERSION>,
    /// The height it belongs to.
    pub height: u64,
    /// What happened.
    pub event: WalEvent,
}

/// What an entry remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum WalEvent {
    /// A vote was counted, this validator's own included.
    Vote(SignedVote),
    /// A proposal was accepted, this validator's own included.
    Proposal(SignedProposal),
    /// A timer fired.
    TimerElapsed {
        /// Which.
        kind: TimerKind,
        /// In which round.
        round: u32,
    },
    /// A block was judged.
    Judged {
        /// The round under which the verdict was given.
        round: u32,
        /// The block's proposer.
        proposer: Address,
        /// The block.
        block_id: BlockId,
        /// The verdict.
        valid: bool,
    },
    /// A polka arrived.
    PolkaCertificate(PolkaCertificate),
    /// A commit certificate arrived. The engine beneath forgets these over a restart, but they
    /// move its round (malachite issue 1445).
    CommitCertificate(CommitCertificate),
}

impl Canonical for WalEntry {
    // The largest is a certificate with a signature of every validator, each of 32 + 64 bytes,
    // after less than 256 bytes of its own.
    const LIMIT_BYTES: usize = 256 + 96 * VALIDATORS_MAX;
}

impl WalEntry {
    /// An entry of this height.
    #[must_use]
    pub fn new(height: u64, event: WalEvent) -> Self {
        Self { version: Version, height, event }
    }

    /// Is this the first byte of an entry, and of no batch?
    pub(super) fn could_begin_with(byte: u8) -> bool {
        byte == ENTRY_VERSION
    }
}
