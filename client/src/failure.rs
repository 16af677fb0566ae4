//! Everything that can end a command, with the exit code and the fixed spelling that programs see.

use std::io;
use std::sync::Arc;

use vouchsafe_keys::KeyError;
use vouchsafe_types::checkpoint::CheckpointError;

use crate::answer::NoAnswer;
use crate::checkpoint::{CollectError, ContinuationError};
use crate::config::ConfigError;
use crate::exit::Exit;
use crate::fork::Fork;
use crate::hashing::HashingError;
use crate::home::HomeError;
use crate::inputs::InputError;
use crate::judgment::RelianceError;
use crate::node_url::NodeUrlError;
use crate::output::json::{ErrorBody, ForkFacts};
use crate::pending::PendingError;
use crate::proof_file::{PlaceError, ProofFileFailure};
use crate::seen::SeenError;
use crate::submission::{Fate, NoReceipt};
use crate::tls::TlsError;
use crate::transaction_builder::BuildError;
use crate::trust::TrustError;
use crate::webhook::WebhookError;

/// Why a command, or its work on one input, ended without its result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line means nothing.
    #[error("{0}")]
    CommandLine(String),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to check against.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// What was seen before is not known.
    #[error(transparent)]
    Seen(#[from] SeenError),
    /// The transactions that wait cannot be read or stored.
    #[error(transparent)]
    Pending(#[from] PendingError),
    /// The inputs are named wrongly.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The inputs have no proof files.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// An input has no digest.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// A node's address is not one.
    #[error(transparent)]
    NodeUrl(#[from] NodeUrlError),
    /// TLS cannot be spoken as it was asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No node is named.
    #[error(
        "no node is named: give --node https://HOST:PORT, set VOUCH_NODES, or list nodes in {0}"
    )]
    NoNode(String),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No key is there.
    #[error("there is no key at {0}: make one with 'vouch key new', or give --key or --agent")]
    NoKey(String),
    /// A key is named in no way that is read.
    #[error(
        "{0:?} names no signer: give a fingerprint of the pinned genesis, or a public-key file"
    )]
    NoSuchSigner(String),
    /// Whom to rely on means nothing.
    #[error(transparent)]
    Reliance(#[from] RelianceError),
    /// No transaction is built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A signature made here does not verify here.
    #[error("the signature that was just made does not verify: {0}")]
    OwnSignature(vouchsafe_types::transaction::TransactionError),
    /// No node gave an answer that can be used.
    #[error(transparent)]
    NoAnswer(#[from] Arc<NoAnswer>),
    /// The nodes' answers show that the chain is forked.
    #[error("{0}")]
    Forked(Arc<Fork>),
    /// A transaction has no receipt.
    #[error(transparent)]
    NoReceipt(#[from] Arc<NoReceipt>),
    /// Not tried, because another was not done.
    #[error("was not handed in, because an earlier transaction of this command has no receipt")]
    NotTried,
    /// Nobody confirmed the genesis document.
    #[error(
        "nobody confirmed that chain {0} is the one to trust: compare the hash out of band and \
         give --chain-id HASH, or -y to trust it as it is"
    )]
    NotConfirmed(String),
    /// The genesis document is not of the chain expected.
    #[error(
        "the genesis document is of chain {actual}, not of {expected}: do not trust its source"
    )]
    OtherChain {
        /// The chain on the command line.
        expected: String,
        /// The chain of the document.
        actual: String,
    },
    /// Two nodes hold two genesis documents.
    #[error("{first} and {second} serve different genesis documents: do not trust both")]
    GenesisDiffers {
        /// One node.
        first: String,
        /// The other.
        second: String,
    },
    /// The ledger has no such record.
    #[error("{0} has no record on this chain")]
    NoRecord(String),
    /// There is no checkpoint that counts.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// A file is no checkpoint, or one that does not count.
    #[error("{path}: {error}")]
    Checkpoint {
        /// The file.
        path: String,
        /// Why not.
        error: CheckpointError,
    },
    /// A checkpoint is not shown to continue another.
    #[error(transparent)]
    Continuation(#[from] ContinuationError),
    /// A proof file does not help.
    #[error(transparent)]
    ProofFile(#[from] ProofFileFailure),
    /// No web service can be told.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// A file beside the home cannot be written.
    #[error("cannot write {path}: {error}")]
    Write {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// The machine does not give what a program needs.
    #[error("cannot start: {0}")]
    Start(io::Error),
}

impl From<NoAnswer> for Failure {
    fn from(error: NoAnswer) -> Self {
        Self::NoAnswer(Arc::new(error))
    }
}

impl From<NoReceipt> for Failure {
    fn from(error: NoReceipt) -> Self {
        Self::NoReceipt(Arc::new(error))
    }
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoAnswer(error) => error.exit(),
            Self::NoReceipt(error) => error.exit(),
            Self::Forked(_) => Exit::ProofInvalid,
            Self::ProofFile(failure) => failure.exit(),
            Self::Collect(CollectError::NoAnswer(error))
            | Self::Continuation(ContinuationError::NoAnswer(error)) => error.exit(),
            Self::Collect(CollectError::TooFew { .. } | CollectError::Disagree { .. }) => {
                Exit::CouldNotCheck
            }
            Self::Collect(CollectError::Differ { .. })
            | Self::Checkpoint { .. }
            | Self::Continuation(_) => Exit::ProofInvalid,
            Self::Seen(_) | Self::NotTried => Exit::CouldNotCheck,
            Self::Home(HomeError::Io { .. })
            | Self::Config(ConfigError::Home(HomeError::Io { .. }))
            | Self::Trust(TrustError::Home(HomeError::Io { .. }))
            | Self::Pending(PendingError::Home(HomeError::Io { .. }))
            | Self::Build(BuildError::Randomness(_))
            | Self::OwnSignature(_)
            | Self::Output(_)
            | Self::Write { .. }
            | Self::Start(_) => Exit::Internal,
            Self::NoRecord(_) => Exit::Unknown,
            _ => Exit::Usage,
        }
    }

    /// The fixed spelling.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CommandLine(_) | Self::Place(_) => "command-line",
            Self::Home(_) => "home",
            Self::Config(_) => "config",
            Self::Trust(TrustError::NotPinned(_)) => "genesis-not-pinned",
            Self::Trust(TrustError::Missing(_)) => "genesis-missing",
            Self::Trust(TrustError::Unreadable { .. }) => "genesis-unreadable",
            Self::Trust(TrustError::OtherPinned { .. }) => "genesis-other-pinned",
            Self::Trust(_) => "genesis-invalid",
            Self::Seen(_) => "seen-unreadable",
            Self::Pending(_) => "pending",
            Self::Input(_) => "input",
            Self::Hashing(error) => hashing_code(error),
            Self::NodeUrl(NodeUrlError::Plaintext(_)) => "node-plaintext",
            Self::NodeUrl(_) => "node-address",
            Self::Tls(_) => "tls",
            Self::NoNode(_) => "no-node",
            Self::Forked(_) => "fork",
            Self::Key(_) => "key",
            Self::NoKey(_) => "no-key",
            Self::NoSuchSigner(_) => "no-such-signer",
            Self::Reliance(_) => "policy",
            Self::Build(_) => "transaction",
            Self::OwnSignature(_) => "own-signature",
            Self::NoAnswer(error) if error.exit() == Exit::ProofInvalid => "proof-invalid",
            Self::NoAnswer(_) => "could-not-check",
            Self::NoReceipt(error) => receipt_code(error),
            Self::NotTried => "not-tried",
            Self::NotConfirmed(_) => "not-confirmed",
            Self::OtherChain { .. } => "other-chain",
            Self::GenesisDiffers { .. } => "genesis-differs",
            Self::NoRecord(_) => "no-record",
            Self::ProofFile(failure) => failure.code(),
            Self::Collect(CollectError::TooFew { .. } | CollectError::Disagree { .. }) => {
                "too-few-signatures"
            }
            Self::Collect(CollectError::Differ { .. })
            | Self::Continuation(ContinuationError::Forked(_)) => "fork",
            Self::Continuation(ContinuationError::Rewritten { .. }) => "history-rewritten",
            Self::Checkpoint { .. } => "checkpoint-invalid",
            Self::Collect(_) | Self::Continuation(_) if self.exit() == Exit::ProofInvalid => {
                "proof-invalid"
            }
            Self::Collect(_) | Self::Continuation(_) => "could-not-check",
            Self::Webhook(_) => "webhook",
            Self::Output(_) => "output",
            Self::Write { .. } => "write",
            Self::Start(_) => "start",
        }
    }

    /// The error as JSON carries it, with an exit code that the command chose.
    #[must_use]
    pub fn body_with(&self, exit: Exit) -> ErrorBody {
        let rule = match self {
            Self::NoReceipt(error) => error.rule().map(str::to_owned),
            _ => None,
        };
        let fork = match self {
            Self::Forked(fork) => Some(ForkFacts::from(&**fork)),
            _ => None,
        };
        let (code, message) = (self.code(), self.to_string());
        ErrorBody { code, exit_code: exit.code(), rule, message, fork }
    }

    /// The error as JSON carries it.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        self.body_with(self.exit())
    }
}

/// An input's error as JSON carries it, with the exit code that the command gives it.
#[must_use]
pub fn hashing_body(error: &HashingError, exit: Exit) -> ErrorBody {
    let (code, message) = (hashing_code(error), error.to_string());
    ErrorBody { code, exit_code: exit.code(), rule: None, message, fork: None }
}

fn hashing_code(error: &HashingError) -> &'static str {
    match error {
        HashingError::NotFound(_) => "file-not-found",
        HashingError::Directory(_) => "file-is-directory",
        HashingError::NotRegular(_) => "file-not-regular",
        HashingError::Changed(_) => "file-changed",
        HashingError::Io { .. } => "file-unreadable",
    }
}

fn receipt_code(error: &NoReceipt) -> &'static str {
    match error.fate {
        _ if error.exit() == Exit::ProofInvalid => "proof-invalid",
        Fate::Refused => "refused",
        Fate::NotTaken => "not-handed-in",
        Fate::CannotCommit => "cannot-commit",
        Fate::InDoubt => "in-doubt",
        Fate::Behind(_) => "behind-earlier",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_exits_with_success_or_a_status() {
        let io = || io::Error::other("x");
        let failures = [
            Failure::CommandLine(String::new()),
            Failure::Home(HomeError::Nowhere),
            Failure::Seen(SeenError::Damaged(String::new())),
            Failure::NoNode(String::new()),
            Failure::NoAnswer(Arc::new(NoAnswer(vec![]))),
            Failure::NotTried,
            Failure::Output(io()),
            Failure::Start(io()),
        ];
        for failure in failures {
            let exit = failure.exit();
            assert!(
                matches!(exit, Exit::Internal | Exit::Usage | Exit::CouldNotCheck),
                "{failure:?}: {exit:?}"
            );
            assert_eq!(failure.body().exit_code, exit.code());
        }
    }
}
