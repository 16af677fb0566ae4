//! Evidence that waits to be put into a block.
//!
//! ```text
//! the engine's watch ─┐                      ┌─▶ the next block that this node builds, oldest first
//! peers, judged ──────┴▶ kept on disk, then ─┼─▶ peers, at once and again until a block holds it
//!                                            └─▶ gone, once a block holds it or it is too old
//! ```
//!
//! All of it convicts somebody: who fills this pool has signed each piece. Still it is bounded, for
//! each of the accused alone, so that nobody can crowd out what another did.

use std::collections::BTreeMap;

use vouchsafe_ledger::Offence;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::BLOCK_EVIDENCE_MAX;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::VALIDATORS_MAX;

use crate::mempool::REGOSSIP_MS;

/// The most offences of one validator that wait: those of five heights. Whoever would fill disks
/// and blocks with its own contradictions gets no further; more of them show nothing new, and are
/// taken once these are in a block.
pub(crate) const WAITING_OF_ONE_MAX: usize = 16;
/// The most offences that wait, of all together: the share of each validator of a full set. At 512
/// bytes a piece, 2 MiB.
pub(crate) const WAITING_MAX: usize = VALIDATORS_MAX * WAITING_OF_ONE_MAX;
/// The most pieces that are told to peers at one time.
const TOLD_AT_ONCE: usize = BLOCK_EVIDENCE_MAX;

struct Waiting {
    evidence: Evidence,
    /// When peers were told of it last, in milliseconds since 1970.
    told_ms: u64,
}

/// All that waits, oldest offences first.
#[derive(Default)]
pub(crate) struct Offences(BTreeMap<Offence, Waiting>);

/// What evidence is about.
pub(crate) fn offence_of(evidence: &Evidence) -> Offence {
    Offence { height: evidence.height(), id: evidence.id() }
}

impl Offences {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, offence: &Offence) -> bool {
        self.0.contains_key(offence)
    }

    /// May another offence of this validator wait?
    pub(crate) fn has_room(&self, accused: Address) -> bool {
        let of_one = self.0.values().filter(|waiting| waiting.evidence.address() == accused);
        self.0.len() < WAITING_MAX && of_one.count() < WAITING_OF_ONE_MAX
    }

    /// Keeps evidence of an offence, of which peers were told at a time: 0 if they were not.
    pub(crate) fn insert(&mut self, evidence: Evidence, told_ms: u64) {
        self.0.insert(offence_of(&evidence), Waiting { evidence, told_ms });
    }

    pub(crate) fn remove(&mut self, offence: &Offence) {
        self.0.remove(offence);
    }

    /// Forgets offences below a height: no block may hold evidence of them any more.
    pub(crate) fn forget_before(&mut self, height: u64) {
        self.0.retain(|offence, _| offence.height >= height);
    }

    /// All, oldest offences first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Evidence> {
        self.0.values().map(|waiting| &waiting.evidence)
    }

    /// Peers are told of everything again, soon: one has come that may know nothing.
    pub(crate) fn tell_again(&mut self) {
        self.0.values_mut().for_each(|waiting| waiting.told_ms = 0);
    }

    /// What peers have not been told for a while, those told the longest ago first.
    pub(crate) fn due_for_gossip(&mut self, now_ms: u64) -> Vec<Evidence> {
        let due = self.0.values_mut();
        let mut due: Vec<_> =
            due.filter(|waiting| waiting.told_ms.saturating_add(REGOSSIP_MS) <= now_ms).collect();
        due.sort_by_key(|waiting| waiting.told_ms);
        due.truncate(TOLD_AT_ONCE);
        let tell = |waiting: &mut Waiting| {
            waiting.told_ms = now_ms;
            waiting.evidence.clone()
        };
        due.into_iter().map(tell).collect()
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::{BlockId, Digest};
    use vouchsafe_types::identity::Signature;
    use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

    use super::*;

    /// Evidence in form; whether it convicts is not this pool's to say.
    fn evidence(accused: u8, height: u64) -> Evidence {
        let vote = |block_id| SignedVote {
            vote: Vote {
                version: Version,
                kind: VoteKind::Prevote,
                height,
                round: 0,
                block_id,
                address: Address(Digest([accused; 32])),
            },
            signature: Signature([0; 64]),
        };
        Evidence::of_votes(vote(None), vote(Some(BlockId(Digest([1; 32])))))
    }

    #[test]
    fn one_validator_does_not_crowd_out_what_another_did() {
        let (mut offences, one, other) = (Offences::default(), evidence(1, 0), evidence(2, 0));
        for height in 0..WAITING_OF_ONE_MAX as u64 {
            assert!(offences.has_room(one.address()));
            offences.insert(evidence(1, height), 0);
        }
        assert!(!offences.has_room(one.address()));
        assert!(offences.has_room(other.address()));
        offences.remove(&offence_of(&one));
        assert!(offences.has_room(one.address()));
    }

    #[test]
    fn peers_are_told_in_turn_and_again_until_it_is_gone() {
        let mut offences = Offences::default();
        for height in 0..TOLD_AT_ONCE as u64 + 1 {
            offences.insert(evidence(u8::try_from(height).expect("few"), height), 0);
        }
        let told = |offences: &mut Offences, now_ms| -> Vec<u64> {
            offences.due_for_gossip(now_ms).iter().map(Evidence::height).collect()
        };
        let last = TOLD_AT_ONCE as u64;
        assert_eq!(told(&mut offences, 10_000), (0..last).collect::<Vec<_>>());
        assert_eq!(told(&mut offences, 10_001), [last]);
        assert!(told(&mut offences, 10_002).is_empty());
        offences.forget_before(last);
        assert_eq!(told(&mut offences, 10_001 + REGOSSIP_MS), [last]);
        offences.tell_again();
        assert_eq!(told(&mut offences, 10_002 + REGOSSIP_MS), [last]);
        offences.remove(&offence_of(&evidence(64, last)));
        assert_eq!((offences.len(), told(&mut offences, 90_000)), (0, vec![]));
    }
}
