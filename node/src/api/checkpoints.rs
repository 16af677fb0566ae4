//! Checkpoints: this node's word on the history so far, and that it continues an earlier one.

use tonic::Status;
use vouchsafe_ledger::{Reader, RocksStore};
use vouchsafe_proto::v1::{
    GetCheckpointRequest, GetCheckpointResponse, GetConsistencyRequest, GetConsistencyResponse,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::checkpoint::Checkpoint;

use super::{blocks, errors};
use crate::state::NodeState;

/// The history of a size, signed by this node's consensus key. Reads from disk.
///
/// # Errors
/// NOT_FOUND above the newest height.
pub(super) fn checkpoint(
    state: &NodeState,
    reader: &Reader<RocksStore>,
    request: &GetCheckpointRequest,
) -> Result<GetCheckpointResponse, Status> {
    let size = blocks::resolve(request.size, reader.view().height)?;
    let store = reader.store();
    // First, so that a size above the newest height is named as such.
    let head = blocks::proven_header(store, size)?;
    let root = state.block_log().root(store, size).map_err(|error| errors::store(&error))?;
    let text = Checkpoint { chain_id: state.chain_id(), size, root }.text();
    let changes = reader.set_changes(size).map_err(|error| errors::read(&error))?;
    Ok(GetCheckpointResponse {
        note: format!("{text}\n{}", state.signer().line_under(&text)),
        head: Some(head),
        changes: changes.iter().map(|change| change.to_bytes()).collect(),
    })
}

/// That the history of one size begins with that of another. Reads from disk.
///
/// # Errors
/// INVALID_ARGUMENT for sizes that cannot follow each other; NOT_FOUND above the newest height.
pub(super) fn consistency(
    state: &NodeState,
    reader: &Reader<RocksStore>,
    request: &GetConsistencyRequest,
) -> Result<GetConsistencyResponse, Status> {
    let GetConsistencyRequest { first, second } = *request;
    if first == 0 || first > second {
        let message = format!("{second} blocks do not begin with {first}; ask for 1 or more");
        return Err(errors::bad_request("Sizes", &message));
    }
    let store = reader.store();
    blocks::proven_header(store, second)?;
    let proof = state.block_log().consistency(store, first, second);
    let proof = proof.map_err(|error| errors::store(&error))?;
    Ok(GetConsistencyResponse { proof: proof.to_bytes() })
}
