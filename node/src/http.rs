//! Probes and metrics over HTTP, for whoever keeps the node running.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::connections::HttpListener;
use crate::metrics::{Metrics, Server};
use crate::shutdown::Stopping;
use crate::state::NodeState;

/// OpenMetrics, as Prometheus asks for it.
const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const TEXT_CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// Serves until the node stops.
///
/// # Errors
/// Whatever the listener reports.
pub(crate) async fn serve(
    listener: TcpListener,
    state: NodeState,
    stopping: Stopping,
) -> std::io::Result<()> {
    let taken = state.metrics().connections_of(Server::Http);
    let router = Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state);
    let listener = HttpListener::new(listener, taken, &stopping)?;
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
    let waiting = i64::try_from(state.waiting()).unwrap_or(i64::MAX);
    state.metrics().waiters.set(waiting);
    let sampling = tokio::task::spawn_blocking(move || {
        let metrics: &Arc<Metrics> = state.metrics();
        metrics.sampled.sample(state.reader().store());
        metrics.encode()
    });
    match sampling.await {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)], text),
        Err(error) => {
            let text = format!("the metrics could not be collected: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, TEXT_CONTENT_TYPE)], text)
        }
    }
}
