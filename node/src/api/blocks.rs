//! Blocks, headers, certificates and validators.

use tonic::Status;
use vouchsafe_ledger::{Reader, RocksStore, StoreRead};
use vouchsafe_proto::v1::{GetBlockResponse, GetValidatorsResponse, ProvenHeader};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::header::Header;
use vouchsafe_types::record::StateName;
use vouchsafe_types::validator_set::ValidatorSet;

use super::errors;

/// The header of a committed height with its certificate.
///
/// # Errors
/// NOT_FOUND above the newest height.
pub(super) fn proven_header(store: &dyn StoreRead, height: u64) -> Result<ProvenHeader, Status> {
    let failed = |error| errors::store(&error);
    let header = store.header(height).map_err(failed)?;
    let certificate = store.certificate(height).map_err(failed)?;
    match (header, certificate) {
        (Some(header), Some(certificate)) => Ok(ProvenHeader { header, certificate }),
        _ => Err(Status::not_found(format!(
            "height {height} is not committed here: ask for 0 to get the newest"
        ))),
    }
}

/// A committed block, with or without its transactions.
///
/// # Errors
/// NOT_FOUND above the newest height.
pub(super) fn block(
    store: &dyn StoreRead,
    height: u64,
    with_body: bool,
) -> Result<GetBlockResponse, Status> {
    let head = proven_header(store, height)?;
    let block = if with_body {
        let body = store.block(height).map_err(|error| errors::store(&error))?;
        body.ok_or_else(|| errors::damaged("block"))?
    } else {
        Vec::new()
    };
    Ok(GetBlockResponse { head: Some(head), block })
}

/// A height that was asked for: 0 stands for the newest.
///
/// # Errors
/// UNAVAILABLE before block 1.
pub(super) fn resolve(height: u64, newest: u64) -> Result<u64, Status> {
    match (height, newest) {
        (0, 0) => Err(errors::no_block_yet()),
        (0, newest) => Ok(newest),
        (height, _) => Ok(height),
    }
}

/// The validators of the newest height. The state holds those of the next one, which are the same
/// except at the height before a change.
///
/// # Errors
/// UNAVAILABLE before block 1 and while the set changes.
pub(super) fn validators(reader: &Reader<RocksStore>) -> Result<GetValidatorsResponse, Status> {
    let answer = reader.status(&[StateName::Validators]).map_err(|error| errors::read(&error))?;
    let header = Header::from_bytes(&answer.header).map_err(|_| errors::damaged("header"))?;
    let record = answer.records.into_iter().next().flatten();
    let validators = record.ok_or_else(|| errors::damaged("validator set"))?;
    let set =
        ValidatorSet::from_bytes(&validators).map_err(|_| errors::damaged("validator set"))?;
    if set.hash() != header.validators {
        return Err(Status::unavailable(format!(
            "the validators change after height {}: ask again at the next height",
            header.height
        )));
    }
    let head =
        ProvenHeader { header: answer.header.to_vec(), certificate: answer.certificate.to_vec() };
    Ok(GetValidatorsResponse { head: Some(head), validators })
}
