//! The command as people use it, on a network of one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A testnet's folder; its nodes end with the test.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("testnet")
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vouchsafe-testnet"));
        command.arg("--home").arg(self.path()).args(arguments).env_remove("RUST_LOG");
        command.output().expect("the program starts")
    }

    /// Runs a command that must succeed.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs a command that must fail.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(!output.status.success(), "{arguments:?} should have been refused");
        String::from_utf8(output.stderr).expect("text")
    }

    fn node(&self) -> Value {
        let status: Value =
            serde_json::from_str(&self.run(&["status", "--json"])).expect("a document");
        assert_eq!(status["version"], 1);
        status["nodes"][0].clone()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Down already, or the test failed: nothing may stay behind.
        let _ = self.output(&["down"]);
    }
}

/// Is there a process that is not only waiting to be forgotten?
fn lives(pid: &Value) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

#[test]
fn a_testnet_goes_up_is_broken_mended_and_goes_down() {
    let home = Home::new();
    let shown = home.run(&["up", "--validators", "1"]);
    assert!(shown.contains("node-1") && shown.contains("acme"), "{shown}");
    assert!(shown.contains("VOUCH_GENESIS="), "{shown}");
    let first = home.node();
    assert_eq!(first["state"], "running");
    assert!(first["answer"]["height"].as_u64().expect("a height") >= 1);
    assert!(lives(&first["pid"]));

    home.run(&["up"]);
    assert_eq!(home.node()["pid"], first["pid"], "what runs is left alone");
    home.run(&["pause", "1"]);
    assert_eq!(home.node()["state"], "paused");
    home.run(&["resume", "node-1"]);
    assert_eq!(home.node()["state"], "running");

    home.run(&["kill", "1"]);
    let killed = home.node();
    assert_eq!((&killed["state"], &killed["pid"]), (&"dead".into(), &Value::Null));
    assert!(!lives(&first["pid"]));
    assert!(home.refused(&["kill", "1"]).contains("does not run"));
    home.run(&["restart", "1"]);
    let again = home.node();
    assert_eq!(again["state"], "running");
    assert_eq!(again["grpc"], first["grpc"], "the addresses stay");
    assert!(home.run(&["logs", "1"]).contains("committed"));

    home.run(&["down"]);
    assert_eq!(home.node()["state"], "stopped", "it ended in peace");
    assert!(!lives(&again["pid"]));
    home.run(&["up"]);
    home.run(&["down", "--wipe"]);
    assert!(!home.path().exists());
}

#[test]
fn what_cannot_be_done_is_said_plainly() {
    let home = Home::new();
    for command in [vec!["down"], vec!["status"], vec!["kill", "1"], vec!["partition", "heal"]] {
        assert!(home.refused(&command).contains("there is no testnet"), "{command:?}");
    }
    assert!(!home.path().exists(), "a refusal leaves nothing behind");
    let absent = home.refused(&["--vouchsafed", "/nonexistent/vouchsafed", "up"]);
    assert!(absent.contains("scripts/build"), "{absent}");
    assert!(home.refused(&["up", "--validators", "0"]).contains("at least one validator"));
    fs::remove_dir_all(home.path()).expect("emptied");

    home.run(&["up", "--validators", "1"]);
    assert!(home.refused(&["pause", "2"]).contains("choose from 1 to 1"));
    assert!(home.refused(&["partition", "heal"]).contains("--netns"));
    assert!(home.refused(&["up", "--validators", "2"]).contains("--validators"));
    assert!(home.refused(&["up", "--parameter", "heartbeat_ms=7777"]).contains("--parameter"));
}

#[test]
fn a_port_that_somebody_has_taken_is_changed() {
    let home = Home::new();
    home.run(&["up", "--validators", "1"]);
    home.run(&["down"]);
    let before = home.node()["grpc"].as_str().expect("a URL").to_owned();
    let address = before.strip_prefix("http://").expect("a URL");
    let _held = std::net::TcpListener::bind(address).expect("free while the node is down");
    home.run(&["up"]);
    let after = home.node();
    assert_eq!(after["state"], "running");
    assert_ne!(after["grpc"], before.as_str());
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let home = Home::new();
    fs::create_dir(home.path()).expect("made");
    fs::write(home.path().join("letter"), "private").expect("written");
    assert!(home.refused(&["up"]).contains("not empty"));
    let names: Vec<_> = fs::read_dir(home.path()).expect("there").collect();
    assert_eq!(names.len(), 1);
    assert!(Path::new(&home.path().join("letter")).exists());
}
