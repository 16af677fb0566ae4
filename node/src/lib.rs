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

pub use commands::run;
