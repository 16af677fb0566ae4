//! Proof files, made here so that whoever asks for one needs a single call.

use tonic::Status;
use vouchsafe_ledger::{BlockLog, Reader, RocksStore};
use vouchsafe_proto::v1::get_proof_request::Subject;
use vouchsafe_proto::v1::{GetProofRequest, GetProofResponse};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::record::StateName;

use super::{errors, records};

/// The proof of an asset's status under the newest header, or of a transaction's place. Reads from
/// disk.
///
/// # Errors
/// INVALID_ARGUMENT for a subject of another kind; NOT_FOUND for a transaction that this node does
/// not know.
pub(super) fn proof(
    block_log: &BlockLog,
    reader: &Reader<RocksStore>,
    request: GetProofRequest,
) -> Result<GetProofResponse, Status> {
    let failed = |error| errors::read(&error);
    let proof = match request.subject {
        Some(Subject::Name(bytes)) => {
            let StateName::Asset(key) = records::name(&bytes)? else {
                let message = "only assets have proof files: ask for others with GetStatus";
                return Err(errors::bad_request("ProofSubject", message));
            };
            reader.asset_proof(key, request.with_events).map_err(failed)?
        }
        Some(Subject::TransactionId(bytes)) => {
            let id = records::transaction_id(&bytes)?;
            let from_newest = request.from_newest.then_some(block_log);
            let proof = reader.receipt_proof(&id, from_newest).map_err(failed)?;
            proof.ok_or_else(|| errors::no_transaction(&id))?
        }
        None => {
            let message = "name an asset or a transaction";
            return Err(errors::bad_request("ProofSubject", message));
        }
    };
    Ok(GetProofResponse { proof: proof.to_bytes() })
}
