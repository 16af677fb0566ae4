//! The schedule of a seed: storms of one to four faults, each followed by a calm.
//!
//! Kinds are dealt from a shuffled pack, so that a short run has met all of them and a long one each
//! about as often.

use std::collections::BTreeSet;

use super::Settings;
use super::storm::{Fault, Kind, Storm};
use crate::cut::{self, Cut};
use crate::simulation::random::Random;

/// How long the calm after a storm is, in milliseconds.
const CALM_MS: (u64, u64) = (2_000, 5_000);
/// A storm's later faults begin within this time, in milliseconds.
const SPREAD_MS: u64 = 8_000;
/// How long a fault lasts, in milliseconds.
const FAULT_MS: (u64, u64) = (300, 8_000);
/// How long a node that was killed stays away, in milliseconds: a supervisor starts it soon.
const DEAD_MS: (u64, u64) = (50, 5_000);
/// No fault that is worth its name is shorter, in milliseconds.
const FAULT_LEAST_MS: u64 = 50;
/// The most faults of a storm.
const FAULTS_MAX: u64 = 4;

/// Kinds in an order of chance, each once before any comes again.
struct Pack {
    kinds: Vec<Kind>,
    left: Vec<Kind>,
}

impl Pack {
    fn new(cuts: bool) -> Self {
        let cuts = if cuts { Kind::CUTS.as_slice() } else { &[] };
        Self { kinds: [Kind::PROCESSES.as_slice(), cuts].concat(), left: Vec::new() }
    }

    fn deal(&mut self, random: &mut Random) -> Kind {
        if self.left.is_empty() {
            self.left.clone_from(&self.kinds);
            random.shuffle(&mut self.left);
        }
        self.left.pop().expect("a pack has kinds")
    }
}

/// The storms of some settings: the same ones each time, and no longer than the settings' time.
///
/// # Panics
/// With fewer than four validators.
#[must_use]
pub fn schedule(settings: &Settings) -> Vec<Storm> {
    let mut random = Random::new(settings.seed);
    let mut pack = Pack::new(settings.cuts);
    let nodes: Vec<u8> = (1..=settings.validators).collect();
    let (mut storms, mut left_ms) = (Vec::new(), settings.seconds.saturating_mul(1_000));
    while let Some(most_ms) = left_ms.checked_sub(CALM_MS.1).filter(|ms| *ms >= FAULT_MS.0) {
        let storm = draw_storm(&mut pack, &nodes, most_ms, &mut random);
        left_ms -= storm.lasts_ms() + storm.calm_ms;
        storms.push(storm);
    }
    storms
}

/// A storm that is over within some time. Its first fault begins at once.
fn draw_storm(pack: &mut Pack, nodes: &[u8], most_ms: u64, random: &mut Random) -> Storm {
    let mut faults: Vec<Fault> = Vec::new();
    for index in 0..random.between(1, FAULTS_MAX) {
        let begin_ms = if index == 0 { 0 } else { random.below(SPREAD_MS) };
        let mut fault = draw_fault(pack.deal(random), nodes, begin_ms, random);
        while let Some(other) = faults.iter().find(|other| other.collides(&fault)) {
            let later_ms = other.end_ms + FAULT_LEAST_MS - fault.begin_ms;
            fault.begin_ms += later_ms;
            fault.end_ms += later_ms;
        }
        fault.end_ms = fault.end_ms.min(most_ms);
        // A restart lasts no time; anything else that is cut short is left out.
        let least_ms = if fault.kind == Kind::Restart { 0 } else { FAULT_LEAST_MS };
        if fault.begin_ms + least_ms <= fault.end_ms {
            faults.push(fault);
        }
    }
    faults.sort_by_key(|fault| fault.begin_ms);
    Storm { faults, calm_ms: random.between(CALM_MS.0, CALM_MS.1) }
}

fn draw_fault(kind: Kind, nodes: &[u8], begin_ms: u64, random: &mut Random) -> Fault {
    let mut order = nodes.to_vec();
    random.shuffle(&mut order);
    let (least, most) = match kind {
        Kind::Restart => (0, 0),
        kind if kind.kills() => DEAD_MS,
        _ => FAULT_MS,
    };
    let end_ms = begin_ms + random.between(least, most);
    let count = match kind {
        Kind::KillOne | Kind::Restart => 1,
        Kind::KillTwo => 2,
        Kind::KillAll => nodes.len(),
        Kind::Pause => 1 + random.index(nodes.len()),
        _ => 0,
    };
    let cuts = match kind {
        Kind::CutHalf => apart(&order[..order.len() / 2], &order[order.len() / 2..]),
        Kind::CutSingle => apart(&order[..1], &order[1..]),
        Kind::CutRing => cut::ring(&order).expect("settings have four nodes or more"),
        Kind::CutOneWay => one_way(&order, random),
        _ => BTreeSet::new(),
    };
    let nodes: BTreeSet<u8> = order.iter().copied().take(count).collect();
    let whom = match kind {
        Kind::CutHalf => groups(order.split_at(order.len() / 2)),
        Kind::CutSingle => groups(order.split_at(1)),
        Kind::CutRing => list(&order),
        Kind::CutOneWay => list(&cuts),
        _ => list(&nodes),
    };
    Fault { kind, whom, nodes, cuts, begin_ms, end_ms }
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

fn groups((one, other): (&[u8], &[u8])) -> String {
    format!("{}|{}", list(one), list(other))
}

fn apart(one: &[u8], other: &[u8]) -> BTreeSet<Cut> {
    let across = |from: &[u8], to: &[u8]| -> Vec<Cut> {
        from.iter().flat_map(|from| to.iter().map(|to| Cut { from: *from, to: *to })).collect()
    };
    [across(one, other), across(other, one)].concat().into_iter().collect()
}

/// A node that nobody hears, one that hears nobody, or some links.
fn one_way(order: &[u8], random: &mut Random) -> BTreeSet<Cut> {
    let (one, others) = order.split_first().expect("settings have four nodes or more");
    match random.below(3) {
        0 => others.iter().map(|other| Cut { from: *one, to: *other }).collect(),
        1 => others.iter().map(|other| Cut { from: *other, to: *one }).collect(),
        _ => {
            let pairs = order.windows(2).take(1 + random.index(order.len() - 1));
            pairs.map(|pair| Cut { from: pair[0], to: pair[1] }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::chaos::storm::Weather;

    const HOUR: Settings =
        Settings { seed: 1, seconds: 3_600, validators: 4, cuts: true, heal_seconds: 15 };

    #[test]
    fn a_seed_has_one_schedule_and_another_seed_another() {
        assert_eq!(schedule(&HOUR), schedule(&HOUR));
        assert_ne!(schedule(&HOUR), schedule(&Settings { seed: 2, ..HOUR }));
    }

    #[test]
    fn a_longer_time_begins_with_the_storms_of_a_shorter_one() {
        let short = schedule(&Settings { seconds: 600, ..HOUR });
        // The last ones of the shorter time may have been cut short.
        let whole = short.len() - 3;
        assert_eq!(schedule(&HOUR)[..whole], short[..whole]);
    }

    #[test]
    fn storms_keep_to_the_time_and_each_ends_healed() {
        for (seed, seconds) in (0..200).map(|seed| (seed, 6 + seed)) {
            let validators = if seed % 2 == 0 { 4 } else { 7 };
            let storms = schedule(&Settings { seed, seconds, validators, ..HOUR });
            assert!(!storms.is_empty(), "{seconds} s have a storm");
            let sum: u64 = storms.iter().map(|storm| storm.lasts_ms() + storm.calm_ms).sum();
            assert!(sum <= seconds * 1_000);
            for storm in storms {
                assert_eq!(storm.weather(storm.lasts_ms()), Weather::default());
                assert_eq!(storm.faults[0].begin_ms, 0);
                for (index, fault) in storm.faults.iter().enumerate() {
                    assert!(fault.nodes.is_empty() != fault.cuts.is_empty(), "{fault}");
                    let others = storm.faults.iter().skip(index + 1);
                    others.for_each(|other| assert!(!fault.collides(other), "{fault}, {other}"));
                }
            }
        }
    }

    #[test]
    fn every_kind_comes_about_as_often_and_some_overlap() {
        let storms = schedule(&HOUR);
        let mut counts = BTreeMap::new();
        for fault in storms.iter().flat_map(|storm| &storm.faults) {
            *counts.entry(fault.kind).or_insert(0_u64) += 1;
        }
        assert_eq!(counts.len(), Kind::PROCESSES.len() + Kind::CUTS.len());
        let (least, most) = (counts.values().min(), counts.values().max());
        assert!(most.copied().unwrap_or(0) - least.copied().unwrap_or(0) <= 3, "{counts:?}");
        let both = |weather: Weather| !weather.dead.is_empty() && !weather.cuts.is_empty();
        let overlaps = |storm: &Storm| storm.moments().iter().any(|ms| both(storm.weather(*ms)));
        assert!(storms.iter().any(overlaps));
    }

    #[test]
    fn without_cuts_there_are_none() {
        let storms = schedule(&Settings { cuts: false, ..HOUR });
        let kinds = storms.iter().flat_map(|storm| &storm.faults).map(|fault| fault.kind);
        assert!(kinds.collect::<Vec<_>>().iter().all(|kind| Kind::PROCESSES.contains(kind)));
    }
}
