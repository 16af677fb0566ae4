//! strace on four real nodes: what a validator signs is on its disk before anybody else has it.
//!
//! ```text
//! signer    write log ── fsync ends ── write record ── fdatasync ends
//!                                                             │ t₁
//! another                                                     └──▶ … ── write log (holds it)  t₂
//! ```
//!
//! What leaves is encrypted, so it is recognized where it is in the clear again: in the log of
//! whoever received it. One node's syncs are held up by a twentieth of a second each. Had one of its
//! messages left before they ended, the others would have logged it well before.

#[path = "node/founding.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod founding;
#[path = "node/running.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod running;
#[path = "node/statements.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod statements;
#[allow(dead_code, reason = "the fault points use more of it")]
mod strace;
#[path = "sync_before_send/timeline.rs"]
mod timeline;

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use founding::{Founders, ports};
use running::Running;
use statements::{Author, genesis, notarize};
use timeline::{Timeline, violations};
use vouchsafe_keys::read_public_key;
use vouchsafe_proto::v1::{GetNodeInfoRequest, SubmitAndWaitRequest};

/// Who runs the chain. The first is slow.
const MEMBERS: [&str; 4] = ["acme", "bolt", "corp", "dune"];
/// How many heights are made.
const HEIGHTS: u64 = 8;
/// How long each sync of the slow node is held up, in microseconds.
const HELD_UP_US: u32 = 50_000;

#[test]
fn what_a_validator_signs_is_synced_before_anybody_else_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (founders, addresses) = found(folder.path());
    let trace_of = |home: &PathBuf| home.with_extension("trace");
    let nodes: Vec<_> = founders
        .homes
        .iter()
        .zip(&addresses)
        .enumerate()
        .map(|(at, (home, address))| spawn(home, &trace_of(home), address, at == 0))
        .collect();
    nodes.iter().for_each(Running::until_ready);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(make_heights(&nodes, &founders));
    for node in nodes {
        assert_eq!(node.stop().code(), Some(0));
    }
    let timelines: Vec<_> = founders
        .homes
        .iter()
        .map(|home| {
            let key = read_public_key(&home.join("keys/consensus.pub")).expect("a key").0;
            Timeline::read(&trace_of(home), key.address(), folder.path())
        })
        .collect();
    let report = violations(&timelines);
    println!("{report:#?}");
    assert!(report.early.is_empty(), "sent before they were synced: {:?}", report.early);
    assert!(report.compared > 50, "something was compared");
    assert!(report.compared_of_first > 0, "something of the slow node was compared");
}

/// A chain, and free addresses for its nodes.
fn found(folder: &Path) -> (Founders, Vec<String>) {
    let founders = Founders::new(folder, &MEMBERS, |command| {
        command.arg("--unencrypted-keys");
    });
    let bound = ports(MEMBERS.len());
    let port = |listener: &TcpListener| listener.local_addr().expect("bound").port();
    let addresses: Vec<_> =
        bound.iter().map(|each| format!("/ip4/127.0.0.1/tcp/{}", port(each))).collect();
    founders.found_each(|index, member| {
        member.arg("--address").arg(&addresses[index]);
    });
    (founders, addresses)
}

/// A node whose writes to log and sign record are traced, bytes and times.
fn spawn(home: &Path, trace: &Path, address: &str, is_slow: bool) -> Running {
    let path = |name: &str| home.join(name).to_str().expect("our own path").to_owned();
    let (log, record) = (path("data/wal"), path("data/sign-record"));
    let held_up = format!("inject=fsync,fdatasync:delay_enter={HELD_UP_US}");
    let mut arguments = vec!["-D", "-ttt", "-T", "-xx", "-s", "2000000", "-P", &log, "-P", &record];
    arguments.extend(["-e", "trace=write,pwrite64,fsync,fdatasync"]);
    if is_slow {
        arguments.extend(["-e", &held_up]);
    }
    let mut command = strace::traced(trace, &arguments);
    command.arg("start").env("VOUCHSAFED_P2P_LISTEN", address);
    command.env("VOUCHSAFED_GRPC_LISTEN", "127.0.0.1:0");
    command.env("VOUCHSAFED_HTTP_LISTEN", "127.0.0.1:0");
    Running::spawn(command, home)
}

/// Statements one after another, until all nodes have enough heights.
async fn make_heights(nodes: &[Running], founders: &Founders) {
    let chain_id = genesis(&nodes[0].home).chain_id();
    let author = Author { chain_id, key: founders.signer(1) };
    let mut client = nodes[1].client().await;
    for number in 0..HEIGHTS {
        let transaction = author.state(notarize(&number.to_string()));
        let request = SubmitAndWaitRequest { transaction, wait_ms: 60_000 };
        client.submit_and_wait(request).await.expect("committed");
    }
    for node in nodes {
        let mut client = node.client().await;
        loop {
            let info = client.get_node_info(GetNodeInfoRequest {}).await.expect("info");
            if info.into_inner().height >= HEIGHTS {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}
