//! `vouchsafed status`: what a node says of itself.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tonic::transport::Endpoint;
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{GetNodeInfoRequest, GetNodeInfoResponse};
use vouchsafe_types::hash::Digest;

use crate::cli::StatusArguments;
use crate::clock::now_ms;
use crate::home::{Home, read_bounded};

/// How long connecting and answering may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest listeners file, in bytes.
const LISTENERS_BYTES_MAX: usize = 1024;

pub(super) fn run(home: &Home, arguments: StatusArguments) -> Result<()> {
    let url = match arguments.node {
        Some(url) => url,
        None => url_of(home)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let info = runtime.block_on(ask(&url))?;
    print(&url, &info);
    Ok(())
}

fn url_of(home: &Home) -> Result<String> {
    let path = home.listeners();
    let text = read_bounded(&path, LISTENERS_BYTES_MAX).map_err(|_| {
        anyhow!(
            "no node runs on {}; start one, name its --home (that of 'vouchsafed dev' is \
             ~/.vouchsafed-dev), or give --node http://HOST:PORT",
            home.path().display()
        )
    })?;
    let addresses: serde_json::Value = serde_json::from_slice(&text)
        .with_context(|| format!("{} is damaged; name the node with --node", path.display()))?;
    let address = addresses["grpc"].as_str().context("no gRPC address; name one with --node")?;
    Ok(format!("http://{address}"))
}

async fn ask(url: &str) -> Result<GetNodeInfoResponse> {
    let endpoint = Endpoint::from_shared(url.to_owned())
        .with_context(|| format!("{url:?} is not a URL like http://127.0.0.1:26657"))?
        .connect_timeout(TIMEOUT)
        .timeout(TIMEOUT);
    let channel = endpoint
        .connect()
        .await
        .with_context(|| format!("no node answers at {url}; is it running?"))?;
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
    println!("Peers         {}", info.peers);
    let (reachable, total) = (info.reachable_power, info.total_power);
    let enough = u128::from(reachable) * 3 > u128::from(total) * 2;
    let means = if enough { "" } else { ": too little to commit anything now" };
    println!("Power         {reachable} of {total} within reach{means}");
    if info.target_height > info.height {
        println!("Catching up   to height {}", info.target_height);
    }
}
