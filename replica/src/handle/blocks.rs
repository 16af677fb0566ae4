//! Blocks are built, proposed, held and judged.

use std::sync::Arc;

use vouchsafe_consensus::{Input, JudgedBlock};
use vouchsafe_ledger::{BuildInput, Built, Executed, StoreRead, ValidateError};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::vote::SignedProposal;

use crate::blocks::{Candidate, Stage};
use crate::effect::{Effect, Notice, Timer};
use crate::error::ReplicaError;
use crate::peer::{CompactBlock, PeerMessage, ProposedBlock};
use crate::replica::Replica;

fn judged(header: &Header, block_id: BlockId, valid: bool) -> Input {
    Input::Judged(JudgedBlock {
        height: header.height,
        round: header.round,
        proposer: header.proposer,
        block_id,
        valid,
    })
}

impl<S: StoreRead> Replica<S> {
    /// Builds a block for a round in which this node proposes. The engine hears of it once its
    /// body is durable.
    pub(crate) fn propose(&mut self, height: u64, round: u32) -> Result<(), ReplicaError> {
        assert_eq!(height, self.ledger.head().height + 1, "the engine decides the next height");
        if let Some(block_id) = self.candidates.built_for(round) {
            return match self.candidates.get(&block_id).map(|candidate| &candidate.stage) {
                Some(Stage::Ready { .. }) => {
                    self.feed_engine(Input::Propose { height, round, block_id })
                }
                _ => Ok(()), // its body is on the way to disk
            };
        }
        let proposer = self.engine.address().expect("only a validator is asked to propose");
        let evidence = self.evidence_in_turn();
        let now_ms = self.now_ms;
        // Without peers nobody lacks anything.
        let heard_ms = if self.peers.is_empty() { u64::MAX } else { now_ms };
        let input = BuildInput { round, now_ms, proposer, evidence };
        let most = self.pace.transactions_max(round, self.mempool.len());
        let candidates = self.mempool.in_turn(heard_ms).take(most);
        let Built { block, executed, refused, refused_evidence } =
            self.ledger.build(input, candidates)?;
        self.left_out = refused.into_iter().map(|(id, _)| id).collect();
        assert!(refused_evidence.is_empty(), "evidence that breaks a rule waits no more");
        let block_id = executed.block_id();
        let block = Arc::new(block);
        self.candidates.set_built(round, block_id);
        self.store(block_id, block, executed, Some(round));
        Ok(())
    }

    fn store(
        &mut self,
        block_id: BlockId,
        block: Arc<Block>,
        executed: Executed,
        proposes_in: Option<u32>,
    ) {
        let stage = Stage::Storing { executed: Box::new(executed), proposes_in };
        self.candidates.insert(block_id, block.clone(), stage);
        self.effects.push(Effect::StoreBody { block_id, block });
    }

    pub(crate) fn on_body_stored(&mut self, block_id: BlockId) -> Result<(), ReplicaError> {
        // The height may have been decided meanwhile: then nobody waits for this block.
        let Some(candidate) = self.candidates.remove(&block_id) else { return Ok(()) };
        let Stage::Storing { executed, proposes_in } = candidate.stage else {
            self.candidates.insert(block_id, candidate.block, candidate.stage);
            return Ok(());
        };
        let block = candidate.block;
        self.candidates.insert(block_id, block.clone(), Stage::Ready { executed });
        match proposes_in {
            Some(round) => {
                let height = block.header.height;
                self.feed_engine(Input::Propose { height, round, block_id })
            }
            None => self.feed_engine(judged(&block.header, block_id, true)),
        }
    }

    /// A whole block is here that something verified names: it is judged, unless its time is away
    /// from the clock and nobody else is known to have found it in time.
    pub(crate) fn judge_in_time(&mut self, block_id: BlockId) -> Result<(), ReplicaError> {
        let Some(candidate) = self.candidates.get(&block_id) else { return Ok(()) };
        let time_ms = candidate.block.header.time_ms;
        let parameters = self.ledger.parameters();
        let ahead_max_ms = parameters.clock_ahead_max_ms;
        let ahead_ms = time_ms.saturating_sub(self.now_ms);
        let behind_ms = self.now_ms.saturating_sub(time_ms);
        let in_time = ahead_ms <= ahead_max_ms && behind_ms <= parameters.clock_behind_max_ms;
        if in_time || self.candidates.is_vouched_for(&block_id) {
            return self.judge_held(block_id);
        }
        let now_ms = self.now_ms;
        self.effects.push(Effect::Notice(Notice::BlockHeld { block_id, time_ms, now_ms }));
        if ahead_ms > ahead_max_ms {
            let delay_ms = ahead_ms - ahead_max_ms;
            self.effects.push(Effect::SetTimer { timer: Timer::Hold { block_id }, delay_ms });
        }
        Ok(())
    }

    /// Judges a block that was held; any other is left as it is.
    pub(crate) fn judge_held(&mut self, block_id: BlockId) -> Result<(), ReplicaError> {
        // The height is decided, and the store may be ahead of the ledger's head already.
        if self.committing.is_some() {
            return Ok(());
        }
        let held = self.candidates.get(&block_id).filter(|c| matches!(c.stage, Stage::Held));
        let Some(block) = held.map(|candidate| candidate.block.clone()) else { return Ok(()) };
        let mempool = &self.mempool;
        match self.ledger.validate(&block, &|leaf| mempool.by_leaf(leaf)) {
            Ok(executed) => {
                self.store(block_id, block, executed, None);
                Ok(())
            }
            Err(ValidateError::Store(error)) => Err(error.into()),
            Err(ValidateError::Invalid(error)) => {
                let verdict = judged(&block.header, block_id, false);
                self.candidates.insert(block_id, block, Stage::Invalid);
                self.effects.push(Effect::Notice(Notice::InvalidBlock { block_id, error }));
                self.feed_engine(verdict)
            }
        }
    }

    /// Sends a proposal, and with it the block that it names.
    pub(crate) fn send_proposal(&mut self, proposal: SignedProposal) -> Result<(), ReplicaError> {
        let block_id = proposal.proposal.block_id;
        let block = match self.candidates.get(&block_id) {
            Some(Candidate { block, stage: Stage::Ready { executed } }) => {
                CompactBlock::with_leaves(block, executed.leaves().collect())
            }
            Some(candidate) => CompactBlock::of(&candidate.block),
            None => CompactBlock::of(&self.stored_body(block_id)?),
        };
        let message = PeerMessage::Proposal(Box::new(ProposedBlock { proposal, block }));
        self.effects.push(Effect::Broadcast(message));
        Ok(())
    }

    /// A certificate names a block that was not judged here: the clock no longer matters.
    pub(crate) fn want_certified(&mut self, block_id: BlockId) -> Result<(), ReplicaError> {
        self.candidates.vouch_for(block_id);
        match self.candidates.get(&block_id) {
            // It was judged in another round than the certificate's: say it again.
            Some(Candidate { block, stage: Stage::Ready { .. } }) => {
                let verdict = judged(&block.header, block_id, true);
                self.feed_engine(verdict)
            }
            Some(_) => self.judge_held(block_id),
            None => self.want(block_id, None),
        }
    }

    pub(crate) fn stored_body(&self, block_id: BlockId) -> Result<Block, ReplicaError> {
        self.body_on_disk(block_id)?.ok_or(ReplicaError::BodyMissing(block_id))
    }

    pub(crate) fn body_on_disk(&self, block_id: BlockId) -> Result<Option<Block>, ReplicaError> {
        let Some(bytes) = self.ledger.store().body(&block_id)? else { return Ok(None) };
        let block = Block::from_bytes(&bytes);
        block.map(Some).map_err(|error| ReplicaError::BodyDamaged { block_id, error })
    }
}
