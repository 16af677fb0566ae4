//! No honest validator signs two different messages for one height, round and step, whatever
//! crashes between them (arXiv 1807.04938, §2.1: a process that does is Byzantine).

use std::collections::BTreeMap;

use vouchsafe_consensus::message::Message;
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::vote::VoteKind;

use super::Violation;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    Propose,
    Prevote,
    Precommit,
}

type Place = (Address, u64, u32, Step);

/// What was signed, by place.
#[derive(Default)]
pub struct Signing(BTreeMap<Place, (Option<BlockId>, Option<u32>)>);

impl Signing {
    pub(super) fn on_sent(&mut self, node: usize, message: &PeerMessage) -> Result<(), Violation> {
        let (place, said) = match message {
            PeerMessage::Proposal(proposed) => {
                let proposal = &proposed.proposal.proposal;
                let place = (proposal.address, proposal.height, proposal.round, Step::Propose);
                (place, (Some(proposal.block_id), proposal.pol_round))
            }
            PeerMessage::Consensus(Message::Vote(signed)) => {
                let vote = &signed.vote;
                let step = match vote.kind {
                    VoteKind::Prevote => Step::Prevote,
                    VoteKind::Precommit => Step::Precommit,
                };
                ((vote.address, vote.height, vote.round, step), (vote.block_id, None))
            }
            PeerMessage::Consensus(_) | PeerMessage::Evidence(_) => return Ok(()),
        };
        let first = *self.0.entry(place).or_insert(said);
        if first == said {
            return Ok(());
        }
        Err(format!("signing: node {node} sent {said:?} for {place:?}, and {first:?} before"))
    }

    /// Forgets heights below this one.
    pub fn forget_before(&mut self, height: u64) {
        self.0.retain(|(_, at, _, _), _| *at >= height);
    }
}
