//! Private keys at rest and in use: signers' keys for `vouch`, consensus and node keys for
//! `vouchsafed`.
//!
//! All are OpenSSH's: files that `ssh-keygen` makes and reads, encrypted unless told otherwise,
//! and keys that an ssh-agent holds. Only Ed25519 is an identity here.
//!
//! ```text
//! KeyFile ── unlock(Passphrase) ──▶ SecretKey ─┐
//!                                              ├─ TransactionSigner ─▶ SignedTransaction
//! Agent ── key(public key) ──────▶ AgentKey  ──┘
//! ```

mod agent;
mod agent_message;
mod error;
mod key_file;
mod key_format;
mod limits;
mod passphrase;
mod passphrase_source;
mod private_file;
mod public_key_file;
mod secret_key;
mod transaction_signer;

pub use agent::{Agent, AgentIdentity, AgentKey};
pub use error::KeyError;
pub use key_file::{BCRYPT_ROUNDS, KeyFile, Protection};
pub use limits::{
    AGENT_IDENTITIES_MAX, AGENT_MESSAGE_BYTES_MAX, BCRYPT_ROUNDS_MAX, COMMENT_BYTES_MAX,
    LIST_TIMEOUT, PASSPHRASE_BYTES_MAX, PRIVATE_FILE_BYTES_MAX, SIGN_TIMEOUT, SOCKET_VARIABLE,
};
pub use passphrase::Passphrase;
pub use passphrase_source::PassphraseSource;
pub use private_file::{create_whole, exposed_mode};
pub use public_key_file::{public_key_path, read_public_key};
pub use secret_key::{SecretKey, peer_id};
pub use transaction_signer::TransactionSigner;

pub use libp2p_identity::PeerId;
