//! strace(1) on the real program: which calls it makes, and a kill at one of them.
//!
//! No hook in the program knows of this. A signal that strace injects is delivered before the call
//! takes place, so a kill *at* a call is a kill *behind* the one before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::running::vouchsafed;

/// Every call that changes what a disk holds.
const CALLS: &str = "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,\
                     ftruncate,truncate,fallocate,rename,renameat,renameat2,link,linkat,unlink,\
                     unlinkat,mkdir,mkdirat,openat";

/// One call of a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Call {
    /// The thread that made it.
    pub(crate) thread: String,
    /// The call's name.
    pub(crate) name: String,
    /// The first file that it names, by path or by descriptor.
    pub(crate) path: PathBuf,
    /// May it make a new file?
    pub(crate) creates: bool,
    /// Did it never return?
    pub(crate) was_last: bool,
}

/// Where a kill comes: the first thread that makes a call on a file for the nth time dies there;
/// or, if the file has another name in each run, the first that makes the call for the nth time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Point {
    /// The file.
    pub(crate) path: PathBuf,
    /// The call.
    pub(crate) name: String,
    /// Counted from 1 within a thread.
    pub(crate) ordinal: usize,
    /// Do calls on all files count?
    pub(crate) on_any_file: bool,
}

/// The program, all its threads traced into a file; `arguments` are strace's. The caller's child
/// is the tracer, which ends as the program ends: by the same code or signal.
///
/// # Panics
/// When there is no strace: a test that cannot run must not pass.
pub(crate) fn traced(trace: &Path, arguments: &[&str]) -> Command {
    let version = Command::new("strace").arg("-V").output();
    assert!(version.is_ok(), "strace is missing, which this test needs: run scripts/setup");
    let program = vouchsafed();
    let mut command = Command::new("strace");
    command.args(["-f", "-q", "-y", "-o"]).arg(trace).args(arguments);
    command.arg("--").arg(program.get_program());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(std::process::Stdio::null());
    command
}

/// The program with every call traced that changes what a disk holds, and killed at a point if one
/// is given.
pub(crate) fn watched(trace: &Path, point: Option<&Point>) -> Command {
    let calls = format!("trace={CALLS}");
    let Some(Point { path, name, ordinal, on_any_file }) = point else {
        return traced(trace, &["-s", "0", "-e", &calls]);
    };
    let path = path.to_str().expect("our own paths are text");
    let calls = format!("trace={name}");
    let kill = format!("inject={name}:signal=SIGKILL:when={ordinal}");
    let mut arguments = vec!["-s", "0", "-e", &calls, "-e", &kill];
    if !on_any_file {
        arguments.extend(["-P", path]);
    }
    traced(trace, &arguments)
}

/// The process that a tracer traces, once it is there.
pub(crate) fn tracee(tracer: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// The calls of a trace whose tracer has ended, in the order in which they began.
pub(crate) fn calls(trace: &Path) -> Vec<Call> {
    read(&fs::read_to_string(trace).expect("the trace"))
}

/// Reads a trace. A call that another thread's line cut in two is one call.
fn read(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for line in text.lines() {
        if let Some(call) = call(line) {
            calls.push(call);
            continue;
        }
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        // The end of a call that never returned.
        if rest.trim_start().starts_with("<... ") && line.ends_with("= ?") {
            let last = calls.iter_mut().rfind(|call| call.thread == thread);
            last.expect("what is resumed began").was_last = true;
        }
    }
    calls
}

fn call(line: &str) -> Option<Call> {
    let (thread, rest) = line.split_once(' ')?;
    let (name, arguments) = rest.trim_start().split_once('(')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_name) {
        return None;
    }
    // A path stands in quotation marks; before it, perhaps, the folder that it begins at.
    let by_path = name == "openat" || arguments.starts_with('"');
    let path = if by_path { first_of(arguments, '"', '"') } else { first_of(arguments, '<', '>') };
    let path = path?;
    Some(Call {
        thread: thread.to_owned(),
        name: name.to_owned(),
        path: PathBuf::from(path),
        creates: arguments.contains("O_CREAT"),
        was_last: line.ends_with("= ?"),
    })
}

fn first_of(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

/// The points that can be told apart within a folder, in the order in which they come, and how
/// many calls there were. Of two threads that make a call on a file for the nth time only the
/// first can be killed there.
pub(crate) fn points(calls: &[Call], folder: &Path) -> (Vec<Point>, usize) {
    let mut counts: BTreeMap<(&str, &Path, &str), usize> = BTreeMap::new();
    let (mut known, mut points, mut total) = (BTreeSet::new(), Vec::new(), 0);
    for call in calls {
        let mut count = |path| {
            let count = counts.entry((&call.thread, path, &call.name)).or_default();
            *count += 1;
            *count
        };
        let (of_file, of_any) = (count(&call.path), count(Path::new("")));
        let changes = call.name != "openat" || call.creates;
        // RocksDB's notes about itself are nobody's state.
        let is_state = call.path.starts_with(folder) && !call.path.ends_with("data/db/LOG");
        if !changes || !is_state {
            continue;
        }
        total += 1;
        let on_any_file = steady(&call.path) != call.path;
        let ordinal = if on_any_file { of_any } else { of_file };
        let path = call.path.strip_prefix(folder).expect("within the folder").to_owned();
        let point = Point { path, name: call.name.clone(), ordinal, on_any_file };
        if known.insert(point.clone()) {
            points.push(point);
        }
    }
    (points, total)
}

/// A file's name without the process's number in it.
pub(crate) fn steady(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !name.ends_with(".part") {
        return path.to_owned();
    }
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> =
        name.split('.').filter(|part| part.is_empty() || !is_number(part)).collect();
    path.with_file_name(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = r#"7 mkdir("/h/keys", 0700 <unfinished ...>
7 <... mkdir resumed>) = 0
7 write(3</h/lock>, ""..., 4 <unfinished ...>
8 fsync(4</h/data/wal>) = 0
7 <... write resumed>) = 4
9 fsync(4</h/data/wal>) = 0
9 fsync(4</h/data/wal> <unfinished ...>
9 <... fsync resumed>) = ?
9 openat(AT_FDCWD</x>, "/h/new", O_WRONLY|O_CREAT, 0600) = 5</h/new>
9 write(5<anon_inode:[eventfd]>, ""..., 8) = 8
9 --- SIGTERM {si_signo=SIGTERM} ---
7 +++ exited with 0 +++"#;

    #[test]
    fn calls_are_read_with_the_file_that_they_are_about() {
        let calls = read(TRACE);
        let found: Vec<_> =
            calls.iter().map(|c| (&*c.name, c.path.to_str().expect("text"))).collect();
        assert_eq!(
            found,
            [
                ("mkdir", "/h/keys"),
                ("write", "/h/lock"),
                ("fsync", "/h/data/wal"),
                ("fsync", "/h/data/wal"),
                ("fsync", "/h/data/wal"),
                ("openat", "/h/new"),
                ("write", "anon_inode:[eventfd]"),
            ]
        );
        assert!(calls[4].was_last && calls[5].creates);
    }

    #[test]
    fn a_process_number_is_no_part_of_a_files_name() {
        let part = |name: &str| steady(Path::new(name)).to_str().expect("text").to_owned();
        assert_eq!(part("/h/.key.pub.123.part"), "/h/.key.pub.part");
        assert_eq!(part("/h/000004.log"), "/h/000004.log");
    }

    #[test]
    fn points_that_no_kill_could_tell_apart_are_one() {
        let calls = read(TRACE);
        let (points, total) = points(&calls, Path::new("/h"));
        let found: Vec<_> =
            points.iter().map(|p| (p.path.to_str().expect("text"), &*p.name, p.ordinal)).collect();
        assert_eq!(total, 6);
        assert_eq!(
            found,
            [
                ("keys", "mkdir", 1),
                ("lock", "write", 1),
                ("data/wal", "fsync", 1),
                ("data/wal", "fsync", 2),
                ("new", "openat", 1),
            ]
        );
    }
}
