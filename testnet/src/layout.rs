//! Where a testnet's files lie.
//!
//! ```text
//! HOME/testnet.json      what the testnet is (state.rs)
//!      lock              held by the command that changes it
//!      genesis.json      the chain
//!      members/ORG.json  what each organization brought to the genesis
//!      keys/admin-ORG    each organization's admin key, which also signs
//!      node-1/           the first node's own home, as `vouchsafed init` makes it
//!             log        what it printed, over all its runs
//!             pid        its process
//! ```

use std::path::{Path, PathBuf};

/// A testnet's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout(PathBuf);

impl Layout {
    /// The testnet in a folder, whether it is there or not.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        Self(home.to_owned())
    }

    /// The folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.0
    }

    /// What the testnet is.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.0.join("testnet.json")
    }

    /// Held by the command that changes the testnet.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// The genesis document.
    #[must_use]
    pub fn genesis(&self) -> PathBuf {
        self.0.join("genesis.json")
    }

    /// The folder of the organizations' keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// An organization's admin key.
    #[must_use]
    pub fn admin_key(&self, organization: &str) -> PathBuf {
        self.keys().join(format!("admin-{organization}"))
    }

    /// The folder of the member files.
    #[must_use]
    pub fn members(&self) -> PathBuf {
        self.0.join("members")
    }

    /// An organization's member file.
    #[must_use]
    pub fn member(&self, organization: &str) -> PathBuf {
        self.members().join(format!("{organization}.json"))
    }

    /// A node's home.
    #[must_use]
    pub fn node(&self, number: u8) -> PathBuf {
        self.0.join(format!("node-{number}"))
    }

    /// A node's log.
    #[must_use]
    pub fn log(&self, number: u8) -> PathBuf {
        self.node(number).join("log")
    }

    /// The file that names a node's process.
    #[must_use]
    pub fn pid(&self, number: u8) -> PathBuf {
        self.node(number).join("pid")
    }

    /// A node's configuration.
    #[must_use]
    pub fn config(&self, number: u8) -> PathBuf {
        self.node(number).join("config.toml")
    }

    /// Where a running node says on which addresses it listens.
    #[must_use]
    pub fn listeners(&self, number: u8) -> PathBuf {
        self.node(number).join("data/listeners.json")
    }
}
