//! A node, asked over gRPC and HTTP, for a bounded time. What must be believed is proven by whoever
//! asks.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_stream::StreamExt as _;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{
    GetBlockRequest, GetBlockResponse, GetNodeInfoRequest, GetNodeInfoResponse, GetStatusRequest,
    GetStatusResponse, RESPONSE_BYTES_MAX, Receipt, StreamBlocksRequest, SubmitAndWaitRequest,
};
use vouchsafe_types::record::StateName;

/// A connection stands within this time, or not.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// An answer comes within this time, or not.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// No metrics are longer, in bytes.
const METRICS_BYTES_MAX: u64 = 4 << 20;

/// A node's API. The connection is made when it is first needed, and made again when it is lost.
#[derive(Clone, Debug)]
pub struct NodeApi {
    channel: Channel,
    http: SocketAddr,
}

impl NodeApi {
    /// A node that has not been asked yet. To be called within a Tokio runtime.
    #[must_use]
    pub fn new(grpc: SocketAddr, http: SocketAddr) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{grpc}"));
        let endpoint = endpoint.expect("a socket's address makes a URL");
        let channel = endpoint.connect_timeout(CONNECT_WITHIN).tcp_nodelay(true).connect_lazy();
        Self { channel, http }
    }

    fn service(&self) -> VouchsafeClient<Channel> {
        VouchsafeClient::new(self.channel.clone()).max_decoding_message_size(RESPONSE_BYTES_MAX)
    }

    /// What the node says of itself.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED after some time.
    pub async fn info(&self) -> Result<GetNodeInfoResponse, Status> {
        let mut service = self.service();
        within(ANSWER_WITHIN, service.get_node_info(GetNodeInfoRequest {})).await
    }

    /// The same of a node that may be paused: within that time.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED after that time.
    pub async fn info_within(&self, limit: Duration) -> Result<GetNodeInfoResponse, Status> {
        let mut service = self.service();
        within(limit, service.get_node_info(GetNodeInfoRequest {})).await
    }

    /// A block; height 0 is the newest.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED after some time.
    pub async fn block(&self, height: u64, with_body: bool) -> Result<GetBlockResponse, Status> {
        let mut service = self.service();
        let request = GetBlockRequest { height, with_body };
        within(ANSWER_WITHIN, service.get_block(request)).await
    }

    /// The blocks of some heights, in order.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED when the next block does not come for some time.
    pub async fn blocks(
        &self,
        heights: std::ops::RangeInclusive<u64>,
        with_body: bool,
    ) -> Result<Vec<GetBlockResponse>, Status> {
        let count = heights.clone().count();
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut service = self.service();
        let request = StreamBlocksRequest { from_height: *heights.start(), with_body };
        let mut stream = within(ANSWER_WITHIN, service.stream_blocks(request)).await?;
        let mut blocks = Vec::with_capacity(count);
        while blocks.len() < count {
            let next = tokio::time::timeout(ANSWER_WITHIN, stream.next()).await;
            let next = next.map_err(|_| late(ANSWER_WITHIN))?;
            blocks.push(next.ok_or_else(|| Status::unavailable("the stream ended"))??);
        }
        Ok(blocks)
    }

    /// The records of names.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED after some time.
    pub async fn status(&self, names: &[StateName]) -> Result<GetStatusResponse, Status> {
        let bytes = |name| borsh::to_vec(name).expect("writing to memory cannot fail");
        let request = GetStatusRequest { names: names.iter().map(bytes).collect() };
        let mut service = self.service();
        within(ANSWER_WITHIN, service.get_status(request)).await
    }

    /// Hands in a transaction and waits for its receipt.
    ///
    /// # Errors
    /// The node's status, or DEADLINE_EXCEEDED a little after the wait.
    pub async fn submit_and_wait(
        &self,
        transaction: Vec<u8>,
        wait_ms: u32,
    ) -> Result<Receipt, Status> {
        let limit = Duration::from_millis(u64::from(wait_ms)) + CONNECT_WITHIN;
        let mut service = self.service();
        let request = SubmitAndWaitRequest { transaction, wait_ms };
        within(limit, service.submit_and_wait(request)).await
    }

    /// The node's metrics, in OpenMetrics' text format; none if it does not answer in time.
    pub async fn metrics(&self) -> Option<String> {
        let fetch = async {
            let mut stream = TcpStream::connect(self.http).await.ok()?;
            let request = "GET /metrics HTTP/1.0\r\n\r\n";
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut text = String::new();
            stream.take(METRICS_BYTES_MAX).read_to_string(&mut text).await.ok()?;
            Some(text)
        };
        tokio::time::timeout(CONNECT_WITHIN, fetch).await.ok()?
    }
}

async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, Status> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map(tonic::Response::into_inner),
        Err(_) => Err(late(limit)),
    }
}

fn late(limit: Duration) -> Status {
    Status::new(Code::DeadlineExceeded, format!("no answer within {} ms", limit.as_millis()))
}

/// A metric's value: the sum over its labels; none if the text has none of that name.
#[must_use]
pub fn metric(text: &str, name: &str) -> Option<f64> {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once("} ")?.1,
            None => rest.strip_prefix(' ')?,
        };
        value.split(' ').next()?.parse::<f64>().ok()
    });
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let text = "# TYPE vouchsafe_height gauge\nvouchsafe_height 7\nvouchsafe_height_seconds 9\n\
                    vouchsafe_out_total{topic=\"a b\"} 2\nvouchsafe_out_total{topic=\"c\"} 3.5\n";
        assert_eq!(metric(text, "vouchsafe_height"), Some(7.0));
        assert_eq!(metric(text, "vouchsafe_out_total"), Some(5.5));
        assert_eq!(metric(text, "vouchsafe_out"), None);
    }
}
