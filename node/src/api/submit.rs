//! Submissions: taken, and if wished waited for.
//!
//! ```text
//! bytes ─▶ form ─▶ waiter ─▶ signature, pool ─┬─ Pooled, AlreadyPooled ─▶ wait ─▶ receipt
//!                                             ├─ Committed ─────────────────────▶ first receipt
//!                                             └─ refused ─▶ committed once? ────▶ first receipt
//! ```

use std::time::{Duration, Instant};

use tonic::Status;
use vouchsafe_ledger::Location;
use vouchsafe_proto::v1::{
    Receipt, SubmitAndWaitRequest, SubmitRequest, SubmitResponse, WAIT_MS_DEFAULT, WAIT_MS_MAX,
};
use vouchsafe_replica::{Admission, AdmissionError, Origin, Outcome, Report};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::transaction::Transaction;

use super::reading::read_blocking;
use super::receipts::Receipts;
use super::{errors, rules};
use crate::admission::{RETRY_AFTER_MS, SubmissionError};
use crate::metrics::SubmissionResult;
use crate::state::{NodeState, TransactionWaiters};
use crate::waiters::{WaitError, Waiter};

/// How long validators may be out of reach before those who wait are told, in milliseconds.
const UNREACHABLE_MS: u64 = 3_000;
/// How often that is looked at, in milliseconds.
const LOOK_MS: u64 = 250;
/// Longer transactions are decoded beside the requests' threads, in bytes.
const INLINE_BYTES_MAX: usize = 16 << 10;

/// Takes a transaction; repeated ones are as good as new ones.
///
/// # Errors
/// A status for the client.
pub(super) async fn submit(
    state: &NodeState,
    receipts: &Receipts,
    request: SubmitRequest,
) -> Result<SubmitResponse, Status> {
    let transaction = decode(state, request.transaction).await?;
    let id = transaction.id();
    match admit(state, transaction).await {
        Ok(_) => {}
        Err(error) => {
            first_receipt(state, receipts, id, &error).await?;
        }
    }
    Ok(SubmitResponse { transaction_id: id.as_bytes().to_vec() })
}

/// Takes a transaction and waits until it is committed.
///
/// # Errors
/// A status for the client; DEADLINE_EXCEEDED when the wait ends first.
pub(super) async fn submit_and_wait(
    state: &NodeState,
    receipts: &Receipts,
    request: SubmitAndWaitRequest,
) -> Result<Receipt, Status> {
    let arrived = Instant::now();
    let wait = wait_of(request.wait_ms)?;
    let transaction = decode(state, request.transaction).await?;
    let id = transaction.id();
    // Before the replica hears of it, so that no commit is missed.
    let waiter = wait_for(state.waiters(), id)?;
    match admit(state, transaction).await {
        Ok(Admission::Committed(_)) => stored_receipt(state, receipts, id).await,
        Ok(Admission::Pooled(_) | Admission::AlreadyPooled(_)) => {
            let left = wait.saturating_sub(arrived.elapsed());
            let location = committed(state, waiter, left, id).await?;
            let receipt = new_receipt(state, receipts, id, location).await?;
            state.metrics().receipt_seconds.observe(arrived.elapsed().as_secs_f64());
            Ok(receipt)
        }
        Err(error) => first_receipt(state, receipts, id, &error).await,
    }
}

fn wait_of(wait_ms: u32) -> Result<Duration, Status> {
    if wait_ms > WAIT_MS_MAX {
        let message = format!("a wait of {wait_ms} ms; wait at most {WAIT_MS_MAX} and ask again");
        return Err(errors::bad_request("WaitTime", &message));
    }
    let wait_ms = if wait_ms == 0 { WAIT_MS_DEFAULT } else { wait_ms };
    Ok(Duration::from_millis(wait_ms.into()))
}

async fn decode(state: &NodeState, bytes: Vec<u8>) -> Result<Transaction, Status> {
    let chain_id = state.chain_id();
    let decoded = if bytes.len() <= INLINE_BYTES_MAX {
        Transaction::from_bytes(&chain_id, &bytes)
    } else {
        read_blocking(state, move |_| Ok(Transaction::from_bytes(&chain_id, &bytes))).await?
    };
    decoded.map_err(|error| {
        state.metrics().count_submission(SubmissionResult::Refused);
        errors::bad_request(rules::of_transaction(&error), &error.to_string())
    })
}

async fn admit(state: &NodeState, transaction: Transaction) -> Result<Admission, SubmissionError> {
    let public_key = transaction.signed().public_key;
    if let Some((organization, _)) = state.genesis().signer(&public_key)
        && state.full_shares().is_full(&organization.id, Instant::now())
    {
        state.metrics().count_submission(SubmissionResult::Overloaded);
        let (organization, retry_after_ms) = (organization.id.clone(), RETRY_AFTER_MS);
        return Err(AdmissionError::Full { organization, retry_after_ms }.into());
    }
    let answer = state.admission().submit(transaction, Origin::Client).await;
    match &answer {
        Err(SubmissionError::Admission(AdmissionError::Full { organization, .. })) => {
            state.full_shares().note(organization, Instant::now());
        }
        Err(SubmissionError::Transaction(_)) => {
            state.metrics().count_submission(SubmissionResult::Refused);
        }
        Err(SubmissionError::Overloaded) => {
            state.metrics().count_submission(SubmissionResult::Overloaded);
        }
        // The replica counts what reaches it.
        Ok(_) | Err(SubmissionError::Admission(_) | SubmissionError::Stopped) => {}
    }
    answer
}

fn wait_for(
    waiters: &TransactionWaiters,
    id: TransactionId,
) -> Result<Waiter<TransactionId, Outcome>, Status> {
    waiters.register(id).map_err(|error| match error {
        WaitError::Full => {
            let message = format!("{error}: try again in {RETRY_AFTER_MS} ms, or use Submit");
            errors::overloaded(&message, RETRY_AFTER_MS)
        }
        WaitError::Closed => errors::submission(&SubmissionError::Stopped),
    })
}

async fn committed(
    state: &NodeState,
    mut waiter: Waiter<TransactionId, Outcome>,
    wait: Duration,
    id: TransactionId,
) -> Result<Location, Status> {
    let until = tokio::time::sleep(wait);
    tokio::pin!(until);
    let look = Duration::from_millis(LOOK_MS);
    let mut look = tokio::time::interval_at(tokio::time::Instant::now() + look, look);
    let mut unreachable_since: Option<Instant> = None;
    loop {
        tokio::select! {
            outcome = waiter.outcome() => return match outcome {
                Some(Outcome::Committed { height, index }) => Ok(Location { height, index }),
                Some(Outcome::Refused(rule)) => Err(errors::ledger_rule(&rule)),
                None => Err(errors::submission(&SubmissionError::Stopped)),
            },
            () = &mut until => return Err(Status::deadline_exceeded(format!(
                "transaction {id} was taken but is not committed yet: it may still be, so send \
                 the same bytes again"
            ))),
            _ = look.tick() => {
                let report = state.report();
                if report.reaches_quorum() {
                    unreachable_since = None;
                    continue;
                }
                let since = *unreachable_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= Duration::from_millis(UNREACHABLE_MS) {
                    return Err(no_quorum(&report, id));
                }
            }
        }
    }
}

fn no_quorum(report: &Report, id: TransactionId) -> Status {
    let (reachable, total) = (report.reachable_power, report.total_power);
    Status::unavailable(format!(
        "the network cannot commit now: this node reaches validators with {reachable} of {total} \
         voting power, and it takes more than two thirds; transaction {id} waits at this node and \
         is committed once enough validators are back, unless it expires first: send the same \
         bytes again to learn what became of it"
    ))
}

/// The receipt of a transaction that was committed just now.
async fn new_receipt(
    state: &NodeState,
    receipts: &Receipts,
    id: TransactionId,
    location: Location,
) -> Result<Receipt, Status> {
    if let Some(receipt) = receipts.at_once(state.reader().store(), id, location)? {
        return Ok(receipt);
    }
    let receipts = receipts.clone();
    read_blocking(state, move |reader| receipts.receipt(reader.store(), id, location)).await
}

/// The receipt of a transaction that is known to be committed.
async fn stored_receipt(
    state: &NodeState,
    receipts: &Receipts,
    id: TransactionId,
) -> Result<Receipt, Status> {
    let receipts = receipts.clone();
    let receipt = read_blocking(state, move |reader| receipts.first(reader.store(), id)).await?;
    receipt.ok_or_else(|| errors::damaged("transaction index"))
}

/// A transaction that may not be committed now may have been before: then its first receipt is
/// the answer, otherwise the rule is.
async fn first_receipt(
    state: &NodeState,
    receipts: &Receipts,
    id: TransactionId,
    error: &SubmissionError,
) -> Result<Receipt, Status> {
    if matches!(error, SubmissionError::Admission(AdmissionError::Rule(_))) {
        let receipts = receipts.clone();
        let first = read_blocking(state, move |reader| receipts.first(reader.store(), id)).await?;
        if let Some(receipt) = first {
            return Ok(receipt);
        }
    }
    Err(errors::submission(error))
}
