//! A validator that is far behind catches up from its peers, one of which may lie.

use std::time::Instant;

use super::arena::{Arena, seconds};
use super::{PATIENCE, Scene};
use crate::api::metric;
use crate::checks;
use crate::founding::Founding;
use crate::trial_error::TrialError;

/// The node that falls behind.
const BEHIND: u8 = 4;
/// The node that lies, if there is a program for it.
const VILLAIN: u8 = 3;

/// What a node counts when a peer's answer is false.
const BLAMED: &str = "vouchsafe_p2p_blamed_total";

/// Lets one fall so many heights behind and return.
pub(super) async fn run(scene: &Scene, heights: u64) -> Result<(), TrialError> {
    // A dead proposer costs a timeout; one of little power proposes seldom.
    let founding = Founding { powers: vec![10, 10, 10, 1], ..Founding::default() };
    let mut arena = Arena::open(scene, founding).await?;
    let rest: Vec<_> = arena.nodes().into_iter().filter(|node| *node != BEHIND).collect();
    arena.testnet.stop(&[BEHIND])?;
    let from = checks::highest(&arena.testnet, &rest).await?;
    let began = Instant::now();
    // One in flight at each node makes many small blocks.
    let load = arena.load(1);
    while checks::highest(&arena.testnet, &rest).await? < from + heights {
        load.more(usize::from(BEHIND), PATIENCE).await?;
    }
    let acknowledged = load.stop().await?;
    println!("  {heights} heights in {}", seconds(began.elapsed()));
    if let Some(villain) = &scene.villain {
        arena.testnet.stop(&[VILLAIN])?;
        arena.testnet.replace_program(VILLAIN, villain)?;
        arena.testnet.start(&[VILLAIN])?;
        println!("  node-{VILLAIN} runs {}", villain.display());
    }
    let began = Instant::now();
    arena.testnet.start(&[BEHIND])?;
    let height = checks::highest(&arena.testnet, &rest[..2]).await?;
    arena.testnet.reach(&[BEHIND], height, checks::CATCH_UP_WITHIN).await?;
    let took = began.elapsed();
    println!(
        "  node-{BEHIND} caught up from {from} to {height} in {}: {:.0} heights a second",
        seconds(took),
        (height - from) as f64 / took.as_secs_f64()
    );
    if let Some(villain) = &scene.villain {
        let metrics = arena.testnet.api(BEHIND).metrics().await.unwrap_or_default();
        let blamed = metric(&metrics, BLAMED).unwrap_or(0.0);
        println!("  node-{BEHIND} blamed its peers {blamed} times");
        if blamed < 1.0 {
            return Err(TrialError::NotBlamed(villain.clone()));
        }
    }
    let honest: Vec<_> = match scene.villain {
        Some(_) => arena.nodes().into_iter().filter(|node| *node != VILLAIN).collect(),
        None => arena.nodes(),
    };
    checks::nothing_lost(&arena.testnet, &honest, &acknowledged).await?;
    checks::agreement(&arena.testnet, &honest).await?;
    let load = arena.load(1);
    load.more(20, PATIENCE).await?;
    checks::nothing_lost(&arena.testnet, &honest, &load.stop().await?).await?;
    arena.close();
    Ok(())
}
