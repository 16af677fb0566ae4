//! What a replica wants done.

use std::sync::Arc;

use vouchsafe_consensus::sign_record::SignMark;
use vouchsafe_consensus::wal::WalEntry;
use vouchsafe_consensus::{MessageError, Withheld, timer};
use vouchsafe_ledger::{CommitBatch, InvalidBlock, Offence, Rule};
use vouchsafe_types::certificate::CertificateError;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, TransactionId};
use vouchsafe_types::header::Block;
use vouchsafe_types::identity::{Address, OrganizationId};
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::event::{Delivery, PeerNumber, RequestNumber};
use crate::peer::{PeerMessage, Request};

/// One thing to do. Effects are carried out strictly in order, and one that fails stops the node:
/// that order is why a vote never leaves before it is on disk.
#[derive(Debug)]
pub enum Effect {
    /// Act on the write-ahead log.
    Wal(WalOperation),
    /// Make the sign record durable.
    SignRecord(SignMark),
    /// Make a block's body durable, then say [`Event::BodyStored`](crate::Event::BodyStored).
    StoreBody {
        /// The block.
        block_id: BlockId,
        /// Its body.
        block: Arc<Block>,
    },
    /// Make evidence durable that waits to be put into a block. Others are told of it only after.
    KeepEvidence {
        /// What it is about.
        offence: Offence,
        /// The evidence.
        evidence: Box<Evidence>,
    },
    /// Write a decided height in one synced write, then say
    /// [`Event::Committed`](crate::Event::Committed), before any other event: in between, the
    /// store is ahead of the ledger.
    Commit(Box<CommitBatch>),
    /// Send to every peer.
    Broadcast(PeerMessage),
    /// Tell every peer of a transaction that waits here. Many make one message.
    Gossip(Arc<VerifiedTransaction>),
    /// What to do with a message that was delivered:
    /// [`Event::Received`](crate::Event::Received).
    Relay {
        /// Which message.
        delivery: Delivery,
        /// What to do with it.
        verdict: Verdict,
    },
    /// Ask a peer, then say [`Event::Answered`](crate::Event::Answered), whatever becomes of it.
    Ask {
        /// The peer.
        peer: PeerNumber,
        /// Names the answer.
        number: RequestNumber,
        /// The question.
        request: Request,
    },
    /// A peer did what an honest one never does. Whoever does so again and again is dropped.
    Blame {
        /// The peer.
        peer: PeerNumber,
        /// What it did.
        fault: Fault,
    },
    /// Wake the replica after a while. Setting a timer again moves it.
    SetTimer {
        /// The timer.
        timer: Timer,
        /// How long from now, in milliseconds.
        delay_ms: u64,
    },
    /// Forget a timer.
    CancelTimer(Timer),
    /// Forget every timer of consensus.
    CancelConsensusTimers,
    /// The answer to [`Event::Submitted`](crate::Event::Submitted).
    Admitted {
        /// The ticket of the submission.
        ticket: u64,
        /// What became of it.
        result: Result<Admission, AdmissionError>,
    },
    /// A pooled transaction left the pool: whoever waits for it learns how.
    Settled {
        /// The transaction.
        transaction_id: TransactionId,
        /// What became of it.
        outcome: Outcome,
    },
    /// Something to log or count.
    Notice(Notice),
}

/// An act on the write-ahead log.
#[derive(Debug)]
pub enum WalOperation {
    /// Begin the log anew at a height; all before it is committed.
    Reset {
        /// The height.
        height: u64,
    },
    /// Append an entry.
    Append(WalEntry),
    /// Make the entries durable.
    Flush,
}

/// What to do with a message that a peer handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is new and true: relay it.
    Accept,
    /// It is of no use here, and says nothing against whoever sent it.
    Ignore,
    /// It is false, and its sender could have known: count it against them.
    Reject,
}

/// What a peer is blamed for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// It answered with something else than was asked for.
    #[error("it answered a request with something else than was asked for")]
    FalseAnswer,
    /// A block for catching up whose certificate proves nothing.
    #[error("its block at height {height} is not certified: {error}")]
    FalseCertificate {
        /// The height.
        height: u64,
        /// Why the certificate proves nothing.
        error: CertificateError,
    },
    /// It says that it has a height, but does not give it.
    #[error("it says that it is at height {claimed}, but does not give height {height}")]
    Withheld {
        /// The height it claims.
        claimed: u64,
        /// The height that was asked for.
        height: u64,
    },
}

/// A timer of the replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Timer {
    /// One of consensus.
    Consensus(timer::Timer),
    /// The height begins even if nothing waits.
    Heartbeat {
        /// The height.
        height: u64,
    },
    /// A block whose time lies ahead of the clock may be judged.
    Hold {
        /// The block.
        block_id: BlockId,
    },
    /// Peers are asked how far they are, and requests that take long are made elsewhere.
    Survey,
    /// Transactions that wait for long are gossiped again.
    Regossip,
}

/// A submission that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It waits to be included.
    Pooled(TransactionId),
    /// It waited already.
    AlreadyPooled(TransactionId),
    /// It was committed before; its receipt can be made.
    Committed(TransactionId),
}

/// Why a submission was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdmissionError {
    /// It breaks a rule of the ledger.
    #[error(transparent)]
    Rule(#[from] Rule),
    /// The organization's share of the pool is full.
    #[error(
        "as many transactions of organization {organization} wait as this node's pool has room \
         for: try again in {retry_after_ms} ms"
    )]
    Full {
        /// The organization in whose name the transaction speaks.
        organization: OrganizationId,
        /// When to try again, in milliseconds.
        retry_after_ms: u64,
    },
}

/// How a pooled transaction ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// In a block.
    Committed {
        /// The block's height.
        height: u64,
        /// The transaction's index in it.
        index: u32,
    },
    /// Left out for good: it breaks this rule now.
    Refused(Rule),
}

/// Something to log or count; nothing depends on it.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A round began.
    RoundStarted {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// Whose turn it is.
        proposer: Address,
    },
    /// A height was committed.
    HeightCommitted {
        /// The height.
        height: u64,
        /// The round it was decided in.
        round: u32,
        /// The block.
        block_id: BlockId,
        /// Its time, in milliseconds since 1970.
        time_ms: u64,
        /// How many transactions it holds.
        transactions: u32,
    },
    /// This node follows without voting.
    VotingWithheld {
        /// The height.
        height: u64,
        /// Why.
        reason: Withheld,
    },
    /// A message was dropped.
    Discarded {
        /// Who sent it, if it came alone.
        from: Option<PeerNumber>,
        /// Why.
        error: MessageError,
    },
    /// A block was judged invalid.
    InvalidBlock {
        /// The block.
        block_id: BlockId,
        /// Why.
        error: InvalidBlock,
    },
    /// A block's time is away from the clock: it is held until the clock agrees or a certificate
    /// arrives.
    BlockHeld {
        /// The block.
        block_id: BlockId,
        /// Its time, in milliseconds since 1970.
        time_ms: u64,
        /// The clock, in milliseconds since 1970.
        now_ms: u64,
    },
    /// A block that others decided or voted for is not here: peers are asked for it.
    BlockWanted {
        /// The height.
        height: u64,
        /// The block.
        block_id: BlockId,
    },
    /// This node is behind what validators of more than a third of the power say.
    CatchingUp {
        /// The newest height here.
        height: u64,
        /// The height to reach.
        target: u64,
    },
    /// This node is no longer behind.
    CaughtUp {
        /// The newest height here.
        height: u64,
    },
    /// A validator contradicted itself: seen here, or told of by a peer. Said once for each offence
    /// in a run of the program.
    Misbehaviour(Box<Evidence>),
}
