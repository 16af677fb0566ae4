//! What a validator signed last, according to its sign record, held against what is committed
//! after it started again.

use std::path::Path;

use vouchsafe_consensus::record_file::RecordFile;
use vouchsafe_consensus::sign_record::{SignMark, SignRecord, SignStep};
use vouchsafe_proto::v1::GetBlockRequest;
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::vote::{Proposal, Vote, VoteKind};

use crate::running::Running;
use crate::statements::genesis;

/// How what was signed and what is committed go together.
pub(crate) enum Kept {
    /// Nothing was signed yet.
    NothingSigned,
    /// What was signed is what is committed.
    Same,
    /// The height was decided in a later round than the one signed for.
    LaterRound,
}

/// The newest mark of a node that does not run; its own file is left alone.
pub(crate) fn last_mark(home: &Path, folder: &Path) -> Option<SignMark> {
    let copy = folder.join("sign-record");
    std::fs::copy(home.join("data/sign-record"), &copy).ok()?;
    let record = SignRecord::load(RecordFile::open(&copy).expect("our own file"));
    record.expect("one slot is whole, or none was ever synced").latest()
}

/// Checks that the only validator of a chain kept to what it had signed: at the mark's height and
/// round, the block committed is the one that the mark stands for.
pub(crate) async fn check(node: &Running, mark: Option<SignMark>) -> Kept {
    let Some(mark) = mark else { return Kept::NothingSigned };
    let request = GetBlockRequest { height: mark.height, with_body: false };
    let answer = node.client().await.get_block(request).await;
    let head = answer.expect("its height is committed by now").into_inner().head.expect("a head");
    let certificate = CommitCertificate::from_bytes(&head.certificate).expect("canonical");
    assert!(certificate.round >= mark.round, "decided in a round before the one signed for");
    if certificate.round != mark.round {
        return Kept::LaterRound;
    }
    let chain_id = genesis(&node.home).chain_id();
    let address = certificate.signatures[0].address;
    let (height, round, block_id) = (certificate.height, certificate.round, certificate.block_id);
    let vote = |kind| {
        let vote =
            Vote { version: Version, kind, height, round, block_id: Some(block_id), address };
        SignMark::of_vote(&vote, &vote.preimage(&chain_id))
    };
    let committed = match mark.step {
        SignStep::Precommit => vote(VoteKind::Precommit),
        SignStep::Prevote => vote(VoteKind::Prevote),
        SignStep::Propose => {
            let pol_round = None;
            let version = Version;
            let proposal = Proposal { version, height, round, pol_round, block_id, address };
            SignMark::of_proposal(&proposal, &proposal.preimage(&chain_id))
        }
    };
    assert_eq!(committed, mark, "the validator signed one thing and committed another");
    Kept::Same
}
