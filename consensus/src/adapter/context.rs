//! What `arc-malachitebft-core-types` asks of a chain: height, address, value, vote, proposal.
//!
//! A value is a block id: bodies travel by other means, so that a proposal part is a type without
//! values. Vote extensions stay disabled.

use std::fmt;
use std::sync::Arc;

use arc_malachitebft_core_types as core_types;
use core_types::{NilOrVal, Round, SignedExtension, VoteType, VotingPower};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::{Address, PublicKey, Signature};
use vouchsafe_types::validator_set::ValidatorSet;

/// A block height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CoreHeight(pub(crate) u64);

/// A validator's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CoreAddress(pub(crate) Address);

/// What is decided: a block, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CoreValue(pub(crate) BlockId);

/// What votes name: the same block id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CoreValueId(pub(crate) BlockId);

/// A part of a proposal: none is ever made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CorePart {}

/// Ed25519 under the rule of `vouchsafe-types`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreScheme;

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreValidator {
    address: CoreAddress,
    public_key: PublicKey,
    power: u64,
}

/// The validators of a height, in the order of their addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreValidatorSet(Arc<Validators>);

#[derive(Debug, PartialEq, Eq)]
struct Validators {
    list: Vec<CoreValidator>,
    total_power: u64,
    source: Arc<ValidatorSet>,
}

/// A vote, without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreVote {
    pub(crate) kind: VoteType,
    pub(crate) height: CoreHeight,
    pub(crate) round: Round,
    pub(crate) value: NilOrVal<CoreValueId>,
    pub(crate) address: CoreAddress,
}

/// A proposal, without its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreProposal {
    pub(crate) height: CoreHeight,
    pub(crate) round: Round,
    pub(crate) value: CoreValue,
    pub(crate) pol_round: Round,
    pub(crate) address: CoreAddress,
}

/// Ties the types together.
#[derive(Clone, Debug)]
pub(crate) struct CoreContext;

impl CoreValidatorSet {
    pub(crate) fn new(source: Arc<ValidatorSet>) -> Self {
        let list = source
            .iter()
            .map(|(address, validator)| CoreValidator {
                address: CoreAddress(*address),
                public_key: validator.public_key,
                power: validator.power,
            })
            .collect();
        let total_power = source.total_power();
        Self(Arc::new(Validators { list, total_power, source }))
    }
}

impl fmt::Display for CoreHeight {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for CoreAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for CoreValueId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl core_types::Height for CoreHeight {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, count: u64) -> Self {
        Self(self.0 + count)
    }
    fn decrement_by(&self, count: u64) -> Option<Self> {
        self.0.checked_sub(count).map(Self)
    }
    fn as_u64(&self) -> u64 {
        self.0
    }
}

impl core_types::Address for CoreAddress {}

impl core_types::Value for CoreValue {
    type Id = CoreValueId;

    fn id(&self) -> CoreValueId {
        CoreValueId(self.0)
    }
}

impl core_types::ProposalPart<CoreContext> for CorePart {
    fn is_first(&self) -> bool {
        match *self {}
    }
    fn is_last(&self) -> bool {
        match *self {}
    }
}

impl core_types::SigningScheme for CoreScheme {
    type DecodingError = std::array::TryFromSliceError;
    type Signature = Signature;
    type PublicKey = PublicKey;
    // The engine never holds the key: see `Signer`.
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<Signature, Self::DecodingError> {
        bytes.try_into().map(Signature)
    }
    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }
    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, Self::DecodingError> {
        bytes.try_into().map(PublicKey)
    }
    fn encode_public_key(public_key: &PublicKey) -> Vec<u8> {
        public_key.0.to_vec()
    }
}

impl core_types::Validator<CoreContext> for CoreValidator {
    fn address(&self) -> &CoreAddress {
        &self.address
    }
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
    fn voting_power(&self) -> VotingPower {
        self.power
    }
}

impl core_types::ValidatorSet<CoreContext> for CoreValidatorSet {
    fn count(&self) -> usize {
        self.0.list.len()
    }
    fn total_voting_power(&self) -> VotingPower {
        self.0.total_power
    }
    fn get_by_address(&self, address: &CoreAddress) -> Option<&CoreValidator> {
        let found = self.0.list.binary_search_by_key(address, |validator| validator.address);
        found.ok().map(|index| &self.0.list[index])
    }
    fn get_by_index(&self, index: usize) -> Option<&CoreValidator> {
        self.0.list.get(index)
    }
}

impl core_types::Vote<CoreContext> for CoreVote {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &NilOrVal<CoreValueId> {
        &self.value
    }
    fn take_value(self) -> NilOrVal<CoreValueId> {
        self.value
    }
    fn vote_type(&self) -> VoteType {
        self.kind
    }
    fn validator_address(&self) -> &CoreAddress {
        &self.address
    }
    fn extension(&self) -> Option<&SignedExtension<CoreContext>> {
        None
    }
    fn take_extension(&mut self) -> Option<SignedExtension<CoreContext>> {
        None
    }
    fn extend(self, _extension: SignedExtension<CoreContext>) -> Self {
        // Extensions are disabled at every height, so there is none to keep.
        self
    }
}

impl core_types::Proposal<CoreContext> for CoreProposal {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &CoreValue {
        &self.value
    }
    fn take_value(self) -> CoreValue {
        self.value
    }
    fn pol_round(&self) -> Round {
        self.pol_round
    }
    fn validator_address(&self) -> &CoreAddress {
        &self.address
    }
}

impl core_types::Context for CoreContext {
    type Address = CoreAddress;
    type Height = CoreHeight;
    type ProposalPart = CorePart;
    type Proposal = CoreProposal;
    type Validator = CoreValidator;
    type ValidatorSet = CoreValidatorSet;
    // Durations are `Timeouts`' in this crate; the engine never asks this type.
    type Timeouts = core_types::LinearTimeouts;
    type Value = CoreValue;
    type Vote = CoreVote;
    type Extension = ();
    type SigningScheme = CoreScheme;

    fn select_proposer<'a>(
        &self,
        validator_set: &'a CoreValidatorSet,
        height: CoreHeight,
        round: Round,
    ) -> &'a CoreValidator {
        let round = round.as_u32().expect("the engine asks only for rounds that exist");
        let address = CoreAddress(validator_set.0.source.proposer(height.0, round));
        core_types::ValidatorSet::get_by_address(validator_set, &address)
            .expect("the proposer is a member of the set it was chosen from")
    }

    fn new_proposal(
        &self,
        height: CoreHeight,
        round: Round,
        value: CoreValue,
        pol_round: Round,
        address: CoreAddress,
    ) -> CoreProposal {
        CoreProposal { height, round, value, pol_round, address }
    }

    fn new_prevote(
        &self,
        height: CoreHeight,
        round: Round,
        value: NilOrVal<CoreValueId>,
        address: CoreAddress,
    ) -> CoreVote {
        CoreVote { kind: VoteType::Prevote, height, round, value, address }
    }

    fn new_precommit(
        &self,
        height: CoreHeight,
        round: Round,
        value: NilOrVal<CoreValueId>,
        address: CoreAddress,
    ) -> CoreVote {
        CoreVote { kind: VoteType::Precommit, height, round, value, address }
    }
}
