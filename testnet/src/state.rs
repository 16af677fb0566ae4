//! What a testnet is: `testnet.json`, written whole and read with its version.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cut::Cut;
use crate::error::{TestnetError, storage};
use crate::layout::Layout;

/// The version of `testnet.json` that this program reads and writes.
pub const STATE_VERSION: u32 = 1;
/// The mode of what only the owner reads.
pub(crate) const PRIVATE_MODE: u32 = 0o600;

/// What a node is to the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It votes.
    Validator,
    /// It follows.
    Observer,
    /// It is not in the genesis document, or is another's double: a trial's own.
    Guest,
}

impl Role {
    /// The role's name in tables and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validator => "validator",
            Self::Observer => "observer",
            Self::Guest => "guest",
        }
    }
}

/// Where a node listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// Clients.
    pub grpc: SocketAddr,
    /// Probes and metrics.
    pub http: SocketAddr,
    /// Other nodes.
    pub p2p: SocketAddr,
}

/// One node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeState {
    /// Its number, from 1.
    pub number: u8,
    /// The organization that runs it.
    pub organization: String,
    /// What it is to the chain.
    pub role: Role,
    /// Its validator address; none for a node without a vote.
    pub validator: Option<String>,
    /// Its identity on the network.
    pub peer_id: String,
    /// Where it listens.
    pub addresses: Addresses,
    /// What runs it; the testnet's `vouchsafed` unless named.
    pub program: Option<PathBuf>,
}

/// The network of a testnet whose nodes have a network namespace each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// 10.77.THIS.0/24.
    pub third: u8,
}

/// A testnet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`STATE_VERSION`].
    pub version: u32,
    /// Tells this testnet's interfaces and namespaces from another's: 6 hexadecimal digits.
    pub id: String,
    /// The chain's id.
    pub chain_id: String,
    /// The organizations, in the genesis document's order of making.
    pub organizations: Vec<String>,
    /// The nodes, by number.
    pub nodes: Vec<NodeState>,
    /// Their network, if each has a namespace of its own.
    pub subnet: Option<Subnet>,
    /// What is cut at present.
    pub cuts: BTreeSet<Cut>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl State {
    /// Reads a testnet's state.
    ///
    /// # Errors
    /// [`TestnetError::NoTestnet`], [`TestnetError::State`], [`TestnetError::StateVersion`].
    pub fn read(layout: &Layout) -> Result<Self, TestnetError> {
        let path = layout.state();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(TestnetError::NoTestnet(layout.home().to_owned()));
            }
            Err(cause) => return Err(storage("read", &path)(cause)),
        };
        let damaged = |cause| TestnetError::State { path: path.clone(), cause };
        let Versioned { version: found } = serde_json::from_str(&text).map_err(damaged)?;
        if found != STATE_VERSION {
            return Err(TestnetError::StateVersion { path, found, expected: STATE_VERSION });
        }
        serde_json::from_str(&text).map_err(damaged)
    }

    /// Writes the state: whole, or not at all.
    ///
    /// # Errors
    /// [`TestnetError::Storage`].
    pub fn write(&self, layout: &Layout) -> Result<(), TestnetError> {
        let mut text = serde_json::to_string_pretty(self).expect("the state is plain data");
        text.push('\n');
        let path = layout.state();
        let beside = path.with_extension("json.new");
        let written = private_file(&beside)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(storage("write", &path))
    }

    /// The node of a number, with or without `node-` before it.
    ///
    /// # Errors
    /// [`TestnetError::NoNode`].
    pub fn number(&self, text: &str) -> Result<u8, TestnetError> {
        let number = text.strip_prefix("node-").unwrap_or(text).parse().ok();
        number
            .filter(|number| self.nodes.iter().any(|node| node.number == *number))
            .ok_or_else(|| TestnetError::NoNode { asked: text.to_owned(), count: self.nodes.len() })
    }
}

/// Opens a file of the owner's alone for writing, emptied.
fn private_file(path: &std::path::Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE_MODE).open(path)
}

/// Held while a command changes the testnet; the system lets go of it when the process ends.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the testnet for this process.
    ///
    /// # Errors
    /// [`TestnetError::Locked`], [`TestnetError::Storage`].
    pub fn take(layout: &Layout) -> Result<Self, TestnetError> {
        let path = layout.lock();
        let file = private_file(&path).map_err(storage("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(TestnetError::Locked(layout.home().to_owned())),
            Err(TryLockError::Error(cause)) => Err(storage("lock", &path)(cause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> (tempfile::TempDir, Layout) {
        let folder = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(folder.path());
        (folder, layout)
    }

    fn state() -> State {
        let address: SocketAddr = "127.0.0.1:1".parse().expect("an address");
        let node = NodeState {
            number: 1,
            organization: "acme".to_owned(),
            role: Role::Validator,
            validator: None,
            peer_id: String::new(),
            addresses: Addresses { grpc: address, http: address, p2p: address },
            program: None,
        };
        State {
            version: STATE_VERSION,
            id: "a1b2c3".to_owned(),
            chain_id: String::new(),
            organizations: vec!["acme".to_owned()],
            nodes: vec![node],
            subnet: None,
            cuts: BTreeSet::from([Cut { from: 1, to: 2 }]),
        }
    }

    #[test]
    fn a_state_reads_as_it_was_written_and_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, layout) = layout();
        assert!(matches!(State::read(&layout), Err(TestnetError::NoTestnet(_))));
        state().write(&layout).expect("written");
        assert_eq!(State::read(&layout).expect("read"), state());
        let mode = std::fs::metadata(layout.state()).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE_MODE);
    }

    #[test]
    fn a_state_of_another_version_or_form_is_refused() {
        let (_folder, layout) = layout();
        std::fs::write(layout.state(), r#"{"version": 2, "shape": "new"}"#).expect("written");
        let error = State::read(&layout).expect_err("newer");
        assert!(matches!(error, TestnetError::StateVersion { found: 2, .. }), "{error}");
        std::fs::write(layout.state(), r#"{"version": 1}"#).expect("written");
        assert!(matches!(State::read(&layout), Err(TestnetError::State { .. })));
    }

    #[test]
    fn nodes_are_named_by_number() {
        let state = state();
        assert_eq!(state.number("1").expect("there"), 1);
        assert_eq!(state.number("node-1").expect("there"), 1);
        for absent in ["2", "0", "node-2", "acme", ""] {
            assert!(matches!(state.number(absent), Err(TestnetError::NoNode { .. })), "{absent}");
        }
    }

    #[test]
    fn two_commands_do_not_change_one_testnet_at_once() {
        let (_folder, layout) = layout();
        let held = Lock::take(&layout).expect("free");
        assert!(matches!(Lock::take(&layout), Err(TestnetError::Locked(_))));
        drop(held);
        Lock::take(&layout).expect("free again");
    }
}
