//! Faults as gRPC statuses: a code for programs, a message with cause and remedy for people, and
//! where a rule is broken its name in the metadata.

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use vouchsafe_ledger::{ReadError, Rule, StoreError};
use vouchsafe_replica::AdmissionError;
use vouchsafe_types::hash::TransactionId;

use super::rules;
use crate::admission::{RETRY_AFTER_MS, SubmissionError};

/// The metadata that names a broken rule.
const RULE_KEY: &str = "vouchsafe-rule";
/// The metadata that says when to try again, in milliseconds.
const RETRY_KEY: &str = "retry-after-ms";

/// A broken rule.
pub(super) fn broken_rule(code: Code, rule: &'static str, message: &str) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert(RULE_KEY, MetadataValue::from_static(rule));
    Status::with_metadata(code, format!("{rule}: {message}"), metadata)
}

/// A request that is not one; `rule` names what is wrong with it.
pub(super) fn bad_request(rule: &'static str, message: &str) -> Status {
    broken_rule(Code::InvalidArgument, rule, message)
}

/// A node that is full.
pub(super) fn overloaded(message: &str, retry_after_ms: u64) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert(RETRY_KEY, MetadataValue::from(retry_after_ms));
    Status::with_metadata(Code::ResourceExhausted, message, metadata)
}

/// A rule of the ledger: the form of a transaction is the request's fault, the rest the state's.
pub(super) fn ledger_rule(rule: &Rule) -> Status {
    let code = match rule {
        Rule::Form(_) => Code::InvalidArgument,
        Rule::AlreadyCommitted { .. } => Code::AlreadyExists,
        _ => Code::FailedPrecondition,
    };
    broken_rule(code, rules::of_ledger(rule), &rule.to_string())
}

/// A submission that was not taken.
pub(super) fn submission(error: &SubmissionError) -> Status {
    match error {
        SubmissionError::Transaction(rule) => {
            bad_request(rules::of_transaction(rule), &rule.to_string())
        }
        SubmissionError::Admission(AdmissionError::Rule(rule)) => ledger_rule(rule),
        SubmissionError::Admission(AdmissionError::Full { retry_after_ms, .. }) => {
            overloaded(&error.to_string(), *retry_after_ms)
        }
        SubmissionError::Overloaded => overloaded(&error.to_string(), RETRY_AFTER_MS),
        SubmissionError::Stopped => Status::unavailable(error.to_string()),
    }
}

/// A question that the ledger could not answer.
pub(super) fn read(error: &ReadError) -> Status {
    match error {
        ReadError::NoBlockYet => no_block_yet(),
        ReadError::Names(cause) => bad_request("Names", &cause.to_string()),
        ReadError::NoLog => bad_request("NoLog", &error.to_string()),
        ReadError::TooManyEvents { .. } => limit("TooManyEvents", error),
        ReadError::TooManyChanges => limit("TooManyChanges", error),
        ReadError::LongProof { .. } => limit("LongProof", error),
        ReadError::Stalled { .. } => Status::unavailable(error.to_string()),
        ReadError::Store(cause) => store(cause),
    }
}

/// What a proof file cannot hold.
fn limit(rule: &'static str, error: &ReadError) -> Status {
    broken_rule(Code::FailedPrecondition, rule, &error.to_string())
}

/// A transaction that is not in the chain, as far as this node knows.
pub(super) fn no_transaction(id: &TransactionId) -> Status {
    Status::not_found(format!(
        "no transaction {id} is committed here: it may still wait, have been refused, or belong to \
         another chain"
    ))
}

/// Before block 1 nothing can be proven.
pub(super) fn no_block_yet() -> Status {
    Status::unavailable("no block is committed yet, so nothing can be proven: ask again shortly")
}

/// The database failed, or what lies in it is not what was written.
pub(super) fn store(error: &StoreError) -> Status {
    tracing::error!("a read failed: {error}");
    Status::internal(format!("this node's database failed: {error}; ask another node"))
}

/// Bytes of the database that are not what they should be.
pub(super) fn damaged(what: &str) -> Status {
    tracing::error!("the database holds a damaged {what}");
    Status::internal(format!("this node's database holds a damaged {what}: ask another node"))
}
