//! The engine: one validator's, or one follower's, part in deciding blocks. No clock, no disk, no
//! network: inputs go in, effects come out.
//!
//! ```text
//!            await_height(h)          start_height          decided
//!  Engine::new ──▶ Waiting ──────────────▶ Running ──────────▶ Decided ──┐
//!                     ▲    messages kept,            messages fed        │
//!                     │    HeightDemanded                                │
//!                     └─────────── await_height(h + 1), once stored ─────┘
//! ```
//!
//! A height starts when there is something to decide, not before: an engine that waits has no
//! timers but that of sending its last votes again, and makes no empty rounds.

use std::sync::Arc;

use arc_malachitebft_core_consensus::{Params, State, ThresholdParams, ValuePayload};
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::signature::SignatureRule;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::adapter::{CoreAddress, CoreContext, CoreHeight, CoreValidatorSet};
use crate::early::Early;
use crate::effect::Effect;
use crate::error::EngineError;
use crate::evidence::Watch;
use crate::guard::SignGuard;
use crate::handler::Handler;
use crate::input::{Input, Start};
use crate::machine::{Machine, Phase};
use crate::sign_record::SignMark;
use crate::signer::Signer;
use crate::timer::Timeouts;
use crate::verify::Verifier;

/// What an engine is made with.
pub struct EngineParameters {
    /// The chain whose messages are signed and verified.
    pub chain_id: ChainId,
    /// Who judges their signatures.
    pub signature_rule: Arc<dyn SignatureRule>,
    /// How long to wait for others.
    pub timeouts: Timeouts,
    /// The consensus key. A node without one follows.
    pub signer: Option<Box<dyn Signer>>,
    /// The newest mark of the sign record:
    /// [`SignRecord::latest`](crate::sign_record::SignRecord::latest).
    pub signed: Option<SignMark>,
}

/// One node's part in deciding blocks, a height at a time: it waits, runs, decides, and waits for
/// the next ([`Phase`]).
pub struct Engine {
    pub(crate) machine: Machine,
}

impl Engine {
    /// An engine that waits to start `height`, whose validators are `set`.
    ///
    /// # Errors
    /// [`EngineError::Timeout`] when a timeout is outside its bounds.
    pub fn new(
        parameters: EngineParameters,
        height: u64,
        set: Arc<ValidatorSet>,
    ) -> Result<Self, EngineError> {
        let EngineParameters { chain_id, signature_rule, timeouts, signer, signed } = parameters;
        timeouts.check()?;
        let (verifier, guard) = (Verifier::new(chain_id, signature_rule), SignGuard::new(signed));
        let handler = Handler::new(verifier, signer, guard, timeouts, Arc::clone(&set));
        let params = Params {
            address: CoreAddress(handler.address()),
            threshold_params: ThresholdParams::default(),
            value_payload: ValuePayload::ProposalAndParts,
            // Every start of a height decides this anew.
            enabled: false,
        };
        let core_set = CoreValidatorSet::new(Arc::clone(&set));
        // The queues beneath stay empty: what comes early is kept here.
        let core = State::new(CoreContext, CoreHeight(height), core_set, params, 1, 1);
        let machine = Machine {
            core,
            handler,
            early: Early::default(),
            watch: Watch::default(),
            height,
            set,
            phase: Phase::Waiting,
            demanded: false,
            stopped: false,
            log_height: 0,
            left_round: None,
        };
        Ok(Self { machine })
    }

    /// The height that is waited for, decided, or stored.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.machine.height
    }

    /// The round that the height is in; 0 before its start.
    #[must_use]
    pub fn round(&self) -> u32 {
        match self.machine.phase {
            Phase::Waiting => 0,
            Phase::Running | Phase::Decided => self.machine.core.round().as_u32().unwrap_or(0),
        }
    }

    /// Where the engine stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.machine.phase
    }

    /// The validators of the height.
    #[must_use]
    pub fn validator_set(&self) -> &Arc<ValidatorSet> {
        &self.machine.set
    }

    /// This validator's address, if it has a key.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.machine.handler.signer.as_ref().map(|_| self.machine.handler.address())
    }

    /// Does this node propose and vote at the height that it started?
    #[must_use]
    pub fn is_voting(&self) -> bool {
        self.machine.phase != Phase::Waiting && self.machine.handler.is_signing()
    }

    /// Leaves the height before behind and waits to start `height`. Everything below it is
    /// durably committed: after an [`Effect::Decided`] of this engine, or because the node caught
    /// up by other means.
    ///
    /// # Errors
    /// [`EngineError::NotForward`] unless the height is greater than the current one.
    pub fn await_height(
        &mut self,
        height: u64,
        set: Arc<ValidatorSet>,
    ) -> Result<Vec<Effect>, EngineError> {
        let machine = &mut self.machine;
        machine.refuse_if_stopped()?;
        if height <= machine.height {
            return Err(EngineError::NotForward { height, current: machine.height });
        }
        if machine.phase == Phase::Running {
            // The height is abandoned, and its timers with it. After a decision they are kept:
            // votes go on being sent again until the next start, for those who still need them.
            machine.handler.generation += 1;
            machine.handler.effects.push(Effect::CancelAllTimers);
        }
        machine.height = height;
        machine.set = set;
        machine.phase = Phase::Waiting;
        machine.demanded = false;
        machine.early.forget_before(height);
        machine.watch = Watch::default();
        machine.observe_early();
        // Here rather than at the start, which a transaction may be waiting for.
        machine.reset_log();
        machine.demand_start();
        machine.finish(Ok(()))
    }

    /// Starts the height that is waited for.
    ///
    /// # Errors
    /// [`EngineError::NotWaiting`] when the height started already,
    /// [`EngineError::ForeignReplay`] for log entries of other heights, and whatever stops the
    /// engine while it replays.
    pub fn start_height(&mut self, start: &Start) -> Result<Vec<Effect>, EngineError> {
        let machine = &mut self.machine;
        machine.refuse_if_stopped()?;
        let height = machine.height;
        if machine.phase != Phase::Waiting {
            return Err(EngineError::NotWaiting { height });
        }
        if let Some(entry) = start.replay.iter().find(|entry| entry.height != height) {
            return Err(EngineError::ForeignReplay { height, entry_height: entry.height });
        }
        let outcome = machine.start(start);
        machine.finish(outcome)
    }

    /// Takes one event, and says what to do about it.
    ///
    /// # Errors
    /// An [`EngineError`] stops the engine; nothing of this event leaves.
    pub fn handle(&mut self, input: Input) -> Result<Vec<Effect>, EngineError> {
        self.machine.refuse_if_stopped()?;
        let outcome = self.machine.on_input(input);
        self.machine.finish(outcome)
    }
}
