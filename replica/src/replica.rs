//! The replica: its parts, and the one door through which events come in.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use vouchsafe_consensus::sign_record::SignMark;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::timer::Timeouts;
use vouchsafe_consensus::wal::WalEntry;
use vouchsafe_consensus::{Effect as EngineEffect, Engine, EngineParameters, Phase};
use vouchsafe_ledger::{Ledger, NextHead, Offence, Reader, StoreRead};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::validator_set::is_quorum;

use crate::blocks::Candidates;
use crate::catch_up::CatchUp;
use crate::effect::Effect;
use crate::error::ReplicaError;
use crate::event::{Event, PeerNumber};
use crate::gathering::EarlyBlocks;
use crate::mempool::{Mempool, MempoolLimits};
use crate::offences::Offences;
use crate::pace::Pace;
use crate::peers::Peers;
use crate::requests::Requests;

/// What a replica is told about itself and its chain.
pub struct ReplicaParameters {
    /// The bounds of the pool.
    pub mempool: MempoolLimits,
    /// Signs votes and proposals; none for a node without a vote.
    pub signer: Option<Box<dyn Signer>>,
    /// The newest mark of the sign record.
    pub signed: Option<SignMark>,
    /// What the write-ahead log holds for the height after the ledger's head.
    pub replay: Vec<WalEntry>,
}

/// What a replica says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// The newest committed height.
    pub height: u64,
    /// The round of the height being decided.
    pub round: u32,
    /// Does this node vote at the height being decided?
    pub votes: bool,
    /// This node's address, if it has a key.
    pub address: Option<Address>,
    /// How many transactions wait.
    pub mempool_transactions: usize,
    /// Their bytes.
    pub mempool_bytes: usize,
    /// How many pieces of evidence wait to be put into a block.
    pub waiting_evidence: usize,
    /// The power of this node and of the connected validators that answer. Unless it is more than
    /// two thirds of the total, nothing can be committed now.
    pub reachable_power: u64,
    /// The power of all validators.
    pub total_power: u64,
    /// The height to reach, while this node is behind.
    pub target: Option<u64>,
}

impl Report {
    /// Is more than two thirds of the power within reach? Otherwise nothing can be committed now.
    #[must_use]
    pub fn reaches_quorum(&self) -> bool {
        is_quorum(self.reachable_power, self.total_power)
    }
}

/// A decided height on its way to disk.
pub(crate) struct Committing {
    pub(crate) certificate: CommitCertificate,
    pub(crate) next: NextHead,
    /// In the block's order.
    pub(crate) transactions: Vec<TransactionId>,
    /// Those of which the block holds evidence.
    pub(crate) offences: Vec<Offence>,
    /// The least height of an offence of which a later block may hold evidence.
    pub(crate) evidence_from: u64,
}

/// A node's judgment.
pub struct Replica<S> {
    pub(crate) now_ms: u64,
    pub(crate) engine: Engine,
    pub(crate) ledger: Ledger<S>,
    pub(crate) mempool: Mempool,
    pub(crate) pace: Pace,
    pub(crate) candidates: Candidates,
    /// Evidence that no block holds yet.
    pub(crate) offences: Offences,
    /// Transactions that the block being decided had no place for under the rules.
    pub(crate) left_out: Vec<TransactionId>,
    pub(crate) committing: Option<Committing>,
    /// The peer whose message the engine is judging.
    pub(crate) hearing: Option<PeerNumber>,
    pub(crate) peers: Peers,
    pub(crate) requests: Requests,
    pub(crate) catch_up: CatchUp,
    pub(crate) early_blocks: EarlyBlocks,
    /// Others began the height that is waited for.
    pub(crate) demanded: bool,
    /// A height began here since this program runs.
    pub(crate) has_started: bool,
    /// The last height that was followed without voting.
    pub(crate) withheld_at: Option<u64>,
    pub(crate) replay: Vec<WalEntry>,
    pub(crate) engine_effects: VecDeque<EngineEffect>,
    pub(crate) effects: Vec<Effect>,
}

impl<S: StoreRead> Replica<S> {
    /// A replica that goes on after the ledger's head.
    ///
    /// # Errors
    /// [`ReplicaError::Engine`] or [`ReplicaError::Timeouts`] when the engine refuses its
    /// parameters; [`ReplicaError::Store`] or [`ReplicaError::EvidenceDamaged`] when the evidence
    /// that waits cannot be read.
    pub fn new(parameters: ReplicaParameters, ledger: Ledger<S>) -> Result<Self, ReplicaError> {
        let head = ledger.head();
        let chain = ledger.parameters();
        let timeouts = Timeouts {
            propose_ms: chain.timeout_propose_ms,
            propose_increment_ms: chain.timeout_increment_ms,
            prevote_ms: chain.timeout_prevote_ms,
            prevote_increment_ms: chain.timeout_increment_ms,
            precommit_ms: chain.timeout_precommit_ms,
            precommit_increment_ms: chain.timeout_increment_ms,
            max_ms: chain.timeout_max_ms,
        };
        timeouts.check()?;
        let engine = Engine::new(
            EngineParameters {
                chain_id: *ledger.chain_id(),
                signature_rule: Arc::clone(&ledger.terms().signature_rule),
                timeouts,
                signer: parameters.signer,
                signed: parameters.signed,
            },
            head.height + 1,
            head.validators.clone(),
        )?;
        let mut replica = Self {
            now_ms: 0,
            engine,
            ledger,
            mempool: Mempool::new(parameters.mempool),
            pace: Pace::default(),
            candidates: Candidates::default(),
            offences: Offences::default(),
            left_out: Vec::new(),
            committing: None,
            hearing: None,
            peers: Peers::default(),
            requests: Requests::default(),
            catch_up: CatchUp::default(),
            early_blocks: EarlyBlocks::default(),
            demanded: false,
            has_started: false,
            withheld_at: None,
            replay: parameters.replay,
            engine_effects: VecDeque::new(),
            effects: Vec::new(),
        };
        replica.recall_evidence()?;
        Ok(replica)
    }

    /// Judges one event at a time of the driver's clock (milliseconds since 1970).
    ///
    /// # Errors
    /// A [`ReplicaError`] is fatal: the effects so far are lost and the node must stop.
    pub fn handle(&mut self, now_ms: u64, event: Event) -> Result<Vec<Effect>, ReplicaError> {
        self.now_ms = now_ms;
        match event {
            Event::Started => self.on_started()?,
            Event::Submitted { ticket, transaction, origin } => {
                self.on_submitted(ticket, *transaction, origin)?;
            }
            Event::PeerConnected { peer, address } => self.on_connected(peer, address),
            Event::PeerDisconnected { peer } => self.on_disconnected(peer)?,
            Event::Received { from, delivery, message } => {
                self.on_received(from, delivery, message)?;
            }
            Event::Answered { request, response } => {
                self.on_answered(request, response.map(|response| *response))?;
            }
            Event::TimerElapsed(timer) => self.on_timer(timer)?,
            Event::BodyStored { block_id } => self.on_body_stored(block_id)?,
            Event::Committed { height } => self.on_committed(height)?,
        }
        self.drain_engine()?;
        Ok(mem::take(&mut self.effects))
    }

    /// The read path, for whoever answers questions.
    #[must_use]
    pub fn reader(&self) -> Reader<S>
    where
        S: Clone,
    {
        self.ledger.reader()
    }

    /// What the replica says of itself.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            height: self.ledger.head().height,
            round: self.engine.round(),
            votes: self.votes(),
            address: self.engine.address(),
            mempool_transactions: self.mempool.len(),
            mempool_bytes: self.mempool.bytes(),
            waiting_evidence: self.offences.len(),
            reachable_power: self.reachable_power(),
            total_power: self.ledger.head().validators.total_power(),
            target: self.catch_up.target,
        }
    }

    /// Is this node a validator of the height being decided?
    fn is_validator(&self) -> bool {
        let is_member = |address| self.engine.validator_set().get(&address).is_some();
        self.engine.address().is_some_and(is_member)
    }

    /// Is this node a validator of the height being decided, and free to vote there?
    fn votes(&self) -> bool {
        self.is_validator() && self.withheld_at != Some(self.engine.height()) && !self.is_behind()
    }

    /// May the next height begin, and is there a reason to?
    ///
    /// Not while this node is behind: what it would vote on is decided. Nor by itself before it
    /// hears from a quorum: nothing could be decided, and it may be behind without knowing.
    pub(crate) fn start_if_due(&mut self) -> Result<(), ReplicaError> {
        let head = self.ledger.head();
        let waits = self.engine.phase() == Phase::Waiting
            && self.engine.height() == head.height + 1
            && self.committing.is_none();
        if !waits || self.is_behind() {
            return Ok(());
        }
        let overdue =
            self.now_ms >= head.time_ms.saturating_add(self.ledger.parameters().heartbeat_ms);
        // Until block 1 exists no answer can be proven, so it does not wait.
        let first = head.height == 0;
        let reason = first || overdue || !self.mempool.is_empty() || !self.replay.is_empty();
        if self.demanded || (reason && self.is_validator() && self.reaches_quorum()) {
            self.start_height()?;
        }
        Ok(())
    }
}
