//! Blocks are built, received, held and judged.

use std::sync::Arc;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::{Effect as EngineEffect, Input, JudgedBlock};
use vouchsafe_ledger::{
    BuildInput, Built, Executed, StoreRead, ValidateError, body_matches_header,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::{Block, Header};

use crate::blocks::{ROUNDS_AHEAD_MAX, Stage};
use crate::effect::{Effect, Notice, PeerMessage, Timer};
use crate::error::ReplicaError;
use crate::event::PeerNumber;
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
        let evidence = self.offences.values().cloned().collect();
        let now_ms = self.now_ms;
        let input = BuildInput { round, now_ms, proposer, parent_certificate: None, evidence };
        let Built { block, executed, refused, refused_evidence } =
            self.ledger.build(input, self.mempool.in_order())?;
        self.left_out = refused.into_iter().map(|(id, _)| id).collect();
        for (id, _) in refused_evidence {
            self.offences.remove(&id);
        }
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
                self.effects.push(Effect::Broadcast(PeerMessage::Block(block)));
                self.feed_engine(Input::Propose { height, round, block_id })
            }
            None => self.feed_engine(judged(&block.header, block_id, true)),
        }
    }

    pub(crate) fn on_received(
        &mut self,
        from: PeerNumber,
        message: PeerMessage,
    ) -> Result<(), ReplicaError> {
        match message {
            PeerMessage::Consensus(message) => self.on_consensus_message(from, message),
            PeerMessage::Block(block) => self.on_block(block),
            PeerMessage::Transaction(transaction) => {
                // A peer is not told what became of it: it has its own pool.
                if !self.mempool.contains(&transaction.id()) {
                    let _ = self.admit(Arc::unwrap_or_clone(transaction))?;
                }
                self.start_if_due()
            }
        }
    }

    fn on_consensus_message(
        &mut self,
        from: PeerNumber,
        message: Message,
    ) -> Result<(), ReplicaError> {
        // A proposal that only claims a polka proves nothing: its proposer may lie.
        let polka = match &message {
            Message::PolkaCertificate(polka) => Some(polka.block_id),
            _ => None,
        };
        self.hearing = Some(from);
        let effects = self.engine.handle(Input::Message(message))?;
        let verified = !effects.iter().any(|effect| matches!(effect, EngineEffect::Discarded(_)));
        self.engine_effects.extend(effects);
        self.drain_engine()?;
        self.hearing = None;
        let Some(block_id) = polka.filter(|_| verified) else { return Ok(()) };
        // Two thirds of the power saw this block in time once: its age is no reason to hold it.
        self.candidates.set_polka(block_id);
        self.judge_held(block_id)
    }

    fn on_block(&mut self, block: Arc<Block>) -> Result<(), ReplicaError> {
        let header = &block.header;
        let block_id = header.block_id();
        let of_this_height = header.height == self.engine.height()
            && header.height == self.ledger.head().height + 1
            && header.round <= self.engine.round().saturating_add(ROUNDS_AHEAD_MAX);
        let by_proposer = || {
            let validators = self.engine.validator_set();
            validators.proposer(header.height, header.round) == header.proposer
        };
        if !of_this_height
            || self.candidates.contains(&block_id)
            || self.candidates.is_full()
            || !by_proposer()
            // Kept under the block's id, a false body would keep the true one out.
            || !body_matches_header(&block)
        {
            return Ok(());
        }
        let time_ms = header.time_ms;
        self.candidates.insert(block_id, block, Stage::Held);
        let parameters = self.ledger.parameters();
        let ahead_max_ms = parameters.clock_ahead_max_ms;
        let ahead_ms = time_ms.saturating_sub(self.now_ms);
        let behind_ms = self.now_ms.saturating_sub(time_ms);
        let in_time = ahead_ms <= ahead_max_ms && behind_ms <= parameters.clock_behind_max_ms;
        if in_time || self.candidates.has_polka(&block_id) {
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

    pub(crate) fn send_again(&mut self, block_id: BlockId) -> Result<(), ReplicaError> {
        let block = match self.candidates.get(&block_id) {
            Some(candidate) => candidate.block.clone(),
            None => Arc::new(self.stored_body(block_id)?),
        };
        self.effects.push(Effect::Broadcast(PeerMessage::Block(block)));
        Ok(())
    }

    /// A certificate names a block that was not judged here: the clock no longer matters.
    pub(crate) fn want_certified(
        &mut self,
        height: u64,
        block_id: BlockId,
    ) -> Result<(), ReplicaError> {
        if let Some(candidate) = self.candidates.get(&block_id) {
            return match candidate.stage {
                // It was judged in another round than the certificate's: say it again.
                Stage::Ready { .. } => {
                    let verdict = judged(&candidate.block.header, block_id, true);
                    self.feed_engine(verdict)
                }
                _ => self.judge_held(block_id),
            };
        }
        self.effects.push(Effect::Notice(Notice::BlockWanted { height, block_id }));
        Ok(())
    }

    pub(crate) fn stored_body(&self, block_id: BlockId) -> Result<Block, ReplicaError> {
        let bytes = self.ledger.store().body(&block_id)?;
        let bytes = bytes.ok_or(ReplicaError::BodyMissing(block_id))?;
        Block::from_bytes(&bytes).map_err(|error| ReplicaError::BodyDamaged { block_id, error })
    }
}
