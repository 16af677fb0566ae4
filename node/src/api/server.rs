//! The server around the service: health, reflection, limits, and a count of every answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tonic::service::Routes;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Code, Status};
use tonic_health::ServingStatus;
use vouchsafe_proto::v1::vouchsafe_server::VouchsafeServer;
use vouchsafe_proto::v1::{FILE_DESCRIPTOR_SET, REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX};

use super::service::Api;
use crate::admission::RETRY_AFTER_MS;
use crate::connections::{self, GRPC_CONNECTIONS_MAX};
use crate::metrics::{self, Metrics, RequestLabels};
use crate::shutdown::Stopping;
use crate::state::NodeState;
use crate::waiters::WAITERS_MAX;

/// The most calls at one time on one connection, streams included.
const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// The most calls at one time whose answer has not begun: those who wait for receipts, and some.
const CALLS_MAX: usize = WAITERS_MAX + 2048;
/// The most bytes of a call's headers.
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// How often an idle connection is asked whether it still lives.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// No call takes longer until its answer begins: the longest wait for a receipt, and some.
const CALL_TIMEOUT: Duration = Duration::from_secs(75);
/// The service's calls, for metrics: what else is asked for is counted as "other".
const METHODS: [&str; 10] = [
    "Submit",
    "SubmitAndWait",
    "GetTransaction",
    "GetStatus",
    "GetLog",
    "GetBlock",
    "GetValidators",
    "GetGenesis",
    "GetNodeInfo",
    "StreamBlocks",
];

/// Serves until the node stops, then until the calls in flight have ended.
///
/// # Errors
/// Whatever the transport reports.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<ServerTlsConfig>,
    state: NodeState,
    stopping: Stopping,
) -> Result<(), tonic::transport::Error> {
    let (health_reporter, health) = tonic_health::server::health_reporter();
    health_reporter.set_serving::<VouchsafeServer<Api>>().await;
    tokio::spawn({
        let stopping = stopping.clone();
        async move {
            stopping.begun().await;
            health_reporter.set_not_serving::<VouchsafeServer<Api>>().await;
            health_reporter.set_service_status("", ServingStatus::NotServing).await;
        }
    });
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .expect("the descriptor set was compiled with this program");
    let metrics = Arc::clone(state.metrics());
    let taken = metrics.connections_of(metrics::Server::Grpc);
    let api = VouchsafeServer::new(Api::new(state))
        .max_decoding_message_size(REQUEST_BYTES_MAX)
        .max_encoding_message_size(RESPONSE_BYTES_MAX);
    let routes = Routes::new(api)
        .add_service(health)
        .add_service(reflection)
        .into_axum_router()
        .layer(middleware::from_fn_with_state(Arc::new(Semaphore::new(CALLS_MAX)), bound))
        .layer(middleware::from_fn_with_state(metrics, count))
        .layer(middleware::map_response(name_the_limit));
    let incoming = connections::accept(listener, GRPC_CONNECTIONS_MAX, taken, &stopping);
    let server = match tls {
        Some(tls) => Server::builder().tls_config(tls)?,
        None => Server::builder(),
    };
    server
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .timeout(CALL_TIMEOUT)
        .add_routes(Routes::from(routes))
        .serve_with_incoming_shutdown(incoming, stopping.begun())
        .await
}

/// Refuses what one call too many would take in memory.
async fn bound(
    State(calls): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    Ok(match calls.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => {
            let message = format!("{CALLS_MAX} calls at once: try again in {RETRY_AFTER_MS} ms");
            super::errors::overloaded(&message, RETRY_AFTER_MS).into_http()
        }
    })
}

/// Counts an answer by method and code. A failed call's code stands in its headers.
async fn count(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let called = request.uri().path().rsplit('/').next().unwrap_or_default();
    let method = METHODS.into_iter().find(|method| *method == called).unwrap_or("other");
    let response = next.run(request).await;
    let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |s| s.code()) as i32;
    metrics.requests.get_or_create(&RequestLabels { method, code }).inc();
    Ok(response)
}

/// The library answers OUT_OF_RANGE to a request over the size limit; this API has one code for
/// every limit.
async fn name_the_limit(mut response: Response) -> Response {
    let status = Status::from_header_map(response.headers());
    if let Some(status) = status.filter(|status| status.code() == Code::OutOfRange) {
        let message = format!(
            "RequestBytes: {}; a request has at most {REQUEST_BYTES_MAX} bytes",
            status.message()
        );
        let refused = super::errors::bad_request("RequestBytes", &message);
        let headers: &mut HeaderMap<HeaderValue> = response.headers_mut();
        // Only a message that is no header value could fail, and this one is plain text.
        let _ = refused.add_header(headers);
    }
    response
}
