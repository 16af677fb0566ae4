//! How far this node is behind the others, and how much of the network it hears.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use vouchsafe_replica::Report;

/// Metrics of catching up.
#[derive(Default)]
pub(crate) struct SyncMetrics {
    catching_up: Gauge,
    target_height: Gauge,
    reachable_power: Gauge,
    total_power: Gauge,
    pub(crate) heights: Counter,
}

impl SyncMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "catching_up",
            "1 while this node is behind the others, 0 otherwise",
            self.catching_up.clone(),
        );
        registry.register(
            "target_height",
            "The height to reach, which is its own height unless it is behind",
            self.target_height.clone(),
        );
        registry.register(
            "sync_heights",
            "Heights committed while this node was behind",
            self.heights.clone(),
        );
        registry.register(
            "reachable_power",
            "Voting power of this node and of the connected validators that answer",
            self.reachable_power.clone(),
        );
        registry.register("total_power", "Voting power of all", self.total_power.clone());
    }

    /// Shows what the replica says of itself.
    pub(crate) fn measure(&self, report: &Report) {
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.catching_up.set(i64::from(report.target.is_some()));
        self.target_height.set(gauge(report.target.unwrap_or(report.height)));
        self.reachable_power.set(gauge(report.reachable_power));
        self.total_power.set(gauge(report.total_power));
    }
}
