//! Equivocations, as the engine beneath reports them at the end of a height.
//!
//! It reports at most three pairs a validator, and not every offence leaves one: votes of decided
//! heights are dropped, and rounds long past are forgotten.

use arc_malachitebft_core_consensus::MisbehaviorEvidence;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::adapter::{CoreAddress, CoreContext, signed_proposal_from_core, signed_vote_from_core};

/// The evidence in the order of the set, proposals before votes. Only members can be accused: the
/// engine beneath takes messages of nobody else.
pub(crate) fn evidence_from_core(
    reported: MisbehaviorEvidence<CoreContext>,
    set: &ValidatorSet,
) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (address, _) in set.iter() {
        let address = CoreAddress(*address);
        for (one, other) in reported.proposals.get(&address).into_iter().flatten() {
            let pair = (signed_proposal_from_core(one), signed_proposal_from_core(other));
            evidence.push(Evidence::of_proposals(pair.0, pair.1));
        }
        for (one, other) in reported.votes.get(&address).into_iter().flatten() {
            let pair = (signed_vote_from_core(one), signed_vote_from_core(other));
            evidence.push(Evidence::of_votes(pair.0, pair.1));
        }
    }
    evidence
}
