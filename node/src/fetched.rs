//! The signatures of fetched blocks are checked before it is their turn, on a thread of their own:
//! while the replica executes one block, the next one's are found valid, and the rule that both
//! share remembers them.
//!
//! ```text
//! network ─▶ answer with blocks ─▶ queue ─▶ check, remember ─▶ replica's queue
//!        └── any other answer, or no room ────────────────────────▲
//! ```
//!
//! Nothing depends on it: what was not checked here, or is not remembered any more, the replica
//! checks itself.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use vouchsafe_genesis::Genesis;
use vouchsafe_replica::Event;
use vouchsafe_replica::peer::{CertifiedBlock, Response};
use vouchsafe_types::signature::SignatureRule;
use vouchsafe_types::transaction::Transaction;

use crate::inbox::ReplicaQueue;

/// The most answers that wait for their check; the replica asks for fewer at a time.
const ANSWERS_MAX: usize = 8;
/// The most signatures in one batch: larger ones gain little.
const BATCH_MAX: usize = 256;
/// How many signatures the rule that is shared with the ledger remembers, a power of two: those of
/// four answers of the greatest length and of the smallest transactions, in 4 MiB.
pub(crate) const REMEMBERED_MAX: usize = 1 << 17;

/// The way for answers. Dropping every clone ends the thread.
#[derive(Clone)]
pub(crate) struct FetchedQueue {
    answers: SyncSender<Event>,
    replica: ReplicaQueue,
}

impl FetchedQueue {
    /// Starts the thread.
    ///
    /// # Errors
    /// Whatever the system reports when it cannot start a thread.
    pub(crate) fn start(
        genesis: Genesis,
        rule: Arc<dyn SignatureRule>,
        replica: ReplicaQueue,
    ) -> std::io::Result<Self> {
        let (answers, waiting) = sync_channel(ANSWERS_MAX);
        let forward = replica.clone();
        thread::Builder::new()
            .name("fetched".to_owned())
            .spawn(move || check_all(&genesis, &*rule, &waiting, &forward))?;
        Ok(Self { answers, replica })
    }

    /// Hands an answer on to the replica, at once unless it brings blocks.
    pub(crate) fn answered(&self, event: Event) {
        if blocks_of(&event).is_none() {
            return self.replica.peer(event);
        }
        if let Err(TrySendError::Full(event) | TrySendError::Disconnected(event)) =
            self.answers.try_send(event)
        {
            self.replica.peer(event);
        }
    }
}

fn blocks_of(event: &Event) -> Option<&[CertifiedBlock]> {
    match event {
        Event::Answered { response: Some(response), .. } => match &**response {
            Response::Blocks(blocks) => Some(blocks),
            _ => None,
        },
        _ => None,
    }
}

fn check_all(
    genesis: &Genesis,
    rule: &dyn SignatureRule,
    waiting: &Receiver<Event>,
    replica: &ReplicaQueue,
) {
    while let Ok(event) = waiting.recv() {
        for certified in blocks_of(&event).into_iter().flatten() {
            check(genesis, rule, certified);
        }
        replica.peer(event);
    }
}

/// The verdicts are the rule's to remember. Whose fault a false one is, the replica finds out when
/// it judges the block; and if the validators are others by now than at genesis, it checks their
/// certificate itself.
fn check(genesis: &Genesis, rule: &dyn SignatureRule, certified: &CertifiedBlock) {
    let (chain_id, set) = (genesis.chain_id(), genesis.validator_set());
    let _ = certified.certificate.verify_under(rule, &chain_id, set);
    for signed in certified.block.transactions.chunks(BATCH_MAX) {
        let formed = |signed: &_| Transaction::from_signed(&chain_id, Clone::clone(signed));
        let transactions = signed.iter().map(formed).filter_map(Result::ok).collect();
        drop(Transaction::verify_batch_under(rule, transactions, &chain_id));
    }
}
