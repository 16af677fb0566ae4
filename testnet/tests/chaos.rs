//! Chaos by its command: a short one without cuts holds and says so in numbers, and one that breaks
//! says what broke, how to see it again, and leaves the network's folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The machine may be busy with other tests: what is slow then is no failure of this one.
const PATIENCE: &str = "--heal-seconds=120";

/// The program that nodes run, which is built beside this package's own.
fn vouchsafed() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_vouchsafe-testnet")).with_file_name("vouchsafed");
    assert!(path.exists(), "{} is missing: run scripts/build first", path.display());
    path
}

fn chaos(home: &Path, vouchsafed: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vouchsafe-testnet"));
    command.env_remove("RUST_LOG").arg("--home").arg(home).arg("--vouchsafed").arg(vouchsafed);
    command.arg("chaos").args(arguments);
    command
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_network_that_is_killed_and_paused_keeps_its_promises() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("testnet");
    // A restart, a pause of two, and a kill of one of these.
    let arguments = ["--seconds", "8", "--seed", "4", "--no-cuts", "--json", PATIENCE];
    let output = chaos(&home, &vouchsafed(), &arguments).output().expect("it starts");
    assert!(output.status.success(), "{}", errors(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!((&report["version"], &report["seed"]), (&1.into(), &4.into()));
    assert_eq!(report["broken"], Value::Null);
    let some = |value: &Value| value.as_u64().is_some_and(|count| count > 0);
    for name in ["storms", "processes_killed", "receipts", "heights"] {
        assert!(some(&report[name]), "{name}: {report}");
    }
    assert!(some(&report["verified"]["trusted"]), "{report}");
    assert!(!home.exists(), "what held leaves nothing behind");
}

#[test]
fn a_seed_has_one_schedule() {
    let folder = tempfile::tempdir().expect("a folder");
    let schedule = |seed: &str| {
        let arguments = ["--dry-run", "--seconds", "300", "--seed", seed];
        let output = chaos(folder.path(), &vouchsafed(), &arguments).output().expect("it starts");
        assert!(output.status.success(), "{}", errors(&output));
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(schedule("1"), schedule("1"));
    assert_ne!(schedule("1"), schedule("2"));
    for kind in ["kill one", "kill two", "kill all", "pause", "restart"] {
        assert!(schedule("1").contains(kind), "{kind}");
    }
    for kind in ["cut half", "cut ring", "cut single", "cut one way"] {
        assert!(schedule("1").contains(kind), "{kind}");
    }
}

#[test]
fn what_breaks_is_named_with_the_command_that_runs_it_again_and_the_folder_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("testnet");
    // A node that starts once and never again.
    let once = folder.path().join("once");
    let script = "#!/bin/sh\n[ \"$1\" = start ] || exec PROGRAM \"$@\"\n\
                  mkdir \"$3/started\" || exit 1\nexec PROGRAM \"$@\"\n";
    let program = vouchsafed().display().to_string();
    fs::write(&once, script.replace("PROGRAM", &program)).expect("written");
    fs::set_permissions(&once, fs::Permissions::from_mode(0o755)).expect("ours");
    let arguments = ["--seconds", "8", "--seed", "1", "--no-cuts", PATIENCE];
    let output = chaos(&home, &once, &arguments).output().expect("it starts");
    assert!(!output.status.success());
    let errors = errors(&output);
    assert!(errors.contains("ended"), "{errors}");
    assert!(errors.contains("chaos --seconds 8 --seed 1 --validators 4"), "{errors}");
    assert!(errors.contains(&home.display().to_string()), "{errors}");
    assert!(home.join("node-1/log").exists(), "the logs stay");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("storm 1") && !report.contains("nobody signed twice"), "{report}");
}

#[test]
fn without_what_cuts_take_chaos_says_so_and_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("testnet");
    let mut command = chaos(&home, &vouchsafed(), &["--seconds", "8"]);
    // For root there is no `ip` then; for others it makes no difference.
    let output = command.env("PATH", folder.path()).output().expect("it starts");
    assert!(!output.status.success());
    let errors = errors(&output);
    assert!(errors.contains("namespaces") && errors.contains("--no-cuts"), "{errors}");
    assert!(!home.exists(), "a refusal leaves nothing behind");
}
