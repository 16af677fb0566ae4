//! A node's `config.toml`: where it listens and where its peers are.

use std::net::SocketAddr;

use crate::error::TestnetError;
use crate::layout::Layout;
use crate::settings::{self, list, quoted};
use crate::state::{NodeState, Role, State};

/// An address as libp2p writes it.
#[must_use]
pub fn multiaddr(address: SocketAddr) -> String {
    let family = if address.is_ipv4() { "ip4" } else { "ip6" };
    format!("/{family}/{}/tcp/{}", address.ip(), address.port())
}

/// Sets a node's listeners and peers.
///
/// # Errors
/// Those of [`settings::write`].
pub fn write(layout: &Layout, state: &State, node: &NodeState) -> Result<(), TestnetError> {
    let peers: Vec<_> = state
        .nodes
        .iter()
        .filter(|other| other.role != Role::Guest && other.peer_id != node.peer_id)
        .map(|other| format!("{}/p2p/{}", multiaddr(other.addresses.p2p), other.peer_id))
        .collect();
    let loopback = node.addresses.grpc.ip().is_loopback();
    settings::write(
        &layout.config(node.number),
        &[
            ("grpc", "listen", quoted(&node.addresses.grpc.to_string())),
            ("grpc", "allow_plaintext", (!loopback).to_string()),
            ("http", "listen", quoted(&node.addresses.http.to_string())),
            ("p2p", "listen", quoted(&multiaddr(node.addresses.p2p))),
            ("p2p", "peers", list(&peers)),
        ],
    )
}
