//! Real networks of real `vouchsafed` processes on one machine: for trying things out, and for
//! breaking them on purpose.
//!
//! ```text
//! cli ─▶ commands ─┬─▶ testnet ─┬─▶ founding ─▶ configuration ─▶ settings
//!                  │            ├─▶ process, program     (a process each, in a session of its own)
//!                  │            └─▶ namespace ─▶ cut     (a network each, to be partitioned)
//!                  ├─▶ status, table, logs
//!                  └─▶ bench, chaos ─▶ trial ─▶ load, checks ─▶ api ─▶ (a node's gRPC and HTTP)
//! ```
//!
//! Beside them stands their virtual twin, [`simulation`]: the same replica in virtual time, over
//! virtual links and disks, from one seed.
//!
//! [`fuzz`] gives every decoder bytes that nobody would send.
//!
//! What is checked here is checked from outside: nothing that a node says counts unless it is
//! proven against the genesis document.

pub mod api;
pub mod bench;
pub mod chaos;
pub mod checks;
pub mod configuration;
pub mod cut;
pub mod error;
pub mod founding;
pub mod fuzz;
pub mod layout;
pub mod load;
pub mod logs;
pub mod namespace;
pub mod port;
pub mod process;
pub mod program;
pub mod settings;
pub mod simulation;
pub mod state;
pub mod statement;
pub mod status;
pub mod table;
pub mod testnet;
pub mod trial;
pub mod trial_error;
pub mod vouch;
