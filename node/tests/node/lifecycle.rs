//! Starting, stopping, starting again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use vouchsafe_proto::v1::{GetBlockRequest, GetNodeInfoRequest, SubmitAndWaitRequest};

use crate::running::{Running, poll, printed, vouchsafed};
use crate::statements::{Author, notarize};

#[test]
fn dev_becomes_ready_and_sigterm_ends_it_with_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    assert_eq!(node.get("/livez").0, 200);
    assert_eq!(node.get("/other").0, 404);
    let (status, metrics) = node.get("/metrics");
    assert_eq!(status, 200);
    for line in
        ["vouchsafe_votes 1", "vouchsafe_validators 1", "vouchsafe_rocksdb_writes_stopped 0"]
    {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    for never_zero in ["disk_free_bytes", "rocksdb_memtables_bytes", "clock_seconds"] {
        assert!(!metrics.contains(&format!("vouchsafe_{never_zero} 0\n")), "{metrics}");
    }
    assert!(metrics.contains("vouchsafe_height_rounds_count"), "{metrics}");
    node.signal("HUP");
    poll("SIGHUP", || (node.logged("SIGHUP is ignored") == 1).then_some(()));
    let home = node.home.clone();
    let mode =
        |path: &str| fs::metadata(home.join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!([mode(""), mode("keys"), mode("data")], [0o700; 3]);
    assert_eq!([mode("keys/consensus"), mode("keys/node"), mode("data/wal")], [0o600; 3]);
    assert_eq!(node.stop().code(), Some(0));
    assert!(!home.join("data/listeners.json").exists());
}

#[test]
fn a_first_start_that_was_cut_short_is_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let node = Running::dev(&home, &[]);
    assert_eq!(node.stop().code(), Some(0));
    // As if it had ended when the admin's private key was written, and nothing after it.
    for path in ["genesis.json", "keys/admin-dev.pub"] {
        fs::remove_file(home.join(path)).expect("it was there");
    }
    fs::remove_dir_all(home.join("data")).expect("it was there");
    let node = Running::dev(&home, &[]);
    assert_eq!(node.stop().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_chain() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let node = Running::dev(&home, &[]);
    let author = Author::admin(&home, "dev");
    let request = SubmitAndWaitRequest { transaction: author.state(notarize("one")), wait_ms: 0 };
    let receipt =
        node.client().await.submit_and_wait(request.clone()).await.expect("a receipt").into_inner();
    let chain_id = node
        .client()
        .await
        .get_node_info(GetNodeInfoRequest {})
        .await
        .expect("info")
        .into_inner()
        .chain_id;
    assert_eq!(node.stop().code(), Some(0));

    let node = Running::dev(&home, &[]);
    let mut client = node.client().await;
    let info = client.get_node_info(GetNodeInfoRequest {}).await.expect("info").into_inner();
    assert_eq!(info.chain_id, chain_id);
    assert!(info.votes);
    let again = client.submit_and_wait(request).await.expect("the first receipt").into_inner();
    assert_eq!(again, receipt);
    let first = GetBlockRequest { height: 1, with_body: true };
    assert!(!client.get_block(first).await.expect("kept").into_inner().block.is_empty());
    assert_eq!(node.stop().code(), Some(0));
    let report = printed(vouchsafed().arg("compact").arg("--home").arg(&home));
    assert!(report.contains("Bytes after "), "{report}");
    let report = printed(vouchsafed().arg("audit").arg("--home").arg(&home));
    assert!(report.contains("Audit passed"), "{report}");
    assert!(report.contains("Transactions  1"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_chain_makes_a_block_at_each_heartbeat() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    poll("the second block", || {
        let metrics = node.get("/metrics").1;
        let height = metrics.lines().find_map(|line| line.strip_prefix("vouchsafe_height "))?;
        (height.parse::<u64>().expect("a number") >= 2).then_some(())
    });
}

#[test]
fn a_killed_node_starts_again_and_checks_its_blocks_if_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = Running::dev(&folder.path().join("home"), &[]);
    node.kill();
    assert!(node.home.join("data/listeners.json").exists());
    let mut start = vouchsafed();
    start.args(["start", "--check"]);
    start.env("VOUCHSAFED_GRPC_LISTEN", "127.0.0.1:0").env("VOUCHSAFED_HTTP_LISTEN", "127.0.0.1:0");
    assert_eq!(Running::start(start, &node.home).stop().code(), Some(0));
}

#[test]
fn an_ephemeral_home_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = vouchsafed()
        .args(["dev", "--ephemeral", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
        .env("TMPDIR", folder.path())
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let count = || fs::read_dir(folder.path()).expect("a folder").count();
    let listening = || {
        let home = fs::read_dir(folder.path()).expect("a folder").next()?.expect("an entry").path();
        home.join("data/listeners.json").exists().then_some(())
    };
    poll("the node", listening);
    let stop = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &stop]).status().expect("sh").success());
    let status = poll("the end", || child.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(0));
    assert_eq!(count(), 0);
}

#[test]
fn the_status_command_says_what_the_node_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    let text = printed(vouchsafed().args(["status", "--node", &node.grpc]));
    assert!(text.contains("Chain         dev-") && text.contains("Votes         yes"), "{text}");
    assert_eq!(
        printed(vouchsafed().arg("status").arg("--home").arg(&node.home)).lines().next(),
        text.lines().next()
    );
    let version = printed(vouchsafed().arg("version"));
    assert!(version.starts_with("vouchsafed 0."), "{version}");
}

#[test]
fn the_service_manager_hears_of_readiness_life_and_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    manager.set_nonblocking(true).expect("a socket");
    let mut heard = String::new();
    let mut hear = |what: &str| {
        poll(what, || {
            let mut message = [0; 1024];
            while let Ok(length) = manager.recv(&mut message) {
                heard.push_str(&String::from_utf8_lossy(&message[..length]));
            }
            heard.contains(what).then_some(())
        });
        heard.clear();
    };
    // The watchdog names the process that it watches; a shell becomes that process.
    let program = vouchsafed();
    let script = "WATCHDOG_PID=$$ exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(program.get_program());
    command.args(["dev", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "3000000");
    let node = Running::start(command, &folder.path().join("home"));
    hear("READY=1");
    hear("WATCHDOG=1");
    hear("STATUS=height ");
    node.signal("TERM");
    hear("STOPPING=1");
    assert_eq!(node.stop().code(), Some(0));
}
