//! Who contradicted themselves, as committed blocks hold it.
//!
//! Of each block that holds evidence all of it is given, so that its root can be compared with the
//! header's: whoever asks sees that nothing was altered or left out of that block.

use tonic::Status;
use vouchsafe_ledger::{StoreRead, block_at};
use vouchsafe_proto::v1::{
    EVIDENCE_BLOCKS_MAX, EvidenceBlock, GetEvidenceRequest, GetEvidenceResponse,
};
use vouchsafe_types::canonical::Canonical as _;

use super::blocks::proven_header;
use super::errors;

/// A page of the blocks that hold evidence. Reads from disk.
///
/// # Errors
/// INVALID_ARGUMENT for a page that is too long.
pub(super) fn evidence(
    store: &dyn StoreRead,
    request: &GetEvidenceRequest,
) -> Result<GetEvidenceResponse, Status> {
    if request.count > EVIDENCE_BLOCKS_MAX {
        let message = format!("{} blocks; a page has at most {EVIDENCE_BLOCKS_MAX}", request.count);
        return Err(errors::bad_request("PageEntries", &message));
    }
    let count = if request.count == 0 { EVIDENCE_BLOCKS_MAX } else { request.count };
    let limit = usize::try_from(count).expect("a page is small");
    // One more than is given says whether there is more.
    let heights = store.evidence_heights(request.from_height, limit + 1);
    let mut heights = heights.map_err(|error| errors::store(&error))?;
    let next_height = heights.get(limit).copied().unwrap_or(0);
    heights.truncate(limit);
    let blocks = heights.into_iter().map(|height| block(store, height));
    Ok(GetEvidenceResponse { blocks: blocks.collect::<Result<_, _>>()?, next_height })
}

fn block(store: &dyn StoreRead, height: u64) -> Result<EvidenceBlock, Status> {
    let head = proven_header(store, height)?;
    let block = block_at(store, height).map_err(|error| errors::store(&error))?;
    let block = block.ok_or_else(|| errors::damaged("block"))?;
    let evidence = block.evidence.iter().map(|piece| piece.to_bytes()).collect();
    Ok(EvidenceBlock { head: Some(head), evidence })
}
