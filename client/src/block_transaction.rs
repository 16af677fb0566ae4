//! A committed transaction by its id, from whichever node has it, and what a log's entry says of
//! it held against the transaction itself.

use vouchsafe_types::asset::{Asset, AssetKey};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::record::{Activity, Event};
use vouchsafe_types::status::stated;
use vouchsafe_types::transaction::Operation;

use crate::answer::{AnswerError, CouldNotCheck, Lie, NoAnswer, NodeFailure};
use crate::node_client::NodeClient;
use crate::nodes::Nodes;
use crate::proven::{self, ProvenTransaction};

async fn ask(
    node: &NodeClient,
    nodes: &Nodes,
    id: &TransactionId,
) -> Result<ProvenTransaction, AnswerError> {
    let answer = node.transaction(id).await.map_err(CouldNotCheck::from)?;
    let verifier = nodes.trust().verifier();
    let receipt = answer.receipt.as_ref();
    let proven = proven::transaction(verifier, id, &answer.transaction, receipt)?;
    nodes.witness().head(node.url(), &proven.head)?;
    Ok(proven)
}

/// Fetches a transaction and proves its place, beginning with one of the nodes; names those that
/// lied or failed before.
///
/// # Errors
/// [`NoAnswer`].
pub async fn fetch(
    nodes: &Nodes,
    first: usize,
    id: &TransactionId,
) -> Result<(ProvenTransaction, Vec<NodeFailure>), NoAnswer> {
    let mut failures = Vec::new();
    for node in nodes.beginning_with(first) {
        match ask(node, nodes, id).await {
            Ok(proven) => return Ok((proven, failures)),
            Err(error) => {
                let failure = NodeFailure { node: node.url().clone(), error };
                nodes.witness().failed(std::slice::from_ref(&failure));
                failures.push(failure);
            }
        }
    }
    Err(NoAnswer(failures))
}

/// What an entry of a log says of its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The entry's index in its log.
    pub index: u64,
    /// The transaction.
    pub id: TransactionId,
    /// The operation within it.
    pub operation_index: u16,
    /// Who signed.
    pub signer: PublicKey,
    /// The height of its block.
    pub height: u64,
    /// The time of its block, in milliseconds since 1970.
    pub time_ms: u64,
}

impl Claim {
    /// What an asset's event says.
    #[must_use]
    pub fn of_event(index: u64, event: &Event) -> Self {
        let Event { transaction_id: id, operation_index, signer, height, time_ms, .. } = *event;
        Self { index, id, operation_index, signer, height, time_ms }
    }

    /// What a signer's or organization's entry says.
    #[must_use]
    pub fn of_activity(index: u64, activity: &Activity) -> Self {
        let Activity { transaction_id: id, operation_index, signer, height, time_ms, .. } =
            *activity;
        Self { index, id, operation_index, signer, height, time_ms }
    }

    fn differs(&self, part: &'static str) -> Lie {
        Lie::EventDiffers { index: self.index, id: self.id, part }
    }

    /// The operation that the entry names, if everything else agrees.
    ///
    /// # Errors
    /// [`Lie::EventDiffers`].
    pub fn operation<'a>(&self, proven: &'a ProvenTransaction) -> Result<&'a Operation, Lie> {
        let header = proven.head.header();
        if proven.transaction.id() != self.id {
            return Err(self.differs("id"));
        }
        if proven.transaction.signed().public_key != self.signer {
            return Err(self.differs("signer"));
        }
        if header.height != self.height {
            return Err(self.differs("height"));
        }
        if header.time_ms != self.time_ms {
            return Err(self.differs("time"));
        }
        let operations = &proven.transaction.body().operations;
        operations.get(usize::from(self.operation_index)).ok_or(self.differs("operation"))
    }
}

/// The asset as the event's transaction names it.
///
/// # Errors
/// [`Lie::EventDiffers`].
pub fn asset_of_event<'a>(
    key: &AssetKey,
    index: u64,
    event: &Event,
    proven: &'a ProvenTransaction,
) -> Result<&'a Asset, Lie> {
    let claim = Claim::of_event(index, event);
    let operation = claim.operation(proven)?;
    if stated(operation) != (event.status, event.reason) {
        return Err(claim.differs("status"));
    }
    let named = operation.assets().iter().find(|asset| asset.key() == *key);
    named.ok_or_else(|| claim.differs("asset"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture as chain;
    use vouchsafe_types::canonical::{Canonical as _, Version};
    use vouchsafe_types::identity::OrganizationId;
    use vouchsafe_types::record::SignerRole;
    use vouchsafe_types::status::Status;

    fn proven() -> ProvenTransaction {
        let signed = chain::signed(b"x");
        let trust = crate::trust::Trust::new(chain::genesis("fixture"));
        let id = signed.id(&chain::chain_id());
        let receipt = chain::receipt(&signed);
        proven::transaction(trust.verifier(), &id, &signed.to_bytes(), Some(&receipt))
            .expect("genuine")
    }

    fn event(proven: &ProvenTransaction) -> Event {
        Event {
            version: Version,
            transaction_id: proven.transaction.id(),
            operation_index: 0,
            organization: OrganizationId::new("acme").expect("valid"),
            signer: chain::signer_key().public_key(),
            role: SignerRole::Signer,
            status: Status::Trusted,
            reason: None,
            height: proven.head.header().height,
            time_ms: chain::TIME_MS,
        }
    }

    #[test]
    fn an_event_that_agrees_with_its_transaction_names_its_asset() {
        let proven = proven();
        let asset = chain::asset(b"x");
        let event = event(&proven);
        assert_eq!(asset_of_event(&asset.key(), 0, &event, &proven), Ok(&asset));
    }

    #[test]
    fn an_event_that_differs_from_its_transaction_is_a_lie() {
        let proven = proven();
        let key = chain::asset(b"x").key();
        let differs = |change: fn(&mut Event)| {
            let mut event = event(&proven);
            change(&mut event);
            match asset_of_event(&key, 0, &event, &proven) {
                Err(Lie::EventDiffers { part, .. }) => part,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(differs(|e| e.transaction_id = TransactionId::default()), "id");
        assert_eq!(differs(|e| e.signer = PublicKey([9; 32])), "signer");
        assert_eq!(differs(|e| e.height += 1), "height");
        assert_eq!(differs(|e| e.time_ms += 1), "time");
        assert_eq!(differs(|e| e.operation_index = 1), "operation");
        assert_eq!(differs(|e| e.status = Status::Untrusted), "status");
        let other = chain::asset(b"y").key();
        let lie = asset_of_event(&other, 0, &event(&proven), &proven).expect_err("not named");
        assert!(matches!(lie, Lie::EventDiffers { part: "asset", .. }));
    }
}
