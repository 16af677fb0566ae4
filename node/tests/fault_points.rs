//! `kill -9` at every step that the real node makes on its disk, before and behind it: while it
//! founds a chain, while it runs and stops, and while it replays its log. Then it starts again,
//! holds everything that it acknowledged, keeps to what it signed, and passes the audit.
//!
//! `VOUCHSAFE_FAULT_POINTS=all cargo test --release -p vouchsafe-node --test fault_points` for
//! every point; a number for as many, spread.

#[path = "node/acknowledged.rs"]
mod acknowledged;
#[path = "fault_points/life.rs"]
mod life;
#[path = "node/running.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod running;
#[path = "fault_points/signed.rs"]
mod signed;
#[path = "node/statements.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
mod statements;
mod strace;

use std::path::Path;
use std::sync::Mutex;
use std::thread;

use acknowledged::all_are_there;
use life::{Home, Life, live, submit};
use running::{Running, printed, vouchsafed};
use signed::{Kept, last_mark};
use strace::{Point, steady};

/// How many points are tried unless `VOUCHSAFE_FAULT_POINTS` says otherwise.
const POINTS_DEFAULT: usize = 6;
/// How far the order of trials leaps.
const LEAP: usize = 61;
/// After how many trials the report so far is printed.
const REPORT_EVERY: usize = 25;
/// How many nodes are killed at one time: they mostly wait for the disk.
const AT_ONCE: usize = 3;

#[test]
fn nothing_is_lost_when_the_node_is_killed_at_any_step_on_its_disk() {
    let wanted = std::env::var("VOUCHSAFE_FAULT_POINTS").unwrap_or_default();
    let wanted = match wanted.as_str() {
        "" => POINTS_DEFAULT,
        "all" => usize::MAX,
        text => text.parse().expect("VOUCHSAFE_FAULT_POINTS is a number, or all"),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let lives = Home::prepare_all(folder.path());
    let mut all = Vec::new();
    for (life, home) in &lives {
        let (points, calls) = life::points_of(*life, home, folder.path());
        println!("{life:?}: {calls} steps on the disk, {} can be told apart", points.len());
        all.extend(points.into_iter().map(|point| (*life, home, point)));
    }
    let tried = spread(&all, wanted);
    let queue = Mutex::new(tried.iter().enumerate());
    let report = Mutex::new(Report::default());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, (life, home, point))) = next(&queue) {
                    let folder = folder.path().join(format!("point-{number}"));
                    let end = kill_at(*life, home, point, &folder);
                    let mut report = report.lock().expect("whole");
                    report.count(*life, point, &end);
                    if (report.killed + report.not_reached.len()).is_multiple_of(REPORT_EVERY) {
                        println!("{report:?}");
                    }
                }
            });
        }
    });
    let report = report.into_inner().expect("whole");
    println!("{report:?}");
    assert_eq!(report.killed + report.not_reached.len(), tried.len());
    assert!(report.not_reached.len() * 4 <= tried.len(), "most points are reached");
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().expect("taking one does not panic").next()
}

/// So many of a list, evenly, and in an order that leaps: what is done so far is spread as well.
fn spread<T>(all: &[T], wanted: usize) -> Vec<&T> {
    let count = wanted.min(all.len());
    let mut left: Vec<_> = (0..count).map(|number| &all[number * all.len() / count]).collect();
    let mut leaping = Vec::new();
    let mut at = 0;
    while !left.is_empty() {
        at = (at + LEAP) % left.len();
        leaping.push(left.swap_remove(at));
    }
    leaping
}

/// What became of all points.
#[derive(Debug, Default)]
struct Report {
    killed: usize,
    acknowledged: usize,
    /// Restarts that had signed something for a height that was not committed: what was then
    /// committed is what had been signed.
    kept_what_was_signed: usize,
    /// The same, decided in a later round.
    decided_later: usize,
    not_reached: Vec<(Life, Point)>,
}

/// How one point ended.
enum End {
    NotReached,
    Recovered { acknowledged: usize, kept: Kept },
}

impl Report {
    fn count(&mut self, life: Life, point: &Point, end: &End) {
        match end {
            End::NotReached => self.not_reached.push((life, point.clone())),
            End::Recovered { acknowledged, kept } => {
                self.killed += 1;
                self.acknowledged += acknowledged;
                match kept {
                    Kept::Same => self.kept_what_was_signed += 1,
                    Kept::LaterRound => self.decided_later += 1,
                    Kept::NothingSigned => {}
                }
            }
        }
    }
}

/// Lets a node live until it is killed at a point, starts it again, and checks it.
fn kill_at(life: Life, from: &Home, point: &Point, folder: &Path) -> End {
    let home = from.copy_to(folder);
    // Joining nothing would add a slash, and strace compares names letter by letter.
    let is_home = point.path.as_os_str().is_empty();
    let path = if is_home { home.path.clone() } else { home.path.join(&point.path) };
    let absolute = Point { path, ..point.clone() };
    let lived = live(life, &home.path, Some(&absolute));
    if !lived.was_killed {
        return End::NotReached;
    }
    let last: Vec<_> = lived.calls.iter().filter(|call| call.was_last).collect();
    let is_there = last
        .iter()
        .any(|call| call.name == point.name && steady(&call.path) == steady(&absolute.path));
    assert!(is_there, "killed at {last:?}, not at {absolute:?}");
    let mark = last_mark(&home.path, folder);
    let mut acknowledged = home.acknowledged.clone();
    acknowledged.extend(lived.acknowledged);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let node = Running::dev(&home.path, &[]);
    let kept = runtime.block_on(async {
        all_are_there(&node, &acknowledged).await;
        let (id, receipt) = submit(&node.grpc, &home.path, "after").await.expect("it goes on");
        acknowledged.insert(id, receipt);
        all_are_there(&node, &acknowledged).await;
        signed::check(&node, mark).await
    });
    assert_eq!(node.stop().code(), Some(0));
    let report = printed(vouchsafed().arg("audit").arg("--home").arg(&home.path));
    assert!(report.contains("Audit passed"), "{report}");
    // Hundreds of databases would fill the disk.
    std::fs::remove_dir_all(folder).expect("our own folder");
    End::Recovered { acknowledged: acknowledged.len(), kept }
}
