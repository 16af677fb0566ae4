//! One input at a time: checked, then kept for later or fed to the engine beneath.
//!
//! Everything from a peer is checked here before anything remembers it, so that a message that
//! breaks a rule costs its sender's reputation and nothing else.

use arc_malachitebft_core_consensus as core_consensus;
use arc_malachitebft_core_types as core_types;
use core_consensus::{Input as CoreInput, LocallyProposedValue, ProposedValue};
use core_types::{Round, Validity, ValueOrigin};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::vote::SignedProposal;

use crate::adapter::{
    CoreAddress, CoreContext, CoreHeight, CoreValue, commit_to_core, polka_to_core,
    round_certificate_to_core, round_number, signed_proposal_to_core, signed_vote_to_core,
    timeout_to_core,
};
use crate::effect::{Effect, Withheld};
use crate::error::{EngineError, HEIGHTS_AHEAD_MAX, MessageError, ROUNDS_AHEAD_MAX};
use crate::handler::own_mark;
use crate::input::{Input, JudgedBlock};
use crate::machine::{Machine, Phase, Trouble};
use crate::message::Message;
use crate::timer::{Timer, TimerKind};
use crate::verify::precommits;
use crate::wal::WalEvent;

impl Machine {
    pub(crate) fn on_input(&mut self, input: Input) -> Result<(), Trouble> {
        match input {
            Input::Message(message) => self.on_message(message),
            Input::Propose { height, round, block_id } => {
                Ok(self.on_propose(height, round, block_id)?)
            }
            Input::Judged(judged) => self.on_judged(judged),
            Input::TimerElapsed(timer) => self.on_timer(timer),
            Input::CommitCertificate(certificate) => self.on_certificate(certificate),
        }
    }

    pub(crate) fn on_message(&mut self, message: Message) -> Result<(), Trouble> {
        self.check_height(message.height())?;
        self.check_message(&message)?;
        self.observe(&message);
        if self.is_running_at(message.height()) {
            self.notice_own_messages(&message);
            return Ok(self.feed(message_to_core(&message))?);
        }
        self.early.keep_message(message)?;
        self.demand_start();
        Ok(())
    }

    /// A validator that hears a message of its own, validly signed, and does not remember it must
    /// not vote on: it would contradict what it cannot know.
    fn notice_own_messages(&mut self, message: &Message) {
        let (address, chain_id) = (self.handler.address(), self.handler.verifier.chain_id());
        let own = |event| own_mark(&event, address, chain_id);
        let own_vote = |vote| own(WalEvent::Vote(vote));
        let marks: Vec<_> = match message {
            Message::Vote(signed) => own_vote(signed.clone()).into_iter().collect(),
            Message::Proposal(signed) => {
                own(WalEvent::Proposal(signed.clone())).into_iter().collect()
            }
            Message::PolkaCertificate(polka) => polka.votes().filter_map(own_vote).collect(),
            Message::RoundCertificate(certificate) => {
                certificate.votes().filter_map(own_vote).collect()
            }
        };
        let unknown = marks.into_iter().find(|mark| !self.handler.guard.remembers(*mark));
        if let Some(mark) = unknown.filter(|_| self.handler.is_signing()) {
            self.core.params.enabled = false;
            self.handler.stop_signing();
            let (height, reason) = (self.height, Withheld::SignedElsewhere(mark));
            self.handler.effects.push(Effect::VotingWithheld { height, reason });
        }
    }

    fn is_running_at(&self, height: u64) -> bool {
        self.phase == Phase::Running && height == self.height
    }

    /// Is anything about this height still of use, or of use already?
    fn check_height(&self, height: u64) -> Result<(), MessageError> {
        let current = self.height;
        if height < current || (height == current && self.phase == Phase::Decided) {
            return Err(MessageError::PastHeight { height, current });
        }
        if height - current > HEIGHTS_AHEAD_MAX {
            return Err(MessageError::FarFutureHeight { height, current });
        }
        Ok(())
    }

    /// Cheap rules first, signatures last.
    pub(crate) fn check_message(&mut self, message: &Message) -> Result<(), MessageError> {
        let (height, round) = (message.height(), message.round());
        match message {
            Message::Vote(signed) => {
                self.check_round(height, round)?;
                self.handler.verifier.vote(&self.set, signed)
            }
            Message::Proposal(signed) => {
                self.check_round(height, round)?;
                self.check_proposal(signed)
            }
            Message::PolkaCertificate(certificate) => {
                self.check_certificate_height(height)?;
                self.handler.verifier.polka(&self.set, certificate)
            }
            Message::RoundCertificate(certificate) => {
                self.check_certificate_height(height)?;
                self.handler.verifier.round(&self.set, certificate)
            }
        }
    }

    fn check_round(&self, height: u64, round: u32) -> Result<(), MessageError> {
        let running = self.is_running_at(height);
        let current = if running { round_number(self.core.round()) } else { 0 };
        if round > current.saturating_add(ROUNDS_AHEAD_MAX) {
            return Err(MessageError::FarFutureRound { round, current });
        }
        Ok(())
    }

    fn check_proposal(&mut self, signed: &SignedProposal) -> Result<(), MessageError> {
        let proposal = &signed.proposal;
        if let Some(pol_round) = proposal.pol_round
            && pol_round >= proposal.round
        {
            return Err(MessageError::PolRoundNotEarlier { pol_round, round: proposal.round });
        }
        let expected = self.set.proposer(proposal.height, proposal.round);
        let address = proposal.address;
        if address != expected {
            return Err(MessageError::WrongProposer { address, expected });
        }
        self.handler.verifier.proposal(&self.set, signed)
    }

    /// The validators of a later height are not known, and a certificate is nothing without them.
    fn check_certificate_height(&self, height: u64) -> Result<(), MessageError> {
        let current = self.height;
        if height > current {
            return Err(MessageError::FutureCertificate { height, current });
        }
        Ok(())
    }

    fn on_propose(
        &mut self,
        height: u64,
        round: u32,
        block_id: BlockId,
    ) -> Result<(), EngineError> {
        if !self.is_running_at(height) {
            return Ok(());
        }
        let (height, round) = (CoreHeight(height), Round::new(round));
        let value = LocallyProposedValue::new(height, round, CoreValue(block_id));
        self.feed(CoreInput::Propose(value))
    }

    pub(crate) fn on_judged(&mut self, judged: JudgedBlock) -> Result<(), Trouble> {
        self.check_height(judged.height)?;
        if !self.is_running_at(judged.height) {
            return Ok(self.early.keep_verdict(judged)?);
        }
        // The engine beneath finds a certificate by the verdict's round alone, but the round in a
        // header is that of the block's first proposal.
        let certified = self.handler.certified.get(&judged.block_id).copied();
        if certified.is_some() && !judged.valid {
            let JudgedBlock { height, block_id, .. } = judged;
            self.handler.effects.push(Effect::CertifiedBlockInvalid { height, block_id });
        }
        let origin = match certified {
            Some(_) => ValueOrigin::Sync,
            None => ValueOrigin::Consensus,
        };
        let judged = JudgedBlock { round: certified.unwrap_or(judged.round), ..judged };
        Ok(self.feed(CoreInput::ProposedValue(judged_to_core(&judged), origin))?)
    }

    fn on_timer(&mut self, timer: Timer) -> Result<(), Trouble> {
        let current = timer.generation == self.handler.generation;
        // After a decision only votes are sent again; they are those of the decided height.
        let wanted = self.phase == Phase::Running || timer.kind == TimerKind::Rebroadcast;
        if !current || !wanted {
            return Err(MessageError::StaleTimer.into());
        }
        let timeout = timeout_to_core(timer.kind, timer.round);
        Ok(self.feed(CoreInput::TimeoutElapsed(timeout))?)
    }

    pub(crate) fn on_certificate(&mut self, certificate: CommitCertificate) -> Result<(), Trouble> {
        self.check_height(certificate.height)?;
        self.check_certificate_height(certificate.height)?;
        self.handler.verifier.commit(&self.set, &certificate)?;
        let evidence = self.watch.votes(precommits(&certificate));
        self.report(evidence);
        if !self.is_running_at(certificate.height) {
            self.early.keep_certificate(certificate)?;
            self.demand_start();
            return Ok(());
        }
        if self.handler.certified.contains_key(&certificate.block_id) {
            return Err(MessageError::AlreadyKept.into());
        }
        self.handler.append(WalEvent::CommitCertificate(certificate.clone()));
        Ok(self.feed_certificate(&certificate)?)
    }

    /// Feeds a certificate that verified.
    pub(crate) fn feed_certificate(
        &mut self,
        certificate: &CommitCertificate,
    ) -> Result<(), EngineError> {
        self.handler.certified.insert(certificate.block_id, certificate.round);
        self.feed(CoreInput::SyncValueResponse(commit_to_core(certificate)))
    }
}

/// The input that a checked message is to the engine beneath.
pub(crate) fn message_to_core(message: &Message) -> CoreInput<CoreContext> {
    match message {
        Message::Vote(signed) => CoreInput::Vote(signed_vote_to_core(signed)),
        Message::Proposal(signed) => CoreInput::Proposal(signed_proposal_to_core(signed)),
        Message::PolkaCertificate(certificate) => {
            CoreInput::PolkaCertificate(polka_to_core(certificate))
        }
        Message::RoundCertificate(certificate) => {
            CoreInput::RoundCertificate(round_certificate_to_core(certificate))
        }
    }
}

/// A verdict as the engine beneath knows it.
pub(crate) fn judged_to_core(judged: &JudgedBlock) -> ProposedValue<CoreContext> {
    ProposedValue {
        height: CoreHeight(judged.height),
        round: Round::new(judged.round),
        valid_round: Round::Nil,
        proposer: CoreAddress(judged.proposer),
        value: CoreValue(judged.block_id),
        validity: Validity::from_bool(judged.valid),
    }
}
