//! What the API and the probes see of the node: never its write path.

use std::sync::Arc;

use tokio::sync::watch;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::{BlockLog, Reader, RocksStore};
use vouchsafe_replica::{Outcome, Report};
use vouchsafe_types::hash::{ChainId, TransactionId};

use crate::admission::AdmissionQueue;
use crate::full_shares::FullShares;
use crate::key_ring::ConsensusSigner;
use crate::metrics::Metrics;
use crate::shutdown::Stopping;
use crate::waiters::Waiters;

/// Those who wait for transactions.
pub(crate) type TransactionWaiters = Waiters<TransactionId, Outcome>;

/// Shared by every request. Cheap to clone.
#[derive(Clone)]
pub(crate) struct NodeState(Arc<Shared>);

/// The parts of [`NodeState`].
pub(crate) struct Shared {
    pub(crate) genesis: Genesis,
    pub(crate) reader: Reader<RocksStore>,
    pub(crate) admission: AdmissionQueue,
    pub(crate) waiters: TransactionWaiters,
    /// What the replica said of itself last; closed when it ends.
    pub(crate) report: watch::Receiver<Report>,
    /// The newest committed height; changes once a height.
    pub(crate) height: watch::Receiver<u64>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stopping: Stopping,
    /// Who need not try now.
    pub(crate) full_shares: FullShares,
    /// Signs checkpoints.
    pub(crate) signer: ConsensusSigner,
    /// The log of block ids that they are about.
    pub(crate) block_log: BlockLog,
}

impl NodeState {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    pub(crate) fn genesis(&self) -> &Genesis {
        &self.0.genesis
    }

    pub(crate) fn chain_id(&self) -> ChainId {
        self.0.genesis.chain_id()
    }

    pub(crate) fn reader(&self) -> &Reader<RocksStore> {
        &self.0.reader
    }

    pub(crate) fn admission(&self) -> &AdmissionQueue {
        &self.0.admission
    }

    pub(crate) fn waiters(&self) -> &TransactionWaiters {
        &self.0.waiters
    }

    /// How many requests wait for a receipt.
    pub(crate) fn waiting(&self) -> usize {
        self.0.waiters.count()
    }

    pub(crate) fn report(&self) -> Report {
        *self.0.report.borrow()
    }

    /// What the replica says of itself, as it says it.
    pub(crate) fn reports(&self) -> watch::Receiver<Report> {
        self.0.report.clone()
    }

    /// The newest committed height, now.
    pub(crate) fn height(&self) -> u64 {
        *self.0.height.borrow()
    }

    /// The newest committed height, as it grows.
    pub(crate) fn heights(&self) -> watch::Receiver<u64> {
        self.0.height.clone()
    }

    pub(crate) fn replica_runs(&self) -> bool {
        self.0.report.has_changed().is_ok()
    }

    pub(crate) fn full_shares(&self) -> &FullShares {
        &self.0.full_shares
    }

    pub(crate) fn signer(&self) -> &ConsensusSigner {
        &self.0.signer
    }

    pub(crate) fn block_log(&self) -> &BlockLog {
        &self.0.block_log
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.0.metrics
    }

    pub(crate) fn stopping(&self) -> Stopping {
        self.0.stopping.clone()
    }
}
