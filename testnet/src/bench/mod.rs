//! The benchmark: what a network of real nodes does on this machine, as ratios to what the machine
//! could do at best in the same minutes. Bare times on shared machines say nothing.
//!
//! ```text
//! ceilings ─▶ a network of four ─▶ closed load, batches, open loads, reading, forgeries ─▶ report
//!                               └▶ one node's disk and memory; one caught up from nothing
//! ```

pub mod cases;
pub mod ceiling;
pub mod chart;
pub mod drive;
pub mod echo;
pub mod recorder;
pub mod report;
pub mod work;

pub use cases::{Bench, BenchError, run};
pub use chart::svg;
pub use report::{Bound, Point, Report, Row};
