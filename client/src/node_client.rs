//! One node, asked over gRPC: bounded in time, in what is read, and in what is believed (nothing;
//! see [`crate::proven`]).

use std::error::Error as _;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};
use vouchsafe_proto::v1;
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::record::StateName;

use crate::answer::CouldNotCheck;
use crate::duration::milliseconds;
use crate::node_url::NodeUrl;
use crate::output::escape::bounded;
use crate::tls::{Tls, TlsError, TlsOptions, causes, handshake_fault};

/// How long a node has to answer unless told otherwise.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So much of a node's message is shown, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 512;
/// The metadata in which a full node says when to try again, in milliseconds.
const RETRY_KEY: &str = "retry-after-ms";
/// A full node is asked again no sooner, in milliseconds.
const RETRY_MS_LEAST: u64 = 100;
/// Nor is it waited for longer at once, in milliseconds.
const RETRY_MS_MAX: u64 = 5_000;
/// How a node begins to say, under UNAVAILABLE, that the network makes no blocks now.
pub const CANNOT_COMMIT: &str = "the network cannot commit now";
/// The metadata in which a node names the rule that was broken.
const RULE_KEY: &str = "vouchsafe-rule";
/// No rule's name is longer, in bytes.
const RULE_BYTES_MAX: usize = 64;

/// A node's gRPC address and the connection to it, made when it is first needed.
#[derive(Clone, Debug)]
pub struct NodeClient {
    url: NodeUrl,
    timeout: Duration,
    endpoint: Endpoint,
    channel: Arc<OnceCell<Channel>>,
}

/// Blocks, as a node sends them.
pub struct BlockStream(tonic::Streaming<v1::GetBlockResponse>);

impl BlockStream {
    /// The next block, once it is there.
    ///
    /// # Errors
    /// [`CallError`]; a stream that ends has broken.
    pub async fn next(&mut self) -> Result<v1::GetBlockResponse, CallError> {
        match self.0.message().await {
            Ok(Some(block)) => Ok(block),
            Ok(None) => Err(CallError::Broken("the stream of blocks ended".to_owned())),
            Err(status) => Err(from_status(&status)),
        }
    }
}

/// Why a call brought no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// No connection: the node has seen nothing of the call.
    Unreachable(String),
    /// No encrypted connection that both sides believe in: the node has seen nothing of the call.
    Tls(String),
    /// No answer in time: the node may have done what was asked.
    Timeout(u64),
    /// The answer is longer than is read.
    TooLarge(String),
    /// The node is full, and has not done what was asked.
    Full {
        /// When it is worth trying again, in milliseconds.
        retry_after_ms: u64,
        /// The words, bounded.
        message: String,
    },
    /// The node cannot reach enough validators: it may keep the transaction until it can.
    CannotCommit(String),
    /// The connection broke: the node may have done what was asked.
    Broken(String),
    /// A gRPC error of the node's.
    Status {
        /// The code.
        code: Code,
        /// The words, bounded.
        message: String,
        /// The rule that the node names, if it names one.
        rule: Option<String>,
    },
}

impl From<CallError> for CouldNotCheck {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable(cause) => Self::Unreachable(cause),
            CallError::Tls(cause) => Self::Tls(cause),
            CallError::Timeout(ms) => Self::Timeout(ms),
            CallError::TooLarge(cause) => Self::TooLarge(cause),
            CallError::Full { message, .. } => {
                Self::Status { code: code_name(Code::ResourceExhausted), message, rule: None }
            }
            CallError::Broken(cause) => Self::Broken(cause),
            CallError::CannotCommit(message) => Self::CannotCommit(message),
            CallError::Status { code, message, rule } => {
                Self::Status { code: code_name(code), message, rule }
            }
        }
    }
}

/// A gRPC code as the specification spells it.
#[must_use]
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

impl NodeClient {
    /// A node that has not been asked yet; over TLS if its address says so.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(url: NodeUrl, timeout: Duration, tls: &TlsOptions) -> Result<Self, TlsError> {
        let endpoint = Endpoint::from_shared(url.as_str().to_owned())
            .expect("a node's address was parsed as a URI")
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .tcp_nodelay(true);
        let endpoint =
            if url.is_encrypted() { Tls::load(tls)?.secure(endpoint)? } else { endpoint };
        Ok(Self { url, timeout, endpoint, channel: Arc::default() })
    }

    /// The node's address.
    #[must_use]
    pub fn url(&self) -> &NodeUrl {
        &self.url
    }

    async fn service(&self) -> Result<VouchsafeClient<Channel>, CallError> {
        let connect = async || {
            self.endpoint.connect().await.map_err(|error| match handshake_fault(&error) {
                Some(fault) => CallError::Tls(bounded(&fault, MESSAGE_CHARACTERS_MAX)),
                None => CallError::Unreachable(bounded(&causes(&error), MESSAGE_CHARACTERS_MAX)),
            })
        };
        let connected = tokio::time::timeout(self.timeout, self.channel.get_or_try_init(connect));
        let channel = connected.await.map_err(|_| {
            CallError::Unreachable(format!(
                "no connection within {} ms",
                milliseconds(self.timeout)
            ))
        })??;
        Ok(VouchsafeClient::new(channel.clone())
            .max_decoding_message_size(v1::RESPONSE_BYTES_MAX)
            .max_encoding_message_size(v1::REQUEST_BYTES_MAX))
    }

    async fn call<T, F: Future<Output = Result<Response<T>, Status>>>(
        &self,
        more: Duration,
        call: impl FnOnce(VouchsafeClient<Channel>) -> F,
    ) -> Result<T, CallError> {
        let service = self.service().await?;
        let within = self.timeout + more;
        match tokio::time::timeout(within, call(service)).await {
            Err(_) => Err(CallError::Timeout(milliseconds(within))),
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(self.with_hint(from_status(&status))),
        }
    }

    /// A node that does not know this client's certificate breaks the connection without a word.
    fn with_hint(&self, error: CallError) -> CallError {
        match error {
            CallError::Broken(cause) if self.url.is_encrypted() => CallError::Broken(format!(
                "{cause}; a node that asks who is calling does so: see --tls-certificate"
            )),
            other => other,
        }
    }

    /// Hands in a signed transaction and waits for its receipt.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn submit_and_wait(
        &self,
        transaction: Vec<u8>,
        wait_ms: u32,
    ) -> Result<v1::Receipt, CallError> {
        let request = v1::SubmitAndWaitRequest { transaction, wait_ms };
        let wait_ms = if wait_ms == 0 { v1::WAIT_MS_DEFAULT } else { wait_ms };
        let wait = Duration::from_millis(u64::from(wait_ms));
        self.call(wait, async |mut node| node.submit_and_wait(request).await).await
    }

    /// A committed transaction.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn transaction(
        &self,
        id: &TransactionId,
    ) -> Result<v1::GetTransactionResponse, CallError> {
        let request = v1::GetTransactionRequest { transaction_id: id.as_bytes().to_vec() };
        self.call(Duration::ZERO, async |mut node| node.get_transaction(request).await).await
    }

    /// What names hold under the newest header.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn status(&self, names: &[StateName]) -> Result<v1::GetStatusResponse, CallError> {
        let request = v1::GetStatusRequest { names: names.iter().map(name_bytes).collect() };
        self.call(Duration::ZERO, async |mut node| node.get_status(request).await).await
    }

    /// The proof file of an asset's status, with its events if wished.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn asset_proof(
        &self,
        key: AssetKey,
        with_events: bool,
    ) -> Result<v1::GetProofResponse, CallError> {
        let name = name_bytes(&StateName::Asset(key));
        let subject = Some(v1::get_proof_request::Subject::Name(name));
        let request = v1::GetProofRequest { subject, with_events, from_newest: false };
        self.call(Duration::ZERO, async |mut node| node.get_proof(request).await).await
    }

    /// The proof file of a transaction's place, by its block's certificate or from the newest
    /// header.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn receipt_proof(
        &self,
        id: &TransactionId,
        from_newest: bool,
    ) -> Result<v1::GetProofResponse, CallError> {
        let id = id.as_bytes().to_vec();
        let subject = Some(v1::get_proof_request::Subject::TransactionId(id));
        let request = v1::GetProofRequest { subject, with_events: false, from_newest };
        self.call(Duration::ZERO, async |mut node| node.get_proof(request).await).await
    }

    /// The node's signature under the history of so many blocks; 0: the newest.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn checkpoint(&self, size: u64) -> Result<v1::GetCheckpointResponse, CallError> {
        let request = v1::GetCheckpointRequest { size };
        self.call(Duration::ZERO, async |mut node| node.get_checkpoint(request).await).await
    }

    /// The proof that the history of one size begins with that of another.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn consistency(
        &self,
        first: u64,
        second: u64,
    ) -> Result<v1::GetConsistencyResponse, CallError> {
        let request = v1::GetConsistencyRequest { first, second };
        self.call(Duration::ZERO, async |mut node| node.get_consistency(request).await).await
    }

    /// A page of a log.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn log(
        &self,
        name: &StateName,
        from: u64,
        count: u32,
    ) -> Result<v1::GetLogResponse, CallError> {
        let request = v1::GetLogRequest { name: name_bytes(name), from, count };
        self.call(Duration::ZERO, async |mut node| node.get_log(request).await).await
    }

    /// The newest header.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn newest(&self) -> Result<v1::GetBlockResponse, CallError> {
        let request = v1::GetBlockRequest { height: 0, with_body: false };
        self.call(Duration::ZERO, async |mut node| node.get_block(request).await).await
    }

    /// A page of the blocks that hold evidence, from a height on.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn evidence(&self, from_height: u64) -> Result<v1::GetEvidenceResponse, CallError> {
        let request = v1::GetEvidenceRequest { from_height, count: 0 };
        self.call(Duration::ZERO, async |mut node| node.get_evidence(request).await).await
    }

    /// Whole blocks from a height on, each as it is committed; 0: from the next one.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn blocks(&self, from_height: u64) -> Result<BlockStream, CallError> {
        let request = v1::StreamBlocksRequest { from_height, with_body: true };
        let call = self.call(Duration::ZERO, async |mut node| node.stream_blocks(request).await);
        Ok(BlockStream(call.await?))
    }

    /// The genesis document.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn genesis(&self) -> Result<v1::GetGenesisResponse, CallError> {
        let request = v1::GetGenesisRequest {};
        self.call(Duration::ZERO, async |mut node| node.get_genesis(request).await).await
    }

    /// What the node says of itself, unproven.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn info(&self) -> Result<v1::GetNodeInfoResponse, CallError> {
        let request = v1::GetNodeInfoRequest {};
        self.call(Duration::ZERO, async |mut node| node.get_node_info(request).await).await
    }
}

fn name_bytes(name: &StateName) -> Vec<u8> {
    borsh::to_vec(name).expect("writing to memory cannot fail")
}

fn from_status(status: &Status) -> CallError {
    // A status with a cause was made here, by a connection that broke, and not by the node.
    if let Some(cause) = status.source() {
        return CallError::Broken(bounded(&causes(cause), MESSAGE_CHARACTERS_MAX));
    }
    let message = bounded(status.message(), MESSAGE_CHARACTERS_MAX);
    // tonic reports its own limit on decoding with this code.
    if status.code() == Code::OutOfRange {
        return CallError::TooLarge(message);
    }
    if status.code() == Code::ResourceExhausted {
        let asked_ms = status.metadata().get(RETRY_KEY).and_then(|value| value.to_str().ok());
        let asked_ms = asked_ms.and_then(|value| value.parse().ok()).unwrap_or(RETRY_MS_LEAST);
        let retry_after_ms = asked_ms.clamp(RETRY_MS_LEAST, RETRY_MS_MAX);
        return CallError::Full { retry_after_ms, message };
    }
    if status.code() == Code::Unavailable && message.starts_with(CANNOT_COMMIT) {
        return CallError::CannotCommit(message);
    }
    CallError::Status { code: status.code(), message, rule: rule_of(status) }
}

/// The name of the rule that was broken, as the node's metadata gives it: letters and digits.
fn rule_of(status: &Status) -> Option<String> {
    let rule = status.metadata().get(RULE_KEY)?.to_str().ok()?;
    let plain = rule.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && (1..=RULE_BYTES_MAX).contains(&rule.len())).then(|| rule.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::metadata::{MetadataMap, MetadataValue};

    fn with(code: Code, key: &'static str, value: &'static str) -> CallError {
        let mut metadata = MetadataMap::new();
        metadata.insert(key, MetadataValue::from_static(value));
        from_status(&Status::with_metadata(code, "words", metadata))
    }

    #[test]
    fn a_rule_is_taken_from_the_metadata_if_it_looks_like_one() {
        let rule = |value| match with(Code::FailedPrecondition, RULE_KEY, value) {
            CallError::Status { rule, .. } => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(rule("AlreadyUntrusted").as_deref(), Some("AlreadyUntrusted"));
        assert_eq!(rule("no rule [31m"), None);
        assert_eq!(rule(""), None);
    }

    #[test]
    fn a_full_node_is_asked_again_within_bounds() {
        let retry = |value| match with(Code::ResourceExhausted, RETRY_KEY, value) {
            CallError::Full { retry_after_ms, .. } => retry_after_ms,
            other => panic!("{other:?}"),
        };
        assert_eq!(retry("250"), 250);
        assert_eq!(retry("0"), RETRY_MS_LEAST);
        assert_eq!(retry("99999999999"), RETRY_MS_MAX);
        assert_eq!(retry("soon"), RETRY_MS_LEAST);
    }

    #[test]
    fn a_network_that_cannot_commit_is_told_from_a_node_that_stops() {
        let words = "the network cannot commit now: this node reaches 2 of 4";
        let told = from_status(&Status::unavailable(words));
        assert_eq!(told, CallError::CannotCommit(words.to_owned()));
        let stopping = from_status(&Status::unavailable("the node is stopping"));
        assert!(matches!(stopping, CallError::Status { code: Code::Unavailable, .. }));
        let elsewhere = from_status(&Status::internal(words));
        assert!(matches!(elsewhere, CallError::Status { code: Code::Internal, .. }));
    }

    #[test]
    fn a_nodes_words_are_bounded() {
        let long = "x".repeat(10_000);
        let CallError::Status { message, .. } = from_status(&Status::internal(long)) else {
            panic!("a status");
        };
        assert_eq!(message.chars().count(), MESSAGE_CHARACTERS_MAX + 1);
    }
}
