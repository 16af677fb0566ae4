//! The proxy: a gRPC server that asks the genuine node and alters its answers.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::pin::Pin;
use std::sync::{Arc, Mutex, RwLock};

use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::{Channel, Endpoint, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
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

type Alter<T> = Box<dyn FnMut(&mut T) + Send + Sync>;

/// What is altered; nothing where there is nothing.
#[derive(Default)]
pub(crate) struct Lies {
    pub(crate) status: Option<Alter<GetStatusResponse>>,
    pub(crate) proof: Option<Alter<GetProofResponse>>,
    pub(crate) followed: Option<Alter<GetBlockResponse>>,
    pub(crate) checkpoint: Option<Alter<GetCheckpointResponse>>,
    pub(crate) consistency: Option<Alter<GetConsistencyResponse>>,
    pub(crate) log: Option<Alter<GetLogResponse>>,
    pub(crate) receipt: Option<Alter<Receipt>>,
    pub(crate) transaction: Option<Alter<GetTransactionResponse>>,
    pub(crate) block: Option<Alter<GetBlockResponse>>,
    pub(crate) genesis: Option<Alter<GetGenesisResponse>>,
    /// Asks for these names instead of those asked for.
    pub(crate) other_names: Option<Vec<Vec<u8>>>,
    /// Asks for this transaction instead.
    pub(crate) other_transaction: Option<Vec<u8>>,
}

struct Shared {
    genuine: RwLock<String>,
    lies: Mutex<Lies>,
}

impl Shared {
    async fn node(&self) -> Result<VouchsafeClient<Channel>, Status> {
        let url = self.genuine.read().expect("no test panics with it").clone();
        let endpoint = Endpoint::from_shared(url).map_err(|e| Status::internal(e.to_string()))?;
        let channel = endpoint.connect().await;
        let channel = channel.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(VouchsafeClient::new(channel))
    }

    fn lie<T>(&self, choose: impl FnOnce(&mut Lies) -> &mut Option<Alter<T>>, answer: &mut T) {
        let mut lies = self.lies.lock().expect("no test panics with it");
        if let Some(alter) = choose(&mut lies) {
            alter(answer);
        }
    }
}

/// A proxy that listens, and tells the truth until it is told otherwise.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    url: String,
    _runtime: Runtime,
}

impl Proxy {
    /// In front of a genuine node.
    pub(crate) fn new(genuine: &str) -> Self {
        Self::serving(genuine, "http", Server::builder())
    }

    /// In front of a genuine node, over TLS.
    pub(crate) fn over_tls(genuine: &str, tls: ServerTlsConfig) -> Self {
        let server = Server::builder().tls_config(tls).expect("the test's own certificate");
        Self::serving(genuine, "https", server)
    }

    fn serving(genuine: &str, scheme: &str, mut server: Server) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let shared = Arc::new(Shared {
            genuine: RwLock::new(genuine.to_owned()),
            lies: Mutex::new(Lies::default()),
        });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let url = format!("{scheme}://{}", listener.local_addr().expect("bound"));
        let service = VouchsafeServer::new(Liar(shared.clone()));
        let serve =
            server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        runtime.spawn(serve);
        Self { shared, url, _runtime: runtime }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Lies so from now on.
    pub(crate) fn tell(&self, lies: Lies) {
        *self.shared.lies.lock().expect("no test panics with it") = lies;
    }

    /// Asks another node from now on.
    pub(crate) fn forward_to(&self, url: &str) {
        url.clone_into(&mut self.shared.genuine.write().expect("no test panics with it"));
    }
}

struct Liar(Arc<Shared>);

type Blocks = Pin<Box<dyn Stream<Item = Result<GetBlockResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Vouchsafe for Liar {
    type StreamBlocksStream = Blocks;
    type StreamStatusStream = Streaming<GetStatusResponse>;

    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<SubmitResponse>, Status> {
        self.0.node().await?.submit(request.into_inner()).await
    }

    async fn submit_and_wait(
        &self,
        request: Request<SubmitAndWaitRequest>,
    ) -> Result<Response<Receipt>, Status> {
        let mut answer = self.0.node().await?.submit_and_wait(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.receipt, answer.get_mut());
        Ok(answer)
    }

    async fn get_transaction(
        &self,
        request: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        let mut request = request.into_inner();
        let other = self.0.lies.lock().expect("unpoisoned").other_transaction.clone();
        request.transaction_id = other.unwrap_or(request.transaction_id);
        let mut answer = self.0.node().await?.get_transaction(request).await?;
        self.0.lie(|lies| &mut lies.transaction, answer.get_mut());
        Ok(answer)
    }

    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        let mut request = request.into_inner();
        let other = self.0.lies.lock().expect("unpoisoned").other_names.clone();
        request.names = other.unwrap_or(request.names);
        let mut answer = self.0.node().await?.get_status(request).await?;
        self.0.lie(|lies| &mut lies.status, answer.get_mut());
        Ok(answer)
    }

    async fn get_proof(
        &self,
        request: Request<GetProofRequest>,
    ) -> Result<Response<GetProofResponse>, Status> {
        let mut answer = self.0.node().await?.get_proof(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.proof, answer.get_mut());
        Ok(answer)
    }

    async fn get_checkpoint(
        &self,
        request: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        let mut answer = self.0.node().await?.get_checkpoint(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.checkpoint, answer.get_mut());
        Ok(answer)
    }

    async fn get_consistency(
        &self,
        request: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        let mut answer = self.0.node().await?.get_consistency(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.consistency, answer.get_mut());
        Ok(answer)
    }

    async fn get_log(
        &self,
        request: Request<GetLogRequest>,
    ) -> Result<Response<GetLogResponse>, Status> {
        let mut answer = self.0.node().await?.get_log(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.log, answer.get_mut());
        Ok(answer)
    }

    async fn get_block(
        &self,
        request: Request<GetBlockRequest>,
    ) -> Result<Response<GetBlockResponse>, Status> {
        let mut answer = self.0.node().await?.get_block(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.block, answer.get_mut());
        Ok(answer)
    }

    async fn get_validators(
        &self,
        request: Request<GetValidatorsRequest>,
    ) -> Result<Response<GetValidatorsResponse>, Status> {
        self.0.node().await?.get_validators(request.into_inner()).await
    }

    async fn get_evidence(
        &self,
        request: Request<GetEvidenceRequest>,
    ) -> Result<Response<GetEvidenceResponse>, Status> {
        self.0.node().await?.get_evidence(request.into_inner()).await
    }

    async fn get_genesis(
        &self,
        request: Request<GetGenesisRequest>,
    ) -> Result<Response<GetGenesisResponse>, Status> {
        let mut answer = self.0.node().await?.get_genesis(request.into_inner()).await?;
        self.0.lie(|lies| &mut lies.genesis, answer.get_mut());
        Ok(answer)
    }

    async fn get_node_info(
        &self,
        request: Request<GetNodeInfoRequest>,
    ) -> Result<Response<GetNodeInfoResponse>, Status> {
        self.0.node().await?.get_node_info(request.into_inner()).await
    }

    async fn stream_blocks(
        &self,
        request: Request<StreamBlocksRequest>,
    ) -> Result<Response<Blocks>, Status> {
        let genuine = self.0.node().await?.max_decoding_message_size(20 << 20);
        let stream = { genuine }.stream_blocks(request.into_inner()).await?.into_inner();
        let shared = Arc::clone(&self.0);
        let altered = stream.map(move |block| {
            let mut block = block?;
            shared.lie(|lies| &mut lies.followed, &mut block);
            Ok(block)
        });
        Ok(Response::new(Box::pin(altered)))
    }

    async fn stream_status(
        &self,
        request: Request<StreamStatusRequest>,
    ) -> Result<Response<Self::StreamStatusStream>, Status> {
        self.0.node().await?.stream_status(request.into_inner()).await
    }
}
