//! What stands before every call: a bound on how many there are, a count of every answer, and one
//! code for every limit. One service and no router: a call for the API goes straight to it, since
//! each layer of a router allocates and copies, and a question costs little more than that.
//!
//! ```text
//! call ─▶ a place among CALLS_MAX ─┬▶ /vouchsafe.v1.Vouchsafe/…  the API  ─┬▶ counted ─▶ answer
//!                                  └▶ health, reflection: a router ────────┘
//! ```

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::codegen::{BoxFuture, Service};
use tonic::service::Routes;
use tonic::{Code, Status};
use vouchsafe_proto::v1::REQUEST_BYTES_MAX;
use vouchsafe_proto::v1::vouchsafe_server::{SERVICE_NAME, VouchsafeServer};

use super::errors;
use super::pieces::Pieces;
use super::service::Api;
use crate::admission::RETRY_AFTER_MS;
use crate::metrics::{Metrics, RequestLabels};
use crate::waiters::WAITERS_MAX;

/// The most calls at one time whose answer has not begun: those who wait for receipts, and some.
const CALLS_MAX: usize = WAITERS_MAX + 2048;
/// The service's calls, for metrics: what else is asked for is counted as "other".
const METHODS: [&str; 14] = [
    "Submit",
    "SubmitAndWait",
    "GetTransaction",
    "GetStatus",
    "GetProof",
    "GetCheckpoint",
    "GetConsistency",
    "GetLog",
    "GetBlock",
    "GetValidators",
    "GetEvidence",
    "GetGenesis",
    "GetNodeInfo",
    "StreamBlocks",
];

/// Every service of the node's gRPC server, bounded and counted.
#[derive(Clone)]
pub(super) struct Front {
    api: VouchsafeServer<Api>,
    others: Routes,
    gate: Arc<Gate>,
}

/// What all calls share.
struct Gate {
    calls: Semaphore,
    metrics: Arc<Metrics>,
}

impl Front {
    pub(super) fn new(api: VouchsafeServer<Api>, others: Routes, metrics: Arc<Metrics>) -> Self {
        Self { api, others, gate: Arc::new(Gate { calls: Semaphore::new(CALLS_MAX), metrics }) }
    }
}

impl Service<Request<Body>> for Front {
    type Response = Response<Pieces>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Pieces>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Neither the API nor the router ever waits before a call.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let gate = Arc::clone(&self.gate);
        let Some(called) = method(request.uri().path()) else {
            let answer = self.others.call(request);
            return Box::pin(async move { Ok(gate.pass("other", answer).await.map(Pieces::new)) });
        };
        let method = METHODS.into_iter().find(|method| *method == called).unwrap_or("other");
        let answer = self.api.call(request);
        Box::pin(async move { Ok(gate.pass(method, answer).await.map(Pieces::new)) })
    }
}

/// The method of the API that a path names.
fn method(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.strip_prefix(SERVICE_NAME)?.strip_prefix('/')
}

impl Gate {
    /// Awaits an answer, which does nothing before, unless there are too many calls; counts it.
    async fn pass(
        &self,
        method: &'static str,
        answer: impl Future<Output = Result<Response<Body>, Infallible>>,
    ) -> Response<Body> {
        let mut response = match self.calls.try_acquire() {
            Ok(_permit) => {
                let Ok(response) = answer.await;
                response
            }
            Err(_) => {
                let message =
                    format!("{CALLS_MAX} calls at once: try again in {RETRY_AFTER_MS} ms");
                errors::overloaded(&message, RETRY_AFTER_MS).into_http()
            }
        };
        // A failed call's code stands in its headers.
        let failed = Status::from_header_map(response.headers());
        let code = failed.as_ref().map_or(Code::Ok, Status::code);
        self.metrics.requests.get_or_create(&RequestLabels { method, code: code as i32 }).inc();
        if let Some(status) = failed.filter(|status| status.code() == Code::OutOfRange) {
            name_the_limit(&status, &mut response);
        }
        response
    }
}

/// The library answers OUT_OF_RANGE to a request over the size limit; this API has one code for
/// every limit.
fn name_the_limit(status: &Status, response: &mut Response<Body>) {
    let message = format!(
        "RequestBytes: {}; a request has at most {REQUEST_BYTES_MAX} bytes",
        status.message()
    );
    let refused = errors::bad_request("RequestBytes", &message);
    // Only a message that is no header value could fail, and this one is plain text.
    let _ = refused.add_header(response.headers_mut());
}
