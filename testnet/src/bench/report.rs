//! What a benchmark found: each goal, what was measured, and their ratio; for people and programs.

use serde::Serialize;

/// How a ratio is held against its goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// It should not be less.
    AtLeast,
    /// It should not be more.
    AtMost,
}

/// One goal and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is measured.
    pub what: String,
    /// What it is held against.
    pub against: String,
    /// What was measured, with its unit.
    pub measured: String,
    /// The measure over what it is held against.
    pub ratio: f64,
    /// Which side of the goal is good.
    pub bound: Bound,
    /// The goal for the ratio.
    pub goal: f64,
}

impl Row {
    /// Is the goal reached?
    #[must_use]
    pub fn is_reached(&self) -> bool {
        match self.bound {
            Bound::AtLeast => self.ratio >= self.goal,
            Bound::AtMost => self.ratio <= self.goal,
        }
    }
}

/// One point of throughput against latency.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    /// Transactions a second that were sent.
    pub offered: f64,
    /// Transactions a second that were committed.
    pub committed: f64,
    /// Half of the receipts came within this time, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 receipts came within this time, in milliseconds.
    pub p99_ms: f64,
}

/// What a network was like at one time of a long run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// Since the run began, in seconds.
    pub at_s: u64,
    /// Transactions committed so far.
    pub transactions: u64,
    /// Transactions a second that were committed since the last sample.
    pub committed: f64,
    /// Half of the receipts came within this time, in milliseconds.
    pub commit_p50_ms: f64,
    /// 99 of 100 receipts came within this time, in milliseconds.
    pub commit_p99_ms: f64,
    /// 99 of 100 answers to questions came within this time, in milliseconds.
    pub read_p99_ms: f64,
    /// The first node's resident memory.
    pub resident_bytes: u64,
    /// Files that the first node holds open.
    pub open_files: usize,
    /// The first node's folder.
    pub disk_bytes: u64,
    /// The signed transactions' bytes so far.
    pub signed_bytes: u64,
}

impl Sample {
    /// A row of a table in Markdown.
    #[must_use]
    pub fn words(&self) -> String {
        let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
        format!(
            "| {} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.0} | {} | {:.0} | {:.2} |",
            self.at_s,
            self.transactions,
            self.committed,
            self.commit_p50_ms,
            self.commit_p99_ms,
            self.read_p99_ms,
            mebibytes(self.resident_bytes),
            self.open_files,
            mebibytes(self.disk_bytes),
            self.disk_bytes as f64 / self.signed_bytes as f64
        )
    }
}

/// All that one run found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What the machine could do at best, with units.
    pub ceilings: Vec<(String, String)>,
    /// What the network took of the machine, with units.
    pub costs: Vec<(String, String)>,
    /// The goals.
    pub rows: Vec<Row>,
    /// Throughput against latency.
    pub points: Vec<Point>,
    /// A long run, bit by bit.
    pub samples: Vec<Sample>,
}

impl Report {
    /// A table in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let parts = [self.goals(), self.curve(), self.course()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }

    fn goals(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut lines = Vec::new();
        for (title, facts) in [("ceiling", &self.ceilings), ("cost", &self.costs)] {
            if facts.is_empty() {
                continue;
            }
            lines.extend([format!("| {title} | measured |"), "|---|---|".to_owned()]);
            lines.extend(facts.iter().map(|(what, value)| format!("| {what} | {value} |")));
            lines.push(String::new());
        }
        lines.push("| what | measured | held against | ratio | goal | |".into());
        lines.push("|---|---|---|---|---|---|".into());
        lines.extend(self.rows.iter().map(|row| {
            let sign = if row.bound == Bound::AtLeast { '≥' } else { '≤' };
            let verdict = if row.is_reached() { "reached" } else { "short" };
            format!(
                "| {} | {} | {} | {:.2} | {sign} {:.2} | {verdict} |",
                row.what, row.measured, row.against, row.ratio, row.goal
            )
        }));
        lines.join("\n")
    }

    fn curve(&self) -> String {
        if self.points.is_empty() {
            return String::new();
        }
        let mut lines = vec!["| offered/s | committed/s | p50 ms | p99 ms |".to_owned()];
        lines.push("|---|---|---|---|".into());
        lines.extend(self.points.iter().map(|point| {
            let Point { offered, committed, p50_ms, p99_ms } = point;
            format!("| {offered:.0} | {committed:.0} | {p50_ms:.1} | {p99_ms:.1} |")
        }));
        lines.join("\n")
    }

    fn course(&self) -> String {
        if self.samples.is_empty() {
            return String::new();
        }
        let head = "| at s | transactions | committed/s | p50 ms | p99 ms | read p99 ms | memory MiB \
                    | files | disk MiB | of signed bytes |";
        let lines = [head.to_owned(), "|---|---|---|---|---|---|---|---|---|---|".to_owned()];
        let lines = lines.into_iter().chain(self.samples.iter().map(Sample::words));
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_from_its_own_side() {
        let row = |bound, ratio| Row {
            what: String::new(),
            against: String::new(),
            measured: String::new(),
            ratio,
            bound,
            goal: 2.0,
        };
        assert!(row(Bound::AtLeast, 2.0).is_reached() && !row(Bound::AtLeast, 1.9).is_reached());
        assert!(row(Bound::AtMost, 2.0).is_reached() && !row(Bound::AtMost, 2.1).is_reached());
    }
}
