//! Nodes are killed under load, one, two, or all of them.

use std::time::{Duration, Instant};

use super::arena::{Arena, seconds, spread};
use super::{PATIENCE, Scene};
use crate::checks;
use crate::founding::Founding;
use crate::load::longest_gap;
use crate::trial_error::TrialError;

/// Submissions in flight at each node.
const IN_FLIGHT: usize = 4;
/// So many receipts show that a network moves.
const MOVES: usize = 40;
/// Nodes that are killed at once are killed within this time.
const AT_ONCE: Duration = Duration::from_millis(10);
/// A node that was killed is back and caught up within this time of its start.
const RETURN_WITHIN: Duration = Duration::from_secs(20);
/// A network that cannot commit is watched for so long.
const SILENCE: Duration = Duration::from_secs(4);

/// The rest commit; the one that was killed returns and catches up.
pub(super) async fn kill_one(scene: &Scene, rounds: u64) -> Result<(), TrialError> {
    let mut arena = Arena::open(scene, Founding::default()).await?;
    let load = arena.load(IN_FLIGHT);
    let timeout_ms = arena.testnet.genesis().parameters().timeout_propose_ms;
    let (mut gaps, mut returns) = (Vec::new(), Vec::new());
    for (round, victim) in (1..=rounds).zip(arena.nodes().into_iter().cycle()) {
        load.more(MOVES, PATIENCE).await?;
        let killed = Instant::now();
        arena.testnet.kill(&[victim])?;
        load.more(MOVES, PATIENCE).await?;
        let moved = Instant::now();
        let gap = longest_gap(&load.acknowledged(), killed, moved);
        let others: Vec<_> = arena.nodes().into_iter().filter(|node| *node != victim).collect();
        arena.testnet.start(&[victim])?;
        let started = Instant::now();
        let height = checks::highest(&arena.testnet, &others).await?;
        arena.testnet.reach(&[victim], height, checks::CATCH_UP_WITHIN).await?;
        let returned = started.elapsed();
        println!(
            "  round {round}: node-{victim} killed; longest time without a receipt {} ({:.1} × the \
             propose timeout); back and caught up in {}",
            seconds(gap),
            gap.as_secs_f64() * 1_000.0 / timeout_ms as f64,
            seconds(returned),
        );
        if returned > RETURN_WITHIN {
            let what = format!("the return of node-{victim}");
            return Err(TrialError::Stalled { what, within: RETURN_WITHIN });
        }
        gaps.push(gap);
        returns.push(returned);
    }
    println!("  {rounds} kills: without a receipt {}", spread(&mut gaps));
    println!("  {rounds} kills: back and caught up in {}", spread(&mut returns));
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}

/// Nothing is committed or acknowledged without a quorum, and all resumes by itself.
pub(super) async fn kill_two(scene: &Scene) -> Result<(), TrialError> {
    let mut arena = Arena::open(scene, Founding::default()).await?;
    let load = arena.load(IN_FLIGHT);
    load.more(MOVES, PATIENCE).await?;
    let (dead, alive) = ([3, 4], [1, 2]);
    arena.testnet.kill(&dead)?;
    // What was decided when they died may still be acknowledged.
    load.silence(SILENCE).await?;
    let (height, receipts) = (checks::highest(&arena.testnet, &alive).await?, load.count());
    load.silence(SILENCE).await?;
    let heights = checks::highest(&arena.testnet, &alive).await? - height;
    let receipts = load.count() - receipts;
    if heights + receipts as u64 > 0 {
        return Err(TrialError::CommittedWithoutQuorum { heights, receipts });
    }
    // No longer submitted by anybody, these are committed by themselves when the others are back.
    let acknowledged = load.stop().await?;
    let began = Instant::now();
    arena.testnet.start(&dead)?;
    arena.testnet.reach(&arena.nodes(), height + 1, PATIENCE).await?;
    println!(
        "  two of four dead: height {height} and {} receipts stood still; with them back, height \
         {} after {}",
        acknowledged.len(),
        height + 1,
        seconds(began.elapsed()),
    );
    let load = arena.load(IN_FLIGHT);
    load.more(MOVES, PATIENCE).await?;
    let acknowledged = [acknowledged, load.stop().await?].concat();
    arena.check(&acknowledged).await?;
    arena.close();
    Ok(())
}

/// The chain goes on with nothing lost when all are killed at once.
pub(super) async fn kill_all(scene: &Scene, times: u64) -> Result<(), TrialError> {
    let mut arena = Arena::open(scene, Founding::default()).await?;
    let load = arena.load(IN_FLIGHT);
    let nodes = arena.nodes();
    let (mut time, mut firsts) = (0, Vec::new());
    while time < times {
        load.more(MOVES, PATIENCE).await?;
        let spread = arena.testnet.kill(&nodes)?;
        let began = Instant::now();
        arena.testnet.start(&nodes)?;
        load.more(1, PATIENCE).await?;
        let first = began.elapsed();
        // A busy machine may come between two signals: such a time is one more, and counts not.
        let counts = spread <= AT_ONCE;
        time += u64::from(counts);
        println!(
            "  {}: four killed within {:.2} ms; first receipt {} after their start",
            if counts { format!("time {time}") } else { "not at once".to_owned() },
            spread.as_secs_f64() * 1_000.0,
            seconds(first),
        );
        if first > RETURN_WITHIN {
            let what = "a receipt after all were killed".to_owned();
            return Err(TrialError::Stalled { what, within: RETURN_WITHIN });
        }
        firsts.push(first);
    }
    println!("  first receipt after {}", spread(&mut firsts));
    load.more(MOVES, PATIENCE).await?;
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}

/// Seven validators go on without two.
pub(super) async fn seven(scene: &Scene) -> Result<(), TrialError> {
    let founding = Founding { validators: 7, organizations: Some(4), ..Founding::default() };
    let mut arena = Arena::open(scene, founding).await?;
    let load = arena.load(IN_FLIGHT);
    load.more(MOVES, PATIENCE).await?;
    let dead = [2, 6];
    let killed = Instant::now();
    arena.testnet.kill(&dead)?;
    load.more(4 * MOVES, PATIENCE).await?;
    let moved = Instant::now();
    println!(
        "  two of seven dead: {} receipts in {}, longest time without one {}",
        4 * MOVES,
        seconds(moved - killed),
        seconds(longest_gap(&load.acknowledged(), killed, moved)),
    );
    arena.testnet.start(&dead)?;
    arena.check(&load.stop().await?).await?;
    arena.close();
    Ok(())
}
