//! Why a key could not be made, read or used: one variant for each rule.

use std::io;
use std::path::PathBuf;

use vouchsafe_types::canonical::DecodeError;
use vouchsafe_types::openssh::OpensshError;

use crate::limits::{
    AGENT_IDENTITIES_MAX, AGENT_MESSAGE_BYTES_MAX, BCRYPT_ROUNDS_MAX, COMMENT_BYTES_MAX,
    PASSPHRASE_BYTES_MAX, PRIVATE_FILE_BYTES_MAX, SIGN_TIMEOUT, SOCKET_VARIABLE,
};

/// Why a key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the paths and values that the messages show")]
pub enum KeyError {
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes, so no key can be made: {0}")]
    Randomness(String),
    /// A file is not there.
    #[error("there is no file {0}; check the path, or make a key with 'ssh-keygen -t ed25519'")]
    NotFound(PathBuf),
    /// A file could not be read.
    #[error("could not read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    /// A path that leads to a directory, pipe or device.
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    /// Others may read the secret.
    #[error(
        "{path} has mode {mode:04o}: others on this machine can reach the secret in it; run \
         'chmod 600 {path}'"
    )]
    ModeTooOpen { path: PathBuf, mode: u32 },
    /// A file is longer than any key.
    #[error("{path} has more than {PRIVATE_FILE_BYTES_MAX} bytes, so it is not a key")]
    FileTooLong { path: PathBuf },
    /// A file that is there already.
    #[error(
        "{0} exists already and is never overwritten, since the key in it would be lost: move \
         it away or choose another path"
    )]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("could not write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    /// A file without any key.
    #[error("{0} holds no OpenSSH private key ('-----BEGIN OPENSSH PRIVATE KEY-----')")]
    NotAPrivateKey(PathBuf),
    /// The public half where the private one is needed.
    #[error("{0} holds a public key; name the private key's file, usually the path without .pub")]
    PublicKeyInstead(PathBuf),
    /// A private key in PKCS#1, PKCS#8 or another format.
    #[error(
        "{path} holds a private key in another format ({label}); convert it with 'ssh-keygen -p \
         -f {path}'"
    )]
    OtherFormat { path: PathBuf, label: String },
    /// A key of another type.
    #[error(
        "{path} holds a key of type {key_type}, and only ssh-ed25519 can sign here; make one \
         with 'ssh-keygen -t ed25519'"
    )]
    KeyType { path: PathBuf, key_type: String },
    /// The file's framing or encoding is broken.
    #[error("the key in {path} is damaged ({cause}); restore it from a copy")]
    Damaged { path: PathBuf, cause: String },
    /// The file's public half is not its private half's: signing with the pair could leak it.
    #[error("the public and the private half in {0} do not belong together; restore a copy")]
    HalvesDiffer(PathBuf),
    /// A file that would take minutes to open.
    #[error(
        "{path} asks for {rounds} rounds of bcrypt, more than {BCRYPT_ROUNDS_MAX}; lower them \
         with 'ssh-keygen -p -a 100 -f {path}'"
    )]
    TooManyRounds { path: PathBuf, rounds: u32 },
    /// The passphrase does not open the file.
    #[error("bad password: the passphrase does not open {0}")]
    BadPassphrase(PathBuf),
    /// A passphrase for a file that has none.
    #[error("{0} is not encrypted; it opens without a passphrase")]
    NotEncrypted(PathBuf),
    /// A comment that would break the line it stands in, or too long.
    #[error("a key's comment is one line of at most {COMMENT_BYTES_MAX} bytes, not {0:?}")]
    Comment(String),
    /// No passphrase at all.
    #[error("the passphrase is empty; choose one, or ask for an unencrypted key explicitly")]
    PassphraseEmpty,
    /// A passphrase beyond its bound.
    #[error("the passphrase has {0} bytes, more than the {PASSPHRASE_BYTES_MAX} allowed")]
    PassphraseTooLong(usize),
    /// The two entries of a new passphrase.
    #[error("the two passphrases differ; nothing was written, try again")]
    PassphrasesDiffer,
    /// Nobody to ask.
    #[error(
        "{path} needs a passphrase, and there is no terminal to ask for it: set the environment \
         variable {variable} or name a file that holds it"
    )]
    NoTerminal { path: PathBuf, variable: String },
    /// The terminal failed.
    #[error("could not ask for the passphrase on the terminal: {0}")]
    Prompt(io::Error),
    /// A public key that could not be read.
    #[error("{path}: {source}")]
    PublicKey { path: PathBuf, source: OpensshError },
    /// A transaction's body that is too long.
    #[error("the transaction's body cannot be signed: {0}; split it in parts")]
    Body(DecodeError),
    /// No agent in the environment.
    #[error(
        "no ssh-agent: {SOCKET_VARIABLE} is not set; start one with 'eval $(ssh-agent)' and add \
         the key with 'ssh-add'"
    )]
    NoAgent,
    /// The agent's socket cannot be used.
    #[error("could not talk to the ssh-agent at {socket}: {source}; is it still running?")]
    AgentConnection { socket: PathBuf, source: io::Error },
    /// The agent did not answer in time.
    #[error(
        "the ssh-agent at {0} did not answer (a signature may take {seconds} s); confirm the use \
         of the key if it asks for that",
        seconds = SIGN_TIMEOUT.as_secs()
    )]
    AgentTimeout(PathBuf),
    /// The agent's answer is longer than the protocol allows.
    #[error(
        "the ssh-agent's message of {0} bytes is longer than the {AGENT_MESSAGE_BYTES_MAX} that \
         are read"
    )]
    AgentMessageTooLong(usize),
    /// The agent lists more keys than can be.
    #[error("the ssh-agent lists {0} keys, more than the {AGENT_IDENTITIES_MAX} that are read")]
    AgentTooManyIdentities(usize),
    /// The agent's answer is framed wrongly.
    #[error("the ssh-agent's answer is damaged at its {0}")]
    AgentFraming(&'static str),
    /// The agent said no.
    #[error("the ssh-agent refused to {0}: it may be locked ('ssh-add -X'), or its user declined")]
    AgentRefused(&'static str),
    /// The agent does not hold the key.
    #[error("the ssh-agent does not hold the key {0}; add it with 'ssh-add'")]
    AgentLacksKey(String),
    /// The agent's signature is not the key's.
    #[error("the ssh-agent's signature does not verify under the key {0}; it cannot be used")]
    AgentSignature(String),
}
