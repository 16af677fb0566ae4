//! A round in which nothing can be decided any more ends at once.
//!
//! After precommits of two thirds of the power the paper waits a while for others (arXiv
//! 1807.04938, line 47), since they may still decide. When those two thirds are for *nil* nothing
//! can: any decision would need a third of the power to have precommitted twice. So the wait is cut
//! short, and a proposer that is dead costs the wait for its proposal and nothing more. Timeouts
//! are only a matter of progress; CometBFT does the same.

use arc_malachitebft_core_consensus::Input as CoreInput;
use arc_malachitebft_core_types::{NilOrVal, VoteType};

use crate::adapter::timeout_to_core;
use crate::error::EngineError;
use crate::machine::{Machine, Phase};
use crate::timer::TimerKind;

impl Machine {
    /// Goes on from rounds in which nothing can be decided.
    pub(crate) fn leave_hopeless_rounds(&mut self) -> Result<(), EngineError> {
        while let Some(round) = self.hopeless_round() {
            self.left_round = Some((self.height, round));
            let timeout = timeout_to_core(TimerKind::Precommit, round);
            self.process(CoreInput::TimeoutElapsed(timeout))?;
        }
        Ok(())
    }

    fn hopeless_round(&self) -> Option<u32> {
        let driver = &self.core.driver;
        // While the log is replayed, it says itself when a round ended.
        if self.phase != Phase::Running || !self.handler.replayed.is_empty() {
            return None;
        }
        let round = driver.round().as_u32()?;
        let nil = driver
            .votes()
            .per_round(driver.round())?
            .votes()
            .get_weight(VoteType::Precommit, &NilOrVal::Nil);
        let left = self.left_round == Some((self.height, round));
        (!left && self.set.is_quorum(nil)).then_some(round)
    }
}
