//! What villains do beyond altering single messages: equivocators agree on the second of two blocks,
//! and forgers fill the queues of others with proposals for heights to come.

use std::sync::Arc;

use vouchsafe_consensus::signer::Signer as _;
use vouchsafe_ledger::{BuildInput, Ledger};
use vouchsafe_replica::peer::{CompactBlock, PeerMessage, ProposedBlock};
use vouchsafe_types::vote::SignedProposal;

use super::{Arrival, World};
use crate::simulation::villain::Villain;

/// The heights and rounds to come for which a forger proposes at once.
const FLOOD_HEIGHTS: std::ops::RangeInclusive<u64> = 1..=4;
const FLOOD_ROUNDS: std::ops::RangeInclusive<u32> = 0..=10;
/// How often it does, in thousandths of its messages.
const FLOOD_PER_MILLE: u64 = 20;

impl World {
    /// A villain sends a proposal of its own: what else it makes of it.
    pub(super) fn plot(&mut self, node: usize, message: &PeerMessage) {
        let PeerMessage::Proposal(proposed) = message else { return };
        if proposed.proposal.proposal.address != self.nodes[node].address() {
            return;
        }
        match self.villains[node] {
            Some(Villain::Equivocator) => {
                if let Some(second) = self.second_block(node, proposed) {
                    let first = proposed.proposal.proposal.block_id;
                    self.second_blocks.insert(first, second);
                }
            }
            Some(Villain::Forger) => {
                self.newest_proposals.insert(node, ProposedBlock::clone(proposed));
            }
            _ => {}
        }
    }

    /// Another valid block for the same place: an empty one.
    fn second_block(&self, node: usize, proposed: &ProposedBlock) -> Option<ProposedBlock> {
        let header = &proposed.block.header;
        let (terms, genesis) = (self.founding.terms.clone(), &self.founding.genesis);
        let store = self.nodes[node].store.clone();
        let ledger = Ledger::open_under(terms, genesis, store).ok()?;
        if ledger.head().height + 1 != header.height {
            return None;
        }
        let input = BuildInput {
            round: header.round,
            now_ms: header.time_ms + 1,
            proposer: header.proposer,
            evidence: Vec::new(),
        };
        let block = ledger.build(input, std::iter::empty()).ok()?.block;
        let mut proposal = proposed.proposal.proposal.clone();
        proposal.block_id = block.header.block_id();
        let preimage = proposal.preimage(&genesis.chain_id());
        let signature = self.nodes[node].key.sign(&preimage);
        let proposal = SignedProposal { proposal, signature };
        Some(ProposedBlock { proposal, block: CompactBlock::of(&block) })
    }

    /// A forger proposes for every place to come in which it may.
    pub(super) fn flood(&mut self, node: usize) {
        if self.villains[node] != Some(Villain::Forger) || !self.random.chance(FLOOD_PER_MILLE) {
            return;
        }
        let Some(newest) = self.newest_proposals.get(&node).cloned() else { return };
        let (height, address) = (newest.block.header.height, self.nodes[node].address());
        for height in FLOOD_HEIGHTS.map(|ahead| height + ahead) {
            let set = self.founding.validators_at(height).clone();
            for round in FLOOD_ROUNDS.filter(|round| set.proposer(height, *round) == address) {
                let message = Arc::new(self.early_proposal(node, newest.clone(), height, round));
                for to in self.connected(node) {
                    let life = self.nodes[to].life;
                    self.send(node, to, life, 0, Arrival::Message(Arc::clone(&message)));
                }
            }
        }
    }

    fn early_proposal(
        &self,
        node: usize,
        mut proposed: ProposedBlock,
        height: u64,
        round: u32,
    ) -> PeerMessage {
        (proposed.block.header.height, proposed.block.header.round) = (height, round);
        let mut proposal = proposed.proposal.proposal;
        (proposal.height, proposal.round, proposal.pol_round) = (height, round, None);
        proposal.block_id = proposed.block.header.block_id();
        let preimage = proposal.preimage(&self.founding.genesis.chain_id());
        let signature = self.nodes[node].key.sign(&preimage);
        proposed.proposal = SignedProposal { proposal, signature };
        PeerMessage::Proposal(Box::new(proposed))
    }
}
