//! The real `ssh-keygen`, as the judge of our formats.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::openssh::{TRANSACTION_NAMESPACE, public_key_line};

/// Runs `ssh-keygen` in a folder with a message on its standard input.
pub(crate) fn ssh_keygen(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ssh-keygen is installed (Debian: openssh-client)");
    let mut stdin = child.stdin.take().expect("it was piped");
    // ssh-keygen may refuse its arguments and be gone before it reads.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("it was started")
}

/// Does `ssh-keygen -Y verify` accept an armored signature?
pub(crate) fn accepts(key: &PublicKey, armored: &str, message: &[u8]) -> bool {
    let folder = TempDir::new().expect("a temporary folder");
    let allowed = format!("signer {}\n", public_key_line(key));
    fs::write(folder.path().join("allowed"), allowed).expect("written");
    fs::write(folder.path().join("signature"), armored).expect("written");
    let arguments = ["-Y", "verify", "-f", "allowed", "-I", "signer", "-s", "signature", "-n"];
    let arguments = [&arguments[..], &[TRANSACTION_NAMESPACE]].concat();
    ssh_keygen(folder.path(), &arguments, message).status.success()
}
