//! The validators of a height, their power, and who proposes.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, DecodeError, Version, read_list};
use crate::hash::{Digest, Domain, digest_newtype, tagged};
use crate::identity::{Address, OrganizationId, PublicKey};

/// The most validators a set may have.
pub const VALIDATORS_MAX: usize = 256;
/// The most total voting power. Far below `u64::MAX / 3`, above which the engine's threshold
/// arithmetic would overflow.
pub const TOTAL_POWER_MAX: u64 = 1 << 48;

digest_newtype!(
    /// The tagged hash of a validator set's bytes.
    ValidatorSetHash
);

/// One validator.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Validator {
    /// The key that signs its votes.
    pub public_key: PublicKey,
    /// Its voting power, at least 1.
    pub power: u64,
    /// The organization that runs it.
    pub organization: OrganizationId,
}

impl Validator {
    /// The validator's address.
    #[must_use]
    pub fn address(&self) -> Address {
        self.public_key.address()
    }
}

/// A set of validators, strictly ascending by address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidatorSet {
    /// Address and validator, ascending: addresses are derived, so they are not encoded.
    members: Vec<(Address, Validator)>,
    total_power: u64,
}

/// Why validators do not make a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorSetError {
    /// None, or more than [`VALIDATORS_MAX`].
    #[error("a validator set has 1 to {VALIDATORS_MAX} members, not {0}")]
    Count(usize),
    /// One key stands twice.
    #[error("validator {0} stands in the set twice")]
    Repeated(Address),
    /// A validator without power.
    #[error("validator {0} has no voting power; leave it out of the set instead")]
    NoPower(Address),
    /// Too much power in all.
    #[error("the total voting power is more than {TOTAL_POWER_MAX}; scale all powers down")]
    TotalPower,
}

impl ValidatorSet {
    /// Sorts validators into a set.
    ///
    /// # Errors
    /// One [`ValidatorSetError`] for each rule.
    pub fn new(validators: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        if validators.is_empty() || validators.len() > VALIDATORS_MAX {
            return Err(ValidatorSetError::Count(validators.len()));
        }
        let mut members: Vec<_> = validators.into_iter().map(|v| (v.address(), v)).collect();
        members.sort_by_key(|(address, _)| *address);
        if let Some(pair) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(ValidatorSetError::Repeated(pair[0].0));
        }
        let mut total_power = 0u64;
        for (address, validator) in &members {
            if validator.power == 0 {
                return Err(ValidatorSetError::NoPower(*address));
            }
            total_power = total_power
                .checked_add(validator.power)
                .filter(|total| *total <= TOTAL_POWER_MAX)
                .ok_or(ValidatorSetError::TotalPower)?;
        }
        Ok(Self { members, total_power })
    }

    /// The members, ascending by address.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Address, &Validator)> {
        self.members.iter().map(|(address, validator)| (address, validator))
    }

    /// How many validators there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a set is never empty")]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// The validator of an address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Validator> {
        let index = self.members.binary_search_by_key(address, |(member, _)| *member).ok()?;
        Some(&self.members[index].1)
    }

    /// The validator at a place in address order.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<(&Address, &Validator)> {
        self.members.get(index).map(|(address, validator)| (address, validator))
    }

    /// The sum of all powers.
    #[must_use]
    pub fn total_power(&self) -> u64 {
        self.total_power
    }

    /// Is this more than two thirds of the total power?
    #[must_use]
    pub fn is_quorum(&self, power: u64) -> bool {
        is_quorum(power, self.total_power)
    }

    /// Is this more than one third of the total power?
    #[must_use]
    pub fn includes_honest(&self, power: u64) -> bool {
        includes_honest(power, self.total_power)
    }

    /// Who proposes at a height and round: a stateless rule, the same for everyone.
    ///
    /// Round 0 walks the cumulative powers by the golden ratio (a Weyl sequence): each validator
    /// gets its share of heights, spread evenly. Each later round passes to the next address, so
    /// that a dead proposer costs one round.
    #[must_use]
    pub fn proposer(&self, height: u64, round: u32) -> Address {
        /// 2⁶⁴ divided by the golden ratio, made odd.
        const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
        let fraction = u128::from(height.wrapping_mul(GOLDEN_RATIO));
        let target = (fraction * u128::from(self.total_power)) >> 64;
        let mut cumulative = 0u128;
        let first = self
            .members
            .iter()
            .position(|(_, validator)| {
                cumulative += u128::from(validator.power);
                target < cumulative
            })
            .expect("the target is below the total power");
        let index = (first as u64 + u64::from(round)) % self.members.len() as u64;
        self.members[usize::try_from(index).expect("below the member count")].0
    }

    /// The tagged hash of the set's bytes.
    #[must_use]
    pub fn hash(&self) -> ValidatorSetHash {
        ValidatorSetHash(tagged(Domain::ValidatorSet, &self.to_bytes()))
    }
}

/// Is this more than two thirds of the total power?
#[must_use]
pub fn is_quorum(power: u64, total_power: u64) -> bool {
    u128::from(power) * 3 > u128::from(total_power) * 2
}

/// Is this more than one third of the total power? Then one of its holders is honest, as long as no
/// more than a third is not.
#[must_use]
pub fn includes_honest(power: u64, total_power: u64) -> bool {
    u128::from(power) * 3 > u128::from(total_power)
}

impl BorshSerialize for ValidatorSet {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        Version::<1>.serialize(writer)?;
        let count = u32::try_from(self.members.len()).expect("a set is small");
        count.serialize(writer)?;
        self.members.iter().try_for_each(|(_, validator)| validator.serialize(writer))
    }
}

impl BorshDeserialize for ValidatorSet {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        Version::<1>::deserialize_reader(reader)?;
        let validators = read_list(reader, "validators", 1, VALIDATORS_MAX)?;
        Self::new(validators).map_err(|error| DecodeError::Malformed(error.to_string()).into())
    }
}

impl Canonical for ValidatorSet {
    const LIMIT_BYTES: usize = VALIDATORS_MAX * 80 + 5;
}

/// The hash that stands where no set is: none in a valid header.
impl ValidatorSetHash {
    /// 32 zero bytes.
    pub const ZERO: Self = Self(Digest::ZERO);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validator(seed: u8, power: u64) -> Validator {
        Validator {
            public_key: PublicKey([seed; 32]),
            power,
            organization: OrganizationId::new("acme").expect("valid"),
        }
    }

    #[test]
    fn every_rule_of_a_set_has_its_error() {
        assert_eq!(ValidatorSet::new(vec![]), Err(ValidatorSetError::Count(0)));
        let twice = ValidatorSet::new(vec![validator(1, 1), validator(1, 2)]);
        assert!(matches!(twice, Err(ValidatorSetError::Repeated(_))));
        let powerless = ValidatorSet::new(vec![validator(1, 0)]);
        assert!(matches!(powerless, Err(ValidatorSetError::NoPower(_))));
        let mighty = ValidatorSet::new(vec![validator(1, TOTAL_POWER_MAX), validator(2, 1)]);
        assert_eq!(mighty, Err(ValidatorSetError::TotalPower));
    }

    #[test]
    fn a_set_out_of_order_is_not_canonical() {
        let set = ValidatorSet::new(vec![validator(1, 1), validator(2, 1)]).expect("valid");
        let bytes = set.to_bytes();
        assert_eq!(ValidatorSet::from_bytes(&bytes), Ok(set));
        let mut swapped = bytes[..5].to_vec();
        let half = (bytes.len() - 5) / 2;
        swapped.extend_from_slice(&bytes[5 + half..]);
        swapped.extend_from_slice(&bytes[5..5 + half]);
        assert_eq!(ValidatorSet::from_bytes(&swapped), Err(DecodeError::NotCanonical));
    }

    #[test]
    fn proposers_share_heights_by_power_and_rounds_by_turn() {
        let set = ValidatorSet::new(vec![validator(1, 1), validator(2, 1), validator(3, 2)])
            .expect("valid");
        let mut heights = std::collections::BTreeMap::new();
        for height in 1..=4000 {
            *heights.entry(set.proposer(height, 0)).or_insert(0u32) += 1;
        }
        let strong = heights[&PublicKey([3; 32]).address()];
        assert!((1990..=2010).contains(&strong), "{strong}");
        let rounds: std::collections::BTreeSet<_> = (0..3).map(|r| set.proposer(9, r)).collect();
        assert_eq!(rounds.len(), 3);
    }

    #[test]
    fn a_quorum_is_more_than_two_thirds() {
        let set = ValidatorSet::new((1..=3).map(|s| validator(s, 1)).collect()).expect("valid");
        assert!(!set.is_quorum(2));
        assert!(set.is_quorum(3));
    }
}
