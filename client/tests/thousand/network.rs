//! A `vouchsafed dev` that knows everyone, and `vouch` as a program calls it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::people::{People, text};

/// How long anything may take before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(20);

/// The node, and the client's home.
pub(crate) struct Network {
    node: Child,
    folder: PathBuf,
}

/// What `vouch` said.
pub(crate) struct Answer {
    /// The exit code.
    pub(crate) code: i32,
    /// The document.
    pub(crate) json: Value,
}

impl Answer {
    /// The results, of which there must be so many.
    pub(crate) fn results(&self, count: usize) -> &[Value] {
        let results = self.json["results"].as_array().expect("a list");
        assert_eq!(results.len(), count, "{}", self.json);
        results
    }
}

impl Network {
    /// Starts the node, and pins its genesis.
    pub(crate) fn start(folder: &Path, people: &People) -> Self {
        let home = folder.join("node");
        let log = folder.join("node.log");
        let mut command = Command::new(vouchsafed());
        command.args(["dev", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--home"]);
        command.arg(&home).args(["--organization", "acme", "--organization", "bolt"]);
        for person in people.iter() {
            let public = person.key.with_extension("pub");
            command.arg("--signer").arg(format!("{}={}", text(&public), person.organization));
        }
        without_settings(&mut command).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(&log).expect("a log"));
        let node = command.spawn().expect("the node starts");
        let mut network = Self { node, folder: folder.to_owned() };
        let began = Instant::now();
        let address = loop {
            if let Some(address) = network.address(&home) {
                break address;
            }
            let ended = network.node.try_wait().expect("a child").is_some();
            let log = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(!ended && began.elapsed() < PATIENCE, "the node does not listen: {}", log());
            std::thread::sleep(PAUSE);
        };
        let url = format!("http://{address}");
        while network.vouch(&["init", "--yes", "--force", "--node", &url]).code != 0 {
            assert!(began.elapsed() < PATIENCE, "the node does not answer");
            std::thread::sleep(PAUSE);
        }
        network
    }

    /// Where the node listens, once it does.
    fn address(&self, home: &Path) -> Option<String> {
        let text = std::fs::read_to_string(home.join("data/listeners.json")).ok()?;
        let value: Value = serde_json::from_str(&text).ok()?;
        (value["pid"] == self.node.id()).then(|| value["grpc"].as_str().map(str::to_owned))?
    }

    /// The key that an organization was founded with: an admin's.
    pub(crate) fn admin_key(&self, organization: &str) -> PathBuf {
        self.folder.join("node/keys").join(format!("admin-{organization}"))
    }

    /// Runs `vouch` for a program: JSON out, and the codes inside and outside must agree.
    pub(crate) fn vouch(&self, arguments: &[&str]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vouch"));
        without_settings(&mut command);
        command.arg("--home").arg(self.folder.join("vouch"));
        // A busy machine is no fault.
        command.args(["--output", "json", "--timeout", "60s"]);
        let output = command.args(arguments).stdin(Stdio::null()).output().expect("vouch starts");
        let code = output.status.code().expect("vouch is not killed");
        let document = String::from_utf8(output.stdout).expect("UTF-8");
        let json: Value = serde_json::from_str(&document).unwrap_or_else(|error| {
            let errors = String::from_utf8_lossy(&output.stderr);
            panic!("{error}: {document:?} of {arguments:?}, which also says {errors}")
        });
        assert_eq!(json["schema"], "vouch/1");
        assert_eq!(json["exit_code"], code, "{json}");
        Answer { code, json }
    }

    /// The same, for a command that must end with a code.
    pub(crate) fn vouch_ends(&self, expected: i32, arguments: &[&str]) -> Answer {
        let answer = self.vouch(arguments);
        assert_eq!(answer.code, expected, "{arguments:?}: {}", answer.json["error"]);
        answer
    }

    /// Stops the node as an operator does.
    pub(crate) fn stop(mut self) {
        let command = format!("kill -TERM {}", self.node.id());
        assert!(Command::new("sh").args(["-c", &command]).status().expect("sh").success());
        assert_eq!(self.node.wait().expect("a child").code(), Some(0));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Ended already, or the test failed: nothing may stay behind.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// The node's program, which is built beside the client's.
fn vouchsafed() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_vouch")).with_file_name("vouchsafed");
    assert!(path.exists(), "{} is missing: run scripts/build first", path.display());
    path
}

/// The caller's own settings play no part.
fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VOUCH")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").env_remove("SSH_AUTH_SOCK")
}
