//! Transactions of earlier runs that have no receipt yet: sent again, byte for byte and in the order
//! of signing, before anything new is signed.
//!
//! The ledger takes statements in whatever order they reach it. One that could undo another if it
//! came after it must therefore be in a block, or gone for good, before the other is handed in:
//!
//! ```text
//! sign f (no receipt) ◀─ revoke f as deprecated    waits: TRUSTED could come last
//! sign f (no receipt) ◀─ revoke f as compromised   goes: the ledger refuses to trust it after that
//!                                                  (an admin's trust it would take: then it waits)
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use vouchsafe_genesis::{Genesis, Role};
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::status::{Status, stated};
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

/// What became of a transaction of an earlier run: its receipt, or why it still waits.
type Sent = Result<ProvenTransaction, Arc<NoReceipt>>;

/// What earlier runs left and may be in a block, in the order of signing.
#[derive(Clone, Debug, Default)]
pub struct Resent(Vec<(VerifiedTransaction, Sent)>);

impl Resent {
    /// What became of an earlier transaction that does exactly this, by this signer, if it is the
    /// last word on all that it names. Signing the same again would be a second event; but after
    /// another statement it is a new one.
    pub fn take(&mut self, signer: &PublicKey, operations: &Operations) -> Option<Sent> {
        let assets = assets_of(operations);
        let names_any = |(earlier, _): &(VerifiedTransaction, Sent)| {
            assets_of(&earlier.body().operations).keys().any(|key| assets.contains_key(key))
        };
        let last = self.0.iter().rposition(names_any)?;
        let (earlier, _) = &self.0[last];
        let is_same =
            earlier.signed().public_key == *signer && earlier.body().operations == *operations;
        is_same.then(|| self.0[last].1.clone())
    }

    /// The first transaction without a receipt that could still come after these operations, and
    /// undo them.
    #[must_use]
    pub fn could_undo(&self, genesis: &Genesis, operations: &Operations) -> Option<TransactionId> {
        let said = assets_of(operations);
        let undoes = |earlier: &VerifiedTransaction| {
            let signer = genesis.signer(&earlier.signed().public_key);
            // A key that came later may be an admin's.
            let by_admin = signer.is_none_or(|(_, signer)| signer.role == Role::Admin);
            let again = assets_of(&earlier.body().operations);
            let over = |(key, said): (&AssetKey, &Status)| {
                again.get(key).is_some_and(|again| said.allows(*again, by_admin))
            };
            said.iter().any(over)
        };
        let mut waiting = self.waiting();
        waiting.find(|earlier| undoes(earlier)).map(|earlier| earlier.id())
    }

    /// Does one without a receipt name any of the same files? Then what these operations became must
    /// not be forgotten yet: it is the answer once the earlier one stands in a block as well.
    #[must_use]
    pub fn overlaps(&self, operations: &Operations) -> bool {
        let said = assets_of(operations);
        let names_any = |earlier: &VerifiedTransaction| {
            assets_of(&earlier.body().operations).keys().any(|key| said.contains_key(key))
        };
        self.waiting().any(names_any)
    }

    fn waiting(&self) -> impl Iterator<Item = &VerifiedTransaction> {
        self.0.iter().filter(|(_, sent)| sent.is_err()).map(|(earlier, _)| earlier)
    }
}

/// What operations say of each asset that they name.
fn assets_of(operations: &Operations) -> BTreeMap<AssetKey, Status> {
    let said = operations.iter().flat_map(|operation| {
        let (status, _) = stated(operation);
        operation.assets().iter().map(move |asset| (asset.key(), status))
    });
    said.collect()
}

/// Why a transaction is not handed in before an earlier one.
#[must_use]
pub fn behind(transaction: &VerifiedTransaction, earlier: TransactionId) -> NoReceipt {
    NoReceipt {
        id: transaction.id(),
        expiry_ms: transaction.body().expiry_ms,
        fate: Fate::Behind(earlier),
        failures: Vec::new(),
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
            match expired(context, nodes, &transaction).await {
                Expired::Included(proven) => {
                    included(context, &store, &mut resent, transaction, *proven)?;
                    continue;
                }
                Expired::Gone => {
                    store.remove(&transaction.id())?;
                    continue;
                }
                // By the chain's time it may still be included.
                Expired::Open => {}
            }
        }
        let genesis = nodes.trust().genesis();
        if let Some(earlier) = resent.could_undo(genesis, &transaction.body().operations) {
            let error = behind(&transaction, earlier);
            context.warn(&format!("of an earlier run: {error}"));
            resent.0.push((transaction, Err(Arc::new(error))));
            continue;
        }
        match submit(nodes, &transaction, wait_ms).await {
            Ok((proven, failures)) => {
                context.report(&failures);
                context.remember(nodes.trust(), &ProvenAt::from(&proven.head))?;
                included(context, &store, &mut resent, transaction, proven)?;
            }
            Err(error) => {
                let again = if error.fate == Fate::Refused { " (sent again)" } else { "" };
                context.warn(&format!("of an earlier run{again}: {error}"));
                // What is refused now may be allowed later, until it expires.
                resent.0.push((transaction, Err(Arc::new(error))));
            }
        }
    }
    Ok(resent)
}

/// An earlier transaction stands in a block. It is forgotten, unless an older one about the same
/// files does not yet: then it is still the last word.
fn included(
    context: &Context,
    store: &PendingStore,
    resent: &mut Resent,
    transaction: VerifiedTransaction,
    proven: ProvenTransaction,
) -> Result<(), Failure> {
    let (id, height) = (transaction.id(), proven.head.header().height);
    context.note(&format!("transaction {id} of an earlier run is in block {height}"));
    if !resent.overlaps(&transaction.body().operations) {
        store.remove(&id)?;
    }
    resent.0.push((transaction, Ok(proven)));
    Ok(())
}

/// What became of a transaction that has expired by this machine's clock.
enum Expired {
    /// It was included before.
    Included(Box<ProvenTransaction>),
    /// The chain's time has passed its expiry, and a node knows of no inclusion.
    Gone,
    /// Nobody could say so.
    Open,
}

async fn expired(context: &Context, nodes: &Nodes, transaction: &VerifiedTransaction) -> Expired {
    let (id, expiry_ms) = (transaction.id(), transaction.body().expiry_ms);
    let verifier = nodes.trust().verifier();
    let mut gone = false;
    for node in nodes.clients() {
        // Before the question: what is not in a block by then comes into none.
        let newest = node.newest().await.ok();
        let head = newest.and_then(|newest| proven::head(verifier, newest.head.as_ref()).ok());
        let is_over = head.is_some_and(|head| head.header().time_ms >= expiry_ms);
        match node.transaction(&id).await {
            Ok(answer) => {
                let receipt = answer.receipt.as_ref();
                let proven = proven::transaction(verifier, &id, transaction.bytes(), receipt)
                    .and_then(|proven| {
                        nodes.witness().head(node.url(), &proven.head).map(|()| proven)
                    });
                match proven {
                    Ok(proven) => return Expired::Included(Box::new(proven)),
                    Err(lie) => context.warn(&format!("{}: PROOF INVALID: {lie}", node.url())),
                }
            }
            Err(CallError::Status { code: tonic::Code::NotFound, .. }) => gone |= is_over,
            Err(error) => {
                context.note(&format!("{}: {}", node.url(), CouldNotCheck::from(error)));
            }
        }
    }
    if !gone {
        context.warn(&format!(
            "transaction {id} of an earlier run expired by this machine's clock, and no node could \
             show yet that it is in no block: it is kept"
        ));
        return Expired::Open;
    }
    context.warn(&format!(
        "transaction {id} of an earlier run expired, and no node knows of its inclusion: it is \
         removed; sign again what it was about"
    ));
    Expired::Gone
}
