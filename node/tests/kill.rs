//! `kill -9` at random under load: nothing acknowledged is ever lost, a restart replays, and the
//! state root is what executing every block again gives.
//!
//! `VOUCHSAFE_KILLS=50 cargo test --release -p vouchsafe-node --test kill` for more cycles.

#[path = "node/acknowledged.rs"]
mod acknowledged;
#[path = "node/running.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod running;
#[path = "node/statements.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod statements;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acknowledged::{Acknowledged, all_are_there};
use running::{Running, printed, vouchsafed};
use statements::{Author, notarize};
use vouchsafe_proto::v1::SubmitAndWaitRequest;

/// How often the node is killed unless `VOUCHSAFE_KILLS` says otherwise.
const KILLS_DEFAULT: usize = 8;
/// How many submit at one time.
const SUBMITTERS: usize = 8;
/// A kill comes after at most this long, in milliseconds.
const LIFE_MS_MAX: u64 = 1500;

/// What was acknowledged to all of them together.
type Shared = Arc<Mutex<Acknowledged>>;

#[test]
fn nothing_acknowledged_is_lost_when_the_node_is_killed_at_random() {
    let kills = std::env::var("VOUCHSAFE_KILLS")
        .map_or(KILLS_DEFAULT, |text| text.parse().expect("VOUCHSAFE_KILLS is a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let acknowledged = Shared::default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for cycle in 0..kills {
        let mut node = Running::dev(&home, &[]);
        let before = acknowledged.lock().expect("whole").len();
        runtime.block_on(load_until_killed(&mut node, cycle, &acknowledged));
        let after = acknowledged.lock().expect("whole").len();
        println!("cycle {cycle}: {} acknowledged, {after} in all", after - before);
    }
    let node = Running::dev(&home, &[]);
    let acknowledged = acknowledged.lock().expect("whole").clone();
    runtime.block_on(all_are_there(&node, &acknowledged));
    println!("{} of {kills} restarts replayed the log", node.logged("replaying the log"));
    assert_eq!(node.stop().code(), Some(0));
    let report = printed(vouchsafed().arg("audit").arg("--home").arg(&home));
    println!("{report}");
    assert!(report.contains("Audit passed"), "{report}");
    assert!(!acknowledged.is_empty(), "the load was acknowledged at least once");
}

/// Submits from many tasks, and kills the node after a random while.
async fn load_until_killed(node: &mut Running, cycle: usize, acknowledged: &Shared) {
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("random bytes");
    let life = Duration::from_millis(u64::from_le_bytes(random) % LIFE_MS_MAX);
    let mut tasks = Vec::new();
    for submitter in 0..SUBMITTERS {
        let mut client = node.client().await;
        let author = Author::admin(&node.home, "dev");
        let acknowledged = Arc::clone(acknowledged);
        tasks.push(tokio::spawn(async move {
            for number in 0.. {
                let content = format!("{cycle} {submitter} {number}");
                let transaction = author.state(notarize(&content));
                let request = SubmitAndWaitRequest { transaction: transaction.clone(), wait_ms: 0 };
                // The first fault is the kill.
                let Ok(receipt) = client.submit_and_wait(request).await else { return };
                let receipt = receipt.into_inner();
                let id = receipt.transaction_id.clone();
                acknowledged.lock().expect("whole").insert(id, (transaction, receipt));
            }
        }));
    }
    let began = Instant::now();
    while began.elapsed() < life {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    node.kill();
    for task in tasks {
        task.await.expect("no panic");
    }
}
