//! A run: storm after storm against a network of its own, and the checks at the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Settings;
use super::report::{Recovery, Report};
use super::schedule::schedule;
use super::storm::{Storm, Weather};
use super::verifying::Verifying;
use crate::checks;
use crate::founding::Founding;
use crate::load::{Acknowledged, Load, Receipts, longest_gap};
use crate::namespace::Namespaces;
use crate::process::ProcessState;
use crate::trial::{Arena, PATIENCE, Scene};
use crate::trial_error::TrialError;

/// Submissions in flight at each node.
const IN_FLIGHT: usize = 2;
/// So many organizations have signers.
const ORGANIZATIONS: u8 = 4;
/// So many receipts show that the network moves before anything is done to it.
const MOVES: usize = 20;
/// So many blocks with their bodies are looked through at once.
const BODIES_AT_ONCE: usize = 1_000;
/// How long a poll pauses.
const POLL_PAUSE: Duration = Duration::from_millis(5);
/// A node that is well says how high it is within this time.
const HEIGHT_WITHIN: Duration = Duration::from_millis(250);

/// Makes a network, runs the schedule of some settings against it, and checks it. The report says
/// what was broken, if anything was; then the network's folder stays.
///
/// # Errors
/// A [`TrialError`] if the network could not be made; nothing was tried then.
pub async fn run(
    scene: &Scene,
    settings: &Settings,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Report, TrialError> {
    if settings.cuts {
        Namespaces::available().map_err(TrialError::NoCuts)?;
    }
    let founding = Founding {
        validators: settings.validators,
        organizations: Some(ORGANIZATIONS.min(settings.validators)),
        namespaces: settings.cuts,
        ..Founding::default()
    };
    let began = Instant::now();
    let arena = Arena::open(scene, founding).await?;
    let load = arena.load(IN_FLIGHT);
    let verifying = Verifying::start(&arena.testnet, load.receipts(), settings.seed)?;
    let receipts = load.receipts();
    let report = Report::new(settings);
    let heal_within = Duration::from_secs(settings.heal_seconds);
    let (seen, newest) = (0, 0);
    let mut run = Run { arena, load, receipts, verifying, heal_within, seen, newest, report };
    let signing = Instant::now();
    let stormy = run.storms(&schedule(settings), tell).await;
    let Run { arena, load, receipts, verifying, mut report, .. } = run;
    let stopped = Instant::now();
    let (answers, verified) = verifying.stop().await;
    report.verified = answers;
    let loaded = load.stop().await.map(drop);
    let acknowledged = receipts.since(0);
    report.receipts = acknowledged.len();
    let silence = longest_gap(&acknowledged, signing, stopped);
    report.longest_silence_seconds = silence.as_secs_f64();
    let held = match stormy.and(verified).and(loaded) {
        Ok(()) => check(&arena, &acknowledged, &mut report).await,
        broken => broken,
    };
    report.took_seconds = began.elapsed().as_secs_f64();
    match held {
        Ok(()) => arena.close(),
        Err(error) => report.broken = Some(error.to_string()),
    }
    Ok(report)
}

/// What must hold at the end.
async fn check(
    arena: &Arena,
    acknowledged: &[Acknowledged],
    report: &mut Report,
) -> Result<(), TrialError> {
    let nodes = arena.nodes();
    checks::nothing_lost(&arena.testnet, &nodes, acknowledged).await?;
    report.heights = checks::agreement(&arena.testnet, &nodes).await?;
    let mut pieces = 0;
    for first in (1..=report.heights).step_by(BODIES_AT_ONCE) {
        let last = report.heights.min(first + BODIES_AT_ONCE as u64 - 1);
        pieces += checks::evidence(&arena.testnet, nodes[0], first..=last).await?;
    }
    if pieces > 0 { Err(TrialError::SignedTwice { pieces }) } else { Ok(()) }
}

/// A run that goes on.
struct Run {
    arena: Arena,
    load: Load,
    receipts: Receipts,
    verifying: Verifying,
    heal_within: Duration,
    /// So many receipts were looked at.
    seen: usize,
    /// The greatest height of these.
    newest: u64,
    report: Report,
}

impl Run {
    async fn storms(
        &mut self,
        storms: &[Storm],
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<(), TrialError> {
        self.load.more(MOVES, PATIENCE).await?;
        for (number, storm) in (1..).zip(storms) {
            tell(&format!("storm {number} of {}: {storm}", storms.len()));
            let healed = self.storm(storm).await?;
            let recovery = self.recovery(healed).await?;
            self.report.storm(storm, recovery);
            let Recovery { receipt, level } = recovery;
            tell(&format!(
                "  healed; a new receipt after {:.2} s, every node level after {:.2} s",
                receipt.as_secs_f64(),
                level.as_secs_f64()
            ));
            let calm = Duration::from_millis(storm.calm_ms);
            tokio::time::sleep_until((healed + calm).into()).await;
            self.unbroken(&Weather::default())?;
        }
        Ok(())
    }

    /// Brings each moment's weather; returns when the last fault had ended.
    async fn storm(&mut self, storm: &Storm) -> Result<Instant, TrialError> {
        let began = Instant::now();
        let mut before = Weather::default();
        for moment_ms in storm.moments() {
            tokio::time::sleep_until((began + Duration::from_millis(moment_ms)).into()).await;
            self.unbroken(&before)?;
            let weather = storm.weather(moment_ms);
            self.bring(&weather)?;
            self.restart(&storm.restarted(moment_ms))?;
            before = weather;
        }
        Ok(Instant::now())
    }

    /// Nobody has found anything, and nobody has died who was not killed.
    fn unbroken(&self, weather: &Weather) -> Result<(), TrialError> {
        self.load.check()?;
        self.verifying.check()?;
        let alive = self.arena.nodes().into_iter().filter(|node| !weather.dead.contains(node));
        for node in alive {
            if self.state(node) == ProcessState::Dead {
                return Err(self.arena.testnet.ended(node).into());
            }
        }
        Ok(())
    }

    fn state(&self, node: u8) -> ProcessState {
        self.arena.testnet.process(node).0
    }

    fn which(&self, chosen: impl Fn(u8, ProcessState) -> bool) -> Vec<u8> {
        let nodes = self.arena.nodes().into_iter();
        nodes.filter(|node| chosen(*node, self.state(*node))).collect()
    }

    /// Makes the network what it shall be like.
    fn bring(&mut self, weather: &Weather) -> Result<(), TrialError> {
        if self.arena.testnet.state().cuts != weather.cuts {
            self.arena.testnet.partition(weather.cuts.clone())?;
        }
        let resumed = self
            .which(|node, state| state == ProcessState::Paused && !weather.paused.contains(&node));
        self.arena.testnet.resume(&resumed)?;
        let killed =
            self.which(|node, state| state != ProcessState::Dead && weather.dead.contains(&node));
        self.arena.testnet.kill(&killed)?;
        self.report.processes_killed += killed.len();
        let started =
            self.which(|node, state| state == ProcessState::Dead && !weather.dead.contains(&node));
        if !started.is_empty() {
            self.arena.testnet.start(&started)?;
        }
        let paused = self
            .which(|node, state| state == ProcessState::Running && weather.paused.contains(&node));
        Ok(self.arena.testnet.pause(&paused)?)
    }

    fn restart(&mut self, nodes: &BTreeSet<u8>) -> Result<(), TrialError> {
        let nodes: Vec<_> = nodes.iter().copied().collect();
        if !nodes.is_empty() {
            self.report.processes_deaf += self.arena.testnet.stop(&nodes)?.len();
            self.arena.testnet.start(&nodes)?;
        }
        Ok(())
    }

    /// Waits for a receipt for a block that nobody had at the heal, and for every node to have
    /// that block.
    async fn recovery(&mut self, healed: Instant) -> Result<Recovery, TrialError> {
        let fresh = self.receipts.since(self.seen);
        for receipt in fresh.iter().take_while(|receipt| receipt.at <= healed) {
            self.newest = self.newest.max(receipt.height);
            self.seen += 1;
        }
        let known = self.newest.max(self.height().await);
        let mut from = self.seen;
        let first = loop {
            self.load.check()?;
            self.verifying.check()?;
            let fresh = self.receipts.since(from);
            if let Some(first) = fresh.iter().find(|one| one.height > known && one.at > healed) {
                break first.clone();
            }
            from += fresh.len();
            if healed.elapsed() > self.heal_within {
                let what = format!("a receipt above height {known} after a heal");
                return Err(TrialError::Stalled { what, within: self.heal_within });
            }
            tokio::time::sleep(POLL_PAUSE).await;
        };
        let nodes = self.arena.nodes();
        self.arena.testnet.reach(&nodes, first.height, PATIENCE).await?;
        Ok(Recovery { receipt: first.at - healed, level: healed.elapsed() })
    }

    /// The greatest height that a node names soon.
    async fn height(&self) -> u64 {
        let mut asked = tokio::task::JoinSet::new();
        for node in self.arena.nodes() {
            let api = self.arena.testnet.api(node);
            asked.spawn(async move { api.info_within(HEIGHT_WITHIN).await });
        }
        let heights = asked.join_all().await.into_iter().flatten().map(|info| info.height);
        heights.max().unwrap_or(0)
    }
}
