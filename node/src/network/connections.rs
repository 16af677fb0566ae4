//! Connections come, go, fail, and are refused.

use std::time::Instant;

use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError, ListenError};
use libp2p::{Multiaddr, PeerId, allow_block_list, ping};
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::{Event, PeerNumber};

use super::metrics::{MemberLabels, Refusal};
use super::task::Task;

/// Any byte, to spread dials in time. Without randomness they are not spread.
fn chance() -> u8 {
    let mut byte = [0];
    match getrandom::fill(&mut byte) {
        Ok(()) => byte[0],
        Err(_) => 0,
    }
}

impl<S: StoreRead + Clone + 'static> Task<S> {
    /// Dials a member at all its addresses. A port of its own is used each time: were it the
    /// listener's, two nodes that dial each other at once would make one broken connection.
    pub(super) fn dial(&mut self, peer: PeerNumber) {
        let Some(member) = self.members.get(peer) else { return };
        let peer_id = member.peer_id;
        let options = DialOpts::peer_id(peer_id)
            .addresses(member.reached_at.clone())
            .allocate_new_port()
            .build();
        if let Err(error) = self.swarm.dial(options) {
            self.on_dial_failed(&peer_id, &error);
        }
    }

    pub(super) fn on_dial_failed(&mut self, peer_id: &PeerId, error: &DialError) {
        let Some(peer) = self.members.number(peer_id) else { return };
        self.around.metrics.failed_dials.inc();
        tracing::debug!(%peer_id, "dialing failed: {error}");
        let first = self.dialer.failed(peer, Instant::now(), chance());
        if first && let Some(member) = self.members.get(peer) {
            tracing::info!(
                organization = %member.organization, %peer_id,
                "a member cannot be reached; dialing goes on"
            );
        }
    }

    pub(super) fn on_connected(&mut self, peer_id: &PeerId) {
        let Some(peer) = self.members.number(peer_id) else { return };
        self.dialer.connected(peer, Instant::now());
        self.show_connected(peer, true);
        let Some(member) = self.members.get(peer) else { return };
        tracing::info!(organization = %member.organization, %peer_id, "member connected");
        let address = member.address;
        self.around.replica.peer(Event::PeerConnected { peer, address });
    }

    pub(super) fn on_disconnected(&mut self, peer_id: &PeerId) {
        let Some(peer) = self.members.number(peer_id) else { return };
        self.dialer.disconnected(peer, Instant::now(), chance());
        self.show_connected(peer, false);
        if let Some(member) = self.members.get(peer) {
            tracing::info!(organization = %member.organization, %peer_id, "member disconnected");
        }
        self.around.replica.peer(Event::PeerDisconnected { peer });
    }

    /// Shows in the metrics whether a member is connected.
    pub(super) fn show_connected(&self, peer: PeerNumber, connected: bool) {
        let Some(member) = self.members.get(peer) else { return };
        let organization = member.organization.to_string();
        let labels = MemberLabels { organization, member: peer.0 };
        let gauge = self.around.metrics.connected.get_or_create(&labels);
        gauge.set(i64::from(connected));
        drop(gauge);
        let count = self.members.others().filter(|(_, m)| self.swarm.is_connected(&m.peer_id));
        let count = i64::try_from(count.count()).unwrap_or(i64::MAX);
        self.around.metrics.peers.set(count);
    }

    pub(super) fn on_refused(
        &mut self,
        error: &ListenError,
        from: &Multiaddr,
        peer_id: Option<PeerId>,
    ) {
        let reason = match error {
            ListenError::Denied { cause }
                if cause.downcast_ref::<allow_block_list::NotAllowed>().is_some() =>
            {
                Refusal::NotAllowed
            }
            ListenError::Denied { .. } => Refusal::Limit,
            _ => Refusal::Handshake,
        };
        self.around.metrics.count_refused(reason);
        tracing::debug!(%from, ?peer_id, ?reason, "a connection was refused: {error}");
    }

    pub(super) fn on_ping(&mut self, event: &ping::Event) {
        match &event.result {
            Ok(_) => self.vitals.heard(event.connection, Instant::now()),
            Err(failure) => {
                tracing::debug!(peer_id = %event.peer, "a ping failed: {failure}");
                self.close_silent(event.connection);
            }
        }
    }

    /// Closes a connection that gives no sign of life: its peer is not there, whatever TCP
    /// believes.
    pub(super) fn close_silent(&mut self, connection: ConnectionId) {
        self.vitals.forget(connection);
        if self.swarm.close_connection(connection) {
            tracing::debug!(%connection, "closing a connection that gives no sign of life");
            self.around.metrics.silent_connections.inc();
        }
    }

    /// A peer that takes messages too slowly is let go: it comes back with empty queues, and
    /// catches up on what it missed. A full queue would not recover: gossipsub 0.49.5 goes on
    /// counting what it dropped as waiting.
    pub(super) fn disconnect_slow(&mut self, peer_id: PeerId) {
        tracing::warn!(%peer_id, "a member takes messages too slowly: reconnecting");
        self.around.metrics.slow_peers.inc();
        // An error means that it is gone already.
        let _ = self.swarm.disconnect_peer_id(peer_id);
    }
}
