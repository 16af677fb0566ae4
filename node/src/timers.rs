//! The replica's timers: it says when to be woken, this says who is due.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Deadlines by timer. A timer set again moves.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    deadlines: BTreeMap<T, Instant>,
    /// The same, soonest first.
    order: BTreeSet<(Instant, T)>,
}

impl<T: Ord + Copy> Timers<T> {
    pub(crate) fn new() -> Self {
        Self { deadlines: BTreeMap::new(), order: BTreeSet::new() }
    }

    /// Sets a timer to end `delay` after `now`.
    pub(crate) fn set(&mut self, timer: T, now: Instant, delay: Duration) {
        self.cancel(timer);
        self.deadlines.insert(timer, now + delay);
        self.order.insert((now + delay, timer));
    }

    /// Forgets a timer, if it is set.
    pub(crate) fn cancel(&mut self, timer: T) {
        if let Some(deadline) = self.deadlines.remove(&timer) {
            self.order.remove(&(deadline, timer));
        }
    }

    /// Forgets every timer that `concerned` picks.
    pub(crate) fn cancel_all(&mut self, concerned: impl Fn(&T) -> bool) {
        self.deadlines.retain(|timer, _| !concerned(timer));
        self.order.retain(|(_, timer)| !concerned(timer));
    }

    /// When the next timer ends.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    /// Takes the timer that ended first, if one has.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<T> {
        let (deadline, timer) = *self.order.first()?;
        if deadline > now {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_end_in_the_order_of_their_deadlines() {
        let now = Instant::now();
        let mut timers = Timers::new();
        timers.set('b', now, Duration::from_millis(20));
        timers.set('a', now, Duration::from_millis(10));
        assert_eq!(timers.next_deadline(), Some(now + Duration::from_millis(10)));
        assert_eq!(timers.take_due(now), None);
        let later = now + Duration::from_millis(20);
        assert_eq!(timers.take_due(later), Some('a'));
        assert_eq!(timers.take_due(later), Some('b'));
        assert_eq!(timers.take_due(later), None);
        assert_eq!(timers.next_deadline(), None);
    }

    #[test]
    fn a_timer_set_again_moves_and_a_cancelled_one_never_ends() {
        let now = Instant::now();
        let mut timers = Timers::new();
        timers.set('a', now, Duration::from_millis(10));
        timers.set('a', now, Duration::from_millis(30));
        timers.set('b', now, Duration::from_millis(5));
        timers.cancel('b');
        assert_eq!(timers.take_due(now + Duration::from_millis(20)), None);
        assert_eq!(timers.take_due(now + Duration::from_millis(30)), Some('a'));
        timers.set('c', now, Duration::ZERO);
        timers.set('d', now, Duration::ZERO);
        timers.cancel_all(|timer| *timer == 'c');
        assert_eq!(timers.take_due(now), Some('d'));
        assert_eq!(timers.take_due(now), None);
    }
}
