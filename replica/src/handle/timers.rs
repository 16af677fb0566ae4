//! The clock speaks: the start, timers, heartbeats.

use vouchsafe_consensus::{Input, Phase};
use vouchsafe_ledger::StoreRead;

use crate::effect::{Effect, Timer};
use crate::error::ReplicaError;
use crate::replica::Replica;

/// How long a heartbeat that began no height waits before it tries again, in milliseconds.
const HEARTBEAT_AGAIN_MS: u64 = 500;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn on_started(&mut self) -> Result<(), ReplicaError> {
        self.set_heartbeat();
        self.start_if_due()
    }

    pub(crate) fn on_timer(&mut self, timer: Timer) -> Result<(), ReplicaError> {
        match timer {
            Timer::Consensus(timer) => self.feed_engine(Input::TimerElapsed(timer)),
            Timer::Heartbeat { height } if height == self.engine.height() => {
                self.start_if_due()?;
                // Still waiting: for a quorum, for the others, or because the clock was set back
                // meanwhile, and this was the only timer.
                if self.engine.phase() == Phase::Waiting {
                    self.set_heartbeat_in(self.until_heartbeat_ms().max(HEARTBEAT_AGAIN_MS));
                }
                Ok(())
            }
            Timer::Heartbeat { .. } => Ok(()),
            Timer::Hold { block_id } => self.judge_held(block_id),
            Timer::Survey => self.on_survey(),
            Timer::Regossip => {
                self.gossip_again();
                // Without a quorum no commit does it.
                self.settle_refused()
            }
        }
    }

    /// The next height begins at the latest one heartbeat after its parent.
    pub(crate) fn set_heartbeat(&mut self) {
        self.set_heartbeat_in(self.until_heartbeat_ms());
    }

    fn until_heartbeat_ms(&self) -> u64 {
        let heartbeat_ms = self.ledger.parameters().heartbeat_ms;
        self.ledger.head().time_ms.saturating_add(heartbeat_ms).saturating_sub(self.now_ms)
    }

    fn set_heartbeat_in(&mut self, delay_ms: u64) {
        let timer = Timer::Heartbeat { height: self.engine.height() };
        self.effects.push(Effect::SetTimer { timer, delay_ms });
    }
}
