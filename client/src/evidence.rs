//! Evidence in committed blocks, page by page, and proof of each piece: it stands in a block that
//! was certified, nothing of that block's evidence is missing, and it convicts a validator.
//!
//! ```text
//! node ── page ─▶ header certified? ─▶ evidence root equal? ─▶ each convicts? ─▶ facts
//! ```
//!
//! That no block is left out cannot be proven by what a node gives. So all nodes are asked, and what
//! any one of them proves counts.

use vouchsafe_proto::v1;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, Lie};
use crate::node_client::NodeClient;
use crate::proven;
use crate::trust::Trust;

/// A block that holds evidence.
#[derive(Clone, Debug)]
pub struct ProvenEvidence {
    /// Its header.
    pub head: ProvenHeader,
    /// All of its evidence.
    pub evidence: Vec<Evidence>,
}

/// What was read so far, and where the next page begins.
struct Pages<'a> {
    trust: &'a Trust,
    from_height: u64,
    blocks: Vec<ProvenEvidence>,
}

impl Pages<'_> {
    /// Takes a page. Is there another?
    ///
    /// Each goes on where the one before ended, and brings blocks if there is more: whoever lies
    /// cannot keep this going.
    fn take(&mut self, page: &v1::GetEvidenceResponse) -> Result<bool, Lie> {
        let first_height = self.from_height;
        for block in &page.blocks {
            let verifier = self.trust.verifier();
            let head = proven::head(verifier, block.head.as_ref())?;
            let height = head.header().height;
            self.check_order(height)?;
            let evidence = verifier.evidence(&head, &block.evidence)?;
            if evidence.is_empty() {
                return Err(Lie::Missing("evidence"));
            }
            self.from_height = height + 1;
            self.blocks.push(ProvenEvidence { head, evidence });
        }
        if page.next_height == 0 {
            return Ok(false);
        }
        if self.from_height == first_height {
            return Err(Lie::Missing("block"));
        }
        self.check_order(page.next_height)?;
        self.from_height = page.next_height;
        Ok(true)
    }

    fn check_order(&self, height: u64) -> Result<(), Lie> {
        let from_height = self.from_height;
        if height < from_height { Err(Lie::EvidenceOrder { height, from_height }) } else { Ok(()) }
    }
}

/// Reads all evidence that a node shows, from a height on.
///
/// # Errors
/// [`AnswerError`].
pub async fn read_evidence(
    node: &NodeClient,
    trust: &Trust,
    since_height: u64,
) -> Result<Vec<ProvenEvidence>, AnswerError> {
    let mut pages = Pages { trust, from_height: since_height, blocks: Vec::new() };
    loop {
        let page = node.evidence(pages.from_height).await.map_err(CouldNotCheck::from)?;
        if !pages.take(&page)? {
            return Ok(pages.blocks);
        }
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::canonical::Canonical as _;
    use vouchsafe_types::hash::Digest;
    use vouchsafe_types::header::Header;
    use vouchsafe_types::log;
    use vouchsafe_types::verifier::ProofError;

    use super::*;
    use crate::chain_fixture as chain;

    /// A certified block with evidence of one validator's prevotes at its height.
    fn block(height: u64) -> v1::EvidenceBlock {
        let evidence = vec![chain::equivocation(1, height).to_bytes()];
        let leaves: Vec<_> = evidence.iter().map(|piece| log::leaf_hash(piece)).collect();
        let header = chain::header(height, Digest::ZERO, &[]);
        let header = Header { evidence_root: log::root(&leaves), ..header };
        v1::EvidenceBlock { head: Some(chain::certified(&header)), evidence }
    }

    fn page(blocks: Vec<v1::EvidenceBlock>, next_height: u64) -> v1::GetEvidenceResponse {
        v1::GetEvidenceResponse { blocks, next_height }
    }

    /// The heights of the blocks in some pages, from height 3 on, and whether there is more.
    fn read(taken: &[v1::GetEvidenceResponse]) -> Result<(Vec<u64>, bool), Lie> {
        let trust = Trust::new(chain::genesis("fixture"));
        let mut pages = Pages { trust: &trust, from_height: 3, blocks: Vec::new() };
        let mut more = true;
        for page in taken {
            more = pages.take(page)?;
        }
        Ok((pages.blocks.iter().map(|block| block.head.header().height).collect(), more))
    }

    #[test]
    fn every_page_is_read_and_proven() {
        let pages = [page(vec![block(3), block(5)], 9), page(vec![block(9)], 0)];
        assert_eq!(read(&pages[..1]), Ok((vec![3, 5], true)));
        assert_eq!(read(&pages), Ok((vec![3, 5, 9], false)));
        assert_eq!(read(&[page(vec![], 0)]), Ok((vec![], false)));
    }

    #[test]
    fn evidence_pages_go_on_where_the_last_one_ended() {
        let order = |height, from_height| Err(Lie::EvidenceOrder { height, from_height });
        assert_eq!(read(&[page(vec![block(2)], 0)]), order(2, 3));
        assert_eq!(read(&[page(vec![block(5), block(5)], 0)]), order(5, 6));
        assert_eq!(read(&[page(vec![block(5)], 5)]), order(5, 6));
        assert_eq!(read(&[page(vec![block(5)], 9), page(vec![block(6)], 0)]), order(6, 9));
        assert_eq!(read(&[page(vec![], 4)]), Err(Lie::Missing("block")), "for ever");
    }

    #[test]
    fn a_block_whose_evidence_is_altered_or_left_out_is_a_lie() {
        let mut altered = block(5);
        altered.evidence = block(6).evidence;
        let other = ProofError::OtherEvidence { height: 5, actual: 1 };
        assert_eq!(read(&[page(vec![altered], 0)]), Err(Lie::Proof(other)));
        let header = chain::header(5, Digest::ZERO, &[]);
        let none = v1::EvidenceBlock { head: Some(chain::certified(&header)), evidence: vec![] };
        assert_eq!(read(&[page(vec![none], 0)]), Err(Lie::Missing("evidence")));
        let headless = v1::EvidenceBlock { head: None, ..block(5) };
        assert_eq!(read(&[page(vec![headless], 0)]), Err(Lie::Missing("head")));
    }
}
