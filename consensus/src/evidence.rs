//! Finds contradictions among the messages of a height, as soon as the second one is heard.
//!
//! ```text
//! message that verified ─▶ first of its validator, kind and round?  yes ─▶ remembered
//!                                                                   no ─▶ another? ─▶ evidence
//! ```
//!
//! The engine beneath has reports of its own, but only at the end of a height, where a crash before
//! it loses them, and only of what its vote counting keeps. Here nothing that verified is passed
//! over: votes inside certificates count as if they had come alone.
//!
//! One offence of a kind at a height is enough, so whoever is convicted of it is no longer watched
//! for it. What is remembered is a message for each validator, kind and round: rounds are bounded
//! by [`ROUNDS_AHEAD_MAX`](crate::error::ROUNDS_AHEAD_MAX) beyond that of the height.

use std::collections::BTreeMap;

use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::identity::Address;
use vouchsafe_types::vote::{SignedProposal, SignedVote, VoteKind};

use crate::message::Message;

/// What one validator said, of one kind.
enum Watched<M> {
    /// The first message of each round.
    Faithful(BTreeMap<u32, M>),
    /// It contradicted itself.
    Convicted,
}

/// Watches the validators of one height.
#[derive(Default)]
pub(crate) struct Watch {
    votes: BTreeMap<(Address, VoteKind), Watched<SignedVote>>,
    proposals: BTreeMap<Address, Watched<SignedProposal>>,
}

impl<M> Default for Watched<M> {
    fn default() -> Self {
        Self::Faithful(BTreeMap::new())
    }
}

impl<M: Clone> Watched<M> {
    /// The earlier message of this round, if it says something else.
    fn contradicted(&mut self, round: u32, message: &M, same: fn(&M, &M) -> bool) -> Option<M> {
        let Self::Faithful(rounds) = self else { return None };
        let first = rounds.entry(round).or_insert_with(|| message.clone());
        if same(first, message) {
            return None;
        }
        let first = first.clone();
        *self = Self::Convicted;
        Some(first)
    }
}

impl Watch {
    /// Hears a message that verified, of the height that is watched. Gives the offences that it
    /// completes.
    pub(crate) fn hear(&mut self, message: &Message) -> Vec<Evidence> {
        match message {
            Message::Vote(signed) => self.vote(signed).into_iter().collect(),
            Message::Proposal(signed) => self.proposal(signed).into_iter().collect(),
            Message::PolkaCertificate(polka) => self.votes(polka.votes()),
            Message::RoundCertificate(certificate) => self.votes(certificate.votes()),
        }
    }

    /// Hears votes that verified.
    pub(crate) fn votes(&mut self, votes: impl Iterator<Item = SignedVote>) -> Vec<Evidence> {
        votes.filter_map(|vote| self.vote(&vote)).collect()
    }

    fn vote(&mut self, signed: &SignedVote) -> Option<Evidence> {
        let vote = &signed.vote;
        let watched = self.votes.entry((vote.address, vote.kind)).or_default();
        // One vote may have several valid signatures: they contradict nothing.
        let same = |one: &SignedVote, other: &SignedVote| one.vote == other.vote;
        let first = watched.contradicted(vote.round, signed, same)?;
        Some(Evidence::of_votes(first, signed.clone()))
    }

    fn proposal(&mut self, signed: &SignedProposal) -> Option<Evidence> {
        let proposal = &signed.proposal;
        let watched = self.proposals.entry(proposal.address).or_default();
        let same = |one: &SignedProposal, other: &SignedProposal| one.proposal == other.proposal;
        let first = watched.contradicted(proposal.round, signed, same)?;
        Some(Evidence::of_proposals(first, signed.clone()))
    }
}
