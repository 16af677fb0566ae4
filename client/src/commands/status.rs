//! `vouch status`: what each node says of itself, and what it can prove.

use serde::Serialize;
use tokio::task::JoinSet;
use vouchsafe_proto::v1::GetNodeInfoResponse;
use vouchsafe_types::validator_set::is_quorum;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, NoAnswer, NodeFailure};
use crate::cli::StatusArguments;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::freshness::Freshness;
use crate::judgment::ProvenAt;
use crate::node_client::NodeClient;
use crate::nodes::Nodes;
use crate::output::escape::bounded;
use crate::output::facts::ProofFacts;
use crate::output::json::{ErrorBody, Number};
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::proven;
use crate::seen::Seen;
use crate::timestamp::now_ms;

/// What a node says of itself: not proven.
#[derive(Serialize)]
struct InfoFacts {
    version: String,
    chain_name: String,
    chain_id: String,
    height: Number,
    round: u32,
    peers: u32,
    votes: bool,
    address: Option<String>,
    mempool_transactions: Number,
    mempool_bytes: Number,
    reachable_power: Number,
    total_power: Number,
    target_height: Number,
    waiting_evidence: Number,
}

impl From<GetNodeInfoResponse> for InfoFacts {
    fn from(info: GetNodeInfoResponse) -> Self {
        let hex = |bytes: &[u8]| hex::encode(&bytes[..bytes.len().min(32)]);
        Self {
            version: bounded(&info.version, 64),
            chain_name: bounded(&info.chain_name, 64),
            chain_id: hex(&info.chain_id),
            height: Number(info.height),
            round: info.round,
            peers: info.peers,
            votes: info.votes,
            address: (!info.address.is_empty()).then(|| hex(&info.address)),
            mempool_transactions: Number(info.mempool_transactions),
            mempool_bytes: Number(info.mempool_bytes),
            reachable_power: Number(info.reachable_power),
            total_power: Number(info.total_power),
            target_height: Number(info.target_height),
            waiting_evidence: Number(info.waiting_evidence),
        }
    }
}

#[derive(Serialize)]
struct NodeEntry {
    node: String,
    exit_code: u8,
    outcome: &'static str,
    proof: Option<ProofFacts>,
    lag_blocks: Option<Number>,
    reported: Option<InfoFacts>,
    error: Option<ErrorBody>,
}

impl Entry for NodeEntry {
    fn write(&self, text: &mut Text) {
        let (tone, word) = match self.outcome {
            "success" => (Tone::Good, "PROVEN"),
            "proof-invalid" => (Tone::Bad, "PROOF INVALID"),
            _ => (Tone::Doubtful, "COULD NOT CHECK"),
        };
        text.headline(tone, word, &self.node);
        if let Some(error) = &self.error {
            text.field("because", &error.message);
        }
        if let Some(proof) = &self.proof {
            proof.write(text);
        }
        if let Some(lag) = &self.lag_blocks {
            text.field("behind", &format!("{} blocks", lag.0));
        }
        let Some(info) = &self.reported else { return };
        // Between two heights a validator waits without a vote to cast: `votes` is for JSON.
        let role = if info.address.is_some() { "a validator" } else { "an observer" };
        let (height, round, peers) = (info.height.0, info.round, info.peers);
        let (transactions, bytes) = (info.mempool_transactions.0, info.mempool_bytes.0);
        text.field("says", &format!("version {}, chain {}", info.version, info.chain_name));
        text.field("", &format!("height {height}, round {round}, {peers} peers, {role}"));
        text.field("", &format!("{transactions} transactions wait ({bytes} bytes)"));
        let (reachable, total) = (info.reachable_power.0, info.total_power.0);
        let enough = is_quorum(reachable, total);
        let means = if enough { "" } else { ": the network cannot commit now" };
        text.field("", &format!("{reachable} of {total} voting power within reach{means}"));
        let waiting = info.waiting_evidence.0;
        if waiting > 0 {
            text.field("", &format!("{waiting} pieces of evidence wait to be recorded"));
        }
        if info.target_height.0 > height {
            text.field("", &format!("catching up to height {}", info.target_height.0));
        }
    }
}

struct NodeReport {
    head: Result<ProvenHeader, AnswerError>,
    info: Option<GetNodeInfoResponse>,
}

async fn ask(node: NodeClient, nodes: Nodes, freshness: Freshness) -> NodeReport {
    let head = async {
        let block = node.newest().await.map_err(CouldNotCheck::from)?;
        let head = proven::head(nodes.trust().verifier(), block.head.as_ref())?;
        nodes.witness().head(node.url(), &head)?;
        freshness.check(Seen::from(&head), now_ms())?;
        Ok(head)
    };
    let (head, info) = tokio::join!(head, node.info());
    if let Err(error) = &head {
        let failure = NodeFailure { node: node.url().clone(), error: AnswerError::clone(error) };
        nodes.witness().failed(&[failure]);
    }
    NodeReport { head, info: info.ok() }
}

/// Asks every node at once.
///
/// # Errors
/// [`Failure`]. What concerns one node stands in its entry.
pub async fn run(context: &Context, arguments: StatusArguments) -> Result<Report, Failure> {
    let nodes = context.nodes()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(nodes.trust(), age_max_ms)?;
    let mut tasks = JoinSet::new();
    for (place, node) in nodes.clients().iter().cloned().enumerate() {
        let nodes = nodes.clone();
        tasks.spawn(async move { (place, ask(node, nodes, freshness).await) });
    }
    let mut reports: Vec<Option<NodeReport>> = nodes.clients().iter().map(|_| None).collect();
    while let Some(joined) = tasks.join_next().await {
        if let Ok((place, report)) = joined {
            reports[place] = Some(report);
        }
    }
    let heads = reports.iter().flatten().filter_map(|report| report.head.as_ref().ok());
    let newest = heads.max_by_key(|head| head.header().height).cloned();
    if let Some(newest) = &newest {
        context.remember(nodes.trust(), &ProvenAt::from(newest))?;
    }
    let highest = newest.map_or(0, |head| head.header().height);
    let mut report = Report::new("status");
    for (node, asked) in nodes.clients().iter().zip(reports) {
        let (entry, exit) = entry_of(node, asked, highest);
        report.add_judged(&entry, exit, entry.error.as_ref());
    }
    Ok(report)
}

fn entry_of(node: &NodeClient, asked: Option<NodeReport>, highest: u64) -> (NodeEntry, Exit) {
    let asked = asked.unwrap_or_else(|| NodeReport {
        head: Err(CouldNotCheck::Interrupted("the question ended early".into()).into()),
        info: None,
    });
    let failure = asked.head.as_ref().err().map(|error| {
        let failure = NodeFailure { node: node.url().clone(), error: error.clone() };
        Failure::from(NoAnswer(vec![failure]))
    });
    let exit = failure.as_ref().map_or(Exit::Success, Failure::exit);
    let head = asked.head.ok();
    let entry = NodeEntry {
        node: node.url().to_string(),
        exit_code: exit.code(),
        outcome: exit.name(),
        proof: head.as_ref().map(|head| ProofFacts::new(&ProvenAt::from(head), now_ms())),
        lag_blocks: head.as_ref().map(|head| Number(highest - head.header().height)),
        reported: asked.info.map(InfoFacts::from),
        error: failure.as_ref().map(Failure::body),
    };
    (entry, exit)
}
