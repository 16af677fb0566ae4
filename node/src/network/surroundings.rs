//! What the network's task works with beside the swarm.

use std::sync::Arc;

use vouchsafe_ledger::{RocksStore, StoreError};
use vouchsafe_replica::peer::{Request, Response};

use super::handle::Commands;
use super::metrics::NetworkMetrics;
use crate::admission::AdmissionQueue;
use crate::fetched::FetchedQueue;
use crate::inbox::ReplicaQueue;

/// How peers' requests are answered from the store.
pub type AnswerPeer = fn(&RocksStore, &Request) -> Result<Response, StoreError>;

/// The rest of the node, as the task sees it.
pub(crate) struct Surroundings<S> {
    pub(crate) commands: Commands,
    pub(crate) replica: ReplicaQueue,
    pub(crate) admission: AdmissionQueue,
    pub(crate) fetched: FetchedQueue,
    pub(crate) store: S,
    /// Answers peers' requests from the store.
    pub(crate) answer: fn(&S, &Request) -> Result<Response, StoreError>,
    pub(crate) metrics: Arc<NetworkMetrics>,
}
