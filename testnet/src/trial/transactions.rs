//! Many transactions by eight signers of four organizations, through four nodes at once.

use std::time::Instant;

use super::arena::{Arena, seconds};
use super::{PATIENCE, Scene};
use crate::founding::Founding;
use crate::load::percentile;
use crate::trial_error::TrialError;

/// Submissions in flight at each node.
const IN_FLIGHT: usize = 64;

/// Commits so many, proves each through every node, and compares the state at every height.
pub(super) async fn run(scene: &Scene, count: u64) -> Result<(), TrialError> {
    let arena = Arena::open(scene, Founding::default()).await?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let load = arena.prepared(&arena.nodes(), count, IN_FLIGHT)?;
    let began = Instant::now();
    let acknowledged = load.finish(PATIENCE).await?;
    let took = began.elapsed();
    println!(
        "  {} committed in {}: {:.0} a second; latency p50 {}, p99 {}",
        acknowledged.len(),
        seconds(took),
        acknowledged.len() as f64 / took.as_secs_f64(),
        seconds(percentile(&acknowledged, 50)),
        seconds(percentile(&acknowledged, 99)),
    );
    arena.check(&acknowledged).await?;
    arena.close();
    Ok(())
}
