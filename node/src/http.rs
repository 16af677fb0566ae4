//! Probes and metrics over HTTP, for whoever keeps the node running.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::connections::HttpListener;
use crate::metrics::Metrics;
use crate::shutdown::Stopping;
use crate::state::NodeState;

/// OpenMetrics, as Prometheus asks for it.
const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves until the node stops.
///
/// # Errors
/// Whatever the listener reports.
pub(crate) async fn serve(
    listener: TcpListener,
    state: NodeState,
    stopping: Stopping,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state);
    let listener = HttpListener::new(listener, &stopping)?;
    axum::serve(listener, router).with_graceful_shutdown(stopping.begun()).await
}

/// The process runs and answers.
async fn live() -> &'static str {
    "live\n"
}

/// The replica runs, and there is a header under which answers can be proven.
async fn ready(State(state): State<NodeState>) -> (StatusCode, &'static str) {
    if !state.replica_runs() {
        (StatusCode::SERVICE_UNAVAILABLE, "the replica has stopped\n")
    } else if state.height() == 0 {
        (StatusCode::SERVICE_UNAVAILABLE, "no block is committed yet\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn metrics(State(state): State<NodeState>) -> impl IntoResponse {
    let metrics: &Arc<Metrics> = state.metrics();
    metrics.waiters.set(i64::try_from(state.waiting()).unwrap_or(i64::MAX));
    ([(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], metrics.encode())
}
