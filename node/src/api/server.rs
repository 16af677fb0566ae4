//! The server around the service: health, reflection, and the limits of a connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::{Server, ServerTlsConfig};
use tonic_health::ServingStatus;
use vouchsafe_proto::v1::vouchsafe_server::VouchsafeServer;
use vouchsafe_proto::v1::{FILE_DESCRIPTOR_SET, REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX};

use super::front::Front;
use super::service::Api;
use crate::connections::{self, GRPC_CONNECTIONS_MAX};
use crate::metrics;
use crate::shutdown::Stopping;
use crate::state::NodeState;

/// The most calls at one time on one connection, streams included.
const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// The most bytes of a call's headers.
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// How often an idle connection is asked whether it still lives.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// No call takes longer until its answer begins: the longest wait for a receipt, and some.
const CALL_TIMEOUT: Duration = Duration::from_secs(75);

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
    let front = Front::new(api, Routes::new(health).add_service(reflection), metrics);
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
        .serve_with_incoming_shutdown(front, incoming, stopping.begun())
        .await
}
