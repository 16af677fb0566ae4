//! What can go wrong around a testnet, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vouchsafe_genesis::{GenesisError, MemberError};
use vouchsafe_keys::KeyError;
use vouchsafe_types::identity::PublicKeyError;

/// The most nodes of a testnet: they share one machine.
pub const NODES_MAX: u8 = 64;

/// Why a testnet does not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum TestnetError {
    /// There is none.
    #[error("there is no testnet in {0}: run 'vouchsafe-testnet up', or name another --home")]
    NoTestnet(PathBuf),
    /// Something else is there.
    #[error("{0} is not empty and holds no testnet: empty it, or name another --home")]
    NotEmpty(PathBuf),
    /// Another command changes it.
    #[error("another vouchsafe-testnet is at work in {0}: wait until it has ended")]
    Locked(PathBuf),
    /// The state is not this program's.
    #[error(
        "{path} is of version {found}, this program writes version {expected}: use the program \
         that made the testnet, or remove it with that program's 'down --wipe'"
    )]
    StateVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// This program's version.
        expected: u32,
    },
    /// The state cannot be read.
    #[error("{path} is damaged: {cause}; remove the folder and begin anew")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// The testnet was made with other options.
    #[error(
        "the testnet in {home} was made with another {option}: leave the option out to start it \
         as it is, or remove it with 'down --wipe' first"
    )]
    Different {
        /// The testnet's folder.
        home: PathBuf,
        /// The option.
        option: &'static str,
    },
    /// No such node.
    #[error("there is no node {asked:?}: choose from 1 to {count}")]
    NoNode {
        /// What was asked for.
        asked: String,
        /// How many there are.
        count: usize,
    },
    /// A node that must run does not.
    #[error("node {0} does not run: start it with 'vouchsafe-testnet restart {0}'")]
    NotRunning(u8),
    /// The program is missing.
    #[error("there is no {0}: build it with scripts/build, or name it with --vouchsafed")]
    NoProgram(PathBuf),
    /// A program does not start.
    #[error("cannot run {program}: {cause}; install it, or correct its mode")]
    Launch {
        /// The program.
        program: String,
        /// Why.
        cause: io::Error,
    },
    /// A program failed.
    #[error("'{command}' failed: {said}")]
    Failed {
        /// The command.
        command: String,
        /// What it printed.
        said: String,
    },
    /// A node ended instead of getting ready.
    #[error("node {node} ended by itself; its log {path} ends with:\n{tail}")]
    Ended {
        /// The node.
        node: u8,
        /// Its log.
        path: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A node does not answer in time.
    #[error(
        "node {node} is not ready after {} s; its log {path} ends with:\n{tail}", within.as_secs()
    )]
    NotReady {
        /// The node.
        node: u8,
        /// How long it was waited for.
        within: Duration,
        /// Its log.
        path: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A process that outlives SIGKILL.
    #[error("process {0} is still there after SIGKILL: the system holds it; look at its state")]
    Unkillable(u32),
    /// A signal is not allowed.
    #[error("cannot signal process {pid}: {cause}; run as the user that started the testnet")]
    Signal {
        /// The process.
        pid: u32,
        /// Why.
        cause: nix::errno::Errno,
    },
    /// The number of nodes is out of bounds.
    #[error(
        "{validators} validators and {observers} observers: have 1 to {NODES_MAX} nodes, and at least one validator"
    )]
    NodeCount {
        /// The validators asked for.
        validators: u8,
        /// The observers asked for.
        observers: u8,
    },
    /// The number of organizations is out of bounds.
    #[error("{asked} organizations for {nodes} nodes: have 1 to {nodes}, so that each runs one")]
    OrganizationCount {
        /// The organizations asked for.
        asked: u8,
        /// The nodes asked for.
        nodes: u8,
    },
    /// There is not one power for each validator.
    #[error("{powers} powers for {validators} validators: name one for each, such as 2,1,1")]
    PowerCount {
        /// The powers given.
        powers: usize,
        /// The validators asked for.
        validators: u8,
    },
    /// A signer's organization is not there.
    #[error("no organization is called {asked:?}; choose from {}", there.join(", "))]
    NoOrganization {
        /// What was asked for.
        asked: String,
        /// Those that are there.
        there: Vec<String>,
    },
    /// A parameter's pair is not one, or its name or value is wrong.
    #[error("{pair:?} is no parameter of a chain: write NAME=VALUE, with a NAME of {}", names())]
    Parameter {
        /// What was given.
        pair: String,
    },
    /// A key's file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key that nobody may have.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// A member file.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The genesis document.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The configuration lacks a field.
    #[error(
        "{path} has no field {field} in [{section}]: vouchsafed and vouchsafe-testnet are not of \
         one version; build both with scripts/build"
    )]
    NoField {
        /// The file.
        path: PathBuf,
        /// The section.
        section: &'static str,
        /// The field.
        field: &'static str,
    },
    /// No free port.
    #[error("no free port was found on {0} in many tries: end what listens on them")]
    NoPort(std::net::IpAddr),
    /// No random bytes.
    #[error("the system gives no random bytes: {0}")]
    Randomness(getrandom::Error),
    /// A file or folder.
    #[error("cannot {act} {path}: {cause}")]
    Storage {
        /// What was done.
        act: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// Cutting needs network namespaces.
    #[error(
        "the testnet in {0} shares this machine's network, which cannot be cut: remove it with \
         'down --wipe' and make it anew with 'up --netns'"
    )]
    NoNamespaces(PathBuf),
    /// Network namespaces need root.
    #[error("--netns makes network namespaces, which takes root: run it as root")]
    NotRoot,
    /// All networks are taken.
    #[error("every network from 10.77.0.0/24 to 10.77.255.0/24 is in use: take a testnet down")]
    NoSubnet,
}

fn names() -> String {
    let names: Vec<_> = vouchsafe_genesis::Parameters::ALL.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// Names an act on a file beside its error.
pub(crate) fn storage(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TestnetError {
    move |cause| TestnetError::Storage { act, path: path.to_owned(), cause }
}
