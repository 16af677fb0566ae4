//! Who may connect: the nodes that the genesis document names, numbered in its order.

use std::collections::BTreeMap;

use libp2p::{Multiaddr, PeerId};
use vouchsafe_genesis::Genesis;
use vouchsafe_replica::PeerNumber;
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey};

use super::address::PeerAddress;

/// Why a node cannot take part with its keys or its configuration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum MembershipError {
    /// The home's node key is not that of a member.
    #[error(
        "this node's peer id {0} is not in the genesis document: nobody would let it connect; use \
         the home whose member file the chain was founded with, or another genesis document"
    )]
    NotAMember(String),
    /// The home's two keys are of two members.
    #[error(
        "the genesis document names peer id {expected} for this home's consensus key, but the key \
         in keys/node has {actual}; put the node key back that the member file was made with"
    )]
    OtherNodeKey { expected: String, actual: String },
    /// The node key is a validator's, and the consensus key is not.
    #[error(
        "the genesis document names validator {expected} for the key in keys/node, but the key in \
         keys/consensus is of {actual}; put the consensus key back that the member file was made \
         with"
    )]
    OtherConsensusKey { expected: Address, actual: Address },
    /// An address is of a node that is no member.
    #[error(
        "p2p.peers: {address} names peer id {peer_id}, which is not in the genesis document; \
         correct it or leave it out"
    )]
    PeerNotAMember { address: Multiaddr, peer_id: String },
}

/// A node that may connect.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) peer_id: PeerId,
    pub(crate) organization: OrganizationId,
    /// Its validator's address; none for an observer.
    pub(crate) address: Option<Address>,
    /// Where it is dialed, in order of preference.
    pub(crate) reached_at: Vec<Multiaddr>,
}

/// All of them.
pub(crate) struct Members {
    list: Vec<Member>,
    numbers: BTreeMap<PeerId, PeerNumber>,
    own: PeerNumber,
}

impl Members {
    /// The genesis document's nodes. `configured` addresses come before those of the document.
    ///
    /// # Errors
    /// One [`MembershipError`] for each rule.
    pub(crate) fn new(
        genesis: &Genesis,
        consensus_key: &PublicKey,
        own: PeerId,
        configured: &[PeerAddress],
    ) -> Result<Self, MembershipError> {
        if let Some(validator) = genesis.validator(&consensus_key.address())
            && validator.peer_id != own
        {
            let (expected, actual) = (validator.peer_id.to_base58(), own.to_base58());
            return Err(MembershipError::OtherNodeKey { expected, actual });
        }
        if let Some(validator) = genesis.validator_of_peer(&own)
            && validator.consensus_key != *consensus_key
        {
            let (expected, actual) = (validator.address(), consensus_key.address());
            return Err(MembershipError::OtherConsensusKey { expected, actual });
        }
        let mut list: Vec<Member> = genesis
            .peers()
            .map(|(peer_id, organization, addresses)| Member {
                peer_id: *peer_id,
                organization: organization.clone(),
                address: genesis.validator_of_peer(peer_id).map(|validator| validator.address()),
                reached_at: addresses.iter().map(without_peer_id).collect(),
            })
            .collect();
        let numbers: BTreeMap<PeerId, PeerNumber> = list
            .iter()
            .zip(0..)
            .map(|(member, number)| (member.peer_id, PeerNumber(number)))
            .collect();
        let own = *numbers.get(&own).ok_or(MembershipError::NotAMember(own.to_base58()))?;
        for PeerAddress { peer_id, address } in configured.iter().rev() {
            let member = list.iter_mut().find(|member| member.peer_id == *peer_id);
            let member = member.ok_or_else(|| MembershipError::PeerNotAMember {
                address: address.clone(),
                peer_id: peer_id.to_base58(),
            })?;
            member.reached_at.retain(|known| known != address);
            member.reached_at.insert(0, address.clone());
        }
        Ok(Self { list, numbers, own })
    }

    /// A peer's number; none for a stranger.
    pub(crate) fn number(&self, peer_id: &PeerId) -> Option<PeerNumber> {
        self.numbers.get(peer_id).copied()
    }

    /// The member of a number.
    pub(crate) fn get(&self, number: PeerNumber) -> Option<&Member> {
        usize::try_from(number.0).ok().and_then(|index| self.list.get(index))
    }

    /// Is this node the only one?
    pub(crate) fn is_alone(&self) -> bool {
        self.list.len() == 1
    }

    /// All but this node.
    pub(crate) fn others(&self) -> impl Iterator<Item = (PeerNumber, &Member)> {
        let numbered = (0..).map(PeerNumber).zip(&self.list);
        numbered.filter(|(number, _)| *number != self.own)
    }
}

fn without_peer_id(address: &Multiaddr) -> Multiaddr {
    let mut address = address.clone();
    if matches!(address.iter().last(), Some(libp2p::multiaddr::Protocol::P2p(_))) {
        address.pop();
    }
    address
}
