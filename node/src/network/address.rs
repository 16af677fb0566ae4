//! Addresses in `config.toml`: where this node listens, and where others are reached. IP addresses
//! and TCP only: a name could be pointed elsewhere by whoever answers for it.

use std::net::{IpAddr, SocketAddr};

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use vouchsafe_genesis::{ADDRESS_BYTES_MAX, PeerIdError, public_key_of};

/// Why an address of `[p2p]` is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum P2pAddressError {
    /// It is no multiaddr of IP and TCP.
    #[error("p2p.{field}: {text:?} is not an address; write one like {}", example(field))]
    Form { field: &'static str, text: String },
    /// It holds a name.
    #[error("p2p.{field}: {text:?} holds a name; use an IP address, such as {}", example(field))]
    Name { field: &'static str, text: String },
    /// It does not say which node is there.
    #[error(
        "p2p.peers: {0:?} does not say which node is there; add its peer id: '{0}/p2p/12D3KooW…'"
    )]
    NoPeerId(String),
    /// What it names is no node's identity.
    #[error("p2p.peers: {text:?} is refused: {cause}")]
    PeerId { text: String, cause: PeerIdError },
    /// Nobody can be there.
    #[error("p2p.peers: nobody can be reached at {0:?}; write the IP address and port of the node")]
    NotDialable(String),
}

fn example(field: &str) -> &'static str {
    match field {
        "listen" => "'/ip4/0.0.0.0/tcp/26656'",
        _ => "'/ip4/192.0.2.1/tcp/26656/p2p/12D3KooW…'",
    }
}

/// Where a member is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PeerAddress {
    pub(crate) peer_id: PeerId,
    pub(crate) address: Multiaddr,
}

fn parse(field: &'static str, text: &str) -> Result<(Multiaddr, Option<PeerId>), P2pAddressError> {
    let form =
        || P2pAddressError::Form { field, text: text.chars().take(ADDRESS_BYTES_MAX).collect() };
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(form());
    }
    let mut address: Multiaddr = text.parse().map_err(|_| form())?;
    let parts: Vec<Protocol<'_>> = address.iter().collect();
    match parts.as_slice() {
        [Protocol::Ip4(_) | Protocol::Ip6(_), Protocol::Tcp(_)] => Ok((address, None)),
        [Protocol::Ip4(_) | Protocol::Ip6(_), Protocol::Tcp(_), Protocol::P2p(peer_id)] => {
            let peer_id = *peer_id;
            address.pop();
            Ok((address, Some(peer_id)))
        }
        [Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) | Protocol::Dnsaddr(_), ..] => {
            Err(P2pAddressError::Name { field, text: text.to_owned() })
        }
        _ => Err(form()),
    }
}

/// Where this node listens; nowhere if the text is empty.
///
/// # Errors
/// [`P2pAddressError::Form`], [`P2pAddressError::Name`].
pub(crate) fn parse_listen(text: &str) -> Result<Option<Multiaddr>, P2pAddressError> {
    if text.is_empty() {
        return Ok(None);
    }
    match parse("listen", text)? {
        (address, None) => Ok(Some(address)),
        (_, Some(_)) => Err(P2pAddressError::Form { field: "listen", text: text.to_owned() }),
    }
}

/// Where another node is reached.
///
/// # Errors
/// One [`P2pAddressError`] for each rule.
pub(crate) fn parse_peer(text: &str) -> Result<PeerAddress, P2pAddressError> {
    let (address, peer_id) = parse("peers", text)?;
    let peer_id = peer_id.ok_or_else(|| P2pAddressError::NoPeerId(text.to_owned()))?;
    public_key_of(&peer_id)
        .map_err(|cause| P2pAddressError::PeerId { text: text.to_owned(), cause })?;
    let dialable = address.iter().all(|part| match part {
        Protocol::Ip4(ip) => !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast(),
        Protocol::Ip6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
        Protocol::Tcp(port) => port != 0,
        _ => true,
    });
    if dialable {
        Ok(PeerAddress { peer_id, address })
    } else {
        Err(P2pAddressError::NotDialable(text.to_owned()))
    }
}

/// The socket of an address.
pub(crate) fn socket_of(address: &Multiaddr) -> Option<SocketAddr> {
    let ip = address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    });
    Some(SocketAddr::new(ip?, port_of(address)?))
}

/// The TCP port of an address.
pub(crate) fn port_of(address: &Multiaddr) -> Option<u16> {
    address.iter().find_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    })
}

/// The address with another TCP port.
pub(crate) fn with_port(address: &Multiaddr, port: u16) -> Multiaddr {
    address
        .iter()
        .map(|part| if matches!(part, Protocol::Tcp(_)) { Protocol::Tcp(port) } else { part })
        .collect()
}

#[cfg(test)]
mod tests {
    use vouchsafe_keys::SecretKey;

    use super::*;

    #[test]
    fn a_listener_is_an_ip_address_and_a_port() {
        assert_eq!(parse_listen(""), Ok(None));
        for text in ["/ip4/0.0.0.0/tcp/0", "/ip6/::1/tcp/26656"] {
            let address = parse_listen(text).expect("fine").expect("some");
            assert_eq!(address.to_string(), text);
        }
        for text in ["here", "/ip4/127.0.0.1", "/ip4/127.0.0.1/udp/1", "/ip4/1.2.3.4/tcp/1/ws"] {
            let refused = parse_listen(text);
            assert!(matches!(refused, Err(P2pAddressError::Form { .. })), "{text}");
        }
        let name = parse_listen("/dns4/node.example/tcp/1").expect_err("a name");
        assert!(name.to_string().contains("use an IP address"), "{name}");
    }

    #[test]
    fn a_peer_is_an_address_and_who_is_there() {
        let peer_id = SecretKey::from_seed(&[1; 32]).peer_id();
        let text = format!("/ip4/192.0.2.1/tcp/26656/p2p/{peer_id}");
        let peer = parse_peer(&text).expect("fine");
        assert_eq!(peer.peer_id, peer_id);
        assert_eq!(peer.address.to_string(), "/ip4/192.0.2.1/tcp/26656");
        assert!(matches!(
            parse_peer("/ip4/192.0.2.1/tcp/26656"),
            Err(P2pAddressError::NoPeerId(_))
        ));
        for address in ["/ip4/0.0.0.0/tcp/1", "/ip4/192.0.2.1/tcp/0", "/ip6/ff02::1/tcp/1"] {
            let refused = parse_peer(&format!("{address}/p2p/{peer_id}"));
            assert!(matches!(refused, Err(P2pAddressError::NotDialable(_))), "{address}");
        }
        let hashed = "/ip4/192.0.2.1/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        assert!(matches!(parse_peer(hashed), Err(P2pAddressError::PeerId { .. })));
        let name = parse_peer(&format!("/dns/node.example/tcp/1/p2p/{peer_id}"));
        assert!(matches!(name, Err(P2pAddressError::Name { .. })));
    }

    #[test]
    fn a_port_is_read_and_replaced() {
        let address: Multiaddr = "/ip4/127.0.0.1/tcp/0".parse().expect("an address");
        let real = with_port(&address, 7);
        assert_eq!((port_of(&real), real.to_string()), (Some(7), "/ip4/127.0.0.1/tcp/7".into()));
    }
}
