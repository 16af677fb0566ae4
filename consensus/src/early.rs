//! Messages for a height that has not started here, kept until it does.
//!
//! A height starts only when there is something to decide, so messages of others routinely come
//! first, and they are one of the reasons to start. Only what verifies is kept, and only two of a
//! kind from each validator in each round: enough for every honest message and for evidence, and
//! a bound on what a dishonest validator can fill.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::VoteKind;

use crate::effect::Demand;
use crate::error::{EARLY_VERDICTS_MAX, MessageError};
use crate::input::JudgedBlock;
use crate::message::Message;
use crate::verify::Quorum;

/// Messages of one kind, in one round, from one validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    round: u32,
    kind: Kind,
    /// `None` for certificates, of which one is as good as another.
    address: Option<Address>,
}

/// In the order in which the engine had best hear them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Proposal,
    Prevote,
    Precommit,
    PolkaCertificate,
    RoundCertificate,
}

/// Two messages in one place are an equivocation; a third proves nothing more.
const MESSAGES_IN_A_PLACE_MAX: usize = 2;

/// What came early for one height.
#[derive(Debug, Default)]
pub(crate) struct EarlyHeight {
    messages: BTreeMap<Place, Vec<Message>>,
    verdicts: BTreeMap<BlockId, JudgedBlock>,
    certificate: Option<CommitCertificate>,
}

/// What came early, by height.
#[derive(Debug, Default)]
pub(crate) struct Early {
    heights: BTreeMap<u64, EarlyHeight>,
}

impl Place {
    fn of(message: &Message) -> Self {
        let (kind, address) = match message {
            Message::Proposal(signed) => (Kind::Proposal, Some(signed.proposal.address)),
            Message::Vote(signed) => {
                let kind = match signed.vote.kind {
                    VoteKind::Prevote => Kind::Prevote,
                    VoteKind::Precommit => Kind::Precommit,
                };
                (kind, Some(signed.vote.address))
            }
            Message::PolkaCertificate(_) => (Kind::PolkaCertificate, None),
            Message::RoundCertificate(_) => (Kind::RoundCertificate, None),
        };
        Self { round: message.round(), kind, address }
    }
}

impl Early {
    /// Keeps a message that verified.
    pub(crate) fn keep_message(&mut self, message: Message) -> Result<(), MessageError> {
        let place = Place::of(&message);
        let height = self.heights.entry(message.height()).or_default();
        let kept = height.messages.entry(place).or_default();
        // One message with two valid signatures must not take the place of one that contradicts it.
        let known = kept.iter().any(|one| one.says_the_same(&message));
        if kept.len() == MESSAGES_IN_A_PLACE_MAX || known {
            return Err(MessageError::AlreadyKept);
        }
        kept.push(message);
        Ok(())
    }

    /// What was kept for a height.
    pub(crate) fn messages(&self, height: u64) -> impl Iterator<Item = &Message> {
        self.heights.get(&height).into_iter().flat_map(|early| early.messages.values()).flatten()
    }

    /// Keeps a verdict.
    pub(crate) fn keep_verdict(&mut self, judged: JudgedBlock) -> Result<(), MessageError> {
        let height = self.heights.entry(judged.height).or_default();
        let known = height.verdicts.contains_key(&judged.block_id);
        if height.verdicts.len() == EARLY_VERDICTS_MAX && !known {
            return Err(MessageError::TooManyEarlyVerdicts(judged.block_id));
        }
        height.verdicts.insert(judged.block_id, judged);
        Ok(())
    }

    /// Keeps a certificate that verified.
    pub(crate) fn keep_certificate(
        &mut self,
        certificate: CommitCertificate,
    ) -> Result<(), MessageError> {
        let height = self.heights.entry(certificate.height).or_default();
        if height.certificate.is_some() {
            return Err(MessageError::AlreadyKept);
        }
        height.certificate = Some(certificate);
        Ok(())
    }

    /// Hands out what came early for this height, and forgets it and all before.
    pub(crate) fn take(&mut self, height: u64) -> EarlyHeight {
        let taken = self.heights.remove(&height).unwrap_or_default();
        self.forget_before(height);
        taken
    }

    /// Forgets every height before this one.
    pub(crate) fn forget_before(&mut self, height: u64) {
        self.heights = self.heights.split_off(&height);
    }

    /// Should this height start? The set may differ from the one that messages were checked
    /// against when they came, so only its own members count.
    pub(crate) fn demand(&self, height: u64, set: &ValidatorSet) -> Option<Demand> {
        let early = self.heights.get(&height)?;
        if early.certificate.is_some() {
            return Some(Demand::Certificate);
        }
        let mut voters = BTreeSet::new();
        for place in early.messages.keys() {
            match (place.kind, place.address) {
                (Kind::Proposal, Some(address)) => {
                    if set.proposer(height, place.round) == address {
                        return Some(Demand::Proposal);
                    }
                }
                (Kind::Prevote | Kind::Precommit, Some(address)) => {
                    voters.insert(address);
                }
                _ => return Some(Demand::Certificate),
            }
        }
        let powers = voters.iter().filter_map(|address| set.get(address));
        let voted = powers.map(|validator| validator.power).sum();
        Quorum::Honest.is_met(voted, set.total_power()).then_some(Demand::Votes)
    }
}

impl EarlyHeight {
    /// The messages, by round and in the order of a round.
    pub(crate) fn into_parts(self) -> (Vec<Message>, Vec<JudgedBlock>, Option<CommitCertificate>) {
        let messages = self.messages.into_values().flatten().collect();
        let verdicts = self.verdicts.into_values().collect();
        (messages, verdicts, self.certificate)
    }
}
