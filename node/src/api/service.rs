//! The service: every call of `vouchsafe.proto`, handed to the file of its subject.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use vouchsafe_proto::v1::vouchsafe_server::Vouchsafe;
use vouchsafe_proto::v1::{
    GetBlockRequest, GetBlockResponse, GetCheckpointRequest, GetCheckpointResponse,
    GetConsistencyRequest, GetConsistencyResponse, GetEvidenceRequest, GetEvidenceResponse,
    GetGenesisRequest, GetGenesisResponse, GetLogRequest, GetLogResponse, GetNodeInfoRequest,
    GetNodeInfoResponse, GetProofRequest, GetProofResponse, GetStatusRequest, GetStatusResponse,
    GetTransactionRequest, GetTransactionResponse, GetValidatorsRequest, GetValidatorsResponse,
    Receipt, StreamBlocksRequest, StreamStatusRequest, SubmitAndWaitRequest, SubmitRequest,
    SubmitResponse,
};

use super::reading::read_blocking;
use super::receipts::Receipts;
use super::{blocks, checkpoints, errors, evidence, info, proofs, records, stream, submit};
use crate::admission::RETRY_AFTER_MS;
use crate::state::NodeState;

/// The API of one node.
pub(super) struct Api {
    state: NodeState,
    receipts: Receipts,
    streams: Arc<Semaphore>,
}

impl Api {
    pub(super) fn new(state: NodeState) -> Self {
        let streams = Arc::new(Semaphore::new(stream::STREAMS_MAX));
        Self { state, receipts: Receipts::default(), streams }
    }

    /// A place among the streams.
    fn stream_permit(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            let most = stream::STREAMS_MAX;
            let message = format!("{most} streams at once: ask another node, or ask again later");
            errors::overloaded(&message, RETRY_AFTER_MS)
        })
    }
}

#[tonic::async_trait]
impl Vouchsafe for Api {
    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<SubmitResponse>, Status> {
        let answer = submit::submit(&self.state, &self.receipts, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn submit_and_wait(
        &self,
        request: Request<SubmitAndWaitRequest>,
    ) -> Result<Response<Receipt>, Status> {
        let answer = submit::submit_and_wait(&self.state, &self.receipts, request.into_inner());
        Ok(Response::new(answer.await?))
    }

    async fn get_transaction(
        &self,
        request: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        let id = records::transaction_id(&request.into_inner().transaction_id)?;
        let receipts = self.receipts.clone();
        let answer =
            read_blocking(&self.state, move |reader| receipts.transaction(reader.store(), id));
        Ok(Response::new(answer.await?))
    }

    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        Ok(Response::new(records::status(&self.state, request.get_ref()).await?))
    }

    async fn get_proof(
        &self,
        request: Request<GetProofRequest>,
    ) -> Result<Response<GetProofResponse>, Status> {
        let (request, state) = (request.into_inner(), self.state.clone());
        let answer = read_blocking(&self.state, move |reader| {
            proofs::proof(state.block_log(), reader, request)
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_checkpoint(
        &self,
        request: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        let (request, state) = (request.into_inner(), self.state.clone());
        let answer = read_blocking(&self.state, move |reader| {
            checkpoints::checkpoint(&state, reader, &request)
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_consistency(
        &self,
        request: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        let (request, state) = (request.into_inner(), self.state.clone());
        let answer = read_blocking(&self.state, move |reader| {
            checkpoints::consistency(&state, reader, &request)
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_log(
        &self,
        request: Request<GetLogRequest>,
    ) -> Result<Response<GetLogResponse>, Status> {
        let request = request.into_inner();
        let answer = read_blocking(&self.state, move |reader| records::log(reader, &request));
        Ok(Response::new(answer.await?))
    }

    async fn get_block(
        &self,
        request: Request<GetBlockRequest>,
    ) -> Result<Response<GetBlockResponse>, Status> {
        let GetBlockRequest { height, with_body } = request.into_inner();
        let height = blocks::resolve(height, self.state.height())?;
        let answer = read_blocking(&self.state, move |reader| {
            blocks::block(reader.store(), height, with_body)
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_validators(
        &self,
        _request: Request<GetValidatorsRequest>,
    ) -> Result<Response<GetValidatorsResponse>, Status> {
        Ok(Response::new(read_blocking(&self.state, blocks::validators).await?))
    }

    async fn get_evidence(
        &self,
        request: Request<GetEvidenceRequest>,
    ) -> Result<Response<GetEvidenceResponse>, Status> {
        let request = request.into_inner();
        let answer =
            read_blocking(&self.state, move |reader| evidence::evidence(reader.store(), &request));
        Ok(Response::new(answer.await?))
    }

    async fn get_genesis(
        &self,
        _request: Request<GetGenesisRequest>,
    ) -> Result<Response<GetGenesisResponse>, Status> {
        Ok(Response::new(info::genesis(&self.state)))
    }

    async fn get_node_info(
        &self,
        _request: Request<GetNodeInfoRequest>,
    ) -> Result<Response<GetNodeInfoResponse>, Status> {
        Ok(Response::new(info::node(&self.state)))
    }

    type StreamBlocksStream = ReceiverStream<Result<GetBlockResponse, Status>>;

    async fn stream_blocks(
        &self,
        request: Request<StreamBlocksRequest>,
    ) -> Result<Response<Self::StreamBlocksStream>, Status> {
        let StreamBlocksRequest { from_height, with_body } = request.into_inner();
        let permit = self.stream_permit()?;
        let stream = stream::blocks_from(self.state.clone(), from_height, with_body, permit);
        Ok(Response::new(stream))
    }

    type StreamStatusStream = ReceiverStream<Result<GetStatusResponse, Status>>;

    async fn stream_status(
        &self,
        request: Request<StreamStatusRequest>,
    ) -> Result<Response<Self::StreamStatusStream>, Status> {
        let names = records::names(&request.get_ref().names, stream::NAMES_MAX)?;
        let permit = self.stream_permit()?;
        Ok(Response::new(stream::status_of(self.state.clone(), names, permit)))
    }
}
