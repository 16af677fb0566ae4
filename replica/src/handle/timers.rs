//! The clock speaks: the start, timers, heartbeats.

use vouchsafe_consensus::{Input, Phase};
use vouchsafe_ledger::StoreRead;

use crate::effect::{Effect, Timer};
use crate::error::ReplicaError;
use crate::replica::Replica;

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
                // Still waiting: the clock was set back meanwhile, and this was the only timer.
                if self.engine.phase() == Phase::Waiting {
                    self.set_heartbeat();
                }
                Ok(())
            }
            Timer::Heartbeat { .. } => Ok(()),
            Timer::Hold { block_id } => self.judge_held(block_id),
        }
    }

    /// The next height begins at the latest one heartbeat after its parent.
    pub(crate) fn set_heartbeat(&mut self) {
        let due_ms =
            self.ledger.head().time_ms.saturating_add(self.ledger.parameters().heartbeat_ms);
        let timer = Timer::Heartbeat { height: self.engine.height() };
        let delay_ms = due_ms.saturating_sub(self.now_ms);
        self.effects.push(Effect::SetTimer { timer, delay_ms });
    }
}
