//! A gRPC service that says back what it hears: what the library and the wire cost, without us.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{Body, BoxFuture, Service, StdError, http};
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use vouchsafe_proto::v1::{SubmitRequest, SubmitResponse};

use super::drive::{Outcome, Work};
use super::running::{QUESTION_CONNECTIONS, QUESTIONS_IN_FLIGHT, milliseconds};
use super::work::channels;

/// The length of an echo's words: about that of a question for a status, in bytes.
const ECHO_BYTES: usize = 64;

const PATH: &str = "/vouchsafe.bench.Echo/Say";

#[derive(Clone)]
struct Echo;

impl UnaryService<SubmitRequest> for Echo {
    type Response = SubmitResponse;
    type Future = BoxFuture<Response<SubmitResponse>, Status>;

    fn call(&mut self, request: Request<SubmitRequest>) -> Self::Future {
        let transaction_id = request.into_inner().transaction;
        Box::pin(async move { Ok(Response::new(SubmitResponse { transaction_id })) })
    }
}

impl<B> Service<http::Request<B>> for Echo
where
    B: Body + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let codec: ProstCodec<SubmitResponse, SubmitRequest> = ProstCodec::default();
            Ok(tonic::server::Grpc::new(codec).unary(service, request).await)
        })
    }
}

impl NamedService for Echo {
    const NAME: &'static str = "vouchsafe.bench.Echo";
}

/// An echo's measurements for the report.
pub(super) fn words(echo: &Outcome) -> [(String, String); 2] {
    [
        (format!("gRPC echo, {QUESTIONS_IN_FLIGHT} in flight"), format!("{:.0} /s", echo.rate())),
        ("gRPC echo, p99".into(), milliseconds(echo.latency.percentile(99.0))),
    ]
}

/// Starts the service on a free port, to be asked as a node is asked for a status. It ends with the
/// process.
///
/// # Errors
/// The socket's.
pub(super) async fn start() -> std::io::Result<Arc<Echoes>> {
    let channels = channels(&[serve().await?], QUESTION_CONNECTIONS);
    Ok(Arc::new(Echoes { channels, bytes: ECHO_BYTES }))
}

async fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let incoming = TcpListenerStream::new(listener);
    tokio::spawn(Server::builder().add_service(Echo).serve_with_incoming(incoming));
    Ok(address)
}

/// Asks the service over several connections in turn.
pub(super) struct Echoes {
    /// The connections.
    channels: Vec<Channel>,
    /// What is said, in bytes.
    bytes: usize,
}

impl Work for Echoes {
    async fn once(&self, number: u64) -> Result<(), String> {
        let at = usize::try_from(number).unwrap_or(0) % self.channels.len();
        let mut client = tonic::client::Grpc::new(self.channels[at].clone());
        client.ready().await.map_err(|error| error.to_string())?;
        let codec: ProstCodec<SubmitRequest, SubmitResponse> = ProstCodec::default();
        let request = Request::new(SubmitRequest { transaction: vec![3; self.bytes] });
        let answer = client.unary(request, PathAndQuery::from_static(PATH), codec).await;
        answer.map(drop).map_err(|status| status.to_string())
    }
}
