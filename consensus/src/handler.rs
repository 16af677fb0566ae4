//! Turns what the engine beneath asks for into this crate's effects, answers its questions about
//! signatures, and puts the log and the sign record before everything that leaves.
//!
//! ```text
//! core effect ─▶ sign, verify        answered here and now
//!             ─▶ WalAppend           WalAppend, remembered as unflushed
//!             ─▶ publish, decide     settle: WalFlush, SignRecord; then the effect
//! ```
//!
//! It must not fail: the engine beneath would go on with a wrong answer. The one refusal there is,
//! to sign, is remembered, and whoever fed the input stops the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_malachitebft_core_consensus as core_consensus;
use arc_malachitebft_core_types as core_types;
use core_consensus::{ConsensusMsg, Effect as CoreEffect, Input as CoreInput, LivenessMsg};
use core_consensus::{Resumable, Resume, SignedConsensusMsg, VoteExtensionError};
use core_types::{BoxError, CertificateError, SignedMessage, Timeout};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{BlockId, ChainId, Digest};
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::adapter::{
    CoreContext, CoreProposal, CoreVote, commit_from_core, polka_from_core, proposal_from_core,
    round_certificate_from_core, round_number, signed_proposal_from_core, signed_vote_from_core,
    timer_kind_from_core, vote_from_core,
};
use crate::effect::{Decision, Effect};
use crate::error::MessageError;
use crate::guard::SignGuard;
use crate::message::Message;
use crate::sign_record::{SignMark, SignRefusal};
use crate::signer::Signer;
use crate::timer::{Timeouts, Timer, TimerKind};
use crate::verify::Verifier;
use crate::wal::{WalEntry, WalEvent};

/// Everything that effects touch; the state of the engine beneath is apart, because it is borrowed
/// while effects are handled.
pub(crate) struct Handler {
    pub(crate) verifier: Verifier,
    pub(crate) guard: SignGuard,
    pub(crate) signer: Option<Box<dyn Signer>>,
    pub(crate) set: Arc<ValidatorSet>,
    /// Gathered since the last input.
    pub(crate) effects: Vec<Effect>,
    /// Set when the key's use was refused: the engine must stop.
    pub(crate) refusal: Option<SignRefusal>,
    /// Set once the height is decided.
    pub(crate) decision: Option<Decision>,
    /// Blocks that a commit certificate names, and its round.
    pub(crate) certified: BTreeMap<BlockId, u32>,
    /// Which start of a height this is; timers carry it.
    pub(crate) generation: u64,
    /// Entries that the log holds already, while it is replayed.
    pub(crate) replayed: BTreeSet<Vec<u8>>,
    address: Address,
    timeouts: Timeouts,
    /// Does this validator sign at this height? If not, the log would protect nothing.
    signing: bool,
    height: u64,
    unflushed: bool,
    certificate: Option<CommitCertificate>,
}

impl Handler {
    pub(crate) fn new(
        verifier: Verifier,
        signer: Option<Box<dyn Signer>>,
        guard: SignGuard,
        timeouts: Timeouts,
        set: Arc<ValidatorSet>,
    ) -> Self {
        // No key hashes to zero, so a node without a key is in no set.
        let address = signer.as_ref().map_or(Address(Digest::ZERO), |s| s.public_key().address());
        Self {
            address,
            verifier,
            guard,
            signer,
            set,
            effects: Vec::new(),
            refusal: None,
            decision: None,
            certified: BTreeMap::new(),
            generation: 0,
            replayed: BTreeSet::new(),
            timeouts,
            signing: false,
            height: 0,
            unflushed: false,
            certificate: None,
        }
    }

    /// Forgets the height before and begins this one.
    pub(crate) fn begin(&mut self, height: u64, set: Arc<ValidatorSet>, signing: bool) {
        self.height = height;
        self.set = set;
        self.signing = signing;
        self.generation += 1;
        self.unflushed = false;
        self.guard.begin_height();
        self.certified.clear();
        self.decision = None;
        self.certificate = None;
    }

    /// This validator's address; zero for a node without a key.
    pub(crate) fn address(&self) -> Address {
        self.address
    }

    /// Whether this validator signs at this height.
    pub(crate) fn is_signing(&self) -> bool {
        self.signing
    }

    /// Nothing more is signed or logged at this height.
    pub(crate) fn stop_signing(&mut self) {
        self.signing = false;
    }

    /// Appends to the log, unless the entry came from there.
    pub(crate) fn append(&mut self, event: WalEvent) {
        if !self.signing {
            return;
        }
        if let Some(mark) = own_mark(&event, self.address, self.verifier.chain_id()) {
            self.guard.note_logged(mark);
        }
        let entry = WalEntry::new(self.height, event);
        if self.replayed.contains(&entry.to_bytes()) {
            return;
        }
        self.effects.push(Effect::WalAppend(entry));
        self.unflushed = true;
    }

    /// Makes everything signed so far safe to leave: the log first, then the record, so that a
    /// crash between them leaves the log ahead.
    pub(crate) fn settle(&mut self) {
        if self.unflushed {
            self.effects.push(Effect::WalFlush);
            self.unflushed = false;
        }
        if let Some(mark) = self.guard.take_unwritten() {
            self.effects.push(Effect::SignRecord(mark));
        }
    }

    /// [`settle`](Self::settle) if anything was signed since. What others said need not be safe
    /// before a decision: the certificate, written with the block, takes its place, and after a
    /// crash between the two it is said again.
    pub(crate) fn settle_own(&mut self) {
        if self.guard.has_unwritten() {
            self.settle();
        }
    }

    fn publish(&mut self, message: Message) {
        self.settle();
        self.effects.push(Effect::Publish(message));
    }

    /// Answers one effect of the engine beneath.
    pub(crate) fn on_effect(&mut self, effect: CoreEffect<CoreContext>) -> Resume<CoreContext> {
        match effect {
            CoreEffect::SignVote(vote, resume) => match self.sign_vote(vote) {
                Some(signed) => resume.resume_with(signed),
                None => Resume::Continue,
            },
            CoreEffect::SignProposal(proposal, resume) => match self.sign_proposal(proposal) {
                Some(signed) => resume.resume_with(signed),
                None => Resume::Continue,
            },
            CoreEffect::VerifySignature(message, _, resume) => {
                resume.resume_with(self.verify(&message).is_ok())
            }
            CoreEffect::VerifyCommitCertificate(certificate, _, _, resume) => {
                let certificate = commit_from_core(&certificate);
                let verdict = self.verifier.commit(&self.set, &certificate);
                resume.resume_with(verdict.map_err(to_core_error))
            }
            CoreEffect::VerifyExtendedCommitCertificate(certificate, _, _, _, resume) => {
                let certificate = commit_from_core(&certificate.trim_vote_extensions());
                let verdict = self.verifier.commit(&self.set, &certificate);
                resume.resume_with(verdict.map_err(to_core_error))
            }
            CoreEffect::VerifyPolkaCertificate(certificate, _, _, resume) => {
                let verdict = self.verifier.polka(&self.set, &polka_from_core(&certificate));
                resume.resume_with(verdict.map_err(to_core_error))
            }
            CoreEffect::VerifyRoundCertificate(certificate, _, _, resume) => {
                let certificate = round_certificate_from_core(&certificate);
                let verdict = self.verifier.round(&self.set, &certificate);
                resume.resume_with(verdict.map_err(to_core_error))
            }
            // Vote extensions are disabled: neither question is ever asked.
            CoreEffect::ExtendVote(_, _, _, _, resume) => resume.resume_with(None),
            CoreEffect::VerifyVoteExtension(_, _, _, _, _, _, resume) => {
                resume.resume_with(Err(VoteExtensionError::InvalidVoteExtension))
            }
            other => {
                self.on_instruction(other);
                Resume::Continue
            }
        }
    }

    /// Carries out an effect that wants no answer.
    fn on_instruction(&mut self, effect: CoreEffect<CoreContext>) {
        match effect {
            CoreEffect::WalAppend(_, input, _) => self.append(event_from_core(input)),
            CoreEffect::CancelAllTimeouts(_) => self.effects.push(Effect::CancelAllTimers),
            CoreEffect::CancelTimeout(timeout, _) => {
                let timer = self.timer_from_core(timeout);
                self.effects.push(Effect::CancelTimer(timer));
            }
            CoreEffect::ScheduleTimeout(timeout, _) => {
                let timer = self.timer_from_core(timeout);
                let duration_ms = self.timeouts.duration_ms(timer.kind, timer.round);
                self.effects.push(Effect::ScheduleTimer { timer, duration_ms });
            }
            CoreEffect::StartRound(height, round, proposer, _, _) => {
                self.settle();
                let (height, round, proposer) = (height.0, round_number(round), proposer.0);
                self.effects.push(Effect::RoundStarted { height, round, proposer });
            }
            CoreEffect::PublishConsensusMsg(SignedConsensusMsg::Vote(vote), _)
            | CoreEffect::PublishLivenessMsg(LivenessMsg::Vote(vote), _)
            | CoreEffect::RepublishVote(vote, _) => {
                self.publish(Message::Vote(signed_vote_from_core(&vote)));
            }
            CoreEffect::PublishConsensusMsg(SignedConsensusMsg::Proposal(proposal), _) => {
                self.publish(Message::Proposal(signed_proposal_from_core(&proposal)));
            }
            CoreEffect::PublishLivenessMsg(LivenessMsg::PolkaCertificate(polka), _) => {
                self.publish(Message::PolkaCertificate(polka_from_core(&polka)));
            }
            CoreEffect::PublishLivenessMsg(LivenessMsg::SkipRoundCertificate(certificate), _)
            | CoreEffect::RepublishRoundCertificate(certificate, _) => {
                let certificate = round_certificate_from_core(&certificate);
                self.publish(Message::RoundCertificate(certificate));
            }
            other => self.on_block(other),
        }
    }

    /// Carries out an effect that is about a block.
    fn on_block(&mut self, effect: CoreEffect<CoreContext>) {
        match effect {
            CoreEffect::GetValue(height, _, timeout, _) => {
                let timer = self.timer_from_core(timeout);
                let timeout_ms = self.timeouts.duration_ms(timer.kind, timer.round);
                let round = timer.round;
                self.effects.push(Effect::GetValue { height: height.0, round, timeout_ms });
            }
            CoreEffect::RestreamProposal(height, round, pol_round, proposer, value, _) => {
                self.effects.push(Effect::RestreamProposal {
                    height: height.0,
                    round: round_number(round),
                    pol_round: pol_round.as_u32(),
                    proposer: proposer.0,
                    block_id: value.0,
                });
            }
            CoreEffect::CertVerifiedSyncValue(response, _, _) => {
                let height = response.certificate.height.0;
                let round = round_number(response.certificate.round);
                let block_id = response.certificate.value_id.0;
                self.effects.push(Effect::CertifiedBlockWanted { height, round, block_id });
            }
            CoreEffect::CertRejectedSyncValue(_, _, error, _) => {
                // The certificate verified before it was fed, so this is a fault beneath.
                tracing::error!(%error, "the engine refused a certificate that verifies");
            }
            CoreEffect::Decide(certificate, _, _) => {
                self.certificate = Some(commit_from_core(&certificate));
            }
            CoreEffect::Finalize(certificate, ..) => {
                // Without a target time it follows `Decide` at once, with the same certificate.
                let certificate =
                    self.certificate.take().unwrap_or_else(|| commit_from_core(&certificate));
                self.decision = Some(Decision { certificate });
            }
            _ => unreachable!("every other effect is handled above"),
        }
    }

    /// The timer of this kind and round, in this start of this height.
    pub(crate) fn timer(&self, kind: TimerKind, round: u32) -> Timer {
        Timer { kind, height: self.height, round, generation: self.generation }
    }

    fn timer_from_core(&self, timeout: Timeout) -> Timer {
        self.timer(timer_kind_from_core(timeout.kind), round_number(timeout.round))
    }

    fn sign_vote(&mut self, vote: CoreVote) -> Option<SignedMessage<CoreContext, CoreVote>> {
        let ours = vote_from_core(&vote);
        let preimage = ours.preimage(self.verifier.chain_id());
        let mark = SignMark::of_vote(&ours, &preimage);
        let signature = self.sign(mark, &preimage)?;
        Some(SignedMessage::new(vote, signature))
    }

    fn sign_proposal(
        &mut self,
        proposal: CoreProposal,
    ) -> Option<SignedMessage<CoreContext, CoreProposal>> {
        let ours = proposal_from_core(&proposal);
        let preimage = ours.preimage(self.verifier.chain_id());
        let mark = SignMark::of_proposal(&ours, &preimage);
        let signature = self.sign(mark, &preimage)?;
        Some(SignedMessage::new(proposal, signature))
    }

    /// `None` when the guard refuses; the refusal is then remembered.
    fn sign(
        &mut self,
        mark: SignMark,
        preimage: &[u8],
    ) -> Option<core_types::Signature<CoreContext>> {
        if let Err(refusal) = self.guard.allow(mark) {
            self.refusal = Some(refusal);
            return None;
        }
        let signer = self.signer.as_ref().expect("the engine beneath signs only where enabled");
        Some(signer.sign(preimage))
    }

    fn verify(
        &mut self,
        message: &SignedMessage<CoreContext, ConsensusMsg<CoreContext>>,
    ) -> Result<(), MessageError> {
        match &message.message {
            ConsensusMsg::Vote(vote) => {
                let vote = vote_from_core(vote);
                let signature = message.signature;
                self.verifier.vote(&self.set, &SignedVote { vote, signature })
            }
            ConsensusMsg::Proposal(proposal) => {
                let proposal = proposal_from_core(proposal);
                let signature = message.signature;
                let signed = SignedProposal { proposal, signature };
                self.verifier.proposal(&self.set, &signed)
            }
        }
    }
}

/// The mark of the message that an event holds, if the validator at `address` signed it.
pub(crate) fn own_mark(event: &WalEvent, address: Address, chain_id: &ChainId) -> Option<SignMark> {
    match event {
        WalEvent::Vote(SignedVote { vote, .. }) if vote.address == address => {
            Some(SignMark::of_vote(vote, &vote.preimage(chain_id)))
        }
        WalEvent::Proposal(SignedProposal { proposal, .. }) if proposal.address == address => {
            Some(SignMark::of_proposal(proposal, &proposal.preimage(chain_id)))
        }
        _ => None,
    }
}

/// The engine beneath only wants to know that it failed.
fn to_core_error(error: MessageError) -> CertificateError<CoreContext> {
    CertificateError::VerificationError(Some(BoxError::new(Box::new(error))))
}

/// What the log remembers of an input that the engine beneath wants remembered.
fn event_from_core(input: CoreInput<CoreContext>) -> WalEvent {
    match input {
        CoreInput::Vote(vote) => WalEvent::Vote(signed_vote_from_core(&vote)),
        CoreInput::Proposal(proposal) => WalEvent::Proposal(signed_proposal_from_core(&proposal)),
        CoreInput::TimeoutElapsed(timeout) => WalEvent::TimerElapsed {
            kind: timer_kind_from_core(timeout.kind),
            round: round_number(timeout.round),
        },
        CoreInput::ProposedValue(value, _) => WalEvent::Judged {
            round: round_number(value.round),
            proposer: value.proposer.0,
            block_id: value.value.0,
            valid: value.validity.is_valid(),
        },
        CoreInput::PolkaCertificate(polka) => WalEvent::PolkaCertificate(polka_from_core(&polka)),
        CoreInput::StartHeight(..)
        | CoreInput::RoundCertificate(_)
        | CoreInput::Propose(_)
        | CoreInput::SyncValueResponse(_) => {
            unreachable!("the engine beneath never logs this input")
        }
    }
}
