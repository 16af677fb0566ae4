//! What the node says of its chain and of itself.

use vouchsafe_proto::v1::{GetGenesisResponse, GetNodeInfoResponse};

use crate::state::NodeState;

/// The genesis document, as people read it.
pub(super) fn genesis(state: &NodeState) -> GetGenesisResponse {
    GetGenesisResponse { document: state.genesis().to_pretty_json().into_bytes() }
}

/// Everything that is not proven.
pub(super) fn node(state: &NodeState) -> GetNodeInfoResponse {
    let report = state.report();
    let view = state.reader().view();
    GetNodeInfoResponse {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        chain_id: state.chain_id().as_bytes().to_vec(),
        chain_name: state.genesis().chain_name().to_owned(),
        height: view.height,
        head_time_ms: view.time_ms,
        address: report.address.map(|address| address.as_bytes().to_vec()).unwrap_or_default(),
        votes: report.votes,
        mempool_transactions: report.mempool_transactions as u64,
        mempool_bytes: report.mempool_bytes as u64,
        round: report.round,
        peers: u32::try_from(state.metrics().network.peers.get()).unwrap_or(0),
        reachable_power: report.reachable_power,
        total_power: report.total_power,
        target_height: report.target.unwrap_or(0),
        waiting_evidence: report.waiting_evidence as u64,
    }
}
