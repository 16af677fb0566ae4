//! `vouch`: signs, verifies and revokes, and believes no node.
//!
//! ```text
//! run ─▶ cli ─▶ commands ─┬─▶ verification ─▶ nodes ─▶ node_client ─▶ (a node)
//!                         │        │            ├─▶ proven, freshness ─▶ the pinned genesis
//!                         │        │            └─▶ witness ─▶ fork, standing
//!                         │        └─▶ log_reader, judgment, fold
//!                         ├─▶ checkpoint ─▶ nodes
//!                         ├─▶ offline ─▶ proof_file, moment, judgment, proven
//!                         ├─▶ submission, resending ─▶ pending
//!                         ├─▶ watch ─▶ nodes
//!                         ├─▶ webhook
//!                         ├─▶ inputs ─▶ hashing
//!                         └─▶ output
//! ```
//!
//! Everything a node says passes through [`proven`] before it is looked at; whatever does not hold
//! is a [`Lie`](answer::Lie), and whatever says too little is
//! [`CouldNotCheck`](answer::CouldNotCheck).

pub mod answer;
pub mod block_transaction;
#[cfg(test)]
pub(crate) mod chain_fixture;
pub mod checkpoint;
pub mod cli;
pub mod commands;
pub mod config;
pub mod context;
pub mod duration;
pub mod evidence;
pub mod exit;
pub mod failure;
pub mod fold;
pub mod fork;
pub mod freshness;
pub mod hashing;
pub mod home;
pub mod inputs;
pub mod judgment;
pub mod log_reader;
pub mod moment;
pub mod node_client;
pub mod node_url;
pub mod nodes;
pub mod offline;
pub mod output;
pub mod pending;
pub mod progress;
pub mod proof_file;
pub mod proof_source;
pub mod proven;
pub mod resending;
pub mod run;
pub mod seen;
pub mod signer;
pub mod standing;
pub mod submission;
pub mod timestamp;
pub mod tls;
pub mod transaction_builder;
pub mod trust;
pub mod verification;
pub mod watch;
pub mod webhook;
pub mod witness;
