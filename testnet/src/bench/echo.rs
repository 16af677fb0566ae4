//! A gRPC service that says back what it hears: what the library and the wire cost, without us.

use std::convert::Infallible;
use std::net::SocketAddr;
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

use super::drive::Work;

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

/// Starts the service on a free port. It ends with the process.
///
/// # Errors
/// The socket's.
pub(super) async fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let incoming = TcpListenerStream::new(listener);
    tokio::spawn(Server::builder().add_service(Echo).serve_with_incoming(incoming));
    Ok(address)
}

/// Asks the service over several connections in turn.
pub(super) struct Echoes {
    /// The connections.
    pub(super) channels: Vec<Channel>,
    /// What is said, in bytes.
    pub(super) bytes: usize,
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
