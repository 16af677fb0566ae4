//! What nodes say to each other, and its bytes.
//!
//! ```text
//! gossip    PeerMessage    votes, certificates, proposals with their compact blocks, evidence
//!           Transactions   transactions that wait
//! to one    Request ──▶ Response
//! ```
//!
//! None of it is signed or hashed as a whole: what needs proof carries it inside.

mod compact;
mod gossip;
mod request;

pub use compact::{BlockLeaves, CompactBlock};
pub use gossip::{GOSSIP_BYTES_MAX, Gossip, PeerMessage, ProposedBlock, Transactions};
pub use request::{
    CertifiedBlock, CertifiedBlocks, REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX, Request,
    RequestEnvelope, Response, ResponseEnvelope, WantedLeaves,
};
