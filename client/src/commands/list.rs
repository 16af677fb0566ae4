//! `vouch list`: what a signer or an organization did, and proof that nothing is left out.

use serde::Serialize;
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::record::{Activity, LogHead, OrganizationRecord, SignerRecord, StateName};
use vouchsafe_types::status::stated;
use vouchsafe_types::transaction::{Operation, RevocationReason};
use vouchsafe_types::verifier::decode;

use crate::answer::{AnswerError, NoAnswer, NodeFailure};
use crate::block_transaction::{Claim, fetch};
use crate::cli::ListArguments;
use crate::commands::inspect_entry::AssetFacts;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::failure::Failure;
use crate::judgment::ProvenAt;
use crate::log_reader::Last;
use crate::nodes::Nodes;
use crate::output::facts::ProofFacts;
use crate::output::json::Number;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::signer::{KeyChoice, named_signer};
use crate::timestamp::{self, now_ms};
use crate::verification::whole_log;

/// So many assets of an operation are shown to people; JSON has all.
const ASSETS_SHOWN: usize = 5;

#[derive(Serialize)]
struct OperationEntry {
    index: Number,
    operation: &'static str,
    reason: Option<&'static str>,
    status: &'static str,
    signer: String,
    height: Number,
    time_ms: Number,
    time: String,
    transaction_id: String,
    operation_index: u16,
    asset_count: usize,
    assets: Vec<AssetFacts>,
}

impl OperationEntry {
    fn new(index: u64, activity: &Activity, operation: &Operation) -> Self {
        let (status, reason) = stated(operation);
        Self {
            index: Number(index),
            operation: match operation {
                Operation::Notarize { .. } => "NOTARIZE",
                Operation::Revoke { .. } => "REVOKE",
            },
            reason: reason.map(RevocationReason::name),
            status: status.name(),
            signer: fingerprint(&activity.signer),
            height: Number(activity.height),
            time_ms: Number(activity.time_ms),
            time: timestamp::text(activity.time_ms),
            transaction_id: activity.transaction_id.to_string(),
            operation_index: activity.operation_index,
            asset_count: operation.assets().len(),
            assets: operation.assets().iter().map(AssetFacts::from).collect(),
        }
    }

    fn write(&self, text: &mut Text) {
        let reason = self.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let count = self.asset_count;
        text.field(
            &format!("{}", self.index.0),
            &format!("{}{reason} of {count} assets: {}", self.operation, self.status),
        );
        text.field("", &format!("at height {} ({})", self.height.0, self.time));
        text.field("", &format!("signed by {}", self.signer));
        let (transaction, operation) = (&self.transaction_id, self.operation_index);
        text.field("", &format!("transaction {transaction}, operation {operation}"));
        for asset in self.assets.iter().take(ASSETS_SHOWN) {
            text.field("", &format!("{} {}", asset.digest, asset.name));
        }
        if count > ASSETS_SHOWN {
            text.field("", &format!("and {} more", count - ASSETS_SHOWN));
        }
    }
}

#[derive(Serialize)]
struct ListEntry {
    subject: &'static str,
    id: String,
    organization: Option<String>,
    operation_count: Number,
    operations: Vec<OperationEntry>,
    proof: ProofFacts,
}

impl Entry for ListEntry {
    fn write(&self, text: &mut Text) {
        text.headline(Tone::Plain, self.subject, &self.id);
        if let Some(organization) = &self.organization {
            text.field("organization", organization);
        }
        self.proof.write(text);
        text.field("operations", &format!("{}, proven complete", self.operation_count.0));
        let hidden = self.operation_count.0 - self.operations.len() as u64;
        if hidden > 0 {
            text.field("", &format!("the first {hidden} are not shown: see --limit"));
        }
        self.operations.iter().for_each(|operation| operation.write(text));
    }
}

/// Whose activity is listed.
struct Subject {
    name: StateName,
    kind: &'static str,
    id: String,
}

fn subject(context: &Context, nodes: &Nodes, arguments: ListArguments) -> Result<Subject, Failure> {
    if let Some(organization) = arguments.organization {
        let id = organization.to_string();
        return Ok(Subject {
            name: StateName::Organization(organization),
            kind: "ORGANIZATION",
            id,
        });
    }
    let key = match &arguments.signer {
        Some(named) => named_signer(named, nodes.trust().genesis())?,
        None => KeyChoice::from(arguments.key).public_key(context)?,
    };
    Ok(Subject { name: StateName::Signer(key), kind: "SIGNER", id: fingerprint(&key) })
}

/// The activity's head, and whom a signer speaks for, from the proven record.
fn read_record(name: &StateName, bytes: &[u8]) -> Result<(LogHead, Option<String>), AnswerError> {
    if matches!(name, StateName::Organization(_)) {
        let record: OrganizationRecord = decode("organization's record", bytes)?;
        return Ok((record.activity, None));
    }
    let record: SignerRecord = decode("signer's record", bytes)?;
    Ok((record.activity, Some(record.organization.to_string())))
}

/// Lists the last operations of a signer or an organization.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, arguments: ListArguments) -> Result<Report, Failure> {
    let nodes = context.nodes()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(nodes.trust(), age_max_ms)?;
    let limit = arguments.limit;
    let subject = subject(context, &nodes, arguments)?;
    let answered = nodes.state(vec![subject.name.clone()], freshness).await?;
    context.report(&answered.failures);
    let at = ProvenAt::from(&answered.value.head);
    context.remember(nodes.trust(), &at)?;
    let record = answered.value.records.into_iter().next().flatten();
    let record = record.ok_or_else(|| Failure::NoRecord(subject.id.clone()))?;
    let blame = |error: AnswerError| {
        let node = nodes.clients()[answered.node].url().clone();
        NoAnswer(vec![NodeFailure { node, error }])
    };
    let (head, organization) = read_record(&subject.name, &record).map_err(blame)?;
    let last = Last::<Activity>::new(limit);
    let log = whole_log(&nodes, answered.node, subject.name, head, last, context.quiet());
    let (last, failures) = log.await?;
    context.report(&failures);
    let mut operations = Vec::new();
    for (index, activity) in last.into_entries() {
        let claim = Claim::of_activity(index, &activity);
        let (proven, failures) = fetch(&nodes, answered.node, &claim.id).await?;
        context.report(&failures);
        let operation = claim.operation(&proven).map_err(|lie| blame(lie.into()))?;
        operations.push(OperationEntry::new(index, &activity, operation));
    }
    let mut report = Report::new("list");
    report.add(&ListEntry {
        subject: subject.kind,
        id: subject.id,
        organization,
        operation_count: Number(head.count),
        operations,
        proof: ProofFacts::new(&at, now_ms()),
    });
    Ok(report)
}
