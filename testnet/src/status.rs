//! How a testnet is doing: each process, what each node says of itself, and who signed the newest
//! blocks.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use vouchsafe_types::verifier::Verifier;

use crate::api::NodeApi;
use crate::error::TestnetError;
use crate::layout::Layout;
use crate::process::ProcessState;
use crate::state::{NodeState, State};
use crate::testnet::{process_of, read_genesis};

/// A node that says nothing for so long is shown without an answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
/// Signatures are counted over so many of the newest blocks.
pub const SIGNED_BLOCKS_MAX: u64 = 20;

/// A testnet's state at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct TestnetStatus {
    /// The version of this structure.
    pub version: u32,
    /// The chain.
    pub chain_id: String,
    /// What is cut, as `FROM>TO`.
    pub cuts: Vec<String>,
    /// How many of the newest blocks the signatures were counted in.
    pub signed_blocks: u64,
    /// The nodes, by number.
    pub nodes: Vec<NodeStatus>,
}

/// A node's state at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct NodeStatus {
    /// Its name.
    pub node: String,
    /// The organization that runs it.
    pub organization: String,
    /// What it is to the chain.
    pub role: &'static str,
    /// `running`, `paused`, `dead`, or `stopped` if it never ran or was told to end.
    pub state: &'static str,
    /// Its process.
    pub pid: Option<u32>,
    /// Where clients reach it.
    pub grpc: String,
    /// Where probes reach it.
    pub http: String,
    /// Where nodes reach it.
    pub p2p: String,
    /// What it says of itself, if it answers.
    pub answer: Option<NodeAnswer>,
    /// In how many of the newest blocks' certificates its signature stands.
    pub signed: Option<u64>,
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NodeAnswer {
    /// The newest block.
    pub height: u64,
    /// The round of the height being decided.
    pub round: u32,
    /// How many members it is connected to.
    pub peers: u32,
    /// Does it vote at present?
    pub votes: bool,
    /// How many transactions wait.
    pub mempool_transactions: u64,
    /// Their bytes.
    pub mempool_bytes: u64,
}

/// Asks all nodes at once. The testnet is only read: no command needs to have ended.
///
/// # Errors
/// [`TestnetError::NoTestnet`], or what is damaged.
pub async fn status(layout: &Layout) -> Result<TestnetStatus, TestnetError> {
    let state = State::read(layout)?;
    let genesis = read_genesis(layout)?;
    let verifier = Verifier::new(genesis.chain_id(), genesis.validator_set().clone());
    let mut asked = Vec::new();
    for node in &state.nodes {
        let api = NodeApi::new(node.addresses.grpc, node.addresses.http);
        let (process, pid) = process_of(layout, node.number);
        let running = process == ProcessState::Running;
        asked.push((node, process, pid, api.clone(), tokio::spawn(answer(api, running))));
    }
    let mut nodes = Vec::new();
    let mut newest: Option<(u64, NodeApi)> = None;
    for (node, process, pid, api, task) in asked {
        let answer = task.await.ok().flatten();
        if let Some(answer) = answer
            && newest.as_ref().is_none_or(|(height, _)| answer.height > *height)
        {
            newest = Some((answer.height, api));
        }
        nodes.push(describe(layout, node, process, pid, answer));
    }
    let (signed_blocks, counts) = match newest {
        Some((height, api)) => signatures(&api, &verifier, height).await,
        None => (0, BTreeMap::new()),
    };
    for (shown, node) in nodes.iter_mut().zip(&state.nodes) {
        let validator = node.validator.as_ref().filter(|_| signed_blocks > 0);
        shown.signed = validator.map(|address| counts.get(address).copied().unwrap_or(0));
    }
    let cuts = state.cuts.iter().map(ToString::to_string).collect();
    Ok(TestnetStatus { version: 1, chain_id: state.chain_id, cuts, signed_blocks, nodes })
}

async fn answer(api: NodeApi, running: bool) -> Option<NodeAnswer> {
    if !running {
        return None;
    }
    let info = api.info_within(ANSWER_WITHIN).await.ok()?;
    Some(NodeAnswer {
        height: info.height,
        round: info.round,
        peers: info.peers,
        votes: info.votes,
        mempool_transactions: info.mempool_transactions,
        mempool_bytes: info.mempool_bytes,
    })
}

fn describe(
    layout: &Layout,
    node: &NodeState,
    process: ProcessState,
    pid: Option<u32>,
    answer: Option<NodeAnswer>,
) -> NodeStatus {
    NodeStatus {
        node: format!("node-{}", node.number),
        organization: node.organization.clone(),
        role: node.role.name(),
        state: match process {
            ProcessState::Running => "running",
            ProcessState::Paused => "paused",
            // A node that ends in peace removes what says where it listens.
            ProcessState::Dead if layout.listeners(node.number).exists() => "dead",
            ProcessState::Dead => "stopped",
        },
        pid,
        grpc: format!("http://{}", node.addresses.grpc),
        http: format!("http://{}", node.addresses.http),
        p2p: node.addresses.p2p.to_string(),
        answer,
        signed: None,
    }
}

/// Counts each validator's signatures in the newest blocks' certificates; of those that are not
/// proven, none.
async fn signatures(
    api: &NodeApi,
    verifier: &Verifier,
    height: u64,
) -> (u64, BTreeMap<String, u64>) {
    let first = height.saturating_sub(SIGNED_BLOCKS_MAX - 1).max(1);
    let blocks = api.blocks(first..=height, false).await.unwrap_or_default();
    let mut counts = BTreeMap::new();
    let mut proven = 0;
    for head in blocks.into_iter().filter_map(|block| block.head) {
        if let Ok(head) = verifier.header(&head.header, &head.certificate) {
            proven += 1;
            for signature in head.certificate().signatures.iter() {
                *counts.entry(signature.address.to_string()).or_insert(0) += 1;
            }
        }
    }
    (proven, counts)
}
