//! Records under the newest header, and the logs they commit to.

use borsh::{BorshDeserialize, BorshSerialize};
use tonic::Status;
use vouchsafe_ledger::{Answer, Reader, RocksStore};
use vouchsafe_proto::v1::{
    GetLogRequest, GetLogResponse, GetStatusRequest, GetStatusResponse, NAMES_MAX,
    PAGE_ENTRIES_MAX, ProvenHeader, Record,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::record::StateName;

use super::reading::read_blocking;
use super::{errors, rules};
use crate::state::NodeState;

/// So many names are looked for without a hop to another thread: a client that asks for more waits
/// for that, and not the others for it.
const NAMES_AT_HAND_MAX: usize = 16;

/// A name as a request carries it, alone.
#[derive(BorshSerialize, BorshDeserialize)]
struct WireName(StateName);

impl Canonical for WireName {
    const LIMIT_BYTES: usize = 64;
}

/// Reads the names of a request, at most so many.
///
/// # Errors
/// INVALID_ARGUMENT for none, too many, or one that does not decode.
pub(super) fn names(names: &[Vec<u8>], most: usize) -> Result<Vec<StateName>, Status> {
    let count = names.len();
    if !(1..=most).contains(&count) {
        let message = format!("{count} names; ask for 1 to {most} at a time");
        return Err(errors::bad_request("NameCount", &message));
    }
    names.iter().map(|bytes| name(bytes)).collect()
}

/// Reads a record's name.
///
/// # Errors
/// INVALID_ARGUMENT, naming the rule.
pub(super) fn name(bytes: &[u8]) -> Result<StateName, Status> {
    WireName::from_bytes(bytes).map(|name| name.0).map_err(|error| {
        errors::bad_request(rules::of_decoding(&error), &format!("a name does not decode: {error}"))
    })
}

/// Reads a transaction's id.
///
/// # Errors
/// INVALID_ARGUMENT when it does not have 32 bytes.
pub(super) fn transaction_id(bytes: &[u8]) -> Result<TransactionId, Status> {
    let id = <[u8; 32]>::try_from(bytes).map_err(|_| {
        let message = format!("a transaction id has 32 bytes, not {}", bytes.len());
        errors::bad_request("TransactionIdLength", &message)
    });
    id.map(|id| TransactionId(Digest(id)))
}

/// The answer to a request: records, present or absent, with one proof.
///
/// # Errors
/// A status for the client.
pub(super) async fn status(
    state: &NodeState,
    request: &GetStatusRequest,
) -> Result<GetStatusResponse, Status> {
    status_of(state, names(&request.names, NAMES_MAX)?).await.map(response)
}

/// Records, present or absent, with one proof. Few of them are looked for in memory first, by the
/// thread that serves the request.
///
/// # Errors
/// A status for the client.
pub(super) async fn status_of(state: &NodeState, names: Vec<StateName>) -> Result<Answer, Status> {
    if names.len() <= NAMES_AT_HAND_MAX {
        let answer = state.reader().status_at_hand(&names).map_err(|error| errors::read(&error))?;
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
    let answer = read_blocking(state, move |reader| {
        reader.status(&names).map_err(|error| errors::read(&error))
    });
    answer.await
}

/// An answer as it travels.
pub(super) fn response(answer: Answer) -> GetStatusResponse {
    GetStatusResponse {
        head: Some(ProvenHeader {
            header: answer.header.to_vec(),
            certificate: answer.certificate.to_vec(),
        }),
        records: answer.records.into_iter().map(|record| Record { record }).collect(),
        proof: answer.proof.to_bytes(),
    }
}

/// A page of a log. Reads from disk.
///
/// # Errors
/// INVALID_ARGUMENT for a page that is too long or a name without a log.
pub(super) fn log(
    reader: &Reader<RocksStore>,
    request: &GetLogRequest,
) -> Result<GetLogResponse, Status> {
    if request.count > PAGE_ENTRIES_MAX {
        let message = format!("{} entries; a page has at most {PAGE_ENTRIES_MAX}", request.count);
        return Err(errors::bad_request("PageEntries", &message));
    }
    let count = if request.count == 0 { PAGE_ENTRIES_MAX } else { request.count };
    let limit = usize::try_from(count).expect("a page is small");
    let history = reader
        .history(&name(&request.name)?, request.from, limit)
        .map_err(|error| errors::read(&error))?;
    Ok(GetLogResponse { entries: history.entries, total: history.count })
}
