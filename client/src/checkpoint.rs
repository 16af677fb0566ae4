//! Checkpoints from nodes: each validator's signature under one history, collected until more than
//! two thirds of the power agree; and whether a later history continues an earlier one.
//!
//! ```text
//! every node ─ newest size ─▶ a size that more than two thirds have
//! every node ─ its signature at that size ─▶ proven header ─▶ set ─▶ histories, each with its signers
//!                                                                    └ the one with the power counts
//! ```
//!
//! A validator can sign what it likes: its word alone neither makes a history nor spoils another.

use futures::future::join_all;
use vouchsafe_proto::v1::GetCheckpointResponse;
use vouchsafe_types::checkpoint::{Checkpoint, CheckpointError, NoteSignature, SignedCheckpoint};
use vouchsafe_types::consistency::{ConsistencyError, ConsistencyProof};
use vouchsafe_types::hash::{ChainId, Digest};
use vouchsafe_types::set_change::SetChange;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::verifier::{Verifier, decode};

use crate::answer::{AnswerError, CouldNotCheck, Lie, NoAnswer, NodeFailure};
use crate::node_client::NodeClient;
use crate::node_url::NodeUrl;
use crate::nodes::Nodes;
use crate::proven;

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
    /// Validators signed several histories, and too few any of them.
    #[error(
        "the validators asked signed {count} different histories of {size} blocks: some lie, and \
         for the one signed most {error}; name a --node of more organizations; missing: {missing}"
    )]
    Disagree {
        /// How many histories.
        count: usize,
        /// The size.
        size: u64,
        /// What the signatures of the one signed most have.
        error: CheckpointError,
        /// Why others are missing.
        missing: NoAnswer,
    },
    /// More than two thirds of the power signed each of two histories.
    #[error(
        "more than two thirds of the voting power signed each of two histories of {size} blocks, \
         roots {first} and {second}: the chain is forked; trust no status of it until its \
         operators explain it"
    )]
    Differ {
        /// One root.
        first: Digest,
        /// The other.
        second: Digest,
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
    let mut histories: Vec<History> = Vec::new();
    for (url, answer) in signed_by_all(nodes, size).await {
        let (given, set) = match answer.and_then(by_a_validator) {
            Ok(given) => given,
            Err(error) => {
                failures.push(NodeFailure { node: url, error });
                continue;
            }
        };
        let same = |one: &&mut History| one.signed.checkpoint == given.checkpoint;
        match histories.iter_mut().find(same) {
            Some(history) => history.join(url, &given.signatures),
            None => histories.push(History { signed: given, set, nodes: vec![url] }),
        }
    }
    choose(histories, nodes.trust().chain_id(), failures)
}

/// Without a validator's signature a note is anybody's.
fn by_a_validator(given: (SignedCheckpoint, ValidatorSet)) -> Signed {
    if given.0.signatures.is_empty() { Err(CouldNotCheck::NoValidator.into()) } else { Ok(given) }
}

/// What some nodes signed alike.
struct History {
    signed: SignedCheckpoint,
    set: ValidatorSet,
    nodes: Vec<NodeUrl>,
}

impl History {
    /// Adds signatures of validators who have not signed yet, in the order of addresses.
    fn join(&mut self, node: NodeUrl, more: &[NoteSignature]) {
        let all = &mut self.signed.signatures;
        for signature in more {
            if all.iter().all(|one| one.address != signature.address) {
                all.push(*signature);
            }
        }
        all.sort_by_key(|signature| signature.address);
        self.nodes.push(node);
    }

    /// The power behind it; all signatures in it were checked.
    fn power(&self) -> u64 {
        let signers = self.signed.signatures.iter();
        signers.filter_map(|one| self.set.get(&one.address)).map(|validator| validator.power).sum()
    }

    /// What its nodes did, beside one that counts.
    fn failures(&self) -> impl Iterator<Item = NodeFailure> {
        let Checkpoint { size, root, .. } = self.signed.checkpoint;
        let error = move || Lie::OtherHistory { size, root }.into();
        self.nodes.iter().map(move |node| NodeFailure { node: node.clone(), error: error() })
    }
}

/// The history that more than two thirds of the power signed. With two of them, the chain is forked.
fn choose(
    mut histories: Vec<History>,
    chain_id: &ChainId,
    mut failures: Vec<NodeFailure>,
) -> Result<Collected, CollectError> {
    histories.sort_by_key(|history| std::cmp::Reverse(history.power()));
    let count = histories.len();
    let mut histories = histories.into_iter();
    let Some(first) = histories.next() else { return Err(NoAnswer(failures).into()) };
    let Checkpoint { size, root, .. } = first.signed.checkpoint;
    if let Err(error) = first.signed.verify(chain_id, &first.set) {
        let missing = NoAnswer(failures);
        return Err(if count == 1 {
            CollectError::TooFew { error, missing }
        } else {
            CollectError::Disagree { count, size, error, missing }
        });
    }
    for other in histories {
        if other.signed.verify(chain_id, &other.set).is_ok() {
            let second = other.signed.checkpoint.root;
            return Err(CollectError::Differ { first: root, second, size });
        }
        failures.extend(other.failures());
    }
    Ok(Collected { signed: first.signed, set: first.set, failures })
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
        let (node, nodes) = (node.clone(), nodes.clone());
        async move { (node.url().clone(), signed_by(&nodes, &node, size).await) }
    };
    join_all(nodes.clients().iter().map(ask)).await
}

/// What one node signed of a size (0: its newest), each signature held against the validators who
/// decided its last block.
async fn signed_by(nodes: &Nodes, node: &NodeClient, size: u64) -> Signed {
    let trust = nodes.trust();
    let answer = node.checkpoint(size).await.map_err(CouldNotCheck::from)?;
    let verifier = led(trust.verifier(), &answer)?;
    let head = proven::head(&verifier, answer.head.as_ref())?;
    nodes.witness().head(node.url(), &head)?;
    let lie = |error: CheckpointError| AnswerError::from(Lie::Checkpoint(error));
    let mut signed = SignedCheckpoint::parse(answer.note.as_bytes()).map_err(lie)?;
    let height = head.header().height;
    if signed.checkpoint.size != height || (size != 0 && height != size) {
        return Err(Lie::Missing("checkpoint of that size").into());
    }
    let set = verifier.validators();
    signed.signatures.retain(|one| set.get(&one.address).is_some());
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

/// Checks that a later checkpoint continues an earlier one, by a proof of any node. Gives the proof;
/// two of one size need none.
///
/// # Errors
/// [`ContinuationError`].
pub async fn continues(
    nodes: &Nodes,
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
) -> Result<Option<ConsistencyProof>, ContinuationError> {
    let (old, new) = (&old.checkpoint, &new.checkpoint);
    let (first, second) = (old.size, new.size);
    if first == second {
        return if old.root == new.root { Ok(None) } else { Err(ContinuationError::Forked(first)) };
    }
    let mut failures = Vec::new();
    for node in nodes.clients() {
        let error = match consistency_of(node, first, second).await {
            Ok(proof) => match proof.verify(&old.root, &new.root) {
                Ok(()) => return Ok(Some(proof)),
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
