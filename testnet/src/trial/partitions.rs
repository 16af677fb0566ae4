//! The network is cut and healed. No fork; progress within 15 s of the healing.

use std::time::{Duration, Instant};

use super::arena::{Arena, seconds};
use super::{PATIENCE, Scene};
use crate::checks;
use crate::cut;
use crate::founding::Founding;
use crate::trial_error::TrialError;

/// What is cut, and whether anybody still has a quorum behind them.
const CUTS: [(&str, bool); 5] =
    [("1,2|3,4", false), ("1,2,3|4", true), ("ring", true), ("1>2,3>1", true), ("1|2|3|4", false)];
/// Progress comes within this time of the healing.
const HEAL_WITHIN: Duration = Duration::from_secs(15);
/// Submissions in flight at each node.
const IN_FLIGHT: usize = 4;
/// So many receipts show that the network moves.
const MOVES: usize = 20;

/// Makes every cut, each for so many seconds.
pub(super) async fn run(scene: &Scene, seconds_cut: u64) -> Result<(), TrialError> {
    let founding = Founding { namespaces: true, ..Founding::default() };
    let mut arena = Arena::open(scene, founding).await?;
    let timeout_ms = arena.testnet.genesis().parameters().timeout_propose_ms;
    let load = arena.load(IN_FLIGHT);
    let nodes = arena.nodes();
    for (text, quorum) in CUTS {
        load.more(MOVES, PATIENCE).await?;
        arena.testnet.partition(cut::parse(text, &nodes)?)?;
        let before = (load.count(), checks::highest(&arena.testnet, &nodes).await?);
        if quorum {
            load.more(MOVES, PATIENCE).await?;
        }
        tokio::time::sleep(Duration::from_secs(seconds_cut)).await;
        let height = checks::highest(&arena.testnet, &nodes).await?;
        let receipts = load.count() - before.0;
        let healed = Instant::now();
        arena.testnet.partition(cut::parse("heal", &nodes)?)?;
        // Every node, so that the ones cut off are known to be back.
        arena.testnet.reach(&nodes, height + 1, PATIENCE).await?;
        let took = healed.elapsed();
        println!(
            "  {text:8} for {seconds_cut} s: {receipts} receipts, {} heights meanwhile; all nodes \
             beyond it {} after the healing ({:.1} × the propose timeout)",
            height - before.1,
            seconds(took),
            took.as_secs_f64() * 1_000.0 / timeout_ms as f64,
        );
        if took > HEAL_WITHIN {
            let what = format!("progress after {text} was healed");
            return Err(TrialError::Stalled { what, within: HEAL_WITHIN });
        }
    }
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}
