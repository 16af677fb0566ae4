//! Ports that are free and stay so while a node is down.
//!
//! They are taken from below the range out of which the system serves outgoing connections: a port
//! of that range could be another program's when its node comes back, or, on loopback, a dialer's
//! own, so that it would connect to itself.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpListener};

use crate::error::TestnetError;

/// The first port that is taken.
const PORT_FIRST: u16 = 10_240;
/// Where outgoing connections begin, if the system does not say.
const OUTGOING_FIRST_DEFAULT: u16 = 32_768;
/// So many ports are tried before giving up.
const TRIES_MAX: usize = 10_000;

/// Chooses free ports on an address, none of them twice.
#[derive(Debug)]
pub struct PortChooser {
    address: IpAddr,
    outgoing_first: u16,
    chosen: BTreeSet<u16>,
}

impl PortChooser {
    /// A chooser that avoids some ports.
    #[must_use]
    pub fn new(address: IpAddr, avoid: impl IntoIterator<Item = u16>) -> Self {
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
        let first = range.ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
        let outgoing_first = first.unwrap_or(OUTGOING_FIRST_DEFAULT).max(PORT_FIRST + 1);
        Self { address, outgoing_first, chosen: avoid.into_iter().collect() }
    }

    /// The next free port.
    ///
    /// # Errors
    /// [`TestnetError::NoPort`], [`TestnetError::Randomness`].
    pub fn choose(&mut self) -> Result<SocketAddr, TestnetError> {
        for _ in 0..TRIES_MAX {
            let random = getrandom::u32().map_err(TestnetError::Randomness)?;
            let span = u32::from(self.outgoing_first - PORT_FIRST);
            let offset = u16::try_from(random % span).expect("a span of ports is below 65,536");
            let address = SocketAddr::new(self.address, PORT_FIRST + offset);
            if !self.chosen.contains(&address.port()) && is_free(address) {
                self.chosen.insert(address.port());
                return Ok(address);
            }
        }
        Err(TestnetError::NoPort(self.address))
    }
}

/// Can somebody listen there?
#[must_use]
pub fn is_free(address: SocketAddr) -> bool {
    // Bound as a node binds it (std sets SO_REUSEADDR): a connection's remains do not count.
    TcpListener::bind(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_distinct_and_below_those_of_outgoing_connections() {
        let loopback: IpAddr = "127.0.0.1".parse().expect("an address");
        let mut chooser = PortChooser::new(loopback, []);
        let chosen: Vec<_> = (0..100).map(|_| chooser.choose().expect("free")).collect();
        let distinct: BTreeSet<_> = chosen.iter().collect();
        assert_eq!(distinct.len(), 100);
        for address in &chosen {
            assert!(address.port() >= PORT_FIRST && address.port() < chooser.outgoing_first);
        }
        let held = TcpListener::bind(chosen[0]).expect("free");
        assert!(!is_free(chosen[0]));
        drop(held);
        assert!(is_free(chosen[0]));
    }

    #[test]
    fn an_address_without_free_ports_is_an_error() {
        // Documentation's address (RFC 5737): no machine's own.
        let foreign: IpAddr = "192.0.2.1".parse().expect("an address");
        let error = PortChooser::new(foreign, []).choose().expect_err("nobody can listen there");
        assert!(matches!(error, TestnetError::NoPort(_)), "{error}");
    }
}
