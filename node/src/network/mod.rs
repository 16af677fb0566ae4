//! The peer network: one libp2p swarm as a task, between the replica's thread and other members.
//!
//! ```text
//!                    NetworkHandle (never waits)
//! replica thread ───────────────────────────────▶ task ◀──▶ swarm ◀──▶ members
//!       ▲                                          │ │ │
//!       └── inbox: messages, answers, who came ────┘ │ └─▶ store: answers to peers' requests
//!                                                    └───▶ admission: peers' transactions
//! ```
//!
//! Modules, each on those below it only:
//!
//! ```text
//! start ─▶ task ◀─ arrivals, commands, connections, penalties, questions, serving
//!   │        └─▶ behaviour ─▶ codec, members, patience, wire
//!   │        └─▶ dialer, scores, vitals, deliveries, requests, packing, surroundings ─▶ handle ─▶ metrics
//!   └─▶ members ─▶ address
//! ```

mod address;
mod arrivals;
mod behaviour;
mod codec;
mod commands;
mod connections;
mod deliveries;
mod dialer;
mod handle;
mod members;
mod metrics;
mod packing;
mod patience;
mod penalties;
mod questions;
mod requests;
mod scores;
mod serving;
mod start;
mod surroundings;
mod task;
mod vitals;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use address::{P2pAddressError, PeerAddress, parse_listen, parse_peer};
pub(crate) use handle::{Command, NetworkHandle};
pub(crate) use members::{Members, MembershipError};
pub(crate) use metrics::NetworkMetrics;
pub(crate) use start::Bound;
pub use surroundings::AnswerPeer;
pub(crate) use surroundings::Surroundings;
