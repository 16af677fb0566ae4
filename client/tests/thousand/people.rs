//! Four signers of two organizations, with keys that the real `ssh-keygen` makes and names.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A signer.
pub(crate) struct Person {
    pub(crate) organization: &'static str,
    /// The private key.
    pub(crate) key: PathBuf,
    /// What `ssh-keygen -l` calls the key.
    pub(crate) fingerprint: String,
}

/// Everyone: two of acme, then two of bolt.
pub(crate) struct People(Vec<Person>);

/// Names and organizations.
const EVERYONE: [(&str, &str); 4] =
    [("alice", "acme"), ("bob", "acme"), ("carol", "bolt"), ("dave", "bolt")];

impl People {
    /// Makes the keys.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(EVERYONE.map(|(name, organization)| person(folder, name, organization)).into())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Person> {
        self.0.iter()
    }

    /// Whose share a file is in.
    pub(crate) fn owner(&self, file: usize) -> &Person {
        &self.0[file % self.0.len()]
    }

    /// Somebody else of the owner's organization.
    pub(crate) fn colleague(&self, file: usize) -> &Person {
        &self.0[(file % self.0.len()) ^ 1]
    }

    /// Somebody of the other organization.
    pub(crate) fn outsider(&self, file: usize) -> &Person {
        &self.0[(file % self.0.len()) ^ 2]
    }
}

fn person(folder: &Path, name: &str, organization: &'static str) -> Person {
    let key = folder.join(name);
    ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", text(&key)]);
    let listed = ssh_keygen(&["-l", "-f", text(&key)]);
    let fingerprint = listed.split(' ').nth(1).expect("bits, fingerprint, comment").to_owned();
    Person { organization, key, fingerprint }
}

/// A path as text.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder's name is text")
}

/// Runs `ssh-keygen`, which must succeed, and returns what it prints.
pub(crate) fn ssh_keygen(arguments: &[&str]) -> String {
    let output = Command::new("ssh-keygen").args(arguments).output();
    let output = output.expect("openssh-client is installed: run scripts/setup");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
