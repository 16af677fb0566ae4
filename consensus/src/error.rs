//! What goes wrong: in a message of a peer, which costs the message; or in the engine, which stops
//! the node.

use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::TOTAL_POWER_MAX;

use crate::sign_record::{SignRefusal, SignStep};
use crate::timer::TimeoutOutOfBounds;

/// How many rounds beyond its own a node listens to: what lies further is dropped, so that one
/// validator cannot fill memory and log with rounds. It is the bound of the engine beneath.
pub const ROUNDS_AHEAD_MAX: u32 = 10;
/// How many heights beyond its own a node keeps messages for. Whoever is further behind catches
/// up by certificates, and votes are sent again.
pub const HEIGHTS_AHEAD_MAX: u64 = 4;
/// How many verdicts on blocks are kept for a height that has not started.
pub const EARLY_VERDICTS_MAX: usize = 64;
// The engine beneath multiplies powers by three without looking.
const _: () = assert!(TOTAL_POWER_MAX < u64::MAX / 3);

/// Why a message was dropped. None of these harms the node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The height is decided already.
    #[error("height {height} is behind: this node is at {current}")]
    PastHeight {
        /// The message's height.
        height: u64,
        /// This node's height.
        current: u64,
    },
    /// The height is too far ahead to keep messages for.
    #[error(
        "height {height} is more than {HEIGHTS_AHEAD_MAX} ahead of this node's {current}; it has \
         to catch up first"
    )]
    FarFutureHeight {
        /// The message's height.
        height: u64,
        /// This node's height.
        current: u64,
    },
    /// A certificate for a later height: its validator set is not known yet.
    #[error("a certificate of height {height} cannot be checked at height {current}")]
    FutureCertificate {
        /// The certificate's height.
        height: u64,
        /// This node's height.
        current: u64,
    },
    /// The round is too far ahead.
    #[error("round {round} is more than {ROUNDS_AHEAD_MAX} ahead of this node's {current}")]
    FarFutureRound {
        /// The message's round.
        round: u32,
        /// This node's round.
        current: u32,
    },
    /// The sender is not in the validator set.
    #[error("{0} is not a validator at this height")]
    UnknownValidator(Address),
    /// The proposal is not from its round's proposer.
    #[error("{address} proposed, but {expected} is the proposer of this round")]
    WrongProposer {
        /// Who proposed.
        address: Address,
        /// Whose turn it was.
        expected: Address,
    },
    /// A proposal's proof-of-lock round is not before its own round.
    #[error("the proof-of-lock round {pol_round} is not before the proposal's round {round}")]
    PolRoundNotEarlier {
        /// The proof-of-lock round.
        pol_round: u32,
        /// The proposal's round.
        round: u32,
    },
    /// A signature does not verify.
    #[error("the signature of {0} does not verify")]
    InvalidSignature(Address),
    /// A certificate's signatures are not sorted by address, or name one twice.
    #[error("the signatures of the certificate are not sorted by address, each address once")]
    UnsortedCertificate,
    /// A certificate of precommits holds a prevote.
    #[error("the certificate of precommits holds a prevote of {0}")]
    PrevoteAmongPrecommits(Address),
    /// A certificate has too little power.
    #[error("the certificate has {signed} of {total} voting power, which is not enough")]
    NotEnoughPower {
        /// The power that signed.
        signed: u64,
        /// The power of the whole set.
        total: u64,
    },
    /// The same kind of message was kept for this place already.
    #[error("enough messages of this kind are kept for a height that has not started")]
    AlreadyKept,
    /// Too many verdicts for a height that has not started.
    #[error(
        "more than {EARLY_VERDICTS_MAX} verdicts for a height that has not started; judge {0} \
         again after its start"
    )]
    TooManyEarlyVerdicts(BlockId),
    /// A timer of an earlier height or start.
    #[error("the timer belongs to an earlier height, or to an earlier start of this one")]
    StaleTimer,
}

impl MessageError {
    /// Does the message prove that its sender broke the rules, whatever this node has seen? Such
    /// a sender may be disconnected; the others only came too early, too late or twice.
    #[must_use]
    pub fn is_misbehaviour(&self) -> bool {
        matches!(
            self,
            Self::PolRoundNotEarlier { .. }
                | Self::InvalidSignature(_)
                | Self::UnsortedCertificate
                | Self::PrevoteAmongPrecommits(_)
                | Self::NotEnoughPower { .. }
        )
    }
}

/// Why the engine cannot go on. After any of these the node stops: what was not handed out as an
/// effect has not left, and the log restores the rest.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A timeout is outside its bounds.
    #[error(transparent)]
    Timeout(#[from] TimeoutOutOfBounds),
    /// The signer's guard refused.
    #[error(transparent)]
    Refused(#[from] SignRefusal),
    /// A replay derived another message than the log holds.
    #[error(
        "replaying the write-ahead log derived another {step} for height {height}, round {round} \
         than this validator signed before: either the log or the program changed; restore them, \
         or remove the log and follow without voting until the height is committed"
    )]
    ReplayDivergence {
        /// The message's step.
        step: SignStep,
        /// The message's height.
        height: u64,
        /// The message's round.
        round: u32,
    },
    /// The height is started already.
    #[error("height {height} is started already; this is a fault of the program, report it")]
    NotWaiting {
        /// The engine's height.
        height: u64,
    },
    /// A height at or below the current one was asked for.
    #[error(
        "the engine is at height {current} and cannot go back to {height}; this is a fault of \
         the program, report it"
    )]
    NotForward {
        /// The height asked for.
        height: u64,
        /// The engine's height.
        current: u64,
    },
    /// An entry of the log belongs to another height.
    #[error("a log entry of height {entry_height} cannot be replayed into height {height}")]
    ForeignReplay {
        /// The height being started.
        height: u64,
        /// The entry's height.
        entry_height: u64,
    },
    /// An earlier error already stopped the engine.
    #[error("the consensus engine stopped after an earlier error; restart the node")]
    Stopped,
    /// The engine beneath failed.
    #[error("the consensus engine failed: {0}; restart the node, and report this")]
    Core(String),
}
