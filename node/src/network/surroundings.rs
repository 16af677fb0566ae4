//! What the network's task works with beside the swarm.

use std::sync::Arc;

use super::handle::Commands;
use super::metrics::NetworkMetrics;
use crate::admission::AdmissionQueue;
use crate::inbox::ReplicaQueue;

/// The rest of the node, as the task sees it.
pub(crate) struct Surroundings<S> {
    pub(crate) commands: Commands,
    pub(crate) replica: ReplicaQueue,
    pub(crate) admission: AdmissionQueue,
    pub(crate) store: S,
    pub(crate) metrics: Arc<NetworkMetrics>,
}
