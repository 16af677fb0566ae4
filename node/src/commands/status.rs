//! `vouchsafed status`: what a node says of itself.

use std::io::{self, Write as _, stdout};

use anyhow::{Result, anyhow};
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{GetNodeInfoRequest, GetNodeInfoResponse};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::validator_set::is_quorum;

use super::status_channel::Target;
use crate::cli::StatusArguments;
use crate::clock::now_ms;
use crate::home::Home;

pub(super) fn run(home: &Home, arguments: &StatusArguments) -> Result<()> {
    let target = Target::find(home, arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let info = runtime.block_on(ask(&target))?;
    Ok(print(&target.url, &info)?)
}

async fn ask(target: &Target) -> Result<GetNodeInfoResponse> {
    let url = &target.url;
    let channel = target.connect().await?;
    let answer = VouchsafeClient::new(channel).get_node_info(GetNodeInfoRequest {}).await;
    answer.map(tonic::Response::into_inner).map_err(|status| {
        anyhow!("the node at {url} answered {:?}: {}", status.code(), status.message())
    })
}

fn print(url: &str, info: &GetNodeInfoResponse) -> io::Result<()> {
    let mut output = stdout().lock();
    let hex = |bytes: &[u8]| {
        <[u8; 32]>::try_from(bytes).map_or("none".to_owned(), |bytes| Digest(bytes).to_string())
    };
    let age_ms = now_ms().saturating_sub(info.head_time_ms);
    writeln!(output, "Node          {url}, version {}", info.version.escape_debug())?;
    writeln!(output, "Chain         {} {}", info.chain_name.escape_debug(), hex(&info.chain_id))?;
    writeln!(
        output,
        "Height        {}, {}.{:03} s old",
        info.height,
        age_ms / 1000,
        age_ms % 1000
    )?;
    writeln!(output, "Round         {}", info.round)?;
    writeln!(output, "Validator     {}", hex(&info.address))?;
    writeln!(output, "Votes         {}", if info.votes { "yes" } else { "no: it follows" })?;
    writeln!(
        output,
        "Mempool       {} transactions, {} bytes",
        info.mempool_transactions, info.mempool_bytes
    )?;
    writeln!(output, "Evidence      {} pieces wait to be recorded", info.waiting_evidence)?;
    writeln!(output, "Peers         {}", info.peers)?;
    let (reachable, total) = (info.reachable_power, info.total_power);
    let enough = is_quorum(reachable, total);
    let means = if enough { "" } else { ": too little to commit anything now" };
    writeln!(output, "Power         {reachable} of {total} within reach{means}")?;
    if info.target_height > info.height {
        writeln!(output, "Catching up   to height {}", info.target_height)?;
    }
    Ok(())
}
