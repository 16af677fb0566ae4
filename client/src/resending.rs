//! Transactions of earlier runs that have no receipt yet: sent again, byte for byte, before
//! anything new is signed.

use std::sync::Arc;

use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::transaction::{Operations, VerifiedTransaction};

use crate::answer::CouldNotCheck;
use crate::context::Context;
use crate::failure::Failure;
use crate::judgment::ProvenAt;
use crate::node_client::CallError;
use crate::nodes::Nodes;
use crate::pending::PendingStore;
use crate::proven::{self, ProvenTransaction};
use crate::submission::{Fate, NoReceipt, submit};
use crate::timestamp::now_ms;

/// What earlier runs left.
#[derive(Clone, Debug, Default)]
pub struct Resent {
    /// What now has receipts.
    proven: Vec<ProvenTransaction>,
    /// What may still be included, and goes on waiting.
    waiting: Vec<(VerifiedTransaction, Arc<NoReceipt>)>,
}

impl Resent {
    /// What became of an earlier transaction that does exactly this, by this signer: its receipt,
    /// or why it still waits. Signing the same again would be a second event.
    pub fn take(
        &mut self,
        signer: &PublicKey,
        operations: &Operations,
    ) -> Option<Result<ProvenTransaction, Arc<NoReceipt>>> {
        let same = |transaction: &VerifiedTransaction| {
            transaction.signed().public_key == *signer
                && transaction.body().operations == *operations
        };
        if let Some(place) = self.proven.iter().position(|proven| same(&proven.transaction)) {
            return Some(Ok(self.proven.swap_remove(place)));
        }
        let (_, error) = self.waiting.iter().find(|(transaction, _)| same(transaction))?;
        Some(Err(error.clone()))
    }
}

/// Sends what waits again, and removes what has expired.
///
/// # Errors
/// [`Failure`] when the stored transactions cannot be listed or removed. One that brings no
/// receipt again is only noted: it goes on waiting.
pub async fn resend(context: &Context, nodes: &Nodes, wait_ms: u32) -> Result<Resent, Failure> {
    let store = PendingStore::new(&context.home, nodes.trust().chain_id());
    let mut resent = Resent::default();
    for waiting in store.list()? {
        let transaction = match waiting {
            Ok(transaction) => transaction,
            Err(error) => {
                context.warn(&error.to_string());
                continue;
            }
        };
        if transaction.body().expiry_ms <= now_ms() {
            expired(context, nodes, &store, &transaction).await?;
            continue;
        }
        match submit(nodes, &transaction, wait_ms).await {
            Ok((proven, failures)) => {
                context.report(&failures);
                context.remember(nodes.trust(), &ProvenAt::from(&proven.head))?;
                store.remove(&transaction.id())?;
                let (id, height) = (transaction.id(), proven.head.header().height);
                context.note(&format!("transaction {id} of an earlier run is in block {height}"));
                resent.proven.push(proven);
            }
            Err(error) => {
                let again = if error.fate == Fate::Refused { " (sent again)" } else { "" };
                context.warn(&format!("of an earlier run{again}: {error}"));
                if error.fate != Fate::Refused {
                    resent.waiting.push((transaction, Arc::new(error)));
                }
            }
        }
    }
    Ok(resent)
}

/// It can no longer be included; whether it was is said if a node can be asked, and then it is
/// removed.
async fn expired(
    context: &Context,
    nodes: &Nodes,
    store: &PendingStore,
    transaction: &VerifiedTransaction,
) -> Result<(), Failure> {
    let id = transaction.id();
    let mut denied = false;
    for node in nodes.clients() {
        match node.transaction(&id).await {
            Ok(answer) => {
                let verifier = nodes.trust().verifier();
                let receipt = answer.receipt.as_ref();
                let proven = proven::transaction(verifier, &id, transaction.bytes(), receipt)
                    .and_then(|proven| {
                        nodes.witness().head(node.url(), &proven.head).map(|()| proven)
                    });
                match proven {
                    Ok(proven) => {
                        let height = proven.head.header().height;
                        context.note(&format!(
                            "transaction {id} of an earlier run is in block {height}"
                        ));
                        return Ok(store.remove(&id)?);
                    }
                    Err(lie) => context.warn(&format!("{}: PROOF INVALID: {lie}", node.url())),
                }
            }
            Err(CallError::Status { code: tonic::Code::NotFound, .. }) => denied = true,
            Err(error) => {
                context.note(&format!("{}: {}", node.url(), CouldNotCheck::from(error)));
            }
        }
    }
    if denied {
        context.warn(&format!(
            "transaction {id} of an earlier run expired, and no node knows of its inclusion: it \
             is removed; sign again what it was about"
        ));
        store.remove(&id)?;
    } else {
        context.warn(&format!(
            "transaction {id} of an earlier run expired, and no node could be asked whether it \
             was included: it is kept"
        ));
    }
    Ok(())
}
