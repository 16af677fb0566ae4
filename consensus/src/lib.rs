//! Consensus without I/O: a wrapper around `arc-malachitebft-core-consensus` that lets none of its
//! types out, the write-ahead log, and the sign record.
//!
//! ```text
//!  peers, clock, blocks ──▶ Input ─┐                    ┌─▶ Effect ──▶ Wal, SignRecord, peers,
//!                                  ▼                    │             clock, block builder
//!                               Engine ─▶ inputs, start ─▶ machine ─▶ handler
//!                                            │ early        │           │ guard, verify
//!                                            ▼              ▼           ▼
//!                                          engine beneath, in its own types (adapter)
//! ```
//!
//! The engine decides *what* is signed and sent, and in which order that becomes durable; the node
//! carries it out. The library beneath implements Tendermint (arXiv 1807.04938).

mod adapter;
mod early;
mod effect;
mod engine;
mod error;
mod evidence;
mod guard;
mod handler;
mod hopeless;
mod input;
mod inputs;
mod machine;
#[cfg(test)]
mod model;
mod start;
mod verify;

pub mod memory_file;
pub mod message;
pub mod record_file;
pub mod sign_record;
pub mod signer;
pub mod timer;
pub mod wal;

pub use effect::{Decision, Demand, Effect, Withheld};
pub use engine::{Engine, EngineParameters};
pub use error::{
    EARLY_VERDICTS_MAX, EngineError, HEIGHTS_AHEAD_MAX, MessageError, ROUNDS_AHEAD_MAX,
};
pub use input::{Input, JudgedBlock, Start};
pub use machine::Phase;
