//! `vouchsafed status`: what a node says of itself.

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
    print(&target.url, &info);
    Ok(())
}

async fn ask(target: &Target) -> Result<GetNodeInfoResponse> {
    let url = &target.url;
    let channel = target.connect().await?;
    let answer = VouchsafeClient::new(channel).get_node_info(GetNodeInfoRequest {}).await;
    answer.map(tonic::Response::into_inner).map_err(|status| {
        anyhow!("the node at {url} answered {:?}: {}", status.code(), status.message())
    })
}

fn print(url: &str, info: &GetNodeInfoResponse) {
    let hex = |bytes: &[u8]| {
        <[u8; 32]>::try_from(bytes).map_or("none".to_owned(), |bytes| Digest(bytes).to_string())
    };
    let age_ms = now_ms().saturating_sub(info.head_time_ms);
    println!("Node          {url}, version {}", info.version.escape_debug());
    println!("Chain         {} {}", info.chain_name.escape_debug(), hex(&info.chain_id));
    println!("Height        {}, {}.{:03} s old", info.height, age_ms / 1000, age_ms % 1000);
    println!("Round         {}", info.round);
    println!("Validator     {}", hex(&info.address));
    println!("Votes         {}", if info.votes { "yes" } else { "no: it follows" });
    println!(
        "Mempool       {} transactions, {} bytes",
        info.mempool_transactions, info.mempool_bytes
    );
    println!("Evidence      {} pieces wait to be recorded", info.waiting_evidence);
    println!("Peers         {}", info.peers);
    let (reachable, total) = (info.reachable_power, info.total_power);
    let enough = is_quorum(reachable, total);
    let means = if enough { "" } else { ": too little to commit anything now" };
    println!("Power         {reachable} of {total} within reach{means}");
    if info.target_height > info.height {
        println!("Catching up   to height {}", info.target_height);
    }
}
