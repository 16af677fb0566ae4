//! What the node tells the engine.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;

use crate::message::Message;
use crate::timer::Timer;
use crate::wal::WalEntry;

/// One event for [`Engine::handle`](crate::Engine::handle).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A peer sent a message. Nothing in it is trusted.
    Message(Message),
    /// The answer to [`Effect::GetValue`](crate::Effect::GetValue): this node's own block, whose
    /// body is already durable. An answer that comes too late is ignored.
    Propose {
        /// The height asked for.
        height: u64,
        /// The round asked for.
        round: u32,
        /// The block built.
        block_id: BlockId,
    },
    /// A complete block was judged. Its body is durable when the verdict is that it is valid.
    Judged(JudgedBlock),
    /// A timer that [`Effect::ScheduleTimer`](crate::Effect::ScheduleTimer) asked for fired.
    TimerElapsed(Timer),
    /// A commit certificate for the current height, from a peer that is ahead. The block follows
    /// as [`Input::Judged`], or was judged before.
    CommitCertificate(CommitCertificate),
}

/// The verdict on a block. It is final: a block never becomes invalid, and one that is only early
/// or late is not judged but held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct JudgedBlock {
    /// The block's height.
    pub height: u64,
    /// The round written in the block's header. A block that is proposed again keeps it.
    pub round: u32,
    /// The proposer written in the block's header.
    pub proposer: Address,
    /// The block's id.
    pub block_id: BlockId,
    /// Whether every rule holds.
    pub valid: bool,
}

/// How a height begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The log's entries for this height, from
    /// [`Wal::entries_for`](crate::wal::Wal::entries_for); empty unless the node was restarted in
    /// the middle of it.
    pub replay: Vec<WalEntry>,
    /// Follow without proposing or voting, whatever the keys allow: a node that is catching up
    /// must not propose (<https://github.com/circlefin/malachite>, "emerald" issue 100).
    pub follow: bool,
}
