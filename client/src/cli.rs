//! The command line.

mod chain;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::transaction::RevocationReason;

use crate::context::Settings;
use crate::duration;
use crate::inputs::Named;
use crate::moment::Moment;
use crate::proof_file::Form;
use crate::signer::KeyChoice;
use crate::tls::TlsOptions;

pub use chain::{
    CheckpointArguments, CheckpointCommand, CheckpointVerifyArguments, EvidenceArguments,
    StatusArguments, WatchArguments,
};

const EXIT_CODES: &str = "Exit codes: 0 trusted or done, 1 internal error, 2 usage or refused, \
    10 unknown, 11 untrusted, 12 unsupported, 13 policy not met, 20 proof invalid, \
    21 could not check. Of several inputs the worst wins. See docs/CLI.md.";

/// Signs, verifies and revokes files on a Vouchsafe ledger; every answer is proven against the
/// pinned genesis document before a word is printed.
#[derive(Parser, Debug)]
#[command(name = "vouch", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// For every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How results are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: schema vouch/1.
    Json,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The client's home.
    #[arg(long, global = true, env = "VOUCH_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Check against this genesis document instead of the pinned one.
    #[arg(long, global = true, env = "VOUCH_GENESIS", value_name = "FILE")]
    pub genesis: Option<PathBuf>,
    /// A node to ask; repeat it to ask several and use the newest answer.
    #[arg(long = "node", global = true, env = "VOUCH_NODES", value_name = "URL",
          value_delimiter = ',', action = ArgAction::Append)]
    pub nodes: Vec<String>,
    /// Allow unencrypted http:// to other machines.
    #[arg(long, global = true, env = "VOUCH_PLAINTEXT", value_parser = BoolishValueParser::new())]
    pub plaintext: bool,
    /// How results are written.
    #[arg(short, long, global = true, env = "VOUCH_OUTPUT", value_enum, default_value_t)]
    pub output: OutputFormat,
    /// No notes and no progress.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// How long a node has to answer.
    #[arg(long, global = true, env = "VOUCH_TIMEOUT", value_name = "DURATION",
          default_value = "10s", value_parser = duration::parse)]
    pub timeout: Duration,
    /// TLS to https:// nodes.
    #[command(flatten)]
    pub tls: TlsArguments,
}

/// TLS to `https://` nodes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "TLS to https:// nodes")]
pub struct TlsArguments {
    /// Believe only these certificate authorities (PEM), not the system's.
    #[arg(long, global = true, env = "VOUCH_TLS_CA", value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Show this certificate (PEM) to nodes that ask who is calling.
    #[arg(long, global = true, env = "VOUCH_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key (PEM, unencrypted).
    #[arg(long, global = true, env = "VOUCH_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Expect this name in nodes' certificates instead of the URL's host.
    #[arg(long, global = true, env = "VOUCH_TLS_SERVER_NAME", value_name = "NAME")]
    pub tls_server_name: Option<String>,
}

impl From<TlsArguments> for TlsOptions {
    fn from(arguments: TlsArguments) -> Self {
        Self {
            ca: arguments.tls_ca,
            certificate: arguments.tls_certificate,
            key: arguments.tls_key,
            server_name: arguments.tls_server_name,
        }
    }
}

impl From<Global> for Settings {
    fn from(global: Global) -> Self {
        Self {
            home: global.home,
            genesis: global.genesis,
            nodes: global.nodes,
            plaintext: global.plaintext,
            tls: global.tls.into(),
            timeout: global.timeout,
            quiet: global.quiet,
        }
    }
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Pin a genesis document: what every answer will be checked against.
    Init(InitArguments),
    /// Vouch for files: their content becomes TRUSTED.
    #[command(visible_alias = "notarize")]
    Sign(SignArguments),
    /// May these files be trusted?
    #[command(visible_alias = "authenticate")]
    Verify(VerifyArguments),
    /// Write a file that proves another's status to anyone, without a node.
    Proof(ProofArguments),
    /// Withdraw trust from files.
    Revoke(RevokeArguments),
    /// Revoke as compromised: UNTRUSTED.
    Untrust(ActArguments),
    /// Revoke as deprecated: UNSUPPORTED.
    Unsupport(ActArguments),
    /// Show everything the ledger holds about one file, or write a transaction's SSH signature.
    Inspect(InspectArguments),
    /// List what a signer or an organization did.
    List(ListArguments),
    /// Collect the validators' signatures under the history so far, or compare two of those.
    Checkpoint(CheckpointArguments),
    /// List which validators contradicted themselves, with the proof of it.
    Evidence(EvidenceArguments),
    /// Say what happens to files, signers and organizations, as it is committed.
    Watch(WatchArguments),
    /// Make and show keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show how nodes are doing, and what they can prove.
    Status(StatusArguments),
    /// Show the version.
    Version,
}

/// Files, standard input and digests.
#[derive(Args, Clone, Debug)]
pub struct InputArguments {
    /// Files; '-' is standard input.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A digest instead of a file.
    #[arg(long = "hash", value_name = "sha256:HEX", action = ArgAction::Append)]
    pub hashes: Vec<String>,
}

impl From<InputArguments> for Named {
    fn from(arguments: InputArguments) -> Self {
        Self { files: arguments.files, hashes: arguments.hashes }
    }
}

/// Which key signs.
#[derive(Args, Clone, Debug)]
pub struct KeyArguments {
    /// The private key (OpenSSH, ssh-ed25519).
    #[arg(long, env = "VOUCH_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Sign by ssh-agent, with the key of this fingerprint or public-key file.
    #[arg(long, env = "VOUCH_AGENT", value_name = "FINGERPRINT|FILE.pub")]
    pub agent: Option<String>,
    /// A file that holds the key's passphrase (or set VOUCH_KEY_PASSPHRASE).
    #[arg(long, env = "VOUCH_KEY_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl From<KeyArguments> for KeyChoice {
    fn from(arguments: KeyArguments) -> Self {
        let KeyArguments { key, agent, passphrase_file } = arguments;
        Self { key, agent, passphrase_file }
    }
}

/// `vouch init`.
#[derive(Args, Debug)]
pub struct InitArguments {
    /// The chain to expect: its hash, compared out of band.
    #[arg(long, value_name = "HASH")]
    pub chain_id: Option<String>,
    /// Trust the document as it is.
    #[arg(short, long)]
    pub yes: bool,
    /// Replace the pin of another chain.
    #[arg(long)]
    pub force: bool,
    /// The private key to name in the settings.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// What signing and revoking share.
#[derive(Args, Debug)]
pub struct ActArguments {
    /// What it is about.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Who says it.
    #[command(flatten)]
    pub key: KeyArguments,
    /// What a single input is called, instead of its file's name.
    #[arg(long)]
    pub name: Option<String>,
    /// The size, in bytes, of a single --hash.
    #[arg(long, value_name = "BYTES")]
    pub size: Option<u64>,
    /// A fact to state about every input.
    #[arg(short, long = "attr", value_name = "KEY=VALUE", action = ArgAction::Append)]
    pub attributes: Vec<String>,
    /// How long the transaction may wait to be included [default: 10m, or half the chain's window].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub expiry: Option<Duration>,
    /// How long to wait for a receipt, up to 60s.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_wait)]
    pub wait: Duration,
}

/// `vouch sign`.
#[derive(Args, Debug)]
pub struct SignArguments {
    /// What, who and how.
    #[command(flatten)]
    pub act: ActArguments,
    /// Write each file's proof beside it, as FILE.vouch.
    #[arg(long)]
    pub proof: bool,
    /// How proof files are written.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub proof_format: Form,
}

/// `vouch proof`.
#[derive(Args, Debug)]
pub struct ProofArguments {
    /// What to prove.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Prove that this transaction was committed, instead of a status.
    #[arg(long, value_name = "ID", conflicts_with_all = ["files", "hashes", "events"])]
    pub transaction: Option<TransactionId>,
    /// With --transaction: prove its block from the newest header, and not by its own certificate.
    #[arg(long, requires = "transaction", conflicts_with_all = ["files", "hashes"])]
    pub newest: bool,
    /// Where to write one proof [default: FILE.vouch].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub format: Form,
    /// Put all events of the asset into it, for --at and --signer.
    #[arg(long)]
    pub events: bool,
    /// The greatest age of the proof [default: 60s, or three heartbeats if that is more].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}

/// Why trust is withdrawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Reason {
    /// It does harm: UNTRUSTED, and only an admin can trust it again.
    Compromised,
    /// It is no longer supported: UNSUPPORTED.
    Deprecated,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Compromised => Self::Compromised,
            Reason::Deprecated => Self::Deprecated,
        }
    }
}

/// `vouch revoke`.
#[derive(Args, Debug)]
pub struct RevokeArguments {
    /// Why.
    #[arg(long, value_enum)]
    pub reason: Reason,
    /// What, who and how.
    #[command(flatten)]
    pub act: ActArguments,
}

/// `vouch verify`.
#[derive(Args, Debug)]
pub struct VerifyArguments {
    /// What to check.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Only this organization counts; repeatable.
    #[arg(long = "org", value_name = "ID", action = ArgAction::Append)]
    pub organizations: Vec<OrganizationId>,
    /// Only what this signer said counts; repeatable.
    #[arg(short, long = "signer", value_name = "FINGERPRINT", action = ArgAction::Append)]
    pub signers: Vec<String>,
    /// So many distinct organizations must trust.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub require: usize,
    /// Ask no node: check the proof file beside each file (FILE.vouch).
    #[arg(long)]
    pub offline: bool,
    /// Check this proof file of a single input, offline.
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// The status at an earlier height or time (2026-11-23T18:00:00Z).
    #[arg(long, value_name = "HEIGHT|TIME")]
    pub at: Option<Moment>,
    /// The greatest age of the proof [default: 60s, or three heartbeats if that is more; offline
    /// none].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}

/// `vouch inspect`.
#[derive(Args, Debug)]
pub struct InspectArguments {
    /// A file, '-' for standard input, or with --sshsig a transaction's id.
    #[arg(value_name = "FILE|TRANSACTION")]
    pub subject: Option<PathBuf>,
    /// A digest instead of a file.
    #[arg(long, value_name = "sha256:HEX", conflicts_with = "subject")]
    pub hash: Option<String>,
    /// Write the transaction's signature, message and allowed signers to this folder, for
    /// ssh-keygen to check.
    #[arg(long, value_name = "DIR", requires = "subject")]
    pub sshsig: Option<PathBuf>,
    /// Show at most so many of the last events; all are proven.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// The greatest age of the proof [default: 60s, or three heartbeats if that is more].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}

/// `vouch list`.
#[derive(Args, Debug)]
pub struct ListArguments {
    /// Whose: a fingerprint of the genesis document, or a public-key file [default: your key].
    #[arg(short, long, value_name = "FINGERPRINT|FILE.pub")]
    pub signer: Option<String>,
    /// All signers of an organization.
    #[arg(long = "org", value_name = "ID", conflicts_with = "signer")]
    pub organization: Option<OrganizationId>,
    /// Your key, when neither is given.
    #[command(flatten)]
    pub key: KeyArguments,
    /// Show at most so many of the last operations; all are proven.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// The greatest age of the proof [default: 60s, or three heartbeats if that is more].
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub max_age: Option<Duration>,
}

/// `vouch key`.
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    /// Make a key, encrypted unless told otherwise.
    New(KeyNewArguments),
    /// Show a key's fingerprint and public line.
    Show(KeyShowArguments),
    /// List the keys at hand: the home's and the ssh-agent's.
    List,
}

/// `vouch key new`.
#[derive(Args, Debug)]
pub struct KeyNewArguments {
    /// Where to write it [default: key in the home].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The public key's comment.
    #[arg(long, default_value = "")]
    pub comment: String,
    /// Do not encrypt the key.
    #[arg(long)]
    pub no_passphrase: bool,
    /// A file that holds the passphrase (or set VOUCH_KEY_PASSPHRASE).
    #[arg(long, env = "VOUCH_KEY_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// `vouch key show`.
#[derive(Args, Debug)]
pub struct KeyShowArguments {
    /// The key, private or public [default: the one that signs].
    #[arg(env = "VOUCH_KEY", value_name = "FILE")]
    pub path: Option<PathBuf>,
}

/// A wait for a receipt, within the API's bound.
fn parse_wait(text: &str) -> Result<Duration, String> {
    let wait = duration::parse(text).map_err(|error| error.to_string())?;
    let most = Duration::from_millis(u64::from(vouchsafe_proto::v1::WAIT_MS_MAX));
    if (Duration::from_millis(1)..=most).contains(&wait) {
        Ok(wait)
    } else {
        Err(format!("{text:?} is no wait that a node grants: choose 1ms to 60s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn vcns_names_are_aliases() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).expect(line).command;
        assert!(matches!(parse("vouch notarize f"), Command::Sign(_)));
        assert!(matches!(parse("vouch authenticate f"), Command::Verify(_)));
        assert!(matches!(parse("vouch untrust f"), Command::Untrust(_)));
        assert!(matches!(parse("vouch unsupport f"), Command::Unsupport(_)));
    }

    #[test]
    fn a_revocation_names_its_reason() {
        assert!(Cli::try_parse_from(["vouch", "revoke", "f"]).is_err());
        assert!(Cli::try_parse_from(["vouch", "revoke", "f", "--reason", "deprecated"]).is_ok());
    }

    #[test]
    fn a_wait_is_one_that_nodes_grant() {
        assert!(parse_wait("60s").is_ok());
        assert!(parse_wait("61s").is_err());
        assert!(parse_wait("0s").is_err());
    }
}
