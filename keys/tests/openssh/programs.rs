//! Running `ssh-keygen`, `ssh-agent` and `ssh-add` in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vouchsafe_keys::{Passphrase, PassphraseSource, Protection, SecretKey};

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes().to_vec()).expect("valid")
}

/// A source that has no passphrase and cannot ask.
pub(crate) fn nobody() -> PassphraseSource {
    PassphraseSource::new("VOUCHSAFE_TEST_UNSET").without_terminal()
}

/// Runs a program to its end, without a terminal, and returns what it printed.
///
/// # Panics
/// If it fails.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("OpenSSH is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

pub(crate) fn ssh_keygen(arguments: &[&str]) -> String {
    run(Command::new("ssh-keygen").args(arguments))
}

/// Makes a key with `ssh-keygen`; few rounds and short RSA keys keep the tests quick.
pub(crate) fn keygen(folder: &Path, name: &str, key_type: &str, passphrase: &str) -> PathBuf {
    let path = folder.join(name);
    let bits = if key_type == "rsa" { "1024" } else { "256" };
    let (file, comment) = (text(&path), "a comment");
    ssh_keygen(&[
        "-q", "-t", key_type, "-b", bits, "-a", "1", "-N", passphrase, "-C", comment, "-f", file,
    ]);
    path
}

/// Writes a key with this crate.
pub(crate) fn write(folder: &Path, name: &str, encrypted: bool) -> (SecretKey, PathBuf) {
    let path = folder.join(name);
    let key = SecretKey::generate().expect("random bytes");
    let passphrase = passphrase(PASSPHRASE);
    let protection =
        if encrypted { Protection::Passphrase(&passphrase) } else { Protection::Unencrypted };
    key.write(&path, protection, "a comment").expect("a new file");
    (key, path)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the paths here are UTF-8")
}

/// A program that answers OpenSSH's question for a passphrase.
pub(crate) fn askpass(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("askpass");
    std::fs::write(&path, format!("#!/bin/sh\necho '{PASSPHRASE}'\n")).expect("writable");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("ours");
    path
}

/// Lets a program ask [`askpass`].
pub(crate) fn with_askpass<'a>(command: &'a mut Command, askpass: &Path) -> &'a mut Command {
    command.env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", "none")
}

/// A real ssh-agent, ended with its test.
pub(crate) struct RunningAgent {
    child: Child,
    pub(crate) socket: PathBuf,
}

impl RunningAgent {
    pub(crate) fn start(folder: &Path) -> Self {
        let socket = folder.join("agent.socket");
        let child = Command::new("ssh-agent")
            .args(["-D", "-a", text(&socket)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("OpenSSH is installed");
        let agent = Self { child, socket };
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(&agent.socket).is_err() {
            assert!(Instant::now() < deadline, "ssh-agent does not listen");
            std::thread::yield_now();
        }
        agent
    }

    pub(crate) fn ssh_add(&self, arguments: &[&str], askpass: &Path) -> String {
        let mut command = Command::new("ssh-add");
        command.args(arguments).env("SSH_AUTH_SOCK", &self.socket);
        run(with_askpass(&mut command, askpass))
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must not outlive the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
