//! Between the engine and the rest of the replica: inputs go in, and each effect that comes out
//! is passed on or acted upon, in order.

use std::mem;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::{Effect as EngineEffect, Input, Phase, Start};
use vouchsafe_ledger::StoreRead;

use crate::effect::{Effect, Notice, Timer, WalOperation};
use crate::error::ReplicaError;
use crate::peer::PeerMessage;
use crate::replica::Replica;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn feed_engine(&mut self, input: Input) -> Result<(), ReplicaError> {
        let effects = self.engine.handle(input)?;
        self.engine_effects.extend(effects);
        Ok(())
    }

    /// Begins the engine's height, replaying the log after a restart.
    pub(crate) fn start_height(&mut self) -> Result<(), ReplicaError> {
        assert_eq!(self.engine.phase(), Phase::Waiting, "a height is started once");
        let timer = Timer::Heartbeat { height: self.engine.height() };
        self.effects.push(Effect::CancelTimer(timer));
        self.has_started = true;
        let start = Start { replay: mem::take(&mut self.replay), follow: false };
        let effects = self.engine.start_height(&start)?;
        self.engine_effects.extend(effects);
        Ok(())
    }

    /// Leaves the heights behind that are committed, and waits for the next.
    pub(crate) fn await_next_height(&mut self) -> Result<(), ReplicaError> {
        let head = self.ledger.head();
        let (height, validators) = (head.height + 1, head.validators.clone());
        if self.committing.is_some() || self.engine.height() == height {
            return Ok(());
        }
        self.demanded = false;
        self.replay.clear();
        let effects = self.engine.await_height(height, validators)?;
        self.engine_effects.extend(effects);
        self.set_heartbeat();
        self.drain_engine()?;
        for early in self.early_blocks.take(height) {
            self.gather(early.from, early.block_id, early.compact)?;
        }
        Ok(())
    }

    /// Acts on what the engine wants until it wants nothing more.
    pub(crate) fn drain_engine(&mut self) -> Result<(), ReplicaError> {
        while let Some(effect) = self.engine_effects.pop_front() {
            self.carry_out(effect)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: EngineEffect) -> Result<(), ReplicaError> {
        let passed_on = match effect {
            EngineEffect::WalReset { height } => Effect::Wal(WalOperation::Reset { height }),
            EngineEffect::WalAppend(entry) => Effect::Wal(WalOperation::Append(entry)),
            EngineEffect::WalFlush => Effect::Wal(WalOperation::Flush),
            EngineEffect::SignRecord(mark) => Effect::SignRecord(mark),
            EngineEffect::Publish(Message::Proposal(proposal)) => {
                return self.send_proposal(proposal);
            }
            EngineEffect::Publish(message) => Effect::Broadcast(PeerMessage::Consensus(message)),
            EngineEffect::ScheduleTimer { timer, duration_ms } => {
                Effect::SetTimer { timer: Timer::Consensus(timer), delay_ms: duration_ms }
            }
            EngineEffect::CancelTimer(timer) => Effect::CancelTimer(Timer::Consensus(timer)),
            EngineEffect::CancelAllTimers => Effect::CancelConsensusTimers,
            EngineEffect::RoundStarted { height, round, proposer } => {
                Effect::Notice(Notice::RoundStarted { height, round, proposer })
            }
            EngineEffect::VotingWithheld { height, reason } => {
                self.withheld_at = Some(height);
                Effect::Notice(Notice::VotingWithheld { height, reason })
            }
            EngineEffect::Discarded(error) => {
                Effect::Notice(Notice::Discarded { from: self.hearing, error })
            }
            EngineEffect::GetValue { height, round, .. } => return self.propose(height, round),
            // The proposal that follows carries the block.
            EngineEffect::RestreamProposal { .. } => return Ok(()),
            EngineEffect::HeightDemanded { .. } => {
                self.demanded = true;
                return self.start_if_due();
            }
            EngineEffect::CertifiedBlockWanted { block_id, .. } => {
                return self.want_certified(block_id);
            }
            EngineEffect::CertifiedBlockInvalid { height, block_id } => {
                return Err(ReplicaError::DecidedInvalid { height, block_id });
            }
            EngineEffect::Equivocation(evidence) => return self.on_equivocation(*evidence),
            EngineEffect::Decided(decision) => return self.commit(decision),
        };
        self.effects.push(passed_on);
        Ok(())
    }
}
