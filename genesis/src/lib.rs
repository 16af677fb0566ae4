//! What a chain starts from, agreed by all of its members before any block exists.
//!
//! ```text
//! member file ─┐
//! member file ─┼─ assemble ─▶ Genesis ── RFC 8785 ── tagged SHA-256 ──▶ chain id
//! member file ─┘                 ▲
//! genesis document ── parse ─────┘
//! ```
//!
//! A document has exactly one normal form: whoever canonicalizes the file with any RFC 8785 tool
//! hashes the same bytes as this crate, and a document in another form is refused rather than
//! put right. A [`Genesis`] or [`Member`] that exists obeys every rule; each rule has its error.
//!
//! Modules, each on those below it only:
//!
//! ```text
//! genesis ─▶ member ─▶ roster ─▶ organization ─▶ key_line
//!    │         │          └─▶ peer ─▶ address, peer_id ─▶ key_line
//!    └─────────┴─▶ reader ─▶ document ─▶ parameters ─▶ decimal
//! ```
//!
//! [`read_proof`] stands beside them: with a genesis document it is all that a proof needs to be
//! verified offline.

mod address;
mod decimal;
mod document;
mod genesis;
mod key_line;
mod member;
mod organization;
mod parameters;
mod peer;
mod peer_id;
mod proof_file;
mod reader;
mod roster;

pub use address::{ADDRESS_BYTES_MAX, AddressError, parse_address};
pub use document::DOCUMENT_VERSION;
pub use genesis::{CHAIN_NAME_BYTES_MAX, Genesis, GenesisError, TIME_MS_MAX};
pub use key_line::KeyLineError;
pub use member::{Member, MemberError};
pub use organization::{
    ADMIN_KEYS_MAX, ORGANIZATION_NAME_BYTES_MAX, Organization, OrganizationError, Role,
    SIGNERS_MAX, Signer,
};
pub use parameters::{Bounds, ParameterError, Parameters};
pub use peer::{ADDRESSES_MAX, Observer, PeerError, ValidatorEntry};
pub use peer_id::{PEER_ID_BYTES_MAX, PeerIdError, parse_peer_id, peer_id_of, public_key_of};
pub use proof_file::{PROOF_JSON_BYTES_MAX, ProofFileError, proof_json, read_proof};
pub use reader::{DOCUMENT_BYTES_MAX, DocumentError};
pub use roster::{OBSERVERS_MAX, ORGANIZATIONS_MAX, RosterError};

pub use libp2p_identity::PeerId;
pub use multiaddr::Multiaddr;
