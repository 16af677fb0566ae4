//! Accountability: whoever contradicts itself before an honest node is convicted, and nobody else
//! is.
//!
//! ```text
//! message ─▶ two of one place that differ?  ─▶ owed: the node holds evidence, or a block does
//! the end ─▶ what honest nodes hold comes into a block, each offence once
//! ```
//!
//! This is a second pair of eyes, apart from the node's own: it looks at what reaches a node, at the
//! height which that node decides, while it is up. Messages of other heights prove as much, but a
//! node owes nothing for them. Nor for votes that it has inside certificates only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_consensus::ROUNDS_AHEAD_MAX;
use vouchsafe_consensus::message::Message;
use vouchsafe_ledger::{MemoryStore, StoreRead, block_at};
use vouchsafe_replica::Replica;
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_types::evidence::{Evidence, EvidenceId};
use vouchsafe_types::identity::Address;
use vouchsafe_types::record::StateName;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use super::Violation;
use crate::simulation::founding::Founding;

/// A signed message of a kind of which an honest validator signs one in a round.
#[derive(Clone)]
enum Signed {
    Vote(SignedVote),
    Proposal(SignedProposal),
}

/// What reached a node in one of its lives, at one height, from villains: the first message of each
/// validator, round and kind.
#[derive(Default)]
struct Seen {
    life: u32,
    height: u64,
    first: BTreeMap<(Address, u32, u8), Signed>,
    /// The node must hold evidence of these now.
    owed: BTreeSet<(u64, EvidenceId)>,
}

/// Watches what reaches honest nodes.
pub struct Accountability {
    founding: Arc<Founding>,
    /// The honest nodes' addresses; none for villains.
    honest: Arc<Vec<Option<Address>>>,
    seen: Vec<Seen>,
    /// The offences of which an honest node said that it holds evidence.
    held: BTreeSet<(u64, EvidenceId)>,
}

impl Signed {
    fn of(message: &PeerMessage) -> Option<Self> {
        match message {
            PeerMessage::Consensus(Message::Vote(signed)) => Some(Self::Vote(signed.clone())),
            PeerMessage::Consensus(Message::Proposal(signed)) => {
                Some(Self::Proposal(signed.clone()))
            }
            PeerMessage::Proposal(proposed) => Some(Self::Proposal(proposed.proposal.clone())),
            PeerMessage::Consensus(_) | PeerMessage::Evidence(_) => None,
        }
    }

    /// Height, and what the place is beside it: address, round, kind.
    fn place(&self) -> (u64, (Address, u32, u8)) {
        match self {
            Self::Vote(SignedVote { vote, .. }) => {
                (vote.height, (vote.address, vote.round, vote.kind as u8))
            }
            Self::Proposal(SignedProposal { proposal, .. }) => {
                (proposal.height, (proposal.address, proposal.round, 3))
            }
        }
    }

    /// Evidence, if they differ in more than the signature.
    fn against(&self, other: &Self) -> Option<Evidence> {
        match (self, other) {
            (Self::Vote(one), Self::Vote(other)) if one.vote != other.vote => {
                Some(Evidence::of_votes(one.clone(), other.clone()))
            }
            (Self::Proposal(one), Self::Proposal(other)) if one.proposal != other.proposal => {
                Some(Evidence::of_proposals(one.clone(), other.clone()))
            }
            _ => None,
        }
    }
}

impl Accountability {
    pub(super) fn new(founding: Arc<Founding>, honest: Arc<Vec<Option<Address>>>) -> Self {
        let seen = honest.iter().map(|_| Seen::default()).collect();
        Self { founding, honest, seen, held: BTreeSet::new() }
    }

    /// The offences of which an honest node ever said that it holds evidence, whatever became of it.
    #[must_use]
    pub fn held(&self) -> &BTreeSet<(u64, EvidenceId)> {
        &self.held
    }

    /// An honest node says that it holds evidence.
    pub(super) fn on_evidence(
        &mut self,
        node: usize,
        evidence: &Evidence,
    ) -> Result<(), Violation> {
        self.held.insert((evidence.height(), evidence.id()));
        self.check_accused(node, evidence)
    }

    /// It convicts whom it accuses, and that is nobody honest.
    fn check_accused(&self, node: usize, evidence: &Evidence) -> Result<(), Violation> {
        let address = evidence.address();
        if self.honest.contains(&Some(address)) {
            let height = evidence.height();
            return Err(format!(
                "evidence: node {node} holds evidence against the honest {address} at {height}"
            ));
        }
        let (founding, height) = (&self.founding, evidence.height());
        let (rule, chain_id) = (&*founding.terms.signature_rule, founding.genesis.chain_id());
        let validator = founding.validators_at(height).get(&address);
        let convicts = validator.is_some_and(|validator| {
            evidence.verify_under(rule, &chain_id, &validator.public_key).is_ok()
        });
        if !convicts {
            return Err(format!("evidence: node {node} holds what does not convict {address}"));
        }
        Ok(())
    }

    /// A message is about to reach an honest node, in one of its lives.
    pub fn on_arrival(
        &mut self,
        node: usize,
        life: u32,
        replica: &Replica<MemoryStore>,
        message: &PeerMessage,
    ) {
        let Some(signed) = Signed::of(message) else { return };
        let report = replica.report();
        let (height, place) = signed.place();
        let decides = height == report.height + 1;
        let near = place.1 <= report.round.saturating_add(ROUNDS_AHEAD_MAX);
        // What the honest sign is watched elsewhere.
        let of_villain = !self.honest.contains(&Some(place.0));
        if !decides || !near || !of_villain || !self.is_genuine(&signed) {
            return;
        }
        let seen = &mut self.seen[node];
        if (seen.life, seen.height) != (life, height) {
            *seen = Seen { life, height, ..Seen::default() };
        }
        let first = seen.first.entry(place).or_insert_with(|| signed.clone());
        if let Some(evidence) = first.against(&signed) {
            seen.owed.insert((evidence.height(), evidence.id()));
        }
    }

    /// Is it what a validator of its height may sign, and did it?
    fn is_genuine(&self, signed: &Signed) -> bool {
        let (chain_id, rule) =
            (self.founding.genesis.chain_id(), &*self.founding.terms.signature_rule);
        let (height, (address, round, _)) = signed.place();
        let set = self.founding.validators_at(height);
        let Some(validator) = set.get(&address) else { return false };
        match signed {
            Signed::Vote(signed) => signed.verify(rule, &chain_id, &validator.public_key),
            Signed::Proposal(signed) => {
                set.proposer(height, round) == address
                    && signed.proposal.pol_round.is_none_or(|pol_round| pol_round < round)
                    && signed.verify(rule, &chain_id, &validator.public_key)
            }
        }
    }

    /// A message was heard: what is owed is there, if the node is still up.
    ///
    /// # Errors
    /// Evidence is missing.
    pub fn on_heard(
        &mut self,
        node: usize,
        replica: &Replica<MemoryStore>,
        store: &MemoryStore,
    ) -> Result<(), Violation> {
        for (height, id) in std::mem::take(&mut self.seen[node].owed) {
            let held = replica.waiting_evidence().any(|evidence| evidence.id() == id);
            if !held && !self.is_settled(store, height, &id)? {
                return Err(format!(
                    "evidence: node {node} heard both messages of offence {id} at height \
                     {height}, and holds no evidence"
                ));
            }
        }
        Ok(())
    }

    /// The node's power went: what it heard last may be lost.
    pub fn on_crash(&mut self, node: usize) {
        if let Some(seen) = self.seen.get_mut(node) {
            seen.owed.clear();
        }
    }

    /// Is evidence of an offence in a block of this store, or the offence too long ago?
    ///
    /// # Errors
    /// The store's error.
    pub fn is_settled(
        &self,
        store: &MemoryStore,
        height: u64,
        id: &EvidenceId,
    ) -> Result<bool, Violation> {
        let failed = |error: vouchsafe_ledger::StoreError| format!("store: {error}");
        let recorded = store.has_record(&StateName::Evidence(*id).key());
        let next = store.head_height().map_err(failed)? + 1;
        let age_max_blocks = self.founding.genesis.parameters().evidence_age_max_blocks;
        Ok(recorded || next.saturating_sub(height) > age_max_blocks)
    }

    /// At the end: the blocks of an honest node accuse no honest validator, each offence once, and
    /// in time.
    ///
    /// # Errors
    /// The first piece of evidence that should not be there.
    pub fn check(&self, node: usize, store: &MemoryStore) -> Result<(), Violation> {
        let failed = |error: vouchsafe_ledger::StoreError| format!("store: {error}");
        let age_max_blocks = self.founding.genesis.parameters().evidence_age_max_blocks;
        let mut recorded = BTreeSet::new();
        for at in store.evidence_heights(0, usize::MAX).map_err(failed)? {
            let block = block_at(store, at).map_err(failed)?;
            let block = block.ok_or_else(|| format!("evidence: block {at} is missing"))?;
            for evidence in block.evidence.iter() {
                self.check_accused(node, evidence)?;
                let (id, height) = (evidence.id(), evidence.height());
                if !recorded.insert(id) {
                    return Err(format!("evidence: {id} is in block {at} and in an earlier one"));
                }
                if height > at || at - height > age_max_blocks {
                    return Err(format!("evidence: {id} of height {height} is in block {at}"));
                }
            }
        }
        Ok(())
    }
}
