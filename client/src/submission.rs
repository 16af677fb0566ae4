//! Handing in a signed transaction until its receipt is proven, or it is certain what became of it.
//!
//! ```text
//! store + sync ─▶ node 1 ─ refused / full / unreachable / lost ─▶ node 2 ─▶ …
//!                   │ receipt, proven
//!                   └─▶ forget the stored copy
//!
//! refused, and no node may have taken it ─▶ forget it, say which rule
//! anything else                          ─▶ keep it: the next vouch sends the same bytes again
//! ```

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::Code;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::answer::{AnswerError, CouldNotCheck, NodeFailure};
use crate::exit::Exit;
use crate::node_client::{CallError, NodeClient};
use crate::nodes::Nodes;
use crate::proven::{self, ProvenTransaction};

/// What became of a transaction that brought no receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Every node that answered refused it by a rule, and none may have taken it.
    Refused,
    /// No node has taken it.
    NotTaken,
    /// A node may have taken it.
    InDoubt,
}

/// No receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReceipt {
    /// The transaction.
    pub id: TransactionId,
    /// What became of it.
    pub fate: Fate,
    /// Each node's answer.
    pub failures: Vec<NodeFailure>,
}

impl NoReceipt {
    /// A lie is 20, a refusal the caller's fault, anything else not known.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.fate {
            _ if self.failures.iter().any(NodeFailure::is_lie) => Exit::ProofInvalid,
            Fate::Refused => Exit::Usage,
            Fate::NotTaken | Fate::InDoubt => Exit::CouldNotCheck,
        }
    }
}

impl NoReceipt {
    /// The rule that the first node to refuse it named.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.failures.iter().find_map(|failure| match &failure.error {
            AnswerError::CouldNotCheck(CouldNotCheck::Status { rule, .. }) => rule.as_deref(),
            _ => None,
        })
    }
}

impl std::fmt::Display for NoReceipt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = self.id;
        match self.fate {
            Fate::Refused => write!(formatter, "transaction {id} is refused")?,
            Fate::NotTaken => write!(
                formatter,
                "transaction {id} could not be handed in; it is kept and sent again by the next \
                 vouch sign or revoke, until it expires"
            )?,
            Fate::InDoubt => write!(
                formatter,
                "transaction {id} has no receipt yet, and may still be included; it is kept and \
                 sent again by the next vouch sign or revoke, until it expires"
            )?,
        }
        self.failures.iter().try_for_each(|failure| write!(formatter, "; {failure}"))
    }
}

impl std::error::Error for NoReceipt {}

/// What one node's failure says about the transaction.
fn fate_of(error: &CallError) -> Fate {
    match error {
        CallError::Unreachable(_) | CallError::Full { .. } => Fate::NotTaken,
        CallError::Status { code: Code::InvalidArgument | Code::FailedPrecondition, .. } => {
            Fate::Refused
        }
        CallError::Status { code: Code::Unimplemented | Code::PermissionDenied, .. } => {
            Fate::NotTaken
        }
        CallError::Timeout(_) | CallError::TooLarge(_) | CallError::Status { .. } => Fate::InDoubt,
    }
}

/// The fate that follows from all nodes' answers.
fn fate_of_all(fates: &[Fate]) -> Fate {
    if fates.contains(&Fate::InDoubt) {
        Fate::InDoubt
    } else if fates.contains(&Fate::Refused) {
        Fate::Refused
    } else {
        Fate::NotTaken
    }
}

/// Why one node gave no receipt.
struct Attempt {
    fate: Fate,
    retry_after_ms: Option<u64>,
    error: AnswerError,
}

async fn submit_to(
    node: &NodeClient,
    nodes: &Nodes,
    transaction: &VerifiedTransaction,
    wait_ms: u32,
) -> Result<ProvenTransaction, Attempt> {
    let bytes = transaction.bytes();
    let receipt = node.submit_and_wait(bytes.to_vec(), wait_ms).await.map_err(|error| {
        let retry_after_ms = match &error {
            CallError::Full { retry_after_ms, .. } => Some(*retry_after_ms),
            _ => None,
        };
        Attempt { fate: fate_of(&error), retry_after_ms, error: CouldNotCheck::from(error).into() }
    })?;
    proven::transaction(nodes.trust().verifier(), &transaction.id(), bytes, Some(&receipt))
        .map_err(|lie| Attempt { fate: Fate::InDoubt, retry_after_ms: None, error: lie.into() })
}

/// Hands a transaction in, node after node, until one gives a receipt that is proven. Nodes that
/// are full are asked again within the wait.
///
/// # Errors
/// [`NoReceipt`].
pub async fn submit(
    nodes: &Nodes,
    transaction: &VerifiedTransaction,
    wait_ms: u32,
) -> Result<(ProvenTransaction, Vec<NodeFailure>), NoReceipt> {
    let deadline = Instant::now() + Duration::from_millis(u64::from(wait_ms));
    loop {
        let mut failures = Vec::new();
        let mut fates = Vec::new();
        let mut pause_ms = None;
        for node in nodes.clients() {
            match submit_to(node, nodes, transaction, wait_ms).await {
                Ok(proven) => return Ok((proven, failures)),
                Err(attempt) => {
                    fates.push(attempt.fate);
                    pause_ms = pause_ms.max(attempt.retry_after_ms);
                    failures.push(NodeFailure { node: node.url().clone(), error: attempt.error });
                }
            }
        }
        let fate = fate_of_all(&fates);
        match pause_ms.map(Duration::from_millis) {
            Some(pause) if fate == Fate::NotTaken && Instant::now() + pause < deadline => {
                sleep(pause).await;
            }
            _ => return Err(NoReceipt { id: transaction.id(), fate, failures }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: Code) -> CallError {
        CallError::Status { code, message: String::new(), rule: None }
    }

    #[test]
    fn a_transaction_is_given_up_only_when_no_node_may_have_taken_it() {
        assert_eq!(fate_of(&status(Code::FailedPrecondition)), Fate::Refused);
        assert_eq!(fate_of(&status(Code::InvalidArgument)), Fate::Refused);
        let full = CallError::Full { retry_after_ms: 1, message: String::new() };
        assert_eq!(fate_of(&full), Fate::NotTaken);
        assert_eq!(fate_of(&CallError::Unreachable(String::new())), Fate::NotTaken);
        for doubtful in [Code::DeadlineExceeded, Code::Unavailable, Code::Unknown, Code::Internal] {
            assert_eq!(fate_of(&status(doubtful)), Fate::InDoubt, "{doubtful:?}");
        }
        assert_eq!(fate_of(&CallError::Timeout(1)), Fate::InDoubt);
        assert_eq!(fate_of_all(&[Fate::Refused, Fate::NotTaken]), Fate::Refused);
        assert_eq!(fate_of_all(&[Fate::Refused, Fate::InDoubt]), Fate::InDoubt);
        assert_eq!(fate_of_all(&[Fate::NotTaken]), Fate::NotTaken);
        assert_eq!(fate_of_all(&[]), Fate::NotTaken);
    }

    #[test]
    fn no_receipt_is_never_a_success_and_a_lie_is_20() {
        let id = TransactionId::default();
        let lie = crate::answer::Lie::Missing("head");
        let failure =
            NodeFailure { node: "http://127.0.0.1:1".parse().expect("valid"), error: lie.into() };
        for fate in [Fate::Refused, Fate::NotTaken, Fate::InDoubt] {
            let honest = NoReceipt { id, fate, failures: vec![] };
            assert_ne!(honest.exit(), Exit::Success);
            let lied = NoReceipt { id, fate, failures: vec![failure.clone()] };
            assert_eq!(lied.exit(), Exit::ProofInvalid);
        }
    }
}
