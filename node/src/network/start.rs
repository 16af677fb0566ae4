//! From configuration and genesis to a task that runs: first the socket, so that a port in use is
//! known before anything else starts, then the task.

use std::io;

use futures::StreamExt;
use libp2p::core::transport::TransportError;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm, noise};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use vouchsafe_genesis::Genesis;
use vouchsafe_keys::SecretKey;
use vouchsafe_ledger::StoreRead;
use vouchsafe_types::hash::ChainId;

use super::address::{port_of, socket_of, with_port};
use super::behaviour::{self, Behaviour};
use super::members::Members;
use super::surroundings::Surroundings;
use super::task::{Parts, Task};
use crate::listeners::remedy;

/// Why the network cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NetworkError {
    /// The address is in use, not this machine's, or not allowed.
    #[error("cannot listen on {address} (p2p.listen): {cause}; {}", remedy(cause))]
    Listen { address: Multiaddr, cause: io::Error },
    /// The handshake refuses the node key.
    #[error("keys/node does not serve for the handshake: {0}")]
    Handshake(#[from] noise::Error),
}

/// A swarm that listens, if it is to, and does nothing yet.
pub(crate) struct Bound {
    swarm: Swarm<Behaviour>,
    members: Members,
    chain_id: ChainId,
    /// Where it listens, with the port that the system chose.
    pub(crate) address: Option<Multiaddr>,
}

impl Bound {
    /// Begins to listen. Connections are accepted once the task runs.
    ///
    /// # Errors
    /// [`NetworkError::Listen`], [`NetworkError::Handshake`].
    pub(crate) async fn bind(
        genesis: &Genesis,
        key: &SecretKey,
        members: Members,
        listen: Option<Multiaddr>,
    ) -> Result<Self, NetworkError> {
        let chain_id = genesis.chain_id();
        let mut swarm = behaviour::swarm(key.to_libp2p(), &chain_id, &members)?;
        let address = match listen {
            Some(address) => Some(listen_on(&mut swarm, address).await?),
            None => None,
        };
        Ok(Self { swarm, members, chain_id, address })
    }

    /// Runs the task, until every [`NetworkHandle`](super::NetworkHandle) is dropped.
    pub(crate) fn run<S>(self, surroundings: Surroundings<S>) -> JoinHandle<()>
    where
        S: StoreRead + Clone + 'static,
    {
        let Self { swarm, members, chain_id, .. } = self;
        let task = Task::new(Parts { swarm, members, chain_id, surroundings });
        tokio::spawn(task.run())
    }
}

/// Listens, and returns the address with its real port.
async fn listen_on(
    swarm: &mut Swarm<Behaviour>,
    address: Multiaddr,
) -> Result<Multiaddr, NetworkError> {
    let failed = |cause| NetworkError::Listen { address: address.clone(), cause };
    // The swarm shares a port with whoever else is willing to (SO_REUSEPORT), such as a second
    // node: then each would get some of the other's connections. This socket is not willing.
    if let Some(socket) = socket_of(&address) {
        drop(TcpListener::bind(socket).await.map_err(failed)?);
    }
    swarm.listen_on(address.clone()).map_err(|error| {
        failed(match error {
            TransportError::Other(cause) => cause,
            other => io::Error::other(other.to_string()),
        })
    })?;
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::NewListenAddr { address: actual, .. } => {
                let port = port_of(&actual).expect("the address asked for is of TCP");
                return Ok(with_port(&address, port));
            }
            SwarmEvent::ListenerError { error, .. } => return Err(failed(error)),
            SwarmEvent::ListenerClosed { reason, .. } => {
                let cause = reason.err().unwrap_or_else(|| io::Error::other("closed"));
                return Err(failed(cause));
            }
            // Whoever connects this early is lost, and dials again.
            _ => {}
        }
    }
}
