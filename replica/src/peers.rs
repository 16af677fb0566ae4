//! The peers that are connected, and how far each says that it is.
//!
//! What one peer says may be a lie; what validators of more than a third of the power say, one
//! honest one says too.

use std::collections::BTreeMap;

use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::event::{PeerNumber, RequestNumber};

/// A connected peer.
pub(crate) struct Peer {
    /// Its validator's address.
    pub(crate) address: Option<Address>,
    /// The newest height that it says it has; none until it says so.
    pub(crate) height: Option<u64>,
    /// It answered wrongly or not at all: nothing is asked of it before this time, in
    /// milliseconds since 1970.
    pub(crate) mistrusted_until_ms: u64,
    /// The question how far it is, while it is open.
    pub(crate) surveyed: Option<RequestNumber>,
}

/// All connected peers.
#[derive(Default)]
pub(crate) struct Peers(BTreeMap<PeerNumber, Peer>);

impl Peers {
    pub(crate) fn connect(&mut self, number: PeerNumber, address: Option<Address>) {
        let peer = Peer { address, height: None, mistrusted_until_ms: 0, surveyed: None };
        self.0.insert(number, peer);
    }

    pub(crate) fn disconnect(&mut self, number: PeerNumber) {
        self.0.remove(&number);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, number: PeerNumber) -> Option<&Peer> {
        self.0.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: PeerNumber) -> Option<&mut Peer> {
        self.0.get_mut(&number)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (PeerNumber, &Peer)> {
        self.0.iter().map(|(number, peer)| (*number, peer))
    }

    pub(crate) fn numbers(&self) -> Vec<PeerNumber> {
        self.0.keys().copied().collect()
    }

    /// The power of the connected validators that have said how far they are.
    pub(crate) fn power(&self, set: &ValidatorSet) -> u64 {
        let known = self.0.values().filter(|peer| peer.height.is_some());
        known.filter_map(|peer| set.get(&peer.address?)).map(|validator| validator.power).sum()
    }

    /// The greatest height that validators of more than a third of the power say they have: an
    /// honest one has it. 0 when too few are connected.
    pub(crate) fn honest_height(&self, set: &ValidatorSet) -> u64 {
        let claim = |peer: &Peer| Some((peer.height?, set.get(&peer.address?)?.power));
        let mut claims: Vec<_> = self.0.values().filter_map(claim).collect();
        claims.sort_unstable_by_key(|(height, _)| std::cmp::Reverse(*height));
        let mut power = 0;
        for (height, of_one) in claims {
            power += of_one;
            if set.includes_honest(power) {
                return height;
            }
        }
        0
    }

    /// The greatest height that anyone who is trusted now says it has.
    pub(crate) fn best_height(&self, now_ms: u64) -> u64 {
        let trusted = self.0.values().filter(|peer| peer.mistrusted_until_ms <= now_ms);
        trusted.filter_map(|peer| peer.height).max().unwrap_or(0)
    }
}
