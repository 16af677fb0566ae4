//! The node: disk, clock and API around the replica, which does all the judging.
//!
//! ```text
//!             ┌ api (gRPC) ─ admission ─▶ replica_thread ─ effects ─┬▶ disk: wal, sign record, db
//! commands ─▶ │    │                            ▲                   ├▶ timers
//! node        │    └─ reader, waiters ◀─────────┴───────────────────┴▶ notices: log, metrics
//!             └ http: probes, metrics
//! ```
//!
//! Reads never wait for writes: they go to the ledger's reader. Only the replica's thread writes.

mod admission;
mod api;
mod catch_up_progress;
mod cli;
mod clock;
mod commands;
mod config;
mod connections;
mod disk;
mod effects;
mod fetched;
mod full_shares;
mod home;
mod http;
mod inbox;
mod key_ring;
mod latency;
mod listeners;
mod logging;
mod metrics;
mod network;
mod node;
mod notices;
mod open;
mod replica_thread;
mod service_manager;
mod shutdown;
mod state;
mod timers;
mod tls;
mod waiters;

pub use network::AnswerPeer;

/// Reads the command line and does what it says.
///
/// # Errors
/// Whatever the command could not do; the message names cause and remedy.
pub fn run() -> anyhow::Result<()> {
    run_answering(vouchsafe_replica::serve::answer)
}

/// The same, with peers' requests answered otherwise: how a villain is built to test others with.
///
/// # Errors
/// As [`run`].
pub fn run_answering(answer: AnswerPeer) -> anyhow::Result<()> {
    commands::run(answer)
}
