//! One run: troubles and calms until the chain is long enough, and then all must agree.

use std::collections::BTreeSet;

use vouchsafe_ledger::StoreRead as _;

use super::invariant::Violation;
use super::plan::{Plan, Trouble};
use super::random::Random;
use super::villain::Villain;
use super::world::World;

/// Progress is owed within this time after all troubles have ended, in milliseconds.
pub const CALM_MS: u64 = 60_000;
/// The most rounds that an honest node may lose in a calm before it has gained two heights. Each
/// villain may propose in every third round, and the first rounds are those of the trouble before.
const ROUNDS_LOST_MAX: u64 = 30;
/// How often it is looked whether progress was made, in milliseconds.
const LOOK_MS: u64 = 250;
/// How many troubles a run has at most, however slowly its chain grows.
const TROUBLES_MAX: u64 = 400;

/// What a run is told.
#[derive(Clone, Copy, Debug)]
pub struct Outline {
    /// Everything follows from it.
    pub seed: u64,
    /// How many validators there are.
    pub validators: u8,
    /// How long the chain becomes, in heights.
    pub heights: u64,
    /// So many validators say nothing, and nobody else is a villain; none: as the seed says.
    pub silent: Option<u8>,
    /// Keep lines that people can read.
    pub lines: bool,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The newest height.
    pub height: u64,
    /// The virtual time it took, in milliseconds.
    pub virtual_ms: u64,
    /// How many transactions were acknowledged.
    pub acknowledged: usize,
    /// How many pieces of evidence honest nodes collected.
    pub evidence: u64,
    /// Who did not follow the rules.
    pub villains: Vec<Villain>,
    /// The most rounds that an honest node lost in a calm before it had gained two heights.
    pub rounds_lost_max: u64,
    /// The same for every run of the seed.
    pub trace_hash: u64,
    /// The newest lines of what happened, if they were kept.
    pub lines: Vec<String>,
}

/// A run that broke an invariant.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which one, and how.
    pub violation: Violation,
    /// The newest lines of what happened, if they were kept.
    pub lines: Vec<String>,
}

/// Runs a seed.
///
/// # Errors
/// The invariant that broke.
pub fn simulate(outline: &Outline) -> Result<Report, Box<Failure>> {
    let mut random = Random::new(outline.seed);
    let mut plan = Plan::draw(outline.seed, outline.validators, outline.heights, &mut random);
    if let Some(silent) = outline.silent {
        plan.silence(silent);
    }
    let mut world = World::new(&plan, random.fork(), outline.lines);
    match run(&mut world, outline, &mut random) {
        Ok(()) => Ok(Report {
            height: world.invariants.agreement.height(),
            virtual_ms: world.now_ms - super::founding::BEGIN_MS,
            acknowledged: world.invariants.durability.acknowledged(),
            evidence: world.evidence_count,
            villains: world.villains.iter().filter_map(|villain| *villain).collect(),
            rounds_lost_max: world.rounds_lost_max,
            trace_hash: world.trace.hash(),
            lines: world.trace.into_lines().collect(),
        }),
        Err(violation) => {
            let lines = world.trace.into_lines().collect();
            Err(Box::new(Failure { violation, lines }))
        }
    }
}

fn run(world: &mut World, outline: &Outline, random: &mut Random) -> Result<(), Violation> {
    for node in 0..world.nodes.len() {
        world.start(node)?;
    }
    calm(world, random)?;
    for _ in 0..TROUBLES_MAX {
        if world.invariants.agreement.height() >= outline.heights {
            break;
        }
        trouble(world, random)?;
        calm(world, random)?;
    }
    agree(world, random)
}

fn trouble(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    let trouble = Trouble::draw(random);
    if trouble.weather {
        world.network.weather = super::network::Weather::bad(random);
    }
    if trouble.partition {
        world.network.break_apart(random);
        world.links_changed();
    }
    if trouble.all_crash {
        (0..world.nodes.len()).for_each(|node| world.crash(node));
    }
    let until_ms = world.now_ms + trouble.lasts_ms;
    while world.now_ms < until_ms {
        if random.chance(1000 * trouble.crashes * LOOK_MS / trouble.lasts_ms) {
            let node = random.index(world.nodes.len());
            world.nodes[node].effects_left = Some(random.below(20));
        }
        pass(world, random)?;
    }
    Ok(())
}

/// Some time passes, in which somebody may hand something in.
fn pass(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    for _ in 0..2 {
        if random.chance(600) {
            world.submit(random.index(world.nodes.len()))?;
        }
    }
    // An amnesiac's disk never lasts.
    for node in 0..world.nodes.len() {
        if world.villains[node] == Some(Villain::Forger) && random.chance(50) {
            world.forge(node)?;
        }
        if world.villains[node] == Some(Villain::Amnesiac) && random.chance(20) {
            world.crash(node);
        }
    }
    world.run_until(world.now_ms + LOOK_MS)
}

/// The network is whole again: every honest node must get on.
fn calm(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    world.network.heal();
    world.links_changed();
    for node in &mut world.nodes {
        node.effects_left = None;
        node.rounds_lost = 0;
    }
    reach(world, random, world.invariants.agreement.height() + 2, true)
}

/// Every honest node reaches a height, or progress is not what is owed.
fn reach(
    world: &mut World,
    random: &mut Random,
    goal: u64,
    submitting: bool,
) -> Result<(), Violation> {
    let began_ms = world.now_ms;
    while world.now_ms < began_ms + CALM_MS {
        if submitting {
            pass(world, random)?;
        } else {
            world.run_until(world.now_ms + LOOK_MS)?;
        }
        if honest_heights(world)?.into_iter().all(|height| height >= goal) {
            return check_rounds(world);
        }
    }
    let heights = honest_heights(world)?;
    Err(format!(
        "progress: not all are at height {goal} {CALM_MS} ms after the troubles ended: {heights:?}"
    ))
}

/// In a calm a round is lost to a proposer that lies or says nothing, or that the others have not
/// heard of yet; not to anything else.
fn check_rounds(world: &mut World) -> Result<(), Violation> {
    let honest = (0..world.nodes.len()).filter(|node| world.is_honest(*node));
    let most = honest.map(|node| world.nodes[node].rounds_lost).max().unwrap_or(0);
    world.rounds_lost_max = world.rounds_lost_max.max(most);
    if most > ROUNDS_LOST_MAX {
        return Err(format!(
            "progress: a node lost {most} rounds in a calm before two heights were decided; \
             {ROUNDS_LOST_MAX} are the bound"
        ));
    }
    Ok(())
}

fn honest_heights(world: &World) -> Result<Vec<u64>, Violation> {
    let honest = (0..world.nodes.len()).filter(|node| world.is_honest(*node));
    honest.map(|n| world.nodes[n].store.head_height().map_err(|e| e.to_string())).collect()
}

/// All honest nodes come to one height: what was handed in last may still be on its way.
fn level(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    let began_ms = world.now_ms;
    while world.now_ms < began_ms + CALM_MS {
        let goal = world.invariants.agreement.height();
        reach(world, random, goal, false)?;
        if world.invariants.agreement.height() == goal {
            return Ok(());
        }
    }
    Err(format!("progress: no common height within {CALM_MS} ms, though nothing is handed in"))
}

/// Whatever evidence honest nodes ever held comes into a block that all of them have, unless the
/// offence grows too old.
fn record_offences(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    let began_ms = world.now_ms;
    let mut due = world.invariants.evidence.held().clone();
    while !due.is_empty() && world.now_ms < began_ms + CALM_MS {
        pass(world, random)?;
        let mut left = BTreeSet::new();
        for (height, id) in due {
            for node in (0..world.nodes.len()).filter(|node| world.is_honest(*node)) {
                let store = &world.nodes[node].store;
                if !world.invariants.evidence.is_settled(store, height, &id)? {
                    left.insert((height, id));
                }
            }
        }
        due = left;
    }
    match due.first() {
        None => Ok(()),
        Some((height, id)) => Err(format!(
            "evidence: {id} of height {height} is in no block {CALM_MS} ms after the troubles ended"
        )),
    }
}

/// At the end all honest nodes hold the same chain, and everything acknowledged is in it.
fn agree(world: &mut World, random: &mut Random) -> Result<(), Violation> {
    calm(world, random)?;
    record_offences(world, random)?;
    level(world, random)?;
    for node in 0..world.nodes.len() {
        if world.is_honest(node) {
            let store = world.nodes[node].store.clone();
            world.invariants.durability.check(node, &store)?;
            world.invariants.evidence.check(node, &store)?;
        }
    }
    Ok(())
}
