//! A lying node: a proxy that forwards to a genuine one and alters one thing at a time.
//!
//! ```text
//! vouch ──▶ proxy ──▶ vouchsafed dev          control: nothing altered ─▶ 0
//!             │ one field, byte or part        every lie             ─▶ 20, or 21 for what is
//!             └─ altered in the answer                                  merely too old or silent
//! ```

mod answers;
mod attacker;
mod checkpoints;
#[path = "../harness/mod.rs"]
mod harness;
mod logs;
mod proofs;
mod proxy;
mod receipts;
mod several;
mod statuses;
mod watching;
