//! Which connections still live. Pings say so; a connection without one for too long is closed.
//!
//! The ping protocol's own failures come too late for that: libp2p keeps the first one of a row
//! to itself, and looks for others at its leisure.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::swarm::ConnectionId;

/// After so long without a sign of life a connection is dead: two pings and their answers.
pub(crate) const SILENCE_MOST: Duration = Duration::from_secs(6);

/// When each connection last gave a sign of life.
#[derive(Default)]
pub(crate) struct Vitals(BTreeMap<ConnectionId, Instant>);

impl Vitals {
    /// The connection lives.
    pub(crate) fn heard(&mut self, connection: ConnectionId, now: Instant) {
        self.0.insert(connection, now);
    }

    /// The connection is closed.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.0.remove(&connection);
    }

    /// Takes a connection that was silent for too long.
    pub(crate) fn take_silent(&mut self, now: Instant) -> Option<ConnectionId> {
        let (&silent, _) = self.0.iter().find(|(_, heard)| **heard + SILENCE_MOST <= now)?;
        self.0.remove(&silent);
        Some(silent)
    }

    /// When the next one was.
    pub(crate) fn next_silence(&self) -> Option<Instant> {
        self.0.values().min().map(|heard| *heard + SILENCE_MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_no_sign_of_life_is_silent_after_a_while() {
        let (mut vitals, now) = (Vitals::default(), Instant::now());
        let [one, other] = [1, 2].map(ConnectionId::new_unchecked);
        vitals.heard(one, now);
        vitals.heard(other, now);
        let later = now + SILENCE_MOST / 2;
        vitals.heard(one, later);
        assert_eq!(vitals.next_silence(), Some(now + SILENCE_MOST));
        assert_eq!(vitals.take_silent(later), None);
        assert_eq!(vitals.take_silent(now + SILENCE_MOST), Some(other));
        assert_eq!(vitals.take_silent(now + SILENCE_MOST), None);
        vitals.forget(one);
        assert_eq!(vitals.next_silence(), None);
    }
}
