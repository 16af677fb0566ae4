//! The replica's way to the network. It never waits: what finds no room is dropped and counted,
//! since consensus says everything again that matters.

use std::sync::Arc;

use tokio::sync::mpsc;
use vouchsafe_replica::peer::{PeerMessage, Request};
use vouchsafe_replica::{Delivery, Fault, PeerNumber, RequestNumber, Verdict};
use vouchsafe_types::transaction::VerifiedTransaction;

use super::metrics::{DroppedKind, NetworkMetrics};

/// The most commands that wait for the network's task, which hands each on in microseconds.
const COMMANDS_MAX: usize = 4096;

/// What the replica wants done.
pub(crate) enum Command {
    Broadcast(PeerMessage),
    Gossip(Vec<Arc<VerifiedTransaction>>),
    Relay { delivery: Delivery, verdict: Verdict },
    Ask { peer: PeerNumber, number: RequestNumber, request: Request },
    Blame { peer: PeerNumber, fault: Fault },
}

/// The way to the network. It ends once every clone is dropped.
#[derive(Clone)]
pub(crate) struct NetworkHandle {
    /// None: the chain has no other member.
    commands: Option<mpsc::Sender<Command>>,
    metrics: Arc<NetworkMetrics>,
}

/// The network's end.
pub(crate) type Commands = mpsc::Receiver<Command>;

impl NetworkHandle {
    /// A way, and its end.
    pub(crate) fn channel(metrics: Arc<NetworkMetrics>) -> (Self, Commands) {
        let (sender, commands) = mpsc::channel(COMMANDS_MAX);
        (Self { commands: Some(sender), metrics }, commands)
    }

    /// For a chain with one node: there is nobody to tell.
    pub(crate) fn alone(metrics: Arc<NetworkMetrics>) -> Self {
        Self { commands: None, metrics }
    }

    /// Hands a command over. Returns whether there was room.
    pub(crate) fn send(&self, command: Command) -> bool {
        let Some(commands) = &self.commands else { return false };
        let sent = commands.try_send(command).is_ok();
        if !sent {
            self.metrics.count_dropped(DroppedKind::Outgoing);
        }
        sent
    }
}
