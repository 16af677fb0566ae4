//! Why a node's answer is not used: it is a lie, or it says too little. The two never mix.
//!
//! ```text
//! answer ─▶ decodes, proves, agrees with itself? ─ no ─▶ Lie            exit 20
//!              │ yes
//!              └─▶ recent enough, complete?      ─ no ─▶ CouldNotCheck  exit 21
//! no answer ────────────────────────────────────────────▶ CouldNotCheck  exit 21
//! ```

use std::sync::Arc;

use vouchsafe_types::checkpoint::CheckpointError;
use vouchsafe_types::consistency::ConsistencyError;
use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::verifier::ProofError;

use crate::duration;
use crate::exit::Exit;
use crate::fork::Fork;
use crate::node_url::NodeUrl;
use crate::timestamp;

/// An answer that contradicts its own proof, or itself. An honest node gives none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// A proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A part that every such answer has is missing.
    #[error("the answer has no {0}")]
    Missing(&'static str),
    /// The answer is about another transaction.
    #[error("the answer is about transaction {actual}, not {expected}")]
    OtherTransaction {
        /// The one asked for.
        expected: TransactionId,
        /// The one answered.
        actual: String,
    },
    /// The record does not agree with itself or with its header.
    #[error("the record {0}")]
    Record(#[from] RecordFault),
    /// The log's events lead to another record.
    #[error("the events lead to another status than the record's")]
    EventsDisagree,
    /// An event does not agree with the transaction that it names.
    #[error("event {index} differs from transaction {id} in its {part}")]
    EventDiffers {
        /// The event's index.
        index: u64,
        /// The transaction it names.
        id: TransactionId,
        /// What differs.
        part: &'static str,
    },
    /// A page of a log is not the page asked for.
    #[error("a page of {actual} entries was given where {expected} were asked for and exist")]
    Page {
        /// The entries asked for.
        expected: u64,
        /// The entries given.
        actual: usize,
    },
    /// A page of evidence does not go on where the one before ended.
    #[error("evidence of block {height} was given where it should begin at {from_height}")]
    EvidenceOrder {
        /// The block given.
        height: u64,
        /// Where the page should begin.
        from_height: u64,
    },
    /// A block is not the one that comes next.
    #[error(
        "block {height} was given where block {expected}, the child of the one before, should be"
    )]
    OtherBlock {
        /// The block given.
        height: u64,
        /// The height that comes next.
        expected: u64,
    },
    /// The status of an older block was given for the newest.
    #[error("the status of block {height} was given under block {newest}, whose own was asked for")]
    OldStatus {
        /// The block whose status it is.
        height: u64,
        /// The newest block that the answer proves.
        newest: u64,
    },
    /// A checkpoint is none, or its signature does not hold.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The checkpoint is not the one that more than two thirds of the power signed.
    #[error(
        "it signed another history of {size} blocks than more than two thirds of the voting power: \
         root {root}"
    )]
    OtherHistory {
        /// The size.
        size: u64,
        /// The root signed.
        root: Digest,
    },
    /// A consistency proof does not hold.
    #[error(transparent)]
    Consistency(ConsistencyError),
    /// Two blocks were certified at one height: more than a third of the voting power lies.
    #[error("{0}")]
    Fork(Arc<Fork>),
}

/// Which rule an asset's record breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// Organizations stand out of order or twice.
    #[error("does not name its organizations in ascending order")]
    Order,
    /// An organization is said to say nothing.
    #[error("holds the status UNKNOWN")]
    Unknown,
    /// Status and reason do not belong together.
    #[error("gives a reason that does not belong to its status")]
    Reason,
    /// The deciding event is not in the log.
    #[error("names a deciding event that its log does not hold")]
    EventIndex,
    /// A status began after the header.
    #[error("says that a status began after the header that proves it")]
    Since,
}

/// Why there is no answer, or one that says too little.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CouldNotCheck {
    /// No connection.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// TLS cannot be spoken with the node.
    #[error(
        "has no TLS that can be believed: {0}; look at --tls-ca and --tls-server-name, and at \
         --tls-certificate if the node asks for one"
    )]
    Tls(String),
    /// The connection broke.
    #[error("broke the connection: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("did not answer within {}", duration::text(*.0))]
    Timeout(u64),
    /// No answer yet, when enough others had answered, in milliseconds.
    #[error(
        "had not answered after {}, when others had, and was not waited for",
        duration::text(*.0)
    )]
    Slow(u64),
    /// The node says that the network makes no blocks now.
    #[error("says: {0}")]
    CannotCommit(String),
    /// The node refuses or cannot answer.
    #[error("answered {code}: {message}")]
    Status {
        /// The gRPC code.
        code: &'static str,
        /// The node's words, bounded.
        message: String,
        /// The rule that the node names, if it names one.
        rule: Option<String>,
    },
    /// The answer is over the bound.
    #[error("answered more than is read at once: {0}")]
    TooLarge(String),
    /// The header is too old.
    #[error(
        "gave a proof of height {height}, {} old, older than the {} allowed: the node is cut off \
         or hides what is new, or this machine's clock is fast; ask another --node, or allow more \
         with --max-age",
        duration::text(*.age_ms), duration::text(*.age_max_ms)
    )]
    Stale {
        /// The header's height.
        height: u64,
        /// Its age by this machine's clock, in milliseconds.
        age_ms: u64,
        /// The age allowed, in milliseconds.
        age_max_ms: u64,
    },
    /// The header is too old, and another node has a newer one.
    #[error(
        "is behind: its newest block {height} is {} older than block {newest}, which another node \
         proved",
        duration::text(*.behind_ms)
    )]
    Lagging {
        /// The node's height.
        height: u64,
        /// The newest height.
        newest: u64,
        /// How much older the node's header is, in milliseconds.
        behind_ms: u64,
    },
    /// The header is from the future.
    #[error(
        "gave a proof of height {height} from {}, {} ahead of this machine's clock, which hides \
         how old it is: set the clock",
        timestamp::text(*.time_ms), duration::text(*.ahead_ms)
    )]
    Future {
        /// The header's height.
        height: u64,
        /// Its time, in milliseconds since 1970.
        time_ms: u64,
        /// How far ahead it is, in milliseconds.
        ahead_ms: u64,
    },
    /// The header is older than one already seen.
    #[error(
        "gave a proof of height {height}, but height {seen} was seen before: the node is behind \
         or hides what is new; ask another --node, or try again"
    )]
    RolledBack {
        /// The header's height.
        height: u64,
        /// The height seen.
        seen: u64,
    },
    /// The node has not all of a log yet.
    #[error("has {total} of the {count} entries of the log: it is behind; ask another --node")]
    Behind {
        /// What the node has.
        total: u64,
        /// What the record names.
        count: u64,
    },
    /// A checkpoint without a validator's signature.
    #[error("is no validator's node, so that its signature does not count; ask another --node")]
    NoValidator,
    /// The answer says nothing of the moment that was asked about.
    #[error("cannot tell: {0}")]
    Moment(String),
    /// The task that asked ended early.
    #[error("was not asked to the end: {0}")]
    Interrupted(String),
}

/// Why an answer is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is a lie.
    #[error("PROOF INVALID: {0}")]
    Lie(#[from] Lie),
    /// It says too little.
    #[error("{0}")]
    CouldNotCheck(#[from] CouldNotCheck),
}

impl From<ProofError> for AnswerError {
    fn from(error: ProofError) -> Self {
        Self::Lie(Lie::Proof(error))
    }
}

/// Whose answer is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{node}: {error}")]
pub struct NodeFailure {
    /// The node.
    pub node: NodeUrl,
    /// Why.
    #[source]
    pub error: AnswerError,
}

impl NodeFailure {
    /// Did the node lie?
    #[must_use]
    pub fn is_lie(&self) -> bool {
        matches!(self.error, AnswerError::Lie(_))
    }
}

/// Writes failures, each cause once with all nodes that gave it. Lies first: they are what must be
/// read.
pub(crate) fn write_causes(
    formatter: &mut std::fmt::Formatter<'_>,
    failures: &[NodeFailure],
) -> std::fmt::Result {
    let mut causes: Vec<(String, Vec<&NodeUrl>)> = Vec::new();
    let lies_first = failures.iter().filter(|one| one.is_lie());
    for failure in lies_first.chain(failures.iter().filter(|one| !one.is_lie())) {
        let cause = failure.error.to_string();
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, nodes)) => nodes.push(&failure.node),
            None => causes.push((cause, vec![&failure.node])),
        }
    }
    for (cause, nodes) in causes {
        let nodes: Vec<_> = nodes.iter().map(ToString::to_string).collect();
        write!(formatter, "; {}: {cause}", nodes.join(", "))?;
    }
    Ok(())
}

/// No node gave an answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer(pub Vec<NodeFailure>);

impl NoAnswer {
    /// A lie among the failures is never hidden behind a node that merely did not answer.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.0.iter().any(NodeFailure::is_lie) {
            Exit::ProofInvalid
        } else {
            Exit::CouldNotCheck
        }
    }
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, lies) = match self.exit() {
            Exit::ProofInvalid => ("a node gave a proof that does not hold", true),
            _ => ("no node gave a proof that can be used", false),
        };
        formatter.write_str(word)?;
        write_causes(formatter, &self.0)?;
        if lies { Ok(()) } else { formatter.write_str(" (so nothing is known)") }
    }
}

impl std::error::Error for NoAnswer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(error: impl Into<AnswerError>) -> NodeFailure {
        NodeFailure { node: "http://127.0.0.1:1".parse().expect("valid"), error: error.into() }
    }

    #[test]
    fn a_lie_is_20_and_silence_is_21_and_a_lie_is_never_hidden() {
        let silent = failure(CouldNotCheck::Unreachable("refused".into()));
        let lying = failure(Lie::Missing("head"));
        assert_eq!(NoAnswer(vec![silent.clone()]).exit(), Exit::CouldNotCheck);
        assert_eq!(NoAnswer(vec![lying.clone()]).exit(), Exit::ProofInvalid);
        assert_eq!(NoAnswer(vec![silent, lying]).exit(), Exit::ProofInvalid);
        assert_eq!(NoAnswer(vec![]).exit(), Exit::CouldNotCheck);
    }

    #[test]
    fn the_message_names_node_check_and_remedy() {
        let stale = CouldNotCheck::Stale { height: 7, age_ms: 90_000, age_max_ms: 60_000 };
        let text = NoAnswer(vec![failure(stale)]).to_string();
        for part in ["http://127.0.0.1:1", "height 7", "--max-age", "nothing is known"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_cause_is_told_once_with_all_nodes_that_gave_it() {
        let silent = |port: u16| NodeFailure {
            node: format!("http://127.0.0.1:{port}").parse().expect("valid"),
            error: CouldNotCheck::Timeout(1).into(),
        };
        let text = NoAnswer(vec![silent(1), failure(Lie::Missing("head")), silent(2)]).to_string();
        assert!(text.contains("http://127.0.0.1:1, http://127.0.0.1:2: did not"), "{text}");
        assert_eq!(text.matches("did not answer").count(), 1, "{text}");
        assert!(text.find("no head") < text.find("did not"), "lies first: {text}");
    }
}
