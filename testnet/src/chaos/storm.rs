//! A storm: faults that begin and end, and may overlap. What the network shall be like at a moment
//! follows from those that last then.
//!
//! ```text
//! kill one   2        ├──────────┤
//! cut half   1,2|3,4       ├───────────────┤
//! pause      1,3                    ├──┤
//!            moments  ▲    ▲     ▲  ▲  ▲   ▲ heal
//! ```

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::cut::Cut;

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// SIGKILL to one node; it is started again at the end.
    KillOne,
    /// SIGKILL to two at once.
    KillTwo,
    /// SIGKILL to all at once.
    KillAll,
    /// SIGSTOP to some nodes, SIGCONT at the end.
    Pause,
    /// SIGTERM to one node, and a start.
    Restart,
    /// Two groups of equal size, or nearly.
    CutHalf,
    /// Everyone reaches two neighbours only.
    CutRing,
    /// One node alone.
    CutSingle,
    /// Links that carry one way only.
    CutOneWay,
}

impl Kind {
    /// What takes no network of a node's own.
    pub const PROCESSES: [Self; 5] =
        [Self::KillOne, Self::KillTwo, Self::KillAll, Self::Pause, Self::Restart];
    /// What does.
    pub const CUTS: [Self; 4] = [Self::CutHalf, Self::CutRing, Self::CutSingle, Self::CutOneWay];

    /// Are processes dead while it lasts?
    #[must_use]
    pub fn kills(self) -> bool {
        matches!(self, Self::KillOne | Self::KillTwo | Self::KillAll)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillOne => "kill one",
            Self::KillTwo => "kill two",
            Self::KillAll => "kill all",
            Self::Pause => "pause",
            Self::Restart => "restart",
            Self::CutHalf => "cut half",
            Self::CutRing => "cut ring",
            Self::CutSingle => "cut single",
            Self::CutOneWay => "cut one way",
        }
    }
}

/// One fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Its kind.
    pub kind: Kind,
    /// Whom it strikes, for people: nodes, groups, a ring's order, or links.
    pub whom: String,
    /// The nodes that are killed, paused or restarted.
    pub nodes: BTreeSet<u8>,
    /// The links that are cut.
    pub cuts: BTreeSet<Cut>,
    /// When it begins, in milliseconds since the storm did.
    pub begin_ms: u64,
    /// When it ends. A restart ends when it begins.
    pub end_ms: u64,
}

impl Fault {
    fn lasts_at(&self, moment_ms: u64) -> bool {
        (self.begin_ms..self.end_ms).contains(&moment_ms)
    }

    /// Would a node have to be in two states at once, or be killed twice? A node that is paused may
    /// be killed: that is a fault like any other.
    #[must_use]
    pub fn collides(&self, other: &Self) -> bool {
        let apart = self.end_ms < other.begin_ms || other.end_ms < self.begin_ms;
        if apart || self.nodes.is_disjoint(&other.nodes) {
            return false;
        }
        let (first, second) =
            if self.begin_ms <= other.begin_ms { (self, other) } else { (other, self) };
        !(first.kind == Kind::Pause && second.kind.kills() && first.begin_ms < second.begin_ms)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (begin, lasts) =
            (self.begin_ms as f64 / 1e3, (self.end_ms - self.begin_ms) as f64 / 1e3);
        write!(formatter, "{} {}", self.kind.name(), self.whom)?;
        match self.kind {
            Kind::Restart => write!(formatter, " at {begin:.1} s"),
            _ => write!(formatter, " at {begin:.1} s for {lasts:.1} s"),
        }
    }
}

/// What the network shall be like at a moment.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Weather {
    /// Nodes without a process.
    pub dead: BTreeSet<u8>,
    /// Nodes whose process is stopped, once it is there.
    pub paused: BTreeSet<u8>,
    /// What is cut.
    pub cuts: BTreeSet<Cut>,
}

/// Some faults, and the calm after them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Storm {
    /// The faults.
    pub faults: Vec<Fault>,
    /// How long nothing is done to the network afterwards, in milliseconds.
    pub calm_ms: u64,
}

impl fmt::Display for Storm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<_> = self.faults.iter().map(Fault::to_string).collect();
        formatter.write_str(&faults.join("; "))
    }
}

impl Storm {
    /// When its last fault ends: the heal.
    #[must_use]
    pub fn lasts_ms(&self) -> u64 {
        self.faults.iter().map(|fault| fault.end_ms).max().unwrap_or(0)
    }

    /// When something begins or ends, in order; the last is the heal.
    #[must_use]
    pub fn moments(&self) -> BTreeSet<u64> {
        self.faults.iter().flat_map(|fault| [fault.begin_ms, fault.end_ms]).collect()
    }

    /// What the network shall be like from a moment on.
    #[must_use]
    pub fn weather(&self, moment_ms: u64) -> Weather {
        let mut weather = Weather::default();
        for fault in self.faults.iter().filter(|fault| fault.lasts_at(moment_ms)) {
            match fault.kind {
                kind if kind.kills() => weather.dead.extend(&fault.nodes),
                Kind::Pause => weather.paused.extend(&fault.nodes),
                _ => weather.cuts.extend(&fault.cuts),
            }
        }
        weather
    }

    /// The nodes that are restarted at a moment.
    #[must_use]
    pub fn restarted(&self, moment_ms: u64) -> BTreeSet<u8> {
        let of = |fault: &&Fault| fault.kind == Kind::Restart && fault.begin_ms == moment_ms;
        self.faults.iter().filter(of).flat_map(|fault| fault.nodes.iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: Kind, nodes: &[u8], begin_ms: u64, end_ms: u64) -> Fault {
        let whom = nodes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let nodes = nodes.iter().copied().collect();
        Fault { kind, whom, nodes, cuts: BTreeSet::new(), begin_ms, end_ms }
    }

    #[test]
    fn the_weather_is_what_lasts_at_a_moment_and_nothing_after_the_last() {
        let cut = Fault {
            cuts: BTreeSet::from([Cut { from: 1, to: 2 }]),
            ..fault(Kind::CutOneWay, &[], 200, 900)
        };
        let faults = vec![
            fault(Kind::KillOne, &[2], 0, 500),
            cut.clone(),
            fault(Kind::Pause, &[1, 3], 600, 700),
            fault(Kind::Restart, &[4], 300, 300),
        ];
        let storm = Storm { faults, calm_ms: 1 };
        let moments: Vec<_> = storm.moments().into_iter().collect();
        assert_eq!(moments, [0, 200, 300, 500, 600, 700, 900]);
        let dead = |moment| storm.weather(moment).dead.into_iter().collect::<Vec<_>>();
        assert_eq!((dead(0), dead(499), dead(500)), (vec![2], vec![2], vec![]));
        assert_eq!(storm.weather(650).paused, BTreeSet::from([1, 3]));
        assert_eq!(storm.weather(650).cuts, cut.cuts);
        assert_eq!(storm.weather(storm.lasts_ms()), Weather::default());
        assert_eq!(storm.restarted(300), BTreeSet::from([4]));
        assert!(storm.restarted(200).is_empty());
        assert_eq!(storm.faults[0].to_string(), "kill one 2 at 0.0 s for 0.5 s");
        assert_eq!(storm.faults[3].to_string(), "restart 4 at 0.3 s");
    }

    #[test]
    fn no_node_is_killed_twice_at_once_but_a_paused_one_may_be_killed() {
        let kill = fault(Kind::KillTwo, &[1, 2], 100, 500);
        assert!(kill.collides(&fault(Kind::KillOne, &[2], 300, 800)));
        assert!(kill.collides(&fault(Kind::Restart, &[1], 500, 500)));
        assert!(kill.collides(&fault(Kind::Pause, &[1], 200, 300)));
        assert!(!kill.collides(&fault(Kind::KillOne, &[3], 300, 800)));
        assert!(!kill.collides(&fault(Kind::KillOne, &[2], 501, 800)));
        assert!(!kill.collides(&fault(Kind::Pause, &[1], 50, 300)));
        assert!(fault(Kind::Pause, &[1], 50, 300).collides(&fault(Kind::Restart, &[1], 60, 60)));
    }
}
