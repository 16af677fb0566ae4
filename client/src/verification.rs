//! The question that everything is for: may this be trusted, by whose word, and as of when?

use std::sync::Arc;

use vouchsafe_proto::v1::NAMES_MAX;
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::record::{AssetRecord, Event, LogHead, StateName};
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, NoAnswer, NodeFailure};
use crate::exit::Exit;
use crate::fold::Fold;
use crate::freshness::Freshness;
use crate::judgment::{Checked, ProvenAt, Reliance, judge};
use crate::log_reader::{Collect, LogReader, read_log};
use crate::moment::Moment;
use crate::nodes::Nodes;
use crate::offline;
use crate::progress::Progress;

impl Collect<Event> for Fold {
    fn take(&mut self, index: u64, entry: Event) {
        self.apply(index, &entry);
    }
}

/// Answers about several assets, in the order of the question, and what nodes did wrong.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// One answer an asset.
    pub checked: Vec<Result<Checked, Arc<NoAnswer>>>,
    /// Nodes that lied or failed while another's answer was used.
    pub failures: Vec<NodeFailure>,
    /// The newest header that was proven.
    pub newest: Option<ProvenHeader>,
}

impl Answers {
    fn saw(&mut self, head: &ProvenHeader) {
        let height = head.header().height;
        if self.newest.as_ref().is_none_or(|newest| newest.header().height < height) {
            self.newest = Some(head.clone());
        }
    }

    fn fail(&mut self, failures: Vec<NodeFailure>) {
        for failure in failures {
            if !self.failures.contains(&failure) {
                self.failures.push(failure);
            }
        }
    }
}

/// Checks distinct assets, up to 1,024 a request.
pub async fn check(
    nodes: &Nodes,
    keys: &[AssetKey],
    reliance: &Reliance,
    freshness: Freshness,
    quiet: bool,
) -> Answers {
    let mut answers = Answers::default();
    // Answers that are too large are asked for in halves.
    let mut waiting: Vec<&[AssetKey]> = keys.chunks(NAMES_MAX).rev().collect();
    while let Some(chunk) = waiting.pop() {
        match nodes.assets(chunk.to_vec(), freshness).await {
            Ok(answered) => {
                answers.saw(&answered.value.head);
                answers.fail(answered.failures);
                let at = ProvenAt::from(&answered.value.head);
                for (key, record) in chunk.iter().zip(answered.value.records) {
                    let first = answered.node;
                    let checked =
                        check_one(nodes, first, *key, record, reliance, at.clone(), quiet).await;
                    let checked = checked.map(|(checked, failures)| {
                        answers.fail(failures);
                        checked
                    });
                    answers.checked.push(checked.map_err(Arc::new));
                }
            }
            Err(no_answer) if chunk.len() > 1 && is_too_large(&no_answer) => {
                let (first, second) = chunk.split_at(chunk.len() / 2);
                waiting.push(second);
                waiting.push(first);
            }
            Err(no_answer) => {
                let no_answer = Arc::new(no_answer);
                answers.checked.extend(chunk.iter().map(|_| Err(no_answer.clone())));
            }
        }
    }
    answers
}

/// Checks what was said of assets by an earlier moment, out of their complete logs.
pub async fn check_at(
    nodes: &Nodes,
    keys: &[AssetKey],
    reliance: &Reliance,
    freshness: Freshness,
    moment: Moment,
) -> Answers {
    let mut answers = Answers::default();
    for key in keys {
        let checked = match nodes.proof(*key, true, freshness).await {
            Err(no_answer) => Err(no_answer),
            Ok(answered) => {
                let node = nodes.clients()[answered.node].url().clone();
                answers.saw(&answered.value.shown.newest);
                answers.fail(answered.failures);
                let label = node.to_string();
                let shown = &answered.value.shown;
                offline::checked(&label, shown, reliance, Some(moment)).map_err(|failure| {
                    let error = CouldNotCheck::Moment(failure.to_string()).into();
                    NoAnswer(vec![NodeFailure { node, error }])
                })
            }
        };
        answers.checked.push(checked.map_err(Arc::new));
    }
    answers
}

fn is_too_large(no_answer: &NoAnswer) -> bool {
    let too_large = |failure: &NodeFailure| {
        matches!(failure.error, AnswerError::CouldNotCheck(CouldNotCheck::TooLarge(_)))
    };
    no_answer.exit() == Exit::CouldNotCheck && no_answer.0.iter().any(too_large)
}

async fn check_one(
    nodes: &Nodes,
    first: usize,
    key: AssetKey,
    record: Option<AssetRecord>,
    reliance: &Reliance,
    at: ProvenAt,
    quiet: bool,
) -> Result<(Checked, Vec<NodeFailure>), NoAnswer> {
    let (counted, failures) = match &record {
        Some(record) if reliance.signers.is_restricted() => {
            let fold = Fold::new(reliance.signers.clone());
            let log = whole_log(nodes, first, StateName::Asset(key), record.events, fold, quiet);
            let (fold, failures) = log.await?;
            (fold.organizations(), failures)
        }
        Some(record) => (record.organizations.to_vec(), Vec::new()),
        None => (Vec::new(), Vec::new()),
    };
    Ok((judge(&reliance.policy, record, counted, at), failures))
}

/// Reads a whole log from whichever node has it, beginning with the one that gave the record, and
/// names those that lied or failed before.
///
/// # Errors
/// [`NoAnswer`].
pub async fn whole_log<T, C>(
    nodes: &Nodes,
    first: usize,
    name: StateName,
    head: LogHead,
    collector: C,
    quiet: bool,
) -> Result<(C, Vec<NodeFailure>), NoAnswer>
where
    T: vouchsafe_types::canonical::Canonical,
    C: Collect<T> + Clone,
{
    let mut failures = Vec::new();
    for node in nodes.beginning_with(first) {
        let progress = Progress::entries(quiet, head.count);
        let reader = LogReader::new(head, "log's entry", collector.clone());
        let read = read_log::<T, C>(node, &name, reader, &progress).await;
        progress.finish();
        match read {
            Ok(collected) => return Ok((collected, failures)),
            Err(error) => {
                let failure = NodeFailure { node: node.url().clone(), error };
                nodes.witness().failed(std::slice::from_ref(&failure));
                failures.push(failure);
            }
        }
    }
    Err(NoAnswer(failures))
}
