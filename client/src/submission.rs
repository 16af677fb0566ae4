//! Handing in a signed transaction until its receipt is proven, or it is certain what became of it.
//!
//! ```text
//! store + sync ─▶ node 1 ─ refused / full / unreachable / lost ─▶ node 2 ─▶ …
//!                   ├ silent for a while ────────────────────────▶ node 2 as well ─▶ …
//!                   └ receipt, proven ─▶ forget the stored copy
//!
//! refused, and no node may have taken it ─▶ forget it, say which rule
//! anything else                          ─▶ keep it: the next vouch sends the same bytes again
//! ```
//!
//! Every node gets the same signed bytes, which the ledger takes once: it does no harm that two
//! nodes have them, and a node that is cut off from the others cannot use up the wait.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::Code;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::answer::{AnswerError, CouldNotCheck, NodeFailure, write_causes};
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::node_client::{CANNOT_COMMIT, CallError, NodeClient};
use crate::nodes::Nodes;
use crate::proven::{self, ProvenTransaction};
use crate::standing::Standing;
use crate::timestamp;

/// A node that has given no receipt for so long is not waited for alone.
const ALONE_MAX: Duration = Duration::from_secs(3);
/// The shortest wait that a node is asked for, in milliseconds.
const WAIT_MS_LEAST: u64 = 1_000;

/// What became of a transaction that brought no receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Every node that answered refused it by a rule, and none may have taken it.
    Refused,
    /// No node has taken it.
    NotTaken,
    /// A node may have taken it.
    InDoubt,
    /// A node says that the network makes no blocks now; it may have taken it.
    CannotCommit,
    /// It was not handed in: an earlier one about the same files could still come after it, and undo
    /// it.
    Behind(TransactionId),
}

/// No receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReceipt {
    /// The transaction.
    pub id: TransactionId,
    /// When it expires, in milliseconds since 1970.
    pub expiry_ms: u64,
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
            Fate::NotTaken | Fate::InDoubt | Fate::CannotCommit | Fate::Behind(_) => {
                Exit::CouldNotCheck
            }
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
        let kept = format!(
            "it is kept and sent again, byte for byte, by the next vouch sign or revoke (run the \
             same command again), until it expires at {}",
            timestamp::text(self.expiry_ms)
        );
        match self.fate {
            Fate::Refused => write!(formatter, "transaction {id} is refused")?,
            Fate::NotTaken => {
                write!(formatter, "transaction {id} could not be handed in; {kept}")?;
            }
            Fate::InDoubt => write!(
                formatter,
                "transaction {id} has no receipt yet, and may still be included; {kept}"
            )?,
            Fate::Behind(earlier) => write!(
                formatter,
                "transaction {id} is signed and not handed in yet: the earlier transaction \
                 {earlier} names the same files, has no receipt yet, and would undo this one if it \
                 came later; run the same command again until both are in a block, or the earlier \
                 one has expired (this one expires at {})",
                timestamp::text(self.expiry_ms)
            )?,
            Fate::CannotCommit => write!(
                formatter,
                "{CANNOT_COMMIT}: transaction {id} has no receipt yet, and may be included when \
                 enough validators are back; {kept}"
            )?,
        }
        write_causes(formatter, &self.failures)
    }
}

impl std::error::Error for NoReceipt {}

/// What one node's failure says about the transaction.
fn fate_of(error: &CallError) -> Fate {
    match error {
        CallError::Unreachable(_) | CallError::Tls(_) | CallError::Full { .. } => Fate::NotTaken,
        CallError::CannotCommit(_) => Fate::CannotCommit,
        CallError::Status { code: Code::InvalidArgument | Code::FailedPrecondition, .. } => {
            Fate::Refused
        }
        CallError::Status { code: Code::Unimplemented | Code::PermissionDenied, .. } => {
            Fate::NotTaken
        }
        CallError::Timeout(_)
        | CallError::TooLarge(_)
        | CallError::Broken(_)
        | CallError::Status { .. } => Fate::InDoubt,
    }
}

/// The fate that follows from all nodes' answers.
fn fate_of_all(fates: &[Fate]) -> Fate {
    // Whatever may have been taken is kept; why it is not in a block yet is worth most.
    let first = [Fate::CannotCommit, Fate::InDoubt, Fate::Refused];
    first.into_iter().find(|fate| fates.contains(fate)).unwrap_or(Fate::NotTaken)
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
    let verifier = nodes.trust().verifier();
    proven::transaction(verifier, &transaction.id(), bytes, Some(&receipt))
        .and_then(|proven| nodes.witness().head(node.url(), &proven.head).map(|()| proven))
        .map_err(|lie| Attempt { fate: Fate::InDoubt, retry_after_ms: None, error: lie.into() })
}

/// One round through the nodes: the next one is asked when one fails, or has been silent for a
/// while.
struct Round<'a> {
    nodes: &'a Nodes,
    transaction: &'a VerifiedTransaction,
    deadline: Instant,
    /// How long the newest node asked is waited for alone.
    alone: Duration,
    began: Instant,
    tasks: JoinSet<(usize, Result<ProvenTransaction, Attempt>)>,
    /// The nodes by their places, those that have failed this command last.
    order: Vec<usize>,
    asked: usize,
    answered: Vec<usize>,
    fates: Vec<Fate>,
    pause_ms: Option<u64>,
    failures: Vec<NodeFailure>,
}

impl<'a> Round<'a> {
    fn new(nodes: &'a Nodes, transaction: &'a VerifiedTransaction, deadline: Instant) -> Self {
        let began = Instant::now();
        let share = u32::try_from(nodes.clients().len().max(1)).expect("nodes are few");
        let failed = |place: &usize| {
            let standing = nodes.witness().standing_of(nodes.clients()[*place].url());
            standing.is_some_and(|standing| standing > Standing::Used)
        };
        let mut order: Vec<_> = (0..nodes.clients().len()).collect();
        order.sort_by_key(failed);
        Self {
            order,
            nodes,
            transaction,
            deadline,
            alone: ALONE_MAX.min(deadline.saturating_duration_since(began) / share),
            began,
            tasks: JoinSet::new(),
            asked: 0,
            answered: Vec::new(),
            fates: Vec::new(),
            pause_ms: None,
            failures: Vec::new(),
        }
    }

    fn ask_next(&mut self) {
        let Some(place) = self.order.get(self.asked).copied() else { return };
        let node = self.nodes.clients()[place].clone();
        let (nodes, transaction) = (self.nodes.clone(), self.transaction.clone());
        let left_ms = milliseconds(self.deadline.saturating_duration_since(Instant::now()));
        let wait_ms = u32::try_from(left_ms.max(WAIT_MS_LEAST)).unwrap_or(u32::MAX);
        self.asked += 1;
        self.tasks
            .spawn(async move { (place, submit_to(&node, &nodes, &transaction, wait_ms).await) });
    }

    /// The first proven receipt, if any node gives one.
    async fn run(&mut self) -> Option<ProvenTransaction> {
        self.ask_next();
        while !self.tasks.is_empty() {
            let silent_until = Instant::now() + self.alone;
            let joined = tokio::select! {
                joined = self.tasks.join_next() => joined,
                () = sleep_until(silent_until), if self.asked < self.order.len() => {
                    self.ask_next();
                    continue;
                }
            };
            let Some(Ok((place, result))) = joined else {
                // A task that ended early may have handed it in.
                self.fates.push(Fate::InDoubt);
                continue;
            };
            let node = self.nodes.clients()[place].url();
            self.answered.push(place);
            match result {
                Ok(proven) => {
                    self.nodes.witness().used(node);
                    self.name_the_silent();
                    return Some(proven);
                }
                Err(attempt) => {
                    self.fates.push(attempt.fate);
                    self.pause_ms = self.pause_ms.max(attempt.retry_after_ms);
                    let node = node.clone();
                    self.failures.push(NodeFailure { node, error: attempt.error });
                    self.ask_next();
                }
            }
        }
        None
    }

    /// Nodes that were asked, and slower than another's receipt.
    fn name_the_silent(&mut self) {
        let waited_ms = milliseconds(self.began.elapsed());
        let asked = self.order[..self.asked].iter().copied();
        for place in asked.filter(|place| !self.answered.contains(place)) {
            let node = self.nodes.clients()[place].url().clone();
            self.failures.push(NodeFailure { node, error: CouldNotCheck::Slow(waited_ms).into() });
        }
    }
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
        let mut round = Round::new(nodes, transaction, deadline);
        let proven = round.run().await;
        let Round { fates, pause_ms, failures, .. } = round;
        nodes.witness().failed(&failures);
        if let Some(proven) = proven {
            return Ok((proven, failures));
        }
        let fate = fate_of_all(&fates);
        match pause_ms.map(Duration::from_millis) {
            Some(pause) if fate == Fate::NotTaken && Instant::now() + pause < deadline => {
                sleep(pause).await;
            }
            _ => {
                let expiry_ms = transaction.body().expiry_ms;
                return Err(NoReceipt { id: transaction.id(), expiry_ms, fate, failures });
            }
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
        assert_eq!(fate_of(&CallError::Broken(String::new())), Fate::InDoubt);
        assert_eq!(fate_of_all(&[Fate::Refused, Fate::NotTaken]), Fate::Refused);
        assert_eq!(fate_of_all(&[Fate::Refused, Fate::InDoubt]), Fate::InDoubt);
        assert_eq!(fate_of_all(&[Fate::NotTaken]), Fate::NotTaken);
        assert_eq!(fate_of_all(&[]), Fate::NotTaken);
        let cut_off = fate_of(&CallError::CannotCommit(String::new()));
        assert_eq!(fate_of_all(&[Fate::Refused, cut_off, Fate::InDoubt]), Fate::CannotCommit);
    }

    #[test]
    fn no_receipt_is_never_a_success_and_a_lie_is_20() {
        let id = TransactionId::default();
        let lie = crate::answer::Lie::Missing("head");
        let failure =
            NodeFailure { node: "http://127.0.0.1:1".parse().expect("valid"), error: lie.into() };
        for fate in [Fate::Refused, Fate::NotTaken, Fate::InDoubt, Fate::CannotCommit] {
            let honest = NoReceipt { id, expiry_ms: 0, fate, failures: vec![] };
            assert_ne!(honest.exit(), Exit::Success);
            let lied = NoReceipt { id, expiry_ms: 0, fate, failures: vec![failure.clone()] };
            assert_eq!(lied.exit(), Exit::ProofInvalid);
        }
    }
}
