//! What chaos did, and how the network bore it, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::Settings;
use super::storm::{Kind, Storm};
use crate::table::table;

/// The version of the report's structure.
const VERSION: u32 = 1;

/// What clients that verified were told.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Answers {
    /// Acknowledged, and proven so.
    pub trusted: u64,
    /// Never sent, and proven absent.
    pub unknown: u64,
    /// Acknowledged at a height that the node had not reached yet.
    pub behind: u64,
    /// Calls that ended without an answer, by gRPC status: the node was dead, paused or starting.
    pub none: BTreeMap<String, Unanswered>,
}

/// Calls that ended with the same gRPC status.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Unanswered {
    /// How many.
    pub count: u64,
    /// What the first of them said, and which node had been asked.
    pub first: String,
}

/// How the network came back after a heal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// From the heal to the first new receipt.
    pub receipt: Duration,
    /// From the heal until every node had that receipt's block.
    pub level: Duration,
}

/// The greatest and the middle one of some durations, in seconds.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
pub struct Spread {
    /// The greatest.
    pub max_seconds: f64,
    /// The middle one.
    pub median_seconds: f64,
}

impl Spread {
    fn of(durations: impl Iterator<Item = Duration>) -> Self {
        let mut seconds: Vec<_> = durations.map(|duration| duration.as_secs_f64()).collect();
        seconds.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| seconds.get(index).copied().unwrap_or_default();
        Self {
            max_seconds: at(seconds.len().saturating_sub(1)),
            median_seconds: at(seconds.len() / 2),
        }
    }
}

/// A kind of fault, and the recoveries from storms that it was part of.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
pub struct KindReport {
    /// How often it was.
    pub count: usize,
    /// To the first new receipt.
    pub receipt: Spread,
    /// Until every node was level.
    pub level: Spread,
}

/// The report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The version of this structure.
    pub version: u32,
    /// What the schedule followed from.
    pub seed: u64,
    /// How long the schedule was.
    pub seconds: u64,
    /// How many validators there were.
    pub validators: u8,
    /// Was the network cut?
    pub cuts: bool,
    /// The limit of the time from a heal to the first new receipt.
    pub heal_seconds: u64,
    /// How long all took, the checks at the end included.
    pub took_seconds: f64,
    /// How many storms the network came back from.
    pub storms: usize,
    /// The faults of these, by kind.
    pub faults: BTreeMap<Kind, KindReport>,
    /// How many processes were killed.
    pub processes_killed: usize,
    /// How many did not end at SIGTERM and had to be killed.
    pub processes_deaf: usize,
    /// How many receipts there were. If nothing is broken, each is proven by each node.
    pub receipts: usize,
    /// The last height that all nodes had. If nothing is broken, they had one block at each.
    pub heights: u64,
    /// What clients that verified were told.
    pub verified: Answers,
    /// The longest time without a receipt.
    pub longest_silence_seconds: f64,
    /// From a heal to the first new receipt.
    pub receipt: Spread,
    /// From a heal until every node was level.
    pub level: Spread,
    /// What was broken, if anything was.
    pub broken: Option<String>,
    /// The command that runs the schedule again.
    pub replay: String,
    #[serde(skip)]
    recoveries: Vec<(Vec<Kind>, Recovery)>,
}

impl Report {
    /// The report of what has not begun.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            version: VERSION,
            seed: settings.seed,
            seconds: settings.seconds,
            validators: settings.validators,
            cuts: settings.cuts,
            heal_seconds: settings.heal_seconds,
            took_seconds: 0.0,
            storms: 0,
            faults: BTreeMap::new(),
            processes_killed: 0,
            processes_deaf: 0,
            receipts: 0,
            heights: 0,
            verified: Answers::default(),
            longest_silence_seconds: 0.0,
            receipt: Spread::default(),
            level: Spread::default(),
            broken: None,
            replay: settings.replay_command(),
            recoveries: Vec::new(),
        }
    }

    /// Notes a storm that the network came back from.
    pub fn storm(&mut self, storm: &Storm, recovery: Recovery) {
        self.storms += 1;
        let kinds: Vec<_> = storm.faults.iter().map(|fault| fault.kind).collect();
        for kind in &kinds {
            self.faults.entry(*kind).or_default().count += 1;
        }
        self.recoveries.push((kinds, recovery));
        let receipts = |of: &[Recovery]| Spread::of(of.iter().map(|recovery| recovery.receipt));
        let levels = |of: &[Recovery]| Spread::of(of.iter().map(|recovery| recovery.level));
        let all: Vec<_> = self.recoveries.iter().map(|(_, recovery)| *recovery).collect();
        (self.receipt, self.level) = (receipts(&all), levels(&all));
        for (kind, report) in &mut self.faults {
            let with = self.recoveries.iter().filter(|(kinds, _)| kinds.contains(kind));
            let with: Vec<_> = with.map(|(_, recovery)| *recovery).collect();
            (report.receipt, report.level) = (receipts(&with), levels(&with));
        }
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let Answers { trusted, unknown, behind, none } = &self.verified;
        let codes: Vec<_> = none.iter().map(|(code, of)| format!("{code} {}", of.count)).collect();
        let limit = self.heal_seconds;
        let row = |name: &str, text: String| format!("{name:17} {text}");
        let spread = |of: &Spread| {
            let (most, middle) = (of.max_seconds, of.median_seconds);
            format!("at most {most:.2} s, in the median {middle:.2} s after a heal")
        };
        let nodes = self.validators;
        let (proven, one_chain) = match self.broken {
            None => (
                format!(", each proven by each of {nodes} nodes"),
                ", one block at each on all nodes, and nobody signed twice",
            ),
            Some(_) => (String::new(), ""),
        };
        let mut lines = vec![
            row("seed", format!("{}, {} s, {nodes} validators", self.seed, self.seconds)),
            row("storms", format!("{} in {:.1} s with the checks", self.storms, self.took_seconds)),
            row("processes killed", self.processes_killed.to_string()),
            row("receipts", format!("{}{proven}", self.receipts)),
            row("heights", format!("{}{one_chain}", self.heights)),
            row("verified", format!("{trusted} trusted, {unknown} unknown, {behind} behind")),
            row("without answer", if codes.is_empty() { "0".to_owned() } else { codes.join(", ") }),
            row("longest silence", format!("{:.2} s", self.longest_silence_seconds)),
        ];
        if self.storms > 0 {
            let receipt = format!("{} (limit {limit} s)", spread(&self.receipt));
            lines.extend([row("new receipt", receipt), row("all level", spread(&self.level))]);
        }
        if self.processes_deaf > 0 {
            lines.push(row("deaf to SIGTERM", self.processes_deaf.to_string()));
        }
        if self.storms > 0 {
            lines.extend([String::new(), self.kinds()]);
        }
        lines.join("\n")
    }

    fn kinds(&self) -> String {
        let head = ["fault", "times", "new receipt max", "median", "all level max", "median"];
        let number = |seconds: f64| format!("{seconds:.2} s");
        let row = |(kind, report): (&Kind, &KindReport)| {
            [
                kind.name().to_owned(),
                report.count.to_string(),
                number(report.receipt.max_seconds),
                number(report.receipt.median_seconds),
                number(report.level.max_seconds),
                number(report.level.median_seconds),
            ]
        };
        table(&head, self.faults.iter().map(row), &[1, 2, 3, 4, 5])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::chaos::storm::Fault;

    #[test]
    fn recoveries_count_for_every_kind_of_their_storm() {
        let settings =
            Settings { seed: 3, seconds: 60, validators: 4, cuts: false, heal_seconds: 15 };
        let mut report = Report::new(&settings);
        let fault = |kind| {
            let nodes = BTreeSet::from([1]);
            Fault {
                kind,
                whom: String::new(),
                nodes,
                cuts: BTreeSet::new(),
                begin_ms: 0,
                end_ms: 9,
            }
        };
        let storm = |kinds: &[Kind]| Storm {
            faults: kinds.iter().map(|kind| fault(*kind)).collect(),
            calm_ms: 0,
        };
        let recovery = |ms| Recovery {
            receipt: Duration::from_millis(ms),
            level: Duration::from_millis(2 * ms),
        };
        report.storm(&storm(&[Kind::Pause, Kind::Pause, Kind::KillAll]), recovery(500));
        report.storm(&storm(&[Kind::Pause]), recovery(250));
        report.storm(&storm(&[Kind::KillAll]), recovery(750));
        assert_eq!(report.faults[&Kind::Pause].count, 3);
        let spread = |max_seconds, median_seconds| Spread { max_seconds, median_seconds };
        assert_eq!(report.faults[&Kind::Pause].receipt, spread(0.5, 0.5));
        assert_eq!(report.faults[&Kind::KillAll].level, spread(1.5, 1.5));
        assert_eq!((report.storms, report.receipt), (3, spread(0.75, 0.5)));
        assert!(
            report.replay.ends_with("--validators 4 --heal-seconds 15 --no-cuts"),
            "{}",
            report.replay
        );
        let text = report.text();
        assert!(text.contains("nobody signed twice") && text.contains("kill all"), "{text}");
        report.broken = Some("lost".to_owned());
        assert!(!report.text().contains("nobody signed twice"), "what is broken claims nothing");
        let json = serde_json::to_value(&report).expect("plain data");
        assert_eq!(json["faults"]["pause"]["count"], 3);
        assert_eq!(json["broken"], "lost");
    }
}
