//! Starting a height: anew, or from the log after a restart in the middle of it.
//!
//! ```text
//! record names ≤ what the log holds?   no ─▶ follow this height without voting, and say so
//! StartHeight ─▶ index the log ─▶ feed its entries ─▶ drop the index ─▶ feed what came early
//! ```
//!
//! During a replay the engine beneath derives this validator's messages again and takes the
//! recorded signatures; one that differs stops the node. What came early waits until the log is
//! replayed: handled first, it could move this validator to another vote than it cast before.

use arc_malachitebft_core_consensus::Input as CoreInput;
use arc_malachitebft_core_types::VoteExtensionPolicy;
use vouchsafe_types::canonical::Canonical;

use crate::adapter::{
    CoreContext, CoreHeight, CoreValidatorSet, commit_to_core, polka_to_core, round_number,
    signed_proposal_to_core, signed_vote_to_core, timeout_to_core,
};
use crate::effect::{Effect, Withheld};
use crate::error::EngineError;
use crate::handler::own_mark;
use crate::input::{JudgedBlock, Start};
use crate::inputs::judged_to_core;
use crate::machine::{Machine, Phase, Trouble};
use crate::message::Message;
use crate::sign_record::SignMark;
use crate::verify::precommits;
use crate::wal::{WalEntry, WalEvent};

impl Machine {
    pub(crate) fn start(&mut self, start: &Start) -> Result<(), Trouble> {
        let is_member = self.set.get(&self.handler.address()).is_some();
        let withheld = self.withheld(start);
        self.core.params.enabled = withheld.is_none();
        let height = self.height;
        self.handler.begin(height, self.set.clone(), is_member && withheld.is_none());
        if start.replay.is_empty() {
            self.reset_log();
        }
        if let Some(reason) = withheld.filter(|_| is_member) {
            self.handler.effects.push(Effect::VotingWithheld { height, reason });
        }
        self.phase = Phase::Running;
        self.feed(CoreInput::StartHeight(
            CoreHeight(height),
            CoreValidatorSet::new(self.set.clone()),
            // A restart, to the engine beneath, is a start whose early inputs come later.
            true,
            None,
            VoteExtensionPolicy::Disabled,
        ))?;
        self.replay(&start.replay)?;
        self.feed_early()
    }

    /// Why this validator must not vote at this height, if so.
    fn withheld(&self, start: &Start) -> Option<Withheld> {
        if start.follow {
            return Some(Withheld::Following);
        }
        let signed = self.handler.guard.latest()?;
        let logged = || start.replay.iter().any(|entry| self.own_mark(entry) == Some(signed));
        let safe = signed.height < self.height || (signed.height == self.height && logged());
        (!safe).then_some(Withheld::LogLacksRecord(signed))
    }

    /// The mark of the message in an entry, if this validator signed it.
    fn own_mark(&self, entry: &WalEntry) -> Option<SignMark> {
        let handler = &self.handler;
        own_mark(&entry.event, handler.address(), handler.verifier.chain_id())
    }

    fn replay(&mut self, entries: &[WalEntry]) -> Result<(), EngineError> {
        if entries.is_empty() {
            return Ok(());
        }
        for mark in entries.iter().filter_map(|entry| self.own_mark(entry)).collect::<Vec<_>>() {
            self.handler.guard.recall(mark);
        }
        self.handler.replayed = entries.iter().map(Canonical::to_bytes).collect();
        let inputs: Vec<_> = entries.iter().map(entry_to_core).collect();
        self.core.index_wal_entries(&inputs);
        for (entry, input) in entries.iter().zip(inputs) {
            self.observe_entry(entry);
            if let WalEvent::CommitCertificate(certificate) = &entry.event {
                self.feed_certificate(certificate)?;
            } else {
                self.feed(input)?;
            }
        }
        self.core.reset_entries_index();
        self.handler.replayed.clear();
        self.forget_outdated_requests();
        Ok(())
    }

    /// What the log remembers may contradict what is heard after the restart.
    fn observe_entry(&mut self, entry: &WalEntry) {
        match &entry.event {
            WalEvent::Vote(signed) => self.observe(&Message::Vote(signed.clone())),
            WalEvent::Proposal(signed) => self.observe(&Message::Proposal(signed.clone())),
            WalEvent::PolkaCertificate(polka) => {
                self.observe(&Message::PolkaCertificate(polka.clone()));
            }
            WalEvent::CommitCertificate(certificate) => {
                let evidence = self.watch.votes(precommits(certificate));
                self.report(evidence);
            }
            WalEvent::TimerElapsed { .. } | WalEvent::Judged { .. } => {}
        }
    }

    /// Hears again what came early for the height that is waited for: its validators are known now.
    pub(crate) fn observe_early(&mut self) {
        let messages: Vec<_> = self.early.messages(self.height).cloned().collect();
        for message in messages {
            if self.check_message(&message).is_ok() {
                self.observe(&message);
            }
        }
    }

    /// The replay asks again for blocks of rounds that are over; nobody needs them now.
    fn forget_outdated_requests(&mut self) {
        let current = round_number(self.core.round());
        let proposing = self.core.driver.step_is_propose();
        let running = self.phase == Phase::Running;
        self.handler.effects.retain(|effect| match effect {
            Effect::GetValue { round, .. } => running && proposing && *round == current,
            Effect::CertifiedBlockWanted { .. } => running,
            _ => true,
        });
    }

    fn feed_early(&mut self) -> Result<(), Trouble> {
        let (messages, verdicts, certificate) = self.early.take(self.height).into_parts();
        // Each is dropped, not fatal, when it breaks a rule of the set that is known only now.
        let verdicts = verdicts.into_iter().map(Early::Verdict);
        let messages = messages.into_iter().map(Early::Message);
        let certificate = certificate.into_iter().map(Early::Certificate);
        for early in verdicts.chain(messages).chain(certificate) {
            if self.phase != Phase::Running {
                return Ok(());
            }
            let outcome = match early {
                Early::Verdict(judged) => self.on_judged(judged),
                Early::Message(message) => self.on_message(message),
                Early::Certificate(certificate) => self.on_certificate(certificate),
            };
            match outcome {
                Err(Trouble::Message(error)) => {
                    self.handler.effects.push(Effect::Discarded(error));
                }
                other => other?,
            }
        }
        Ok(())
    }
}

/// What came before the start.
enum Early {
    Verdict(JudgedBlock),
    Message(Message),
    Certificate(vouchsafe_types::certificate::CommitCertificate),
}

/// The input that an entry remembers.
fn entry_to_core(entry: &WalEntry) -> CoreInput<CoreContext> {
    match &entry.event {
        WalEvent::Vote(signed) => CoreInput::Vote(signed_vote_to_core(signed)),
        WalEvent::Proposal(signed) => CoreInput::Proposal(signed_proposal_to_core(signed)),
        WalEvent::TimerElapsed { kind, round } => {
            CoreInput::TimeoutElapsed(timeout_to_core(*kind, *round))
        }
        WalEvent::Judged { round, proposer, block_id, valid } => {
            let judged = JudgedBlock {
                height: entry.height,
                round: *round,
                proposer: *proposer,
                block_id: *block_id,
                valid: *valid,
            };
            CoreInput::ProposedValue(
                judged_to_core(&judged),
                arc_malachitebft_core_types::ValueOrigin::Consensus,
            )
        }
        WalEvent::PolkaCertificate(polka) => CoreInput::PolkaCertificate(polka_to_core(polka)),
        WalEvent::CommitCertificate(certificate) => {
            CoreInput::SyncValueResponse(commit_to_core(certificate))
        }
    }
}
