//! What a network is asked in a benchmark.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use vouchsafe_client::proven;
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{GetStatusRequest, RESPONSE_BYTES_MAX, SubmitAndWaitRequest};
use vouchsafe_types::record::StateName;
use vouchsafe_types::verifier::Verifier;

use super::drive::Work;
use crate::statement::Statement;

/// How long one submission waits for its receipt, in milliseconds.
const WAIT_MS: u32 = 60_000;
/// The metadata in which a full node says when to try again, in milliseconds.
const RETRY_KEY: &str = "retry-after-ms";
/// When it is tried again if the node does not say, in milliseconds.
const RETRY_MS_DEFAULT: u64 = 500;
/// Of so many receipts one is proven here. The others' proofs cost the cores that are measured.
const PROVEN_EVERY: u64 = 64;

/// So many connections to each of these addresses.
///
/// # Panics
/// Outside a Tokio runtime.
#[must_use]
pub(super) fn channels(addresses: &[std::net::SocketAddr], each: usize) -> Vec<Channel> {
    let connect = |address: &std::net::SocketAddr| {
        let endpoint = Endpoint::from_shared(format!("http://{address}"));
        endpoint.expect("a socket's address makes a URL").tcp_nodelay(true).connect_lazy()
    };
    (0..each).flat_map(|_| addresses.iter().map(connect)).collect()
}

fn client(channels: &[Channel], number: u64) -> VouchsafeClient<Channel> {
    let at = usize::try_from(number % channels.len() as u64).expect("below a length");
    VouchsafeClient::new(channels[at].clone()).max_decoding_message_size(RESPONSE_BYTES_MAX)
}

/// Signed statements, each handed in once, until its receipt is here.
pub(super) struct Submissions {
    /// The connections, used in turn.
    pub(super) channels: Vec<Channel>,
    /// What is handed in, in this order.
    pub(super) statements: Vec<Statement>,
    /// Who judges the receipts.
    pub(super) verifier: Verifier,
    /// The next statement.
    pub(super) next: AtomicU64,
}

impl Work for Submissions {
    async fn once(&self, _: u64) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let statement = usize::try_from(number).ok().and_then(|at| self.statements.get(at));
        let statement = statement.ok_or("all prepared statements are used up")?;
        let mut client = client(&self.channels, number);
        loop {
            let transaction = statement.bytes.clone();
            let request = SubmitAndWaitRequest { transaction, wait_ms: WAIT_MS };
            match client.submit_and_wait(request).await {
                Ok(receipt) if number.is_multiple_of(PROVEN_EVERY) => {
                    let receipt = receipt.into_inner();
                    let (id, bytes) = (&statement.id, &statement.bytes);
                    let proven = proven::transaction(&self.verifier, id, bytes, Some(&receipt));
                    return proven.map(drop).map_err(|lie| lie.to_string());
                }
                Ok(_) => return Ok(()),
                Err(status) if is_full(&status) => {
                    tokio::time::sleep(pause(&status, number)).await;
                }
                Err(status) => return Err(status.to_string()),
            }
        }
    }
}

fn is_full(status: &Status) -> bool {
    status.code() == Code::ResourceExhausted
}

/// How long a full node asks to wait, from half of it to all and a half: whoever comes back too
/// soon, or all at once, keeps the node from its work.
fn pause(status: &Status, number: u64) -> Duration {
    let asked = status.metadata().get(RETRY_KEY).and_then(|value| value.to_str().ok());
    let asked_ms = asked.and_then(|value| value.parse().ok()).unwrap_or(RETRY_MS_DEFAULT);
    Duration::from_millis(asked_ms / 2 + asked_ms * (number % 1024) / 1024)
}

/// Forged statements: each must be refused.
pub(super) struct Forgeries {
    /// The connections, used in turn.
    pub(super) channels: Vec<Channel>,
    /// The statements, with signatures that do not hold.
    pub(super) statements: Vec<Statement>,
}

impl Work for Forgeries {
    async fn once(&self, number: u64) -> Result<(), String> {
        let at = usize::try_from(number).unwrap_or(0) % self.statements.len();
        let transaction = self.statements[at].bytes.clone();
        let request = SubmitAndWaitRequest { transaction, wait_ms: WAIT_MS };
        match client(&self.channels, number).submit_and_wait(request).await {
            Ok(_) => Err("a forged statement was committed".into()),
            Err(status) if status.code() == Code::InvalidArgument || is_full(&status) => Ok(()),
            Err(status) => Err(status.to_string()),
        }
    }
}

/// Questions for the status of assets, each answered with a proof.
pub(super) struct Questions {
    /// The connections, used in turn.
    pub(super) channels: Vec<Channel>,
    /// What is asked for, in turn.
    pub(super) names: Vec<StateName>,
}

impl Questions {
    /// How long the answer to a question is, in bytes.
    ///
    /// # Errors
    /// The words of what failed.
    pub(super) async fn weigh(&self, number: u64) -> Result<usize, String> {
        let at = usize::try_from(number).unwrap_or(0) % self.names.len();
        let name = borsh::to_vec(&self.names[at]).map_err(|error| error.to_string())?;
        let request = GetStatusRequest { names: vec![name] };
        let answer = client(&self.channels, number).get_status(request).await;
        let answer = answer.map_err(|status| status.to_string())?;
        Ok(prost::Message::encoded_len(answer.get_ref()))
    }
}

impl Work for Questions {
    async fn once(&self, number: u64) -> Result<(), String> {
        self.weigh(number).await.map(drop)
    }
}
