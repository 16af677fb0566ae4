//! The engine beneath, together with what surrounds it: the one place that feeds it.

use std::convert::Infallible;
use std::sync::Arc;

use arc_malachitebft_core_consensus as core_consensus;
use core_consensus::{Error as CoreError, Input as CoreInput, RecordKind, State, process};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::adapter::{CoreContext, round_number};
use crate::early::Early;
use crate::effect::Effect;
use crate::error::{EngineError, MessageError};
use crate::evidence::Watch;
use crate::handler::Handler;
use crate::message::Message;
use crate::sign_record::SignStep;
use crate::timer::TimerKind;

/// Where an engine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The height has not started; its messages are kept.
    Waiting,
    /// The height is being decided.
    Running,
    /// The height is decided, and the node stores it.
    Decided,
}

/// What ends an input early: a fault of the message, or one of the engine.
pub(crate) enum Trouble {
    /// The message is dropped.
    Message(MessageError),
    /// The engine stops.
    Engine(EngineError),
}

impl From<MessageError> for Trouble {
    fn from(error: MessageError) -> Self {
        Self::Message(error)
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// All of an engine's state.
pub(crate) struct Machine {
    pub(crate) core: State<CoreContext>,
    pub(crate) handler: Handler,
    pub(crate) early: Early,
    /// Watches the validators of the height.
    pub(crate) watch: Watch,
    pub(crate) height: u64,
    pub(crate) set: Arc<ValidatorSet>,
    pub(crate) phase: Phase,
    /// The demand to start this height was made.
    pub(crate) demanded: bool,
    pub(crate) stopped: bool,
    /// The height that the log was reset to by this run; 0 before it was.
    pub(crate) log_height: u64,
    /// The height and round that was left early last, because nothing could be decided in it.
    pub(crate) left_round: Option<(u64, u32)>,
}

impl Machine {
    /// Lets the engine beneath process one input, and what follows from it at once.
    pub(crate) fn feed(&mut self, input: CoreInput<CoreContext>) -> Result<(), EngineError> {
        self.process(input)?;
        self.leave_hopeless_rounds()
    }

    /// Lets the engine beneath process one input, to the end.
    pub(crate) fn process(&mut self, input: CoreInput<CoreContext>) -> Result<(), EngineError> {
        let Self { core, handler, .. } = self;
        let result: Result<(), CoreError<CoreContext>> = process!(
            input: input,
            state: core,
            metrics: &(),
            with: effect => Ok::<_, Infallible>(handler.on_effect(effect))
        );
        // A refused signature ends as an unexpected answer beneath; this is the true cause.
        if let Some(refusal) = self.handler.refusal.take() {
            return Err(refusal.into());
        }
        result.map_err(from_core_error)?;
        if self.handler.decision.is_some() {
            self.phase = Phase::Decided;
        }
        Ok(())
    }

    /// Hears a message that verified for contradictions.
    pub(crate) fn observe(&mut self, message: &Message) {
        if message.height() == self.height {
            let evidence = self.watch.hear(message);
            self.report(evidence);
        }
    }

    /// Tells of offences.
    pub(crate) fn report(&mut self, evidence: Vec<Evidence>) {
        let evidence = evidence.into_iter().map(|one| Effect::Equivocation(Box::new(one)));
        self.handler.effects.extend(evidence);
    }

    /// Says once that others began the height that is waited for.
    pub(crate) fn demand_start(&mut self) {
        if self.phase != Phase::Waiting || self.demanded {
            return;
        }
        if let Some(demand) = self.early.demand(self.height, &self.set) {
            self.demanded = true;
            let height = self.height;
            self.handler.effects.push(Effect::HeightDemanded { height, demand });
        }
    }

    /// Empties the log for the height that is waited for. A node without a key logs nothing.
    pub(crate) fn reset_log(&mut self) {
        if self.handler.signer.is_some() && self.log_height != self.height {
            self.log_height = self.height;
            self.handler.effects.push(Effect::WalReset { height: self.height });
        }
    }

    /// # Errors
    /// [`EngineError::Stopped`] after any other [`EngineError`].
    pub(crate) fn refuse_if_stopped(&self) -> Result<(), EngineError> {
        if self.stopped { Err(EngineError::Stopped) } else { Ok(()) }
    }

    /// Hands out what one input led to, a decision last: storing it must delay no message.
    pub(crate) fn finish(
        &mut self,
        outcome: Result<(), Trouble>,
    ) -> Result<Vec<Effect>, EngineError> {
        match outcome {
            Ok(()) => {}
            Err(Trouble::Message(error)) => self.handler.effects.push(Effect::Discarded(error)),
            Err(Trouble::Engine(error)) => {
                // Nothing of this input may leave: it was not handed out, and never will be.
                self.stopped = true;
                self.handler.effects.clear();
                return Err(error);
            }
        }
        if let Some(decision) = self.handler.decision.take() {
            self.cancel_decision_timers();
            self.handler.settle_own();
            self.handler.effects.push(Effect::Decided(decision));
        }
        Ok(std::mem::take(&mut self.handler.effects))
    }

    /// Nothing is waited for after a decision. Votes are still sent again, for those who lack it.
    fn cancel_decision_timers(&mut self) {
        let round = round_number(self.core.round());
        for kind in [TimerKind::Propose, TimerKind::Prevote, TimerKind::Precommit] {
            let timer = self.handler.timer(kind, round);
            self.handler.effects.push(Effect::CancelTimer(timer));
        }
    }
}

/// Errors of the engine beneath are of its own types; they leave as text, but for the one rule.
fn from_core_error(error: CoreError<CoreContext>) -> EngineError {
    match error {
        CoreError::ReplayDivergence(kind, height, round) => EngineError::ReplayDivergence {
            step: match kind {
                RecordKind::Proposal => SignStep::Propose,
                RecordKind::Prevote => SignStep::Prevote,
                RecordKind::Precommit => SignStep::Precommit,
            },
            height: height.0,
            round: round_number(round),
        },
        other => EngineError::Core(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use arc_malachitebft_core_types::Round;

    use super::*;
    use crate::adapter::CoreHeight;

    #[test]
    fn a_fault_of_the_engine_beneath_stops_the_node_with_its_text() {
        let fault = CoreError::DecisionNotFound(CoreHeight(4), Round::new(1));
        let error = from_core_error(fault);
        assert!(matches!(&error, EngineError::Core(text) if text.contains("no decision")));
    }
}
