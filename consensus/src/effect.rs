//! What the engine tells the node to do, in strict order.
//!
//! ```text
//! Input ──▶ Engine ──▶ [ WalAppend… WalFlush SignRecord Publish… Decided ]
//! ```
//!
//! The node carries effects out one after the other and stops at the first that fails. The order
//! is the safety argument: a message of this validator is in the log and flushed, and the sign
//! record is synced, before the effect that lets it leave. A decision comes last in its batch, so
//! that storing it delays no message.

use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;

use crate::error::MessageError;
use crate::message::Message;
use crate::sign_record::SignMark;
use crate::timer::Timer;
use crate::wal::WalEntry;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Forget the log's entries and begin it anew at this height:
    /// [`Wal::reset`](crate::wal::Wal::reset). Everything before it is durably committed.
    WalReset {
        /// The height that is waited for.
        height: u64,
    },
    /// Append to the log: [`Wal::append`](crate::wal::Wal::append).
    WalAppend(WalEntry),
    /// Make the log durable: [`Wal::flush`](crate::wal::Wal::flush).
    WalFlush,
    /// Make the mark durable: [`SignRecord::write`](crate::sign_record::SignRecord::write).
    SignRecord(SignMark),
    /// Send a message to all validators.
    Publish(Message),
    /// Wake the engine with [`Input::TimerElapsed`](crate::Input::TimerElapsed).
    ScheduleTimer {
        /// The timer.
        timer: Timer,
        /// How long from now, in milliseconds.
        duration_ms: u64,
    },
    /// The timer is not needed any more. One that fires nevertheless is ignored.
    CancelTimer(Timer),
    /// No timer asked for so far is needed any more.
    CancelAllTimers,
    /// Build a block, or return the one built for this height and round before, and answer with
    /// [`Input::Propose`](crate::Input::Propose).
    GetValue {
        /// The height to build for.
        height: u64,
        /// The round to build in.
        round: u32,
        /// How long validators wait for the proposal, in milliseconds.
        timeout_ms: u64,
    },
    /// Send the body of this block again: it is proposed again.
    RestreamProposal {
        /// The block's height.
        height: u64,
        /// The round in which it is proposed.
        round: u32,
        /// The round in which it had a polka.
        pol_round: Option<u32>,
        /// Who proposes it in this round.
        proposer: Address,
        /// The block.
        block_id: BlockId,
    },
    /// A round began.
    RoundStarted {
        /// Its height.
        height: u64,
        /// Its number.
        round: u32,
        /// Whose turn it is.
        proposer: Address,
    },
    /// Others have begun this height, so it should be started here too:
    /// [`Engine::start_height`](crate::Engine::start_height). Said once for each height.
    HeightDemanded {
        /// The height that this engine waits to start.
        height: u64,
        /// Why.
        demand: Demand,
    },
    /// The certificate verified, and its block has not been judged here yet: fetch, store and
    /// judge it, and answer with [`Input::Judged`](crate::Input::Judged).
    CertifiedBlockWanted {
        /// The certificate's height.
        height: u64,
        /// The certificate's round.
        round: u32,
        /// The certified block.
        block_id: BlockId,
    },
    /// The certified block was judged invalid here: this node disagrees with more than two thirds
    /// of the power, and cannot go on until its program is replaced.
    CertifiedBlockInvalid {
        /// The certificate's height.
        height: u64,
        /// The certified block.
        block_id: BlockId,
    },
    /// This height is followed without voting, and why.
    VotingWithheld {
        /// The height.
        height: u64,
        /// Why.
        reason: Withheld,
    },
    /// A validator contradicted itself at the height being decided. Said once for each offence in
    /// a run: make it durable before anything else.
    Equivocation(Box<Evidence>),
    /// The input was dropped, and why. It did no harm.
    Discarded(MessageError),
    /// The height is decided. Store block, certificate and state in one synced write, then call [`Engine::await_height`](crate::Engine::await_height) with the next height.
    Decided(Decision),
}

/// What a height ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The proof. Other nodes may hold other signatures for the same block.
    pub certificate: CommitCertificate,
}

/// Why a height should start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The round's proposer sent a proposal.
    Proposal,
    /// More than a third of the power has voted.
    Votes,
    /// A certificate for this height arrived.
    Certificate,
}

/// Why a node does not vote at a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// The sign record names a message that the log does not hold.
    #[error(
        "the sign record names a {} of height {}, round {}, which the write-ahead log lacks: \
         this node follows without voting until height {} is committed",
        .0.step, .0.height, .0.round, .0.height
    )]
    LogLacksRecord(SignMark),
    /// Others hold a message of this validator that it does not remember.
    #[error(
        "a {} of height {}, round {} carries this validator's signature, but it does not \
         remember it: its files were lost, or another node uses its key; it follows without \
         voting until height {} is committed",
        .0.step, .0.height, .0.round, .0.height
    )]
    SignedElsewhere(SignMark),
    /// The node was told to follow.
    #[error("this node is catching up and does not vote yet")]
    Following,
}
