//! When to dial whom: every member whose address is known, for ever, with pauses that grow.
//!
//! ```text
//! Waiting(until) ── due ──▶ Dialing ──┬─ connected ──▶ Connected ── lost ──┐
//!    ▲                                └─ failed ─┐                         │
//!    └──── pause: 250 ms, doubled up to 3 s ─────┴─────────────────────────┘
//! ```
//!
//! No clock and no randomness in here: whoever drives it brings both.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use vouchsafe_replica::PeerNumber;

/// The first pause.
pub(crate) const PAUSE_LEAST: Duration = Duration::from_millis(250);
/// The longest pause: what a healed network waits for at most.
pub(crate) const PAUSE_MOST: Duration = Duration::from_secs(3);
/// A connection that lasted this long was a good one: the pauses begin anew after it.
const LASTED: Duration = Duration::from_secs(10);

enum Stage {
    Waiting {
        until: Instant,
    },
    Dialing,
    Connected {
        since: Instant,
    },
    /// Refused for a while.
    Barred,
}

struct Entry {
    stage: Stage,
    pause: Duration,
    /// Did it fail since the last connection?
    failing: bool,
}

/// The members that are dialed.
pub(crate) struct Dialer(BTreeMap<PeerNumber, Entry>);

/// A pause with up to a quarter taken off, so that two nodes do not keep dialing each other at the
/// same moment. `chance` is any random byte.
fn jittered(pause: Duration, chance: u8) -> Duration {
    pause - pause / 4 * u32::from(chance) / 255
}

impl Dialer {
    /// All are dialed at once.
    pub(crate) fn new(peers: impl IntoIterator<Item = PeerNumber>, now: Instant) -> Self {
        Self(peers.into_iter().map(|peer| (peer, Entry::new(now))).collect())
    }

    /// Takes a member whose time has come. It is dialed until [`failed`](Self::failed) or
    /// [`connected`](Self::connected).
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<PeerNumber> {
        let due = |entry: &Entry| matches!(entry.stage, Stage::Waiting { until } if until <= now);
        let (peer, entry) = self.0.iter_mut().find(|(_, entry)| due(entry))?;
        entry.stage = Stage::Dialing;
        Some(*peer)
    }

    /// When the next one's time comes.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let until = |entry: &Entry| match entry.stage {
            Stage::Waiting { until } => Some(until),
            _ => None,
        };
        self.0.values().filter_map(until).min()
    }

    /// The member was dialed in vain. Returns whether that is news: the first time in a row.
    pub(crate) fn failed(&mut self, peer: PeerNumber, now: Instant, chance: u8) -> bool {
        let Some(entry) = self.0.get_mut(&peer) else { return false };
        if !matches!(entry.stage, Stage::Dialing) {
            return false;
        }
        entry.wait(now, chance);
        !std::mem::replace(&mut entry.failing, true)
    }

    /// There is a connection, whoever dialed.
    pub(crate) fn connected(&mut self, peer: PeerNumber, now: Instant) {
        if let Some(entry) = self.0.get_mut(&peer) {
            entry.stage = Stage::Connected { since: now };
            entry.failing = false;
        }
    }

    /// The last connection is gone.
    pub(crate) fn disconnected(&mut self, peer: PeerNumber, now: Instant, chance: u8) {
        let Some(entry) = self.0.get_mut(&peer) else { return };
        if let Stage::Connected { since } = entry.stage {
            if now.saturating_duration_since(since) >= LASTED {
                entry.pause = PAUSE_LEAST;
            }
            entry.wait(now, chance);
        }
    }

    /// The member is not dialed until [`allow`](Self::allow).
    pub(crate) fn bar(&mut self, peer: PeerNumber) {
        if let Some(entry) = self.0.get_mut(&peer) {
            entry.stage = Stage::Barred;
        }
    }

    /// The member is dialed again, at once.
    pub(crate) fn allow(&mut self, peer: PeerNumber, now: Instant) {
        if let Some(entry) = self.0.get_mut(&peer) {
            *entry = Entry::new(now);
        }
    }
}

impl Entry {
    fn new(now: Instant) -> Self {
        Self { stage: Stage::Waiting { until: now }, pause: PAUSE_LEAST, failing: false }
    }

    fn wait(&mut self, now: Instant, chance: u8) {
        self.stage = Stage::Waiting { until: now + jittered(self.pause, chance) };
        self.pause = (self.pause * 2).min(PAUSE_MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: PeerNumber = PeerNumber(3);

    fn dialing(now: Instant) -> Dialer {
        let mut dialer = Dialer::new([PEER], now);
        assert_eq!(dialer.take_due(now), Some(PEER));
        assert_eq!(dialer.take_due(now), None);
        dialer
    }

    #[test]
    fn pauses_double_up_to_three_seconds_and_never_end() {
        let mut now = Instant::now();
        let mut dialer = dialing(now);
        let mut pauses = Vec::new();
        for attempt in 0..8 {
            assert_eq!(dialer.failed(PEER, now, 0), attempt == 0);
            let due = dialer.next_due().expect("it is tried again");
            pauses.push((due - now).as_millis());
            now = due;
            assert_eq!(dialer.take_due(now), Some(PEER));
        }
        assert_eq!(pauses, [250, 500, 1000, 2000, 3000, 3000, 3000, 3000]);
    }

    #[test]
    fn chance_takes_off_a_quarter_at_most() {
        let now = Instant::now();
        let mut dialer = dialing(now);
        dialer.failed(PEER, now, 255);
        let pause = dialer.next_due().expect("again") - now;
        assert!(pause <= PAUSE_LEAST && pause >= PAUSE_LEAST * 3 / 4, "{pause:?}");
    }

    #[test]
    fn only_a_connection_that_lasted_makes_pauses_short_again() {
        let now = Instant::now();
        let mut dialer = dialing(now);
        dialer.failed(PEER, now, 0);
        let pause_after = |dialer: &mut Dialer, lasting: Duration| {
            dialer.connected(PEER, now);
            assert_eq!(dialer.next_due(), None);
            dialer.disconnected(PEER, now + lasting, 0);
            dialer.next_due().expect("again") - (now + lasting)
        };
        assert_eq!(pause_after(&mut dialer, Duration::from_secs(1)), PAUSE_LEAST * 2);
        assert_eq!(pause_after(&mut dialer, LASTED), PAUSE_LEAST);
    }

    #[test]
    fn a_dial_that_fails_beside_a_connection_changes_nothing() {
        let now = Instant::now();
        let mut dialer = dialing(now);
        dialer.connected(PEER, now);
        assert!(!dialer.failed(PEER, now, 0));
        assert_eq!(dialer.next_due(), None);
    }

    #[test]
    fn who_is_barred_is_not_dialed_until_allowed() {
        let now = Instant::now();
        let mut dialer = dialing(now);
        dialer.connected(PEER, now);
        dialer.bar(PEER);
        dialer.disconnected(PEER, now, 0);
        assert_eq!(dialer.next_due(), None);
        dialer.allow(PEER, now);
        assert_eq!(dialer.take_due(now), Some(PEER));
    }
}
