//! The lives of a node that are cut short: founding a chain, running and stopping, replaying.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{Receipt, SubmitAndWaitRequest};

use crate::acknowledged::Acknowledged;
use crate::running::{listeners, poll};
use crate::statements::{Author, notarize};
use crate::strace::{Call, Point, calls, points, tracee, watched};

/// How many heights a life commits.
const HEIGHTS: usize = 3;

/// What a node is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Life {
    /// It begins with nothing: keys, configuration, genesis document, database, first blocks.
    Founding,
    /// It begins with a chain, commits some heights, and is stopped.
    Running,
    /// It begins in the middle of a height: its log was flushed, nothing was committed.
    Replaying,
}

/// A node's folder, and what the node acknowledged.
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) acknowledged: Acknowledged,
}

/// How a life ended.
pub(crate) struct Lived {
    pub(crate) was_killed: bool,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) calls: Vec<Call>,
}

impl Home {
    /// The folder that each life begins with.
    pub(crate) fn prepare_all(folder: &Path) -> Vec<(Life, Self)> {
        let empty = Self { path: folder.join("empty"), acknowledged: Acknowledged::new() };
        let mut chain = empty.copy_to(&folder.join("chain"));
        let lived = live(Life::Founding, &chain.path, None);
        assert!(!lived.was_killed);
        chain.acknowledged = lived.acknowledged;
        // The second mark of a height that is written: its vote is in the log by then.
        let mut middle = chain.copy_to(&folder.join("middle"));
        let path = middle.path.join("data/sign-record");
        let point = Point { path, name: "fdatasync".to_owned(), ordinal: 2, on_any_file: false };
        let lived = live(Life::Running, &middle.path, Some(&point));
        assert!(lived.was_killed, "a node that commits writes its sign record");
        middle.acknowledged.extend(lived.acknowledged);
        vec![(Life::Founding, empty), (Life::Running, chain), (Life::Replaying, middle)]
    }

    /// A copy in a new folder.
    pub(crate) fn copy_to(&self, folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("our own folder");
        let path = folder.join("home");
        if self.path.exists() {
            let copied = Command::new("cp").arg("-a").args([&self.path, &path]).status();
            assert!(copied.expect("cp").success());
        }
        Self { path, acknowledged: self.acknowledged.clone() }
    }
}

/// The points of a life, and how many steps on the disk it makes.
pub(crate) fn points_of(life: Life, from: &Home, folder: &Path) -> (Vec<Point>, usize) {
    let home = from.copy_to(&folder.join(format!("whole-{life:?}")));
    let lived = live(life, &home.path, None);
    assert!(!lived.was_killed);
    points(&lived.calls, &home.path)
}

/// Lets a node live: it starts, commits some heights, and is stopped, unless it is killed before.
pub(crate) fn live(life: Life, home: &Path, point: Option<&Point>) -> Lived {
    let trace = home.with_extension("trace");
    let mut command = watched(&trace, point);
    command.arg("dev").args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
    command.arg("--home").arg(home).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("strace starts");
    let heights = if life == Life::Replaying { 1 } else { HEIGHTS };
    let acknowledged = load(&mut child, home, heights);
    if let Some(node) = tracee(child.id()) {
        // It may have been killed already.
        let stop = format!("kill -TERM {node} 2>/dev/null || true");
        assert!(Command::new("sh").args(["-c", &stop]).status().expect("sh").success());
    }
    let status = poll("the end of a life", || child.try_wait().expect("a child"));
    let was_killed = status.signal() == Some(9);
    assert!(was_killed || status.success(), "the node ended by itself: {status}");
    Lived { was_killed, acknowledged, calls: calls(&trace) }
}

/// Hands in one statement after another, as long as the node lives.
fn load(child: &mut Child, home: &Path, heights: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let url = poll("the listeners", || {
        if child.try_wait().expect("a child").is_some() {
            return Some(None);
        }
        let (grpc, _) = listeners(home, tracee(child.id())?)?;
        Some(Some(grpc))
    });
    let Some(url) = url else { return acknowledged };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        for number in 0..heights {
            let Some((id, receipt)) = submit(&url, home, &number.to_string()).await else { return };
            acknowledged.insert(id, receipt);
        }
    });
    acknowledged
}

/// One statement and its receipt, unless the node dies before.
pub(crate) async fn submit(
    url: &str,
    home: &Path,
    content: &str,
) -> Option<(Vec<u8>, (Vec<u8>, Receipt))> {
    let mut client = VouchsafeClient::connect(url.to_owned()).await.ok()?;
    let transaction = Author::admin(home, "dev").state(notarize(content));
    let request = SubmitAndWaitRequest { transaction: transaction.clone(), wait_ms: 0 };
    let receipt = client.submit_and_wait(request).await.ok()?.into_inner();
    Some((receipt.transaction_id.clone(), (transaction, receipt)))
}
