//! The real programs, as a test runs them: `vouchsafed dev` and `vouch`, each in folders of the
//! test's own, on ports that the system chooses.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(20);

/// Polls until something is there.
pub(crate) fn wait_for<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(PAUSE);
    }
}

/// The caller's own settings play no part in a test.
fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VOUCH")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").env_remove("SSH_AUTH_SOCK").env_remove("NO_COLOR")
}

/// A path as text.
pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("a temporary folder's name is text").to_owned()
}

/// A node with a chain of its own.
pub(crate) struct DevNode {
    child: Child,
    home: PathBuf,
    arguments: Vec<String>,
    settings: Vec<(String, String)>,
    url: String,
}

impl DevNode {
    /// Starts a node whose chain knows these signers (`FILE.pub=ORGANIZATION`).
    pub(crate) fn start(folder: &Path, signers: &[String]) -> Self {
        Self::start_with(folder, signers, &[])
    }

    /// Starts it with some `VOUCHSAFED_*` variables.
    pub(crate) fn start_with(folder: &Path, signers: &[String], settings: &[(&str, &str)]) -> Self {
        let home = folder.join("node");
        let mut arguments: Vec<String> =
            ["dev", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--home"]
                .map(str::to_owned)
                .into();
        arguments.push(text(&home));
        for signer in signers {
            arguments.extend(["--signer".to_owned(), signer.clone()]);
        }
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let child = launch(&home, &arguments, &settings);
        let mut node = Self { child, home, arguments, settings, url: String::new() };
        node.url = node.wait_until_it_listens();
        node
    }

    fn wait_until_it_listens(&mut self) -> String {
        let listeners = self.home.join("data/listeners.json");
        let id = self.child.id();
        let log = self.home.with_extension("log");
        let child = &mut self.child;
        let address = wait_for("the node to listen", || {
            let ended = child.try_wait().expect("a child").is_some();
            assert!(!ended, "{}", std::fs::read_to_string(&log).unwrap_or_default());
            let text = std::fs::read_to_string(&listeners).ok()?;
            let value: Value = serde_json::from_str(&text).ok()?;
            (value["pid"] == id).then(|| value["grpc"].as_str().map(str::to_owned))?
        });
        format!("http://{address}")
    }

    /// The node's gRPC address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The genesis document of the node's chain.
    pub(crate) fn genesis(&self) -> PathBuf {
        self.home.join("genesis.json")
    }

    /// An organization's admin key.
    pub(crate) fn admin_key(&self, organization: &str) -> String {
        text(&self.home.join("keys").join(format!("admin-{organization}")))
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a child");
    }

    /// Starts another node on a copy of this one's home, keys included. This one is dead.
    pub(crate) fn copied(&self, home: &Path) -> Self {
        let copied = Command::new("cp").arg("-a").arg(&self.home).arg(home).status();
        assert!(copied.is_ok_and(|status| status.success()), "the home can be copied");
        let moved = |argument: &String| {
            if *argument == text(&self.home) { text(home) } else { argument.clone() }
        };
        let arguments: Vec<String> = self.arguments.iter().map(moved).collect();
        let (home, settings) = (home.to_owned(), self.settings.clone());
        let child = launch(&home, &arguments, &settings);
        let mut node = Self { child, home, arguments, settings, url: String::new() };
        node.url = node.wait_until_it_listens();
        node
    }

    /// Starts again on the same home; the port is a new one.
    pub(crate) fn restart(&mut self) {
        self.child = launch(&self.home, &self.arguments, &self.settings);
        self.url = self.wait_until_it_listens();
    }
}

impl Drop for DevNode {
    fn drop(&mut self) {
        // Ended already, or the test is over: nothing may stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(home: &Path, arguments: &[String], settings: &[(String, String)]) -> Child {
    let program = Path::new(env!("CARGO_BIN_EXE_vouch")).with_file_name("vouchsafed");
    assert!(program.exists(), "{} is missing: run scripts/build first", program.display());
    let mut command = Command::new(program);
    without_settings(&mut command).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command.stderr(File::create(home.with_extension("log")).expect("a log"));
    command.spawn().expect("the node starts")
}

/// What `vouch` did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON document, which must agree with the exit code.
    pub(crate) fn json(&self) -> Value {
        let value: Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(value["schema"], "vouch/1", "{self:?}");
        assert_eq!(value["exit_code"], self.code, "{self:?}");
        value
    }

    /// It must have ended so.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// `vouch` with a home of its own.
#[derive(Clone, Debug)]
pub(crate) struct Vouch {
    pub(crate) home: PathBuf,
    settings: Vec<(String, String)>,
}

impl Vouch {
    /// A client that has pinned nothing.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { home: folder.join("vouch"), settings: Vec::new() }
    }

    /// The same client with an environment variable.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.settings.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The same client that asks this node.
    pub(crate) fn asking(&self, url: &str) -> Self {
        self.with("VOUCH_NODES", url)
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vouch"));
        without_settings(&mut command).env("VOUCH_HOME", &self.home);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it without standard input.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// Runs it with standard input.
    pub(crate) fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("vouch starts");
        // It may end without reading: what was not taken is not missed.
        let _ = child.stdin.take().expect("piped").write_all(input);
        let output = child.wait_with_output().expect("a child");
        Ran {
            code: output.status.code().expect("vouch is not killed by a signal"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs it with its results written to a file, and returns its exit code.
    pub(crate) fn run_into(&self, arguments: &[&str], output: File) -> i32 {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(output);
        command.output().expect("vouch starts").status.code().expect("not killed")
    }

    /// Runs it for a program.
    pub(crate) fn json<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.with("VOUCH_OUTPUT", "json").run(arguments)
    }

    /// Makes an unencrypted key and returns its public half as a dev node takes it.
    pub(crate) fn key(&self, path: &Path, organization: &str) -> String {
        self.run(&["key", "new", "--no-passphrase", "--out", &text(path)]).ends(0);
        format!("{}.pub={organization}", text(path))
    }

    /// Pins a node's genesis, and waits until the node can prove something.
    pub(crate) fn pin(&self, node: &DevNode) {
        self.run(&["init", "-y", "--genesis", &text(&node.genesis())]).ends(0);
        wait_for("the first block", || {
            (self.asking(node.url()).run(&["status"]).code == 0).then_some(())
        });
    }
}

/// A client with a key that a running node's chain knows, for `acme`.
pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) node: DevNode,
    pub(crate) vouch: Vouch,
}

impl Scene {
    /// Sets it up.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Vouch::new(folder.path());
        home.run(&["key", "new", "--no-passphrase"]).ends(0);
        let signer = format!("{}.pub=acme", text(&home.home.join("key")));
        let node = DevNode::start(folder.path(), &[signer]);
        home.pin(&node);
        let vouch = home.asking(node.url());
        Self { folder, node, vouch }
    }

    /// A file in the scene's folder.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("creates");
        std::fs::write(&path, content).expect("writes");
        text(&path)
    }

    /// How many transactions wait for a receipt.
    pub(crate) fn pending(&self) -> Vec<String> {
        let folders = std::fs::read_dir(self.vouch.home.join("pending"));
        let folders = folders.into_iter().flatten().map(|entry| entry.expect("lists").path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("lists"));
        files.map(|entry| entry.expect("lists").file_name().display().to_string()).collect()
    }
}
