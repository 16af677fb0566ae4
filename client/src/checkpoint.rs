//! Checkpoints from nodes: each validator's signature under one history, collected until more than
//! two thirds of the power agree; and whether a later history continues an earlier one.
//!
//! ```text
//! every node ─ newest size ─▶ a size that more than two thirds have
//! every node ─ its signature at that size ─▶ proven header ─▶ set ─▶ counted
//! ```

use futures::future::join_all;
use vouchsafe_proto::v1::GetCheckpointResponse;
use vouchsafe_types::checkpoint::{CheckpointError, NoteSignature, SignedCheckpoint};
use vouchsafe_types::consistency::{ConsistencyError, ConsistencyProof};
use vouchsafe_types::set_change::SetChange;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::verifier::{Verifier, decode};

use crate::answer::{AnswerError, CouldNotCheck, Lie, NoAnswer, NodeFailure};
use crate::node_client::NodeClient;
use crate::node_url::NodeUrl;
use crate::nodes::Nodes;
use crate::proven;
use crate::trust::Trust;

/// A checkpoint that counts, and who signed it.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The checkpoint with all signatures.
    pub signed: SignedCheckpoint,
    /// The validators of its last block.
    pub set: ValidatorSet,
    /// Nodes that gave nothing, or a lie.
    pub failures: Vec<NodeFailure>,
}

/// Why there is no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// No node gave one.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Too few gave one.
    #[error("{error}: name a --node of more organizations; missing: {missing}")]
    TooFew {
        /// What the signatures have.
        error: CheckpointError,
        /// Why the others are missing.
        missing: NoAnswer,
    },
    /// Validators signed two histories.
    #[error(
        "{first} and {second} signed different histories of {size} blocks: the chain is forked, or \
         a validator lies"
    )]
    Differ {
        /// One node.
        first: String,
        /// Another.
        second: String,
        /// The size.
        size: u64,
    },
}

/// Collects a checkpoint of a size, or of the newest that more than two thirds of the nodes have.
///
/// # Errors
/// [`CollectError`].
pub async fn collect(nodes: &Nodes, size: Option<u64>) -> Result<Collected, CollectError> {
    let size = match size {
        Some(size) => size,
        None => common_size(nodes).await?,
    };
    let mut failures = Vec::new();
    let mut found: Option<(String, SignedCheckpoint, ValidatorSet)> = None;
    for (url, answer) in signed_by_all(nodes, size).await {
        let (given, set) = match answer {
            Ok(given) => given,
            Err(error) => {
                failures.push(NodeFailure { node: url, error });
                continue;
            }
        };
        match &mut found {
            None => found = Some((url.to_string(), given, set)),
            Some((first, all, _)) if all.checkpoint != given.checkpoint => {
                let (first, second) = (first.clone(), url.to_string());
                return Err(CollectError::Differ { first, second, size });
            }
            Some((_, all, _)) => add(all, &given.signatures),
        }
    }
    let Some((_, signed, set)) = found else { return Err(NoAnswer(failures).into()) };
    match signed.verify(nodes.trust().chain_id(), &set) {
        Ok(()) => Ok(Collected { signed, set, failures }),
        Err(error) => Err(CollectError::TooFew { error, missing: NoAnswer(failures) }),
    }
}

/// Adds those of validators who have not signed yet, in the order of addresses.
fn add(all: &mut SignedCheckpoint, more: &[NoteSignature]) {
    for signature in more {
        if all.signatures.iter().all(|one| one.address != signature.address) {
            all.signatures.push(*signature);
        }
    }
    all.signatures.sort_by_key(|signature| signature.address);
}

/// The newest size that more than two thirds of the nodes that answer have.
async fn common_size(nodes: &Nodes) -> Result<u64, NoAnswer> {
    let (mut sizes, mut failures) = (Vec::new(), Vec::new());
    for (node, answer) in signed_by_all(nodes, 0).await {
        match answer {
            Ok((given, _)) => sizes.push(given.checkpoint.size),
            Err(error) => failures.push(NodeFailure { node, error }),
        }
    }
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    sizes.get(sizes.len() * 2 / 3).copied().ok_or(NoAnswer(failures))
}

type Signed = Result<(SignedCheckpoint, ValidatorSet), AnswerError>;

/// What each node signed of a size (0: its newest), all asked at once, in their order.
async fn signed_by_all(nodes: &Nodes, size: u64) -> Vec<(NodeUrl, Signed)> {
    let ask = |node: &NodeClient| {
        let (node, trust) = (node.clone(), nodes.trust().clone());
        async move { (node.url().clone(), signed_by(&trust, &node, size).await) }
    };
    join_all(nodes.clients().iter().map(ask)).await
}

/// What one node signed of a size (0: its newest), each signature held against the validators who
/// decided its last block.
async fn signed_by(trust: &Trust, node: &NodeClient, size: u64) -> Signed {
    let answer = node.checkpoint(size).await.map_err(CouldNotCheck::from)?;
    let verifier = led(trust.verifier(), &answer)?;
    let head = proven::head(&verifier, answer.head.as_ref())?;
    let lie = |error: CheckpointError| AnswerError::from(Lie::Checkpoint(error));
    let signed = SignedCheckpoint::parse(answer.note.as_bytes()).map_err(lie)?;
    let height = head.header().height;
    if signed.checkpoint.size != height || (size != 0 && height != size) {
        return Err(Lie::Missing("checkpoint of that size").into());
    }
    let set = verifier.validators();
    match signed.verify(trust.chain_id(), set) {
        // One validator alone never has the power; its signature holds.
        Ok(()) | Err(CheckpointError::Power { .. }) => Ok((signed, set.clone())),
        Err(error) => Err(lie(error)),
    }
}

fn led(verifier: &Verifier, answer: &GetCheckpointResponse) -> Result<Verifier, AnswerError> {
    let change = |bytes: &Vec<u8>| decode::<SetChange>("change of the validator set", bytes);
    let changes = answer.changes.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    Ok(verifier.led_through(&changes)?)
}

/// Why a later history is not shown to continue an earlier one.
#[derive(Debug, thiserror::Error)]
pub enum ContinuationError {
    /// Both are of one size, and differ.
    #[error("both checkpoints are of {0} blocks and have different roots: the chain is forked")]
    Forked(u64),
    /// Every node that answered gave a proof that does not hold.
    #[error(
        "no node could show that the {second} blocks begin with the {first}: the history was \
         rewritten, or every node asked lies; {failures}"
    )]
    Rewritten {
        /// The earlier size.
        first: u64,
        /// The later size.
        second: u64,
        /// What each node's proof lacks.
        failures: NoAnswer,
    },
    /// No node answered.
    #[error(transparent)]
    NoAnswer(NoAnswer),
}

/// Checks that a later checkpoint continues an earlier one, by a proof of any node.
///
/// # Errors
/// [`ContinuationError`].
pub async fn continues(
    nodes: &Nodes,
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
) -> Result<(), ContinuationError> {
    let (old, new) = (&old.checkpoint, &new.checkpoint);
    let (first, second) = (old.size, new.size);
    if first == second {
        return if old.root == new.root { Ok(()) } else { Err(ContinuationError::Forked(first)) };
    }
    let mut failures = Vec::new();
    for node in nodes.clients() {
        let error = match consistency_of(node, first, second).await {
            Ok(proof) => match proof.verify(&old.root, &new.root) {
                Ok(()) => return Ok(()),
                Err(error) => Lie::Consistency(error).into(),
            },
            Err(error) => error,
        };
        failures.push(NodeFailure { node: node.url().clone(), error });
    }
    let failures = NoAnswer(failures);
    if failures.0.iter().any(NodeFailure::is_lie) {
        return Err(ContinuationError::Rewritten { first, second, failures });
    }
    Err(ContinuationError::NoAnswer(failures))
}

async fn consistency_of(
    node: &NodeClient,
    first: u64,
    second: u64,
) -> Result<ConsistencyProof, AnswerError> {
    let answer = node.consistency(first, second).await.map_err(CouldNotCheck::from)?;
    let proof: ConsistencyProof = decode("consistency proof", &answer.proof)?;
    if (proof.first, proof.second) != (first, second) {
        let (first, second) = (proof.first, proof.second);
        return Err(Lie::Consistency(ConsistencyError::Sizes { first, second }).into());
    }
    Ok(proof)
}
