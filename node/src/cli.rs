//! The command line. Its help text is what an operator reads first.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::LogFormat;

/// One node of a Vouchsafe chain.
#[derive(Debug, Parser)]
#[command(name = "vouchsafed", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// The node's folder [default: ~/.vouchsafed; for dev: ~/.vouchsafed-dev]
    #[arg(long, global = true, env = "VOUCHSAFED_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// What is logged, such as "info" or "info,vouchsafe_replica=debug"
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// How a line of the log looks
    #[arg(long, global = true, value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Environment:
  VOUCHSAFED_HOME            the node's folder
  VOUCHSAFED_KEY_PASSPHRASE  opens encrypted keys without a terminal
  VOUCHSAFED_KEY_PASSPHRASE_FILE  a file that holds the passphrase instead
  VOUCHSAFED_<SECTION>_<FIELD>  a field of config.toml, such as VOUCHSAFED_GRPC_LISTEN";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a node's folder: keys and a commented config.toml
    Init(InitArguments),
    /// Run the node
    Start(StartArguments),
    /// Run a chain of one validator, made on the first run
    Dev(DevArguments),
    /// Print what a running node says of itself
    Status(StatusArguments),
    /// Execute all stored blocks again and compare every state root
    Audit,
    /// Rewrite the database into as few bytes as it takes
    Compact,
    /// Found a chain together with others, or look into a genesis document
    #[command(subcommand)]
    Genesis(GenesisCommand),
    /// Print the version
    Version,
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Write keys without a passphrase, for nodes that start unattended
    #[arg(long)]
    pub(crate) unencrypted_keys: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StartArguments {
    /// First execute all stored blocks again and compare every state root
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DevArguments {
    /// Let this OpenSSH Ed25519 key sign [in the name of an organization: default the first]
    #[arg(long, value_name = "FILE.pub[=ORGANIZATION]")]
    pub(crate) signer: Vec<String>,
    /// An organization of the chain [default: dev]
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Vec<String>,
    /// Where clients reach the API; port 0 for any
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where probes and metrics are served; port 0 for any
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http_listen: Option<SocketAddr>,
    /// Use a new folder that is removed at the end
    #[arg(long, conflicts_with = "home")]
    pub(crate) ephemeral: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// The node's API [default: the one that runs on the home]
    #[arg(long, value_name = "URL")]
    pub(crate) node: Option<String>,
    /// Whom to trust for an https:// URL, in PEM [default: the system's authorities]
    #[arg(long, value_name = "FILE", requires = "node")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// The certificate to show to a node that asks for one, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
}

impl StatusArguments {
    /// Is any of the files for TLS given?
    pub(crate) fn names_tls_files(&self) -> bool {
        self.tls_ca.is_some() || self.tls_certificate.is_some()
    }
}

/// What to do about a genesis document.
#[derive(Debug, Subcommand)]
pub(crate) enum GenesisCommand {
    /// Write this organization's public member file, with this home's node
    Member(MemberArguments),
    /// Make a genesis document of all members' files
    New(NewArguments),
    /// Print a genesis document
    Show(FileArgument),
    /// Print a genesis document's hash: the chain's id, to compare out of band
    Hash(FileArgument),
    /// Check a genesis document against every rule
    Validate(FileArgument),
}

#[derive(Debug, Args)]
pub(crate) struct MemberArguments {
    /// The organization's id on the chain: a-z, 0-9 and '-'
    #[arg(long, value_name = "ID")]
    pub(crate) organization: String,
    /// The organization's name for people
    #[arg(long)]
    pub(crate) name: String,
    /// A key that governs the organization
    #[arg(long, value_name = "FILE.pub", required = true)]
    pub(crate) admin_key: Vec<PathBuf>,
    /// How many admin keys it takes
    #[arg(long, default_value_t = 1)]
    pub(crate) admin_threshold: u32,
    /// A key that signs in the organization's name; ':admin' lets it trust again what was
    /// compromised
    #[arg(long, value_name = "FILE.pub[:admin]")]
    pub(crate) signer: Vec<String>,
    /// The node's voting power
    #[arg(long, default_value_t = 1, conflicts_with = "observer")]
    pub(crate) power: u64,
    /// Where other nodes reach this one, such as /ip4/192.0.2.1/tcp/26656
    #[arg(long, conflicts_with = "observer")]
    pub(crate) address: Vec<String>,
    /// The node follows without a vote
    #[arg(long)]
    pub(crate) observer: bool,
    /// Where to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The chain's name for people
    #[arg(long)]
    pub(crate) chain_name: String,
    /// The chain's beginning, in milliseconds since 1970 [default: now]
    #[arg(long, value_name = "MS")]
    pub(crate) time_ms: Option<u64>,
    /// A parameter other than its default, such as heartbeat_ms=5000
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) parameter: Vec<String>,
    /// Where to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// All members' files, in any order
    #[arg(value_name = "MEMBER.json", required = true)]
    pub(crate) members: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct FileArgument {
    /// The document
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
