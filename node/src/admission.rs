//! Signatures are checked before the replica hears of a transaction: many at a time, on a thread
//! of their own.
//!
//! ```text
//! clients ─▶ share ─┐
//!                   ├─▶ queue ─▶ verify_batch ─▶ replica's queue
//! peers ───▶ share ─┘                └ forged: refused   │
//!    ▲         └ full: Overloaded                        │
//!    └──────────────────── answer ◀──────────────────────┘
//! ```
//!
//! Clients and peers have a share each, bounded in number and bytes: what peers gossip never takes
//! the place of what is handed in here.
//!
//! Whatever arrives while one batch is checked makes the next one: batches grow with the load,
//! and a lone transaction never waits for company.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use vouchsafe_replica::{Admission, AdmissionError, Origin};
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::transaction::{Transaction, TransactionError, VerifiedTransaction};

/// The most submissions of a share between their arrival and their answer.
pub(crate) const SHARE_SUBMISSIONS_MAX: usize = 8_192;
/// The most bytes of them.
pub(crate) const SHARE_BYTES_MAX: usize = 32 << 20;
/// Clients' and peers'.
const SHARES: usize = 2;
/// The most signatures in one batch: larger ones gain little and delay the first.
pub(crate) const BATCH_MAX: usize = 256;
/// How long an overloaded node asks to wait, in milliseconds.
pub(crate) const RETRY_AFTER_MS: u64 = 500;

/// Why a submission was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SubmissionError {
    /// Its form or signature breaks a rule.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The replica does not take it.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// Too many submissions wait for their signature check.
    #[error("too many submissions at once: try again in {RETRY_AFTER_MS} ms")]
    Overloaded,
    /// The replica is gone.
    #[error("the node is stopping: send the same bytes again, here later or to another node")]
    Stopped,
}

/// A submission's answer.
pub(crate) type Answer = Result<Admission, SubmissionError>;

/// Transactions handed in together, that wait for their signature check.
struct Submission {
    transactions: Vec<Transaction>,
    reply: Reply,
}

/// Where a transaction's answer goes. Those handed in together are answered together, and take
/// their share until then.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) origin: Origin,
    group: Arc<Mutex<Group>>,
}

/// The answers to transactions that were handed in together.
struct Group {
    left: usize,
    answers: Vec<Answer>,
    /// Whoever waits, and the share that is taken meanwhile; none once all are answered.
    open: Option<(oneshot::Sender<Vec<Answer>>, [OwnedSemaphorePermit; 2])>,
}

impl Reply {
    /// Answers for one transaction. Whoever gave up meanwhile is not told.
    pub(crate) fn send(self, answer: Answer) {
        let mut group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        group.answers.push(answer);
        group.left -= 1;
        if group.left > 0 {
            return;
        }
        if let Some((sender, taken)) = group.open.take() {
            drop(taken);
            let _ = sender.send(std::mem::take(&mut group.answers));
        }
    }
}

/// What reaches the replica: a batch of verified transactions.
pub(crate) type VerifiedBatch = Vec<(Box<VerifiedTransaction>, Reply)>;

/// The door for submissions. Dropping every clone ends the thread.
#[derive(Clone)]
pub(crate) struct AdmissionQueue {
    queue: SyncSender<Submission>,
    clients: Share,
    peers: Share,
}

/// What one kind of submitters may have under way.
#[derive(Clone)]
struct Share {
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Share {
    fn new() -> Self {
        let places = Arc::new(Semaphore::new(SHARE_SUBMISSIONS_MAX));
        Self { places, bytes: Arc::new(Semaphore::new(SHARE_BYTES_MAX)) }
    }

    /// Takes so many places and bytes, if they are left.
    fn take(&self, places: usize, bytes: usize) -> Option<[OwnedSemaphorePermit; 2]> {
        let permits = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let places = Arc::clone(&self.places).try_acquire_many_owned(permits(places)).ok()?;
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(permits(bytes)).ok()?;
        Some([places, bytes])
    }
}

impl AdmissionQueue {
    /// Starts the thread. `forward` hands a batch to the replica, waiting for room; it returns
    /// whether the replica still takes any.
    ///
    /// # Errors
    /// Whatever the system reports when it cannot start a thread.
    pub(crate) fn start(
        chain_id: ChainId,
        forward: impl Fn(VerifiedBatch) -> bool + Send + 'static,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, submissions) = sync_channel(SHARES * SHARE_SUBMISSIONS_MAX);
        let thread = thread::Builder::new()
            .name("verify".to_owned())
            .spawn(move || verify_all(&chain_id, &submissions, forward))?;
        Ok((Self { queue, clients: Share::new(), peers: Share::new() }, thread))
    }

    /// Hands in a transaction and waits for its answer: not for its inclusion.
    ///
    /// # Errors
    /// A [`SubmissionError`] names the rule or says when to try again.
    pub(crate) async fn submit(&self, transaction: Transaction, origin: Origin) -> Answer {
        let answers = self.submit_all(vec![transaction], origin).await?;
        answers.into_iter().next().unwrap_or(Err(SubmissionError::Stopped))
    }

    /// Hands in transactions together and waits for the answers to all, in no order.
    ///
    /// # Errors
    /// [`SubmissionError::Overloaded`] or [`SubmissionError::Stopped`]: none was taken, or none is
    /// answered.
    pub(crate) async fn submit_all(
        &self,
        transactions: Vec<Transaction>,
        origin: Origin,
    ) -> Result<Vec<Answer>, SubmissionError> {
        let share = match origin {
            Origin::Client => &self.clients,
            Origin::Peer => &self.peers,
        };
        let (left, bytes) =
            (transactions.len(), transactions.iter().map(|each| each.bytes().len()));
        if left == 0 {
            return Ok(Vec::new());
        }
        let taken = share.take(left, bytes.sum()).ok_or(SubmissionError::Overloaded)?;
        let (sender, answers) = oneshot::channel();
        let group = Group { left, answers: Vec::with_capacity(left), open: Some((sender, taken)) };
        let reply = Reply { origin, group: Arc::new(Mutex::new(group)) };
        self.queue.try_send(Submission { transactions, reply }).map_err(|error| match error {
            TrySendError::Full(_) => SubmissionError::Overloaded,
            TrySendError::Disconnected(_) => SubmissionError::Stopped,
        })?;
        answers.await.map_err(|_| SubmissionError::Stopped)
    }
}

fn verify_all(
    chain_id: &ChainId,
    submissions: &Receiver<Submission>,
    forward: impl Fn(VerifiedBatch) -> bool,
) {
    while let Ok(first) = submissions.recv() {
        let (mut transactions, mut replies) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(submission) = next {
            replies.extend(submission.transactions.iter().map(|_| submission.reply.clone()));
            transactions.extend(submission.transactions);
            // The last one that is taken may exceed the size: a gossiped message is bounded too.
            next = (transactions.len() < BATCH_MAX).then(|| submissions.try_recv().ok()).flatten();
        }
        let mut batch = Vec::with_capacity(replies.len());
        for (verdict, reply) in
            Transaction::verify_batch(transactions, chain_id).into_iter().zip(replies)
        {
            match verdict {
                Ok(transaction) => batch.push((Box::new(transaction), reply)),
                Err(error) => reply.send(Err(error.into())),
            }
        }
        if !batch.is_empty() && !forward(batch) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_keys::{SecretKey, TransactionSigner};
    use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::Digest;
    use vouchsafe_types::transaction::{Assets, Body, Operation, Operations};

    use super::*;

    const CHAIN: ChainId = ChainId(Digest::ZERO);

    fn transaction(number: u8, forged: bool) -> Transaction {
        let asset = Asset {
            scheme: Scheme::Bytes,
            digest: Digest([number; 32]),
            size_bytes: 0,
            name: DisplayName::new(String::new()).expect("empty"),
            attributes: Attributes::default(),
        };
        let assets = Assets::new(vec![asset]).expect("one");
        let operations = Operations::new(vec![Operation::Notarize { assets }]).expect("one");
        let body = Body { version: Version, operations, nonce: [number; 16], expiry_ms: 1 };
        let key = SecretKey::from_seed(&[7; 32]);
        let mut signed = key.sign_transaction(&CHAIN, &body).expect("signed");
        signed.signature.0[0] ^= u8::from(forged);
        Transaction::from_signed(&CHAIN, signed).expect("well formed")
    }

    /// A queue whose replica pools everything.
    fn pooling() -> AdmissionQueue {
        let forward = |batch: VerifiedBatch| {
            for (transaction, reply) in batch {
                reply.send(Ok(Admission::Pooled(transaction.id())));
            }
            true
        };
        AdmissionQueue::start(CHAIN, forward).expect("a thread").0
    }

    #[tokio::test]
    async fn only_the_forged_ones_of_a_batch_are_refused() {
        let queue = pooling();
        let submissions: Vec<_> = (0..100u8)
            .map(|number| {
                let (queue, forged) = (queue.clone(), number % 10 == 3);
                tokio::spawn(async move {
                    queue.submit(transaction(number, forged), Origin::Client).await
                })
            })
            .collect();
        for (number, submission) in (0..100u8).zip(submissions) {
            let expected = match number % 10 {
                3 => Err(TransactionError::Signature(CHAIN).into()),
                _ => Ok(Admission::Pooled(transaction(number, false).id())),
            };
            assert_eq!(submission.await.expect("no panic"), expected, "{number}");
        }
    }

    #[tokio::test]
    async fn bytes_under_way_are_bounded_and_freed_by_the_answer() {
        let queue = pooling();
        let all = queue.clients.take(1, SHARE_BYTES_MAX).expect("free");
        let overloaded = queue.submit(transaction(1, false), Origin::Client).await;
        assert_eq!(overloaded, Err(SubmissionError::Overloaded));
        // Peers have bytes of their own.
        assert!(queue.submit(transaction(1, false), Origin::Peer).await.is_ok());
        drop(all);
        assert!(queue.submit(transaction(1, false), Origin::Client).await.is_ok());
        assert_eq!(queue.clients.bytes.available_permits(), SHARE_BYTES_MAX);
        assert_eq!(queue.peers.places.available_permits(), SHARE_SUBMISSIONS_MAX);
    }

    #[tokio::test]
    async fn what_is_handed_in_together_is_answered_together() {
        let queue = pooling();
        let together = (0..10).map(|number| transaction(number, number == 3)).collect();
        let answers = queue.submit_all(together, Origin::Peer).await.expect("taken");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 9);
        assert_eq!(answers.len(), 10);
        assert_eq!(queue.peers.places.available_permits(), SHARE_SUBMISSIONS_MAX);
        assert_eq!(queue.submit_all(Vec::new(), Origin::Peer).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn a_replica_that_ended_is_told_from_one_that_is_full() {
        let queue = AdmissionQueue::start(CHAIN, |_| false).expect("a thread").0;
        for number in 0..2 {
            let answer = queue.submit(transaction(number, false), Origin::Client).await;
            assert_eq!(answer, Err(SubmissionError::Stopped));
        }
    }
}
