//! One engine among four validators, whose other three are played by the test.

use std::sync::Arc;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::sign_record::SignMark;
use vouchsafe_consensus::timer::{Timeouts, Timer, TimerKind};
use vouchsafe_consensus::wal::WalEntry;
use vouchsafe_consensus::{
    Effect, Engine, EngineParameters, Input, JudgedBlock, MessageError, Phase, Start,
};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::signature::Zip215;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::{SignedVote, VoteKind};

use super::{Key, chain_id, keys, proposer, set_of};

/// The engine of `own`, and the keys of the others.
pub(crate) struct Solo {
    pub(crate) engine: Engine,
    pub(crate) keys: Vec<Key>,
    pub(crate) own: Key,
    pub(crate) others: Vec<Key>,
    pub(crate) set: Arc<ValidatorSet>,
}

/// The first height whose round 0 is the turn of another validator than `own`.
pub(crate) fn height_of_another(keys: &[Key], own: &Key) -> u64 {
    let is_other = |height: &u64| proposer(keys, *height, 0).address() != own.address();
    (1..100).find(is_other).expect("turns change")
}

/// The first height whose round 0 is the turn of `own`.
pub(crate) fn height_of_own(keys: &[Key], own: &Key) -> u64 {
    let is_own = |height: &u64| proposer(keys, *height, 0).address() == own.address();
    (1..100).find(is_own).expect("turns change")
}

impl Solo {
    /// Waits for this height, with this newest mark in the sign record.
    pub(crate) fn recorded(height: u64, signed: Option<SignMark>) -> Self {
        let keys = keys(4);
        let set = set_of(&keys);
        let own = keys[0].clone();
        let others = keys[1..].to_vec();
        let parameters = EngineParameters {
            chain_id: chain_id(),
            signature_rule: Arc::new(Zip215),
            timeouts: Timeouts::default(),
            signer: Some(Box::new(own.clone())),
            signed,
        };
        let engine = Engine::new(parameters, height, set.clone()).expect("valid");
        Self { engine, keys, own, others, set }
    }

    /// Waits for a height whose first proposer is another validator.
    pub(crate) fn waiting() -> Self {
        let keys = keys(4);
        Self::recorded(height_of_another(&keys, &keys[0]), None)
    }

    /// Has started a height whose first proposer is another validator.
    pub(crate) fn running() -> Self {
        let mut solo = Self::waiting();
        solo.start(Start::default());
        solo
    }

    pub(crate) fn height(&self) -> u64 {
        self.engine.height()
    }

    pub(crate) fn start(&mut self, start: Start) -> Vec<Effect> {
        self.engine.start_height(&start).expect("it starts")
    }

    pub(crate) fn replay(&mut self, replay: Vec<WalEntry>) -> Vec<Effect> {
        self.start(Start { replay, follow: false })
    }

    pub(crate) fn handle(&mut self, input: Input) -> Vec<Effect> {
        self.engine.handle(input).expect("no fault")
    }

    pub(crate) fn vote(&mut self, vote: SignedVote) -> Vec<Effect> {
        self.handle(Input::Message(Message::Vote(vote)))
    }

    /// The three others cast this vote at the current height, until it is decided.
    pub(crate) fn all_vote(
        &mut self,
        kind: VoteKind,
        round: u32,
        block_id: Option<BlockId>,
    ) -> Vec<Effect> {
        let height = self.height();
        let mut effects = Vec::new();
        for key in self.others.clone() {
            if self.engine.phase() != Phase::Decided {
                effects.extend(self.vote(key.vote(kind, height, round, block_id)));
            }
        }
        effects
    }

    /// The current height is decided in its first round.
    pub(crate) fn decide(&mut self, block_id: BlockId) -> Vec<Effect> {
        let mut effects = self.propose(0, block_id);
        effects.extend(self.all_vote(VoteKind::Prevote, 0, Some(block_id)));
        effects.extend(self.all_vote(VoteKind::Precommit, 0, Some(block_id)));
        effects
    }

    /// The proposal for this block by whoever's turn it is, and the verdict on the block.
    pub(crate) fn propose(&mut self, round: u32, block_id: BlockId) -> Vec<Effect> {
        let key = proposer(&self.keys, self.height(), round).clone();
        let proposal = key.proposal(self.height(), round, None, block_id);
        let mut effects = self.handle(Input::Message(Message::Proposal(proposal)));
        effects.extend(self.handle(Input::Judged(self.judged(round, block_id))));
        effects
    }

    pub(crate) fn judged(&self, round: u32, block_id: BlockId) -> JudgedBlock {
        let height = self.height();
        let proposer = proposer(&self.keys, height, round).address();
        JudgedBlock { height, round, proposer, block_id, valid: true }
    }

    /// The certificate of the three others.
    pub(crate) fn certificate(
        &self,
        height: u64,
        round: u32,
        block_id: BlockId,
    ) -> CommitCertificate {
        let mut signatures: Vec<_> = self
            .others
            .iter()
            .map(|key| key.vote(VoteKind::Precommit, height, round, Some(block_id)))
            .map(|signed| CommitSignature {
                address: signed.vote.address,
                signature: signed.signature,
            })
            .collect();
        signatures.sort_by_key(|entry| entry.address);
        let signatures = CommitSignatures::new(signatures).expect("three");
        CommitCertificate { version: Version, height, round, block_id, signatures }
    }
}

/// What was discarded, and why.
pub(crate) fn discarded(effects: &[Effect]) -> Vec<MessageError> {
    let error = |effect: &Effect| match effect {
        Effect::Discarded(error) => Some(error.clone()),
        _ => None,
    };
    effects.iter().filter_map(error).collect()
}

/// The votes and proposals that left.
pub(crate) fn published(effects: &[Effect]) -> Vec<Message> {
    let message = |effect: &Effect| match effect {
        Effect::Publish(message @ (Message::Vote(_) | Message::Proposal(_))) => {
            Some(message.clone())
        }
        _ => None,
    };
    effects.iter().filter_map(message).collect()
}

/// The log's new entries.
pub(crate) fn logged(effects: &[Effect]) -> Vec<WalEntry> {
    let entry = |effect: &Effect| match effect {
        Effect::WalAppend(entry) => Some(entry.clone()),
        _ => None,
    };
    effects.iter().filter_map(entry).collect()
}

/// The timer of this kind that was scheduled last.
pub(crate) fn timer(effects: &[Effect], kind: TimerKind) -> Option<Timer> {
    let timer = |effect: &Effect| match effect {
        Effect::ScheduleTimer { timer, .. } if timer.kind == kind => Some(*timer),
        _ => None,
    };
    effects.iter().rev().find_map(timer)
}
