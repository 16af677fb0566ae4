//! How each node stood in one command: what people read on standard error and programs in JSON.
//!
//! ```text
//! answered ─ used ─ slow ─ down ─ failed ─ ahead ─ behind ─ lied ─ forked        the worst counts
//! ```

use std::collections::BTreeMap;

use serde::Serialize;

use crate::answer::{AnswerError, CouldNotCheck, Lie, NodeFailure};
use crate::node_url::NodeUrl;
use crate::output::json::Number;
use crate::seen::Seen;
use crate::timestamp;

/// What a node did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It gave a proven answer; another's was newer, or as new and earlier.
    Answered,
    /// Its proven answer is the one given.
    Used,
    /// It had not answered when it was no longer waited for.
    Slow,
    /// It could not be reached, or broke the connection.
    Down,
    /// It answered with an error, or with less than was asked.
    Failed,
    /// Its newest block is ahead of this machine's clock.
    Ahead,
    /// Its newest block is too old, or older than one seen before.
    Behind,
    /// Its answer contradicts its own proof.
    Lied,
    /// It showed one of two blocks that are certified at one height.
    Forked,
}

impl Standing {
    /// What a failure makes of a node.
    #[must_use]
    pub fn of(error: &AnswerError) -> Self {
        match error {
            AnswerError::Lie(Lie::Fork(_)) => Self::Forked,
            AnswerError::Lie(_) => Self::Lied,
            AnswerError::CouldNotCheck(error) => match error {
                CouldNotCheck::Unreachable(_)
                | CouldNotCheck::Tls(_)
                | CouldNotCheck::Broken(_) => Self::Down,
                CouldNotCheck::Timeout(_) | CouldNotCheck::Slow(_) => Self::Slow,
                CouldNotCheck::Stale { .. }
                | CouldNotCheck::RolledBack { .. }
                | CouldNotCheck::Lagging { .. }
                | CouldNotCheck::Behind { .. } => Self::Behind,
                CouldNotCheck::Future { .. } => Self::Ahead,
                CouldNotCheck::Status { .. }
                | CouldNotCheck::CannotCommit(_)
                | CouldNotCheck::TooLarge(_)
                | CouldNotCheck::NoValidator
                | CouldNotCheck::Moment(_)
                | CouldNotCheck::Interrupted(_) => Self::Failed,
            },
        }
    }
}

impl Standing {
    /// Is a node that did so no longer waited for while others answer, within one command?
    #[must_use]
    pub fn is_not_waited_for(self) -> bool {
        matches!(self, Self::Slow | Self::Down | Self::Behind)
    }
}

/// One node's standing, as JSON carries it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NodeFacts {
    /// The node.
    pub node: String,
    /// What it did.
    pub standing: Standing,
    /// The height of the newest header that it proved.
    pub height: Option<Number>,
    /// That header's block.
    pub block_id: Option<String>,
    /// That header's time, in milliseconds since 1970.
    pub time_ms: Option<Number>,
    /// The same, as text.
    pub time: Option<String>,
    /// What went wrong, for people.
    pub message: Option<String>,
}

#[derive(Clone, Debug)]
struct Record {
    standing: Standing,
    newest: Option<Seen>,
    message: Option<String>,
}

/// All nodes that were asked, in the order of their addresses.
#[derive(Clone, Debug, Default)]
pub struct Standings(BTreeMap<NodeUrl, Record>);

impl Standings {
    fn raise(&mut self, node: &NodeUrl, standing: Standing) -> &mut Record {
        let fresh = Record { standing, newest: None, message: None };
        let record = self.0.entry(node.clone()).or_insert(fresh);
        record.standing = record.standing.max(standing);
        record
    }

    /// The node proved a header.
    pub fn proved(&mut self, node: &NodeUrl, head: Seen) {
        let record = self.raise(node, Standing::Answered);
        if record.newest.is_none_or(|newest| newest.height < head.height) {
            record.newest = Some(head);
        }
    }

    /// The node's answer was used.
    pub fn used(&mut self, node: &NodeUrl) {
        self.raise(node, Standing::Used);
    }

    /// The node failed; the message of the worst failure stays.
    pub fn failed(&mut self, failure: &NodeFailure) {
        let standing = Standing::of(&failure.error);
        let worst = self.0.get(&failure.node).is_none_or(|record| record.standing < standing);
        let record = self.raise(&failure.node, standing);
        if worst || record.message.is_none() {
            record.message = Some(failure.error.to_string());
        }
    }

    /// What a node has done so far, if it was asked.
    #[must_use]
    pub fn of(&self, node: &NodeUrl) -> Option<Standing> {
        self.0.get(node).map(|record| record.standing)
    }

    /// The newest header that a node proved.
    #[must_use]
    pub fn newest_of(&self, node: &NodeUrl) -> Option<Seen> {
        self.0.get(node).and_then(|record| record.newest)
    }

    /// The facts, for programs.
    #[must_use]
    pub fn facts(&self) -> Vec<NodeFacts> {
        let facts = |(node, record): (&NodeUrl, &Record)| NodeFacts {
            node: node.to_string(),
            standing: record.standing,
            height: record.newest.map(|newest| Number(newest.height)),
            block_id: record.newest.map(|newest| newest.block_id.to_string()),
            time_ms: record.newest.map(|newest| Number(newest.time_ms)),
            time: record.newest.map(|newest| timestamp::text(newest.time_ms)),
            message: record.message.clone(),
        };
        self.0.iter().map(facts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::BlockId;

    fn node() -> NodeUrl {
        "http://127.0.0.1:1".parse().expect("valid")
    }

    fn failure(error: impl Into<AnswerError>) -> NodeFailure {
        NodeFailure { node: node(), error: error.into() }
    }

    #[test]
    fn the_worst_that_a_node_did_counts_and_is_told() {
        let mut standings = Standings::default();
        let head = |height| Seen { height, time_ms: height * 1000, block_id: BlockId::default() };
        standings.proved(&node(), head(7));
        standings.used(&node());
        standings.proved(&node(), head(6));
        let [facts] = standings.facts().try_into().expect("one node");
        assert_eq!((facts.standing, facts.height), (Standing::Used, Some(Number(7))));
        assert_eq!(facts.message, None);
        standings.failed(&failure(Lie::Missing("head")));
        standings.failed(&failure(CouldNotCheck::Timeout(1)));
        standings.used(&node());
        let [facts] = standings.facts().try_into().expect("one node");
        assert_eq!(facts.standing, Standing::Lied);
        assert!(facts.message.as_deref().is_some_and(|m| m.contains("no head")), "{facts:?}");
        assert_eq!(facts.height, Some(Number(7)));
    }

    #[test]
    fn each_failure_has_its_standing() {
        for (error, standing) in [
            (AnswerError::from(CouldNotCheck::Unreachable(String::new())), Standing::Down),
            (CouldNotCheck::Tls(String::new()).into(), Standing::Down),
            (CouldNotCheck::Timeout(1).into(), Standing::Slow),
            (CouldNotCheck::RolledBack { height: 1, seen: 2 }.into(), Standing::Behind),
            (CouldNotCheck::CannotCommit(String::new()).into(), Standing::Failed),
            (Lie::Missing("head").into(), Standing::Lied),
        ] {
            assert_eq!(Standing::of(&error), standing, "{error}");
        }
        let json = serde_json::to_string(&Standing::Behind).expect("serializes");
        assert_eq!(json, "\"behind\"");
    }
}
