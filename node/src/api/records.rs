//! Records under the newest header, and the logs they commit to.

use borsh::{BorshDeserialize, BorshSerialize};
use tonic::Status;
use vouchsafe_ledger::{Reader, RocksStore};
use vouchsafe_proto::v1::{
    GetLogRequest, GetLogResponse, GetStatusRequest, GetStatusResponse, NAMES_MAX,
    PAGE_ENTRIES_MAX, ProvenHeader, Record,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::record::StateName;

use super::{errors, rules};

/// A name as a request carries it, alone.
#[derive(BorshSerialize, BorshDeserialize)]
struct WireName(StateName);

impl Canonical for WireName {
    const LIMIT_BYTES: usize = 64;
}

/// Reads the names of a status request.
///
/// # Errors
/// INVALID_ARGUMENT for none, too many, or one that does not decode.
pub(super) fn names(request: &GetStatusRequest) -> Result<Vec<StateName>, Status> {
    let count = request.names.len();
    if !(1..=NAMES_MAX).contains(&count) {
        let message = format!("{count} names; ask for 1 to {NAMES_MAX} at a time");
        return Err(errors::bad_request("NameCount", &message));
    }
    request.names.iter().map(|bytes| name(bytes)).collect()
}

fn name(bytes: &[u8]) -> Result<StateName, Status> {
    WireName::from_bytes(bytes).map(|name| name.0).map_err(|error| {
        errors::bad_request(rules::of_decoding(&error), &format!("a name does not decode: {error}"))
    })
}

/// Records, present or absent, with one proof. Reads from disk.
///
/// # Errors
/// A status for the client.
pub(super) fn status(
    reader: &Reader<RocksStore>,
    names: &[StateName],
) -> Result<GetStatusResponse, Status> {
    let answer = reader.status(names).map_err(|error| errors::read(&error))?;
    Ok(GetStatusResponse {
        head: Some(ProvenHeader {
            header: answer.header.to_vec(),
            certificate: answer.certificate.to_vec(),
        }),
        records: answer.records.into_iter().map(|record| Record { record }).collect(),
        proof: answer.proof.to_bytes(),
    })
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
