//! What reaches honest nodes is watched for contradictions.

use vouchsafe_replica::peer::PeerMessage;

use super::World;
use crate::simulation::invariant::Violation;

impl World {
    /// A message is about to reach a node.
    pub(super) fn watch(&mut self, to: usize, message: &PeerMessage) {
        let honest = self.is_honest(to);
        let node = &self.nodes[to];
        if let Some(running) = node.running.as_ref().filter(|_| honest) {
            self.invariants.evidence.on_arrival(to, node.life, &running.replica, message);
        }
    }

    /// A message has reached a node, unless its power went.
    pub(super) fn hold_to_account(&mut self, to: usize, life: u32) -> Result<(), Violation> {
        let honest = self.is_honest(to);
        let node = &self.nodes[to];
        match node.running.as_ref().filter(|_| honest && node.life == life) {
            Some(running) => self.invariants.evidence.on_heard(to, &running.replica, &node.store),
            None => {
                self.invariants.evidence.on_crash(to);
                Ok(())
            }
        }
    }
}
