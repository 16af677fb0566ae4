//! What peers say. Messages of consensus are heard by the engine first, which checks them; a block
//! is looked at only when something that verified names it.

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::{Effect as EngineEffect, Input, MessageError};
use vouchsafe_ledger::StoreRead;
use vouchsafe_types::vote::Proposal;

use crate::effect::{Effect, Verdict};
use crate::error::ReplicaError;
use crate::event::{Delivery, PeerNumber};
use crate::gathering::EarlyBlock;
use crate::peer::{CompactBlock, PeerMessage, ProposedBlock};
use crate::replica::Replica;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn on_received(
        &mut self,
        from: PeerNumber,
        delivery: Delivery,
        message: PeerMessage,
    ) -> Result<(), ReplicaError> {
        let verdict = match message {
            PeerMessage::Consensus(message) => self.on_message(from, message)?,
            PeerMessage::Proposal(proposed) => self.on_proposed_block(from, *proposed)?,
            PeerMessage::Evidence(evidence) => self.on_evidence(*evidence)?,
        };
        self.effects.push(Effect::Relay { delivery, verdict });
        Ok(())
    }

    /// Lets the engine hear a message, and says what it found wrong with it.
    fn hear(
        &mut self,
        from: PeerNumber,
        message: Message,
    ) -> Result<Option<MessageError>, ReplicaError> {
        self.hearing = Some(from);
        let effects = self.engine.handle(Input::Message(message))?;
        let fault = effects.iter().find_map(|effect| match effect {
            EngineEffect::Discarded(error) => Some(error.clone()),
            _ => None,
        });
        self.engine_effects.extend(effects);
        self.drain_engine()?;
        self.hearing = None;
        Ok(fault)
    }

    fn on_message(&mut self, from: PeerNumber, message: Message) -> Result<Verdict, ReplicaError> {
        let named = match &message {
            // A proposal that only claims a polka proves nothing: its proposer may lie.
            Message::PolkaCertificate(polka) => Some((polka.block_id, true)),
            Message::Proposal(signed) => Some((signed.proposal.block_id, false)),
            _ => None,
        };
        let height = message.height();
        let fault = self.hear(from, message)?;
        if let Some((block_id, by_polka)) = named
            && fault.is_none()
            && self.decides_now(height)
        {
            if by_polka {
                // Two thirds of the power saw this block in time once: its age is no reason to
                // hold it.
                self.candidates.vouch_for(block_id);
                self.judge_held(block_id)?;
            }
            self.want(block_id, Some(from))?;
        }
        Ok(verdict(fault.as_ref()))
    }

    fn on_proposed_block(
        &mut self,
        from: PeerNumber,
        proposed: ProposedBlock,
    ) -> Result<Verdict, ReplicaError> {
        let ProposedBlock { proposal, block } = proposed;
        let named = proposal.proposal.clone();
        let fault = self.hear(from, Message::Proposal(proposal))?;
        let verified = matches!(fault, None | Some(MessageError::AlreadyKept));
        if !verified {
            return Ok(verdict(fault.as_ref()));
        }
        let genuine = block.header.block_id() == named.block_id
            && block.header.height == named.height
            && block.matches_header();
        if !genuine {
            return Ok(Verdict::Reject);
        }
        self.on_genuine_block(from, &named, block)?;
        Ok(verdict(fault.as_ref()))
    }

    /// A verified proposal names this block.
    fn on_genuine_block(
        &mut self,
        from: PeerNumber,
        proposal: &Proposal,
        compact: CompactBlock,
    ) -> Result<(), ReplicaError> {
        let (height, round, block_id) = (proposal.height, proposal.round, proposal.block_id);
        if self.decides_now(height) {
            return self.gather(from, block_id, compact);
        }
        if height > self.ledger.head().height + 1 {
            self.early_blocks.keep(height, round, EarlyBlock { from, block_id, compact });
        }
        Ok(())
    }

    /// Is this the height that is being decided, and not yet being stored?
    pub(crate) fn decides_now(&self, height: u64) -> bool {
        height == self.engine.height()
            && height == self.ledger.head().height + 1
            && self.committing.is_none()
    }
}

fn verdict(fault: Option<&MessageError>) -> Verdict {
    match fault {
        None => Verdict::Accept,
        Some(error) if error.is_misbehaviour() => Verdict::Reject,
        Some(_) => Verdict::Ignore,
    }
}
