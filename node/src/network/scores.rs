//! Who sent what no honest node sends, and how often: points that fade, and a limit above which a
//! peer is refused for a while.
//!
//! No clock in here: whoever drives it says what time it is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use vouchsafe_replica::PeerNumber;

/// Points above which a peer is dropped.
pub(crate) const POINTS_MAX: u64 = 100;
/// Points for a message that cannot be read, or that no honest node would have relayed.
pub(crate) const POINTS_RUBBISH: u64 = 10;
/// Points for what the replica blames a peer for: it takes more to find out.
pub(crate) const POINTS_FAULT: u64 = 20;
/// One point fades in this time.
const POINT_FADES: Duration = Duration::from_secs(1);
/// How long a peer is refused the first time; each further time it is twice as long.
pub(crate) const REFUSED_LEAST: Duration = Duration::from_secs(60);
/// The longest time for which a peer is refused.
pub(crate) const REFUSED_MOST: Duration = Duration::from_secs(600);
/// After so long without being dropped, a peer's earlier times are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3600);

struct Entry {
    points: u64,
    /// Up to when fading is accounted for.
    faded: Instant,
    /// How long the next refusal is.
    next_refusal: Duration,
    refused_until: Option<Instant>,
}

/// All peers that have, or had, points.
#[derive(Default)]
pub(crate) struct Scores(BTreeMap<PeerNumber, Entry>);

impl Scores {
    /// Adds points. Returns for how long the peer is to be refused, if that is too many.
    pub(crate) fn add(&mut self, peer: PeerNumber, points: u64, now: Instant) -> Option<Duration> {
        let entry = self.0.entry(peer).or_insert(Entry {
            points: 0,
            faded: now,
            next_refusal: REFUSED_LEAST,
            refused_until: None,
        });
        if entry.refused_until.is_some() {
            return None; // what was under way still arrives
        }
        entry.fade(now);
        entry.points += points;
        if entry.points <= POINTS_MAX {
            return None;
        }
        let refusal = entry.next_refusal;
        entry.points = 0;
        entry.next_refusal = (refusal * 2).min(REFUSED_MOST);
        entry.refused_until = Some(now + refusal);
        Some(refusal)
    }

    /// Takes a peer whose refusal is over.
    pub(crate) fn take_released(&mut self, now: Instant) -> Option<PeerNumber> {
        let over = |entry: &Entry| entry.refused_until.is_some_and(|until| until <= now);
        let (peer, entry) = self.0.iter_mut().find(|(_, entry)| over(entry))?;
        entry.refused_until = None;
        entry.faded = now;
        Some(*peer)
    }

    /// When the next refusal is over.
    pub(crate) fn next_release(&self) -> Option<Instant> {
        self.0.values().filter_map(|entry| entry.refused_until).min()
    }
}

impl Entry {
    fn fade(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.faded);
        if passed >= FORGOTTEN {
            self.next_refusal = REFUSED_LEAST;
        }
        let whole = passed.as_secs() / POINT_FADES.as_secs();
        self.points = self.points.saturating_sub(whole);
        self.faded += POINT_FADES * u32::try_from(whole).unwrap_or(u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: PeerNumber = PeerNumber(1);

    /// Adds rubbish until the peer is dropped.
    fn drop_peer(scores: &mut Scores, now: Instant) -> Duration {
        (0..20).find_map(|_| scores.add(PEER, POINTS_RUBBISH, now)).expect("dropped")
    }

    #[test]
    fn eleven_messages_of_rubbish_at_once_are_too_many() {
        let (mut scores, now) = (Scores::default(), Instant::now());
        for _ in 0..10 {
            assert_eq!(scores.add(PEER, POINTS_RUBBISH, now), None);
        }
        assert_eq!(scores.add(PeerNumber(2), POINTS_RUBBISH, now), None);
        assert_eq!(scores.add(PEER, POINTS_RUBBISH, now), Some(REFUSED_LEAST));
    }

    #[test]
    fn points_fade() {
        let (mut scores, mut now) = (Scores::default(), Instant::now());
        for _ in 0..1000 {
            assert_eq!(scores.add(PEER, POINTS_RUBBISH, now), None);
            now += POINT_FADES * 10;
        }
    }

    #[test]
    fn each_refusal_is_twice_as_long_up_to_ten_minutes() {
        let (mut scores, mut now) = (Scores::default(), Instant::now());
        let mut refusals = Vec::new();
        for _ in 0..6 {
            let refusal = drop_peer(&mut scores, now);
            refusals.push(refusal.as_secs());
            assert_eq!(scores.take_released(now), None);
            assert_eq!(scores.next_release(), Some(now + refusal));
            now += refusal;
            assert_eq!(scores.take_released(now), Some(PEER));
            assert_eq!(scores.next_release(), None);
        }
        assert_eq!(refusals, [60, 120, 240, 480, 600, 600]);
        now += FORGOTTEN;
        assert_eq!(drop_peer(&mut scores, now), REFUSED_LEAST);
    }

    #[test]
    fn who_is_refused_gets_no_more_points() {
        let (mut scores, now) = (Scores::default(), Instant::now());
        drop_peer(&mut scores, now);
        for _ in 0..100 {
            assert_eq!(scores.add(PEER, POINTS_FAULT, now), None);
        }
    }
}
