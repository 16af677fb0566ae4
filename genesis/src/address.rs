//! Where a validator is dialed: an IP address and a TCP port, in one form, without names that
//! someone else could point elsewhere.

use libp2p_identity::PeerId;
use multiaddr::{Multiaddr, Protocol};

/// The longest address, in bytes of its text.
pub const ADDRESS_BYTES_MAX: usize = 160;
/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// An address is too long.
    #[error("an address has {0} bytes, more than the {ADDRESS_BYTES_MAX} that one may have")]
    TooLong(usize),
    /// The address is not a multiaddr.
    #[error("{0:?} is not an address: expected one like '/ip4/192.0.2.1/tcp/26656'")]
    NotAnAddress(String),
    /// The address is not in its one form.
    #[error("the address {written:?} is not in its normal form; write {normal}")]
    NotNormal {
        /// The address as written.
        written: String,
        /// The form to write.
        normal: Multiaddr,
    },
    /// The address uses another protocol, such as a name to be resolved.
    #[error(
        "the address {0} is not of the form '/ip4/…/tcp/…' or '/ip6/…/tcp/…', optionally with \
         '/p2p/…' at its end; names and other transports are not supported"
    )]
    Unsupported(Multiaddr),
    /// Nobody can dial the address.
    #[error(
        "nobody can dial the address {0}: it is unspecified or multicast, or its port is 0; \
         write the one that others reach"
    )]
    NotDialable(Multiaddr),
    /// The address ends in another node's peer id.
    #[error("the address {address} names another peer than {peer_id}, whose entry it stands in")]
    OfAnotherPeer {
        /// The address.
        address: Multiaddr,
        /// The entry's peer id.
        peer_id: String,
    },
}

/// Reads an address in its normal form. Whether it may stand in an entry is checked there.
///
/// # Errors
/// An [`AddressError`] names the rule that is broken.
pub fn parse_address(text: &str) -> Result<Multiaddr, AddressError> {
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(AddressError::TooLong(text.len()));
    }
    let address: Multiaddr =
        text.parse().map_err(|_| AddressError::NotAnAddress(text.to_owned()))?;
    if address.to_string() != text {
        return Err(AddressError::NotNormal { written: text.to_owned(), normal: address });
    }
    Ok(address)
}

/// Checks an address that stands in the entry of `peer_id`.
pub(crate) fn check_address(address: &Multiaddr, peer_id: &PeerId) -> Result<(), AddressError> {
    let unsupported = || AddressError::Unsupported(address.clone());
    let mut parts = address.iter();
    let dialable = match parts.next() {
        Some(Protocol::Ip4(ip)) => !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast(),
        Some(Protocol::Ip6(ip)) => !ip.is_unspecified() && !ip.is_multicast(),
        _ => return Err(unsupported()),
    };
    let Some(Protocol::Tcp(port)) = parts.next() else { return Err(unsupported()) };
    if !dialable || port == 0 {
        return Err(AddressError::NotDialable(address.clone()));
    }
    match (parts.next(), parts.next()) {
        (None, None) => Ok(()),
        (Some(Protocol::P2p(named)), None) if named == *peer_id => Ok(()),
        (Some(Protocol::P2p(_)), None) => Err(AddressError::OfAnotherPeer {
            address: address.clone(),
            peer_id: peer_id.to_base58(),
        }),
        _ => Err(unsupported()),
    }
}
