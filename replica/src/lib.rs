//! A node's whole judgment, sans-IO: events in, effects out.
//!
//! ```text
//!            Event                              Effect (carried out strictly in order)
//! API ── Submitted ──▶ ┌───────────────────┐ ──▶ Admitted, Settled ─────────▶ API
//! peers ─ Received ──▶ │ Replica           │ ──▶ Broadcast ─────────────────▶ peers
//! clock ─ Elapsed ───▶ │  mempool          │ ──▶ SetTimer ──────────────────▶ clock
//! disk ── BodyStored ▶ │  engine (votes)   │ ──▶ Wal, SignRecord, StoreBody,
//!         Committed ─▶ │  ledger (state)   │     Commit ────────────────────▶ disk
//!                      └───────────────────┘
//! ```
//!
//! There is no clock, randomness or socket in here: whoever drives it says what time it is. The
//! node that runs in production and the simulator drive the same code, so that no rule exists
//! twice.

mod blocks;
mod catch_up;
mod effect;
mod error;
mod event;
mod gathering;
mod handle;
mod mempool;
mod offences;
mod pace;
mod peers;
mod queues;
mod replica;
mod requests;

pub mod peer;
pub mod serve;

pub use effect::{
    Admission, AdmissionError, Effect, Fault, Notice, Outcome, Timer, Verdict, WalOperation,
};
pub use error::ReplicaError;
pub use event::{Delivery, Event, Origin, PeerNumber, RequestNumber};
pub use mempool::MempoolLimits;
pub use queues::Queue;
pub use replica::{Replica, ReplicaParameters, Report};
