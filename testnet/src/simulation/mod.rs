//! A whole network in one thread, from one seed: virtual time, virtual links, virtual disks, and
//! the very replica that `vouchsafed` runs.
//!
//! ```text
//! seed ─▶ plan (villains, troubles) ─▶ world ─▶ trouble, calm, trouble, calm … ─▶ all agree?
//!                                        └ nodes, network, disks, invariants
//! ```
//!
//! Two runs of a seed are equal to the last message: a seed that fails is its own bug report.

pub mod campaign;
pub mod disk;
pub mod founding;
pub mod invariant;
pub mod key;
pub mod network;
pub mod node;
pub mod plan;
pub mod random;
pub mod run;
pub mod trace;
pub mod villain;
pub mod world;

pub use run::{Failure, Outline, Report, simulate};
