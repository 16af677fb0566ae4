//! Peers that send what no honest node sends are counted against, then dropped for a while.

use std::time::Instant;

use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::{Fault, PeerNumber};

use super::scores::{POINTS_FAULT, POINTS_RUBBISH};
use super::task::Task;

impl<S: StoreRead + Clone + 'static> Task<S> {
    /// The replica found a fault.
    pub(super) fn blame(&mut self, peer: PeerNumber, fault: &Fault) {
        self.around.metrics.blamed.inc();
        if let Some(member) = self.members.get(peer) {
            let (organization, peer_id) = (&member.organization, &member.peer_id);
            tracing::warn!(%organization, %peer_id, "a member is to blame: {fault}");
        }
        self.penalize(peer, POINTS_FAULT);
    }

    /// A message could not be read, or should not have been relayed.
    pub(super) fn penalize_rubbish(&mut self, peer: PeerNumber) {
        self.penalize(peer, POINTS_RUBBISH);
    }

    fn penalize(&mut self, peer: PeerNumber, points: u64) {
        let Some(refusal) = self.scores.add(peer, points, Instant::now()) else { return };
        let Some(member) = self.members.get(peer) else { return };
        let (organization, peer_id) = (&member.organization, member.peer_id);
        tracing::warn!(
            %organization, %peer_id,
            "a member sends too much that is false: dropped, and refused for {refusal:?}"
        );
        self.around.metrics.dropped_peers.inc();
        self.dialer.bar(peer);
        self.swarm.behaviour_mut().members.disallow_peer(peer_id);
    }

    /// A refusal is over.
    pub(super) fn allow_again(&mut self, peer: PeerNumber, now: Instant) {
        let Some(member) = self.members.get(peer) else { return };
        tracing::info!(organization = %member.organization, peer_id = %member.peer_id, "allowed again");
        self.swarm.behaviour_mut().members.allow_peer(member.peer_id);
        self.dialer.allow(peer, now);
    }
}
