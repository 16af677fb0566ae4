//! Offences: seen here or told of by peers, judged, kept, and told on until a block holds them.

use vouchsafe_ledger::{EvidenceRule, StoreRead};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::BLOCK_EVIDENCE_MAX;

use crate::effect::{Effect, Notice, Verdict};
use crate::error::ReplicaError;
use crate::offences::offence_of;
use crate::peer::PeerMessage;
use crate::replica::Replica;

impl<S: StoreRead> Replica<S> {
    /// Takes up again what waited when this node stopped.
    ///
    /// # Errors
    /// [`ReplicaError::Store`], or [`ReplicaError::EvidenceDamaged`].
    pub(crate) fn recall_evidence(&mut self) -> Result<(), ReplicaError> {
        for bytes in self.ledger.store().waiting_evidence()? {
            let evidence = Evidence::from_bytes(&bytes).map_err(ReplicaError::EvidenceDamaged)?;
            if self.ledger.judge_evidence(&evidence)?.is_ok() {
                self.offences.insert(evidence, 0);
            }
        }
        Ok(())
    }

    /// This node saw both messages. It tells the others, once what it saw cannot be lost.
    pub(crate) fn on_equivocation(&mut self, evidence: Evidence) -> Result<(), ReplicaError> {
        if self.offences.contains(&offence_of(&evidence)) {
            return Ok(());
        }
        // A rule that it breaks is that another told of it first, and a block holds it.
        if self.ledger.judge_evidence(&evidence)?.is_ok() && self.keep_evidence(evidence.clone()) {
            self.tell_of(evidence);
        }
        Ok(())
    }

    /// A peer tells of an offence.
    pub(crate) fn on_evidence(&mut self, evidence: Evidence) -> Result<Verdict, ReplicaError> {
        if self.offences.contains(&offence_of(&evidence)) {
            return Ok(Verdict::Ignore);
        }
        Ok(match self.ledger.judge_evidence(&evidence)? {
            Ok(()) if self.keep_evidence(evidence) => Verdict::Accept,
            Ok(()) => Verdict::Ignore,
            Err(rule) => verdict(&rule),
        })
    }

    /// Keeps evidence that may stand in the next block; false if there is no room.
    fn keep_evidence(&mut self, evidence: Evidence) -> bool {
        if !self.offences.has_room(evidence.address()) {
            return false;
        }
        let boxed = Box::new(evidence.clone());
        self.effects.push(Effect::KeepEvidence { offence: offence_of(&evidence), evidence: boxed });
        let notice = Notice::Misbehaviour(Box::new(evidence.clone()));
        self.effects.push(Effect::Notice(notice));
        self.offences.insert(evidence, self.now_ms);
        true
    }

    fn tell_of(&mut self, evidence: Evidence) {
        self.effects.push(Effect::Broadcast(PeerMessage::Evidence(Box::new(evidence))));
    }

    /// Tells peers again of what no block holds yet: whoever proposes next may not know of it.
    pub(crate) fn tell_of_offences(&mut self) {
        for evidence in self.offences.due_for_gossip(self.now_ms) {
            self.tell_of(evidence);
        }
    }

    /// What goes into the next block that is built here.
    pub(crate) fn evidence_in_turn(&self) -> Vec<Evidence> {
        self.offences.iter().take(BLOCK_EVIDENCE_MAX).cloned().collect()
    }

    /// The evidence that waits to be put into a block, oldest offences first.
    pub fn waiting_evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.offences.iter()
    }
}

/// What a rule that evidence breaks says of whoever handed it on.
///
/// Whoever is honest has judged it first, by the same validators: every node has the same for each
/// height. But it may have been behind this node, or ahead of it.
fn verdict(rule: &EvidenceRule) -> Verdict {
    match rule {
        EvidenceRule::Invalid(_) | EvidenceRule::NotAValidator(_) => Verdict::Reject,
        EvidenceRule::Future { .. }
        | EvidenceRule::TooOld { .. }
        | EvidenceRule::AlreadyRecorded { .. }
        | EvidenceRule::Repeated(_) => Verdict::Ignore,
    }
}
