//! Fuzzing: every decoder that eats bytes from outside is given bytes that nobody would send.
//!
//! ```text
//! vectors, a chain made at run time ─▶ corpus ─▶ mutation ─▶ target: decode, then the property
//!                                        ▲                      │
//!                                        └── an answer that no input gave before
//!                                            a broken property ─▶ made smaller ─▶ a file
//! ```
//!
//! It runs on a stable compiler, in one thread, and all chance comes from a seed. There is no
//! coverage to guide it: what a decoder says stands in for that. Each rule has an error of its
//! own here, so an input that is refused for a new reason has got further than those before it,
//! and is kept to be altered again.

pub mod chain;
pub mod engine;
pub mod mutation;
pub mod parts;
pub mod target;
pub mod targets;
pub mod vectors;

pub use engine::{Broken, Hunt, Outcome};
pub use target::{Answer, Prepared, Target, Verdict};
pub use targets::{all, find};
