//! The network is cut and healed, in every way several times. No fork; progress within 15 s of the
//! healing.

use std::time::{Duration, Instant};

use super::arena::{Arena, seconds, spread};
use super::{PATIENCE, Scene};
use crate::checks;
use crate::cut;
use crate::founding::Founding;
use crate::load::Load;
use crate::trial_error::TrialError;

/// A way of cutting.
struct Way {
    name: &'static str,
    /// Does anybody have a quorum behind them?
    quorum: bool,
    cuts: &'static [&'static str],
}

/// Each way: all halves and all rings of four, one node alone, links that carry one way only, and
/// everyone alone.
const WAYS: [Way; 5] = [
    Way { name: "half", quorum: false, cuts: &["1,2|3,4", "1,3|2,4", "1,4|2,3"] },
    Way { name: "single", quorum: true, cuts: &["1,2,3|4", "2,3,4|1", "1,3,4|2"] },
    Way { name: "ring", quorum: true, cuts: &["ring", "1>2,2>1,3>4,4>3", "1>4,4>1,2>3,3>2"] },
    // Two links, a node that nobody hears, and one that hears nobody.
    Way { name: "one way", quorum: true, cuts: &["1>2,3>1", "2>1,2>3,2>4", "1>3,2>3,4>3"] },
    Way { name: "all alone", quorum: false, cuts: &["1|2|3|4"] },
];
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
    let load = arena.load(IN_FLIGHT);
    let mut summary = Vec::new();
    for way in &WAYS {
        let mut healings = Vec::new();
        for text in way.cuts {
            load.more(MOVES, PATIENCE).await?;
            healings.push(one(&mut arena, &load, way, text, seconds_cut).await?);
        }
        let count = healings.len();
        let spread = spread(&mut healings);
        summary.push(format!("  {:9} × {count}: all nodes beyond it {spread}", way.name));
    }
    summary.iter().for_each(|line| println!("{line}"));
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}

/// Cuts and heals once; returns how long after the healing every node had gone on.
async fn one(
    arena: &mut Arena,
    load: &Load,
    way: &Way,
    text: &str,
    seconds_cut: u64,
) -> Result<Duration, TrialError> {
    let nodes = arena.nodes();
    let timeout_ms = arena.testnet.genesis().parameters().timeout_propose_ms;
    arena.testnet.partition(cut::parse(text, &nodes)?)?;
    let before = (load.count(), checks::highest(&arena.testnet, &nodes).await?);
    if way.quorum {
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
        "  {:9} {text:15} for {seconds_cut} s: {receipts} receipts, {} heights meanwhile; all \
         nodes beyond it {} after the healing ({:.1} × the propose timeout)",
        way.name,
        height - before.1,
        seconds(took),
        took.as_secs_f64() * 1_000.0 / timeout_ms as f64,
    );
    if took > HEAL_WITHIN {
        let what = format!("progress after {text} was healed");
        return Err(TrialError::Stalled { what, within: HEAL_WITHIN });
    }
    Ok(took)
}
