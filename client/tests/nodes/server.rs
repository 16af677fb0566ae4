//! A node that does as a test says.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};
use vouchsafe_proto::v1::vouchsafe_server::{Vouchsafe, VouchsafeServer};
use vouchsafe_proto::v1::{
    GetBlockRequest, GetBlockResponse, GetCheckpointRequest, GetCheckpointResponse,
    GetConsistencyRequest, GetConsistencyResponse, GetEvidenceRequest, GetEvidenceResponse,
    GetGenesisRequest, GetGenesisResponse, GetLogRequest, GetLogResponse, GetNodeInfoRequest,
    GetNodeInfoResponse, GetProofRequest, GetProofResponse, GetStatusRequest, GetStatusResponse,
    GetTransactionRequest, GetTransactionResponse, GetValidatorsRequest, GetValidatorsResponse,
    Receipt, StreamBlocksRequest, StreamStatusRequest, SubmitAndWaitRequest, SubmitRequest,
    SubmitResponse,
};

type Submission = Box<dyn Fn(&[u8]) -> Result<Receipt, Status> + Send + Sync>;

/// What a node does; it is silent where nothing is said.
#[derive(Default)]
pub(crate) struct Script {
    /// What it answers to every question about a status, and with the head of which it answers
    /// for its newest block.
    pub(crate) status: Option<GetStatusResponse>,
    /// What it answers to every question about evidence.
    pub(crate) evidence: GetEvidenceResponse,
    /// What it makes of a transaction.
    pub(crate) submission: Option<Submission>,
    /// What it answers to every question about a checkpoint.
    pub(crate) checkpoint: Option<GetCheckpointResponse>,
    /// The blocks that it tells everyone who follows it, one after the other.
    pub(crate) followed: Vec<GetBlockResponse>,
}

struct Shared {
    script: Mutex<Script>,
    submitted: Mutex<Vec<Vec<u8>>>,
}

/// A node of the test's own.
pub(crate) struct Node {
    shared: Arc<Shared>,
    url: String,
    _runtime: Runtime,
}

impl Node {
    pub(crate) fn new(script: Script) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (script, submitted) = (Mutex::new(script), Mutex::new(Vec::new()));
        let shared = Arc::new(Shared { script, submitted });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let serve = Server::builder()
            .add_service(VouchsafeServer::new(Actor(shared.clone())))
            .serve_with_incoming(TcpListenerStream::new(listener));
        runtime.spawn(serve);
        Self { shared, url, _runtime: runtime }
    }

    /// Answers every question about a status so.
    pub(crate) fn answering(status: GetStatusResponse) -> Self {
        Self::new(Script { status: Some(status), ..Script::default() })
    }

    /// Makes this of every transaction.
    pub(crate) fn taking(
        submission: impl Fn(&[u8]) -> Result<Receipt, Status> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Script { submission: Some(Box::new(submission)), ..Script::default() })
    }

    /// Connects, and never answers.
    pub(crate) fn silent() -> Self {
        Self::new(Script::default())
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Does so from now on.
    pub(crate) fn now(&self, script: Script) {
        *self.shared.script.lock().expect("unpoisoned") = script;
    }

    /// What was handed in.
    pub(crate) fn submitted(&self) -> Vec<Vec<u8>> {
        self.shared.submitted.lock().expect("unpoisoned").clone()
    }
}

/// An address where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("bound"))
}

struct Actor(Arc<Shared>);

impl Actor {
    async fn status(&self) -> GetStatusResponse {
        let answer = self.0.script.lock().expect("unpoisoned").status.clone();
        match answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

fn not_scripted<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("not scripted"))
}

#[tonic::async_trait]
impl Vouchsafe for Actor {
    type StreamBlocksStream = Pin<Box<dyn Stream<Item = Result<GetBlockResponse, Status>> + Send>>;

    type StreamStatusStream = Streaming<GetStatusResponse>;

    async fn get_status(
        &self,
        _request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        Ok(Response::new(self.status().await))
    }

    async fn get_block(
        &self,
        _request: Request<GetBlockRequest>,
    ) -> Result<Response<GetBlockResponse>, Status> {
        let head = self.status().await.head;
        Ok(Response::new(GetBlockResponse { head, block: Vec::new() }))
    }

    async fn submit_and_wait(
        &self,
        request: Request<SubmitAndWaitRequest>,
    ) -> Result<Response<Receipt>, Status> {
        let transaction = request.into_inner().transaction;
        self.0.submitted.lock().expect("unpoisoned").push(transaction.clone());
        let made = {
            let script = self.0.script.lock().expect("unpoisoned");
            script.submission.as_ref().map(|submission| submission(&transaction))
        };
        match made {
            Some(made) => made.map(Response::new),
            None => std::future::pending().await,
        }
    }

    async fn submit(&self, _: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        not_scripted()
    }

    async fn get_transaction(
        &self,
        _: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        not_scripted()
    }

    async fn get_proof(
        &self,
        _: Request<GetProofRequest>,
    ) -> Result<Response<GetProofResponse>, Status> {
        not_scripted()
    }

    async fn get_checkpoint(
        &self,
        _: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        let answer = self.0.script.lock().expect("unpoisoned").checkpoint.clone();
        answer.map_or_else(not_scripted, |answer| Ok(Response::new(answer)))
    }

    async fn get_consistency(
        &self,
        _: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        not_scripted()
    }

    async fn get_log(&self, _: Request<GetLogRequest>) -> Result<Response<GetLogResponse>, Status> {
        not_scripted()
    }

    async fn get_validators(
        &self,
        _: Request<GetValidatorsRequest>,
    ) -> Result<Response<GetValidatorsResponse>, Status> {
        not_scripted()
    }

    async fn get_evidence(
        &self,
        _: Request<GetEvidenceRequest>,
    ) -> Result<Response<GetEvidenceResponse>, Status> {
        Ok(Response::new(self.0.script.lock().expect("unpoisoned").evidence.clone()))
    }

    async fn get_genesis(
        &self,
        _: Request<GetGenesisRequest>,
    ) -> Result<Response<GetGenesisResponse>, Status> {
        not_scripted()
    }

    async fn get_node_info(
        &self,
        _: Request<GetNodeInfoRequest>,
    ) -> Result<Response<GetNodeInfoResponse>, Status> {
        not_scripted()
    }

    async fn stream_blocks(
        &self,
        _: Request<StreamBlocksRequest>,
    ) -> Result<Response<Self::StreamBlocksStream>, Status> {
        let followed = self.0.script.lock().expect("unpoisoned").followed.clone();
        let told = tokio_stream::iter(followed).map(Ok);
        Ok(Response::new(Box::pin(told.chain(tokio_stream::pending()))))
    }

    async fn stream_status(
        &self,
        _: Request<StreamStatusRequest>,
    ) -> Result<Response<Self::StreamStatusStream>, Status> {
        not_scripted()
    }
}
