//! Signatures and certificates, checked once each.
//!
//! The engine asks about a vote when it arrives and again in every certificate that holds it: at
//! 100 validators, two thirds of all checks are repetitions. What verified once is remembered, up
//! to a bound; what did not verify is not, so that nobody can fill the memory with forgeries.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{ChainId, Digest, sha256};
use vouchsafe_types::identity::{Address, Signature};
use vouchsafe_types::signature::SignatureRule;
use vouchsafe_types::validator_set::{ValidatorSet, includes_honest, is_quorum};
use vouchsafe_types::vote::{SignedProposal, SignedVote, VoteKind};

use crate::error::MessageError;
use crate::message::{PolkaCertificate, RoundCertificate, RoundCertificateKind};

/// How many verified signatures are remembered: two votes of each of 100 validators, over 40
/// rounds or heights.
pub(crate) const VERIFIED_MAX: usize = 8192;

/// Checks signatures, and remembers those that verified, oldest forgotten first.
pub(crate) struct Verifier {
    chain_id: ChainId,
    rule: Arc<dyn SignatureRule>,
    /// SHA-256 of signature, key and preimage, all that a verdict depends on.
    known: BTreeSet<Digest>,
    order: VecDeque<Digest>,
}

/// How much of the power must have signed.
#[derive(Clone, Copy)]
pub(crate) enum Quorum {
    /// More than a third: at least one correct validator.
    Honest,
    /// More than two thirds.
    TwoThirds,
}

impl Quorum {
    pub(crate) fn is_met(self, signed: u64, total: u64) -> bool {
        match self {
            Self::Honest => includes_honest(signed, total),
            Self::TwoThirds => is_quorum(signed, total),
        }
    }
}

impl Verifier {
    pub(crate) fn new(chain_id: ChainId, rule: Arc<dyn SignatureRule>) -> Self {
        Self { chain_id, rule, known: BTreeSet::new(), order: VecDeque::new() }
    }

    pub(crate) fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// Does this validator's signature over `preimage` verify?
    fn check(
        &mut self,
        set: &ValidatorSet,
        address: Address,
        preimage: &[u8],
        signature: Signature,
    ) -> Result<(), MessageError> {
        let validator = set.get(&address).ok_or(MessageError::UnknownValidator(address))?;
        let key = &validator.public_key;
        let entry = sha256(&[&signature.0, &key.0, preimage]);
        if self.known.contains(&entry) {
            return Ok(());
        }
        if !self.rule.holds(key, preimage, &signature) {
            return Err(MessageError::InvalidSignature(address));
        }
        if self.order.len() == VERIFIED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(entry);
        self.order.push_back(entry);
        Ok(())
    }

    pub(crate) fn vote(
        &mut self,
        set: &ValidatorSet,
        signed: &SignedVote,
    ) -> Result<(), MessageError> {
        let preimage = signed.vote.preimage(&self.chain_id);
        self.check(set, signed.vote.address, &preimage, signed.signature)
    }

    pub(crate) fn proposal(
        &mut self,
        set: &ValidatorSet,
        signed: &SignedProposal,
    ) -> Result<(), MessageError> {
        let preimage = signed.proposal.preimage(&self.chain_id);
        self.check(set, signed.proposal.address, &preimage, signed.signature)
    }

    /// Sorted, each address once, every signature valid, and enough of them.
    pub(crate) fn votes(
        &mut self,
        set: &ValidatorSet,
        votes: &[SignedVote],
        quorum: Quorum,
    ) -> Result<(), MessageError> {
        if !votes.is_sorted_by(|a, b| a.vote.address < b.vote.address) {
            return Err(MessageError::UnsortedCertificate);
        }
        // Power is counted first: it costs nothing, and signatures do.
        let mut signed = 0;
        for vote in votes {
            let address = vote.vote.address;
            let validator = set.get(&address).ok_or(MessageError::UnknownValidator(address))?;
            signed += validator.power;
        }
        let total = set.total_power();
        if !quorum.is_met(signed, total) {
            return Err(MessageError::NotEnoughPower { signed, total });
        }
        votes.iter().try_for_each(|vote| self.vote(set, vote))
    }

    pub(crate) fn polka(
        &mut self,
        set: &ValidatorSet,
        certificate: &PolkaCertificate,
    ) -> Result<(), MessageError> {
        let votes: Vec<_> = certificate.votes().collect();
        self.votes(set, &votes, Quorum::TwoThirds)
    }

    pub(crate) fn round(
        &mut self,
        set: &ValidatorSet,
        certificate: &RoundCertificate,
    ) -> Result<(), MessageError> {
        let votes: Vec<_> = certificate.votes().collect();
        let quorum = match certificate.kind {
            RoundCertificateKind::Skip => Quorum::Honest,
            RoundCertificateKind::Precommit => {
                let prevote = votes.iter().find(|vote| vote.vote.kind == VoteKind::Prevote);
                if let Some(prevote) = prevote {
                    return Err(MessageError::PrevoteAmongPrecommits(prevote.vote.address));
                }
                Quorum::TwoThirds
            }
        };
        self.votes(set, &votes, quorum)
    }
    pub(crate) fn commit(
        &mut self,
        set: &ValidatorSet,
        certificate: &CommitCertificate,
    ) -> Result<(), MessageError> {
        let votes: Vec<_> = precommits(certificate).collect();
        self.votes(set, &votes, Quorum::TwoThirds)
    }
}

/// The votes that a commit certificate stands for.
pub(crate) fn precommits(certificate: &CommitCertificate) -> impl Iterator<Item = SignedVote> + '_ {
    certificate.signatures.iter().map(|entry| SignedVote {
        vote: certificate.precommit(entry.address),
        signature: entry.signature,
    })
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::Digest;
    use vouchsafe_types::identity::{OrganizationId, PublicKey};
    use vouchsafe_types::signature::Zip215;
    use vouchsafe_types::validator_set::Validator;
    use vouchsafe_types::vote::Vote;

    use super::*;

    const CHAIN_ID: ChainId = ChainId(Digest([3; 32]));

    fn key() -> ed25519_zebra::SigningKey {
        ed25519_zebra::SigningKey::from([5; 32])
    }

    fn set() -> ValidatorSet {
        let public_key = PublicKey(ed25519_zebra::VerificationKeyBytes::from(&key()).into());
        let organization = OrganizationId::new("acme").expect("valid");
        ValidatorSet::new(vec![Validator { public_key, power: 1, organization }]).expect("valid")
    }

    fn signed(round: u32) -> SignedVote {
        let (kind, height, block_id) = (VoteKind::Prevote, 1, None);
        let address = *set().at(0).expect("one").0;
        let vote = Vote { version: Version, kind, height, round, block_id, address };
        let signature = Signature(key().sign(&vote.preimage(&CHAIN_ID)).into());
        SignedVote { vote, signature }
    }

    #[test]
    fn what_verified_is_remembered_up_to_a_bound_and_forgeries_are_not() {
        let (set, mut verifier) = (set(), Verifier::new(CHAIN_ID, Arc::new(Zip215)));
        let mut forged = signed(0);
        forged.signature.0[3] ^= 1;
        assert!(verifier.vote(&set, &forged).is_err());
        assert_eq!(verifier.known.len(), 0);
        for _ in 0..2 {
            assert_eq!(verifier.vote(&set, &signed(0)), Ok(()));
            assert_eq!(verifier.known.len(), 1);
        }
        // A remembered vote does not vouch for another signature or another vote.
        assert!(verifier.vote(&set, &forged).is_err());
        let other = SignedVote { signature: signed(0).signature, ..signed(1) };
        assert!(verifier.vote(&set, &other).is_err());
        let bound = u32::try_from(VERIFIED_MAX).expect("small");
        for round in 1..=bound {
            assert_eq!(verifier.vote(&set, &signed(round)), Ok(()));
        }
        assert_eq!((verifier.known.len(), verifier.order.len()), (VERIFIED_MAX, VERIFIED_MAX));
    }

    #[test]
    fn a_quorum_is_more_than_two_thirds_and_an_honest_one_more_than_a_third() {
        for (signed, total, honest, two_thirds) in
            [(1, 3, false, false), (2, 4, true, false), (2, 3, true, false), (3, 4, true, true)]
        {
            assert_eq!(Quorum::Honest.is_met(signed, total), honest);
            assert_eq!(Quorum::TwoThirds.is_met(signed, total), two_thirds);
        }
    }
}
