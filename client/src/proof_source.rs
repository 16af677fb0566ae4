//! Proof files from nodes: each is checked before anybody keeps it.

use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::proof::{Proof, ShownSubject};
use vouchsafe_types::verifier::decode;

use crate::answer::{AnswerError, CouldNotCheck, Lie, NoAnswer, NodeFailure};
use crate::freshness::Freshness;
use crate::node_client::NodeClient;
use crate::nodes::{Answered, Nodes, UnderHeader as _};
use crate::proven::{ProvenFile, prove};
use crate::seen::Seen;
use crate::timestamp::now_ms;
use crate::trust::Trust;

impl Nodes {
    /// The proof file of an asset's status under the newest header that a node proves.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn proof(
        &self,
        key: AssetKey,
        with_events: bool,
        freshness: Freshness,
    ) -> Result<Answered<ProvenFile>, NoAnswer> {
        self.newest(freshness, move |node, trust| async move {
            let answer = node.asset_proof(key, with_events).await.map_err(CouldNotCheck::from)?;
            let proof = decode::<Proof>("proof", &answer.proof)?;
            let proven = prove(trust.verifier(), proof, Some(&key))?;
            // A true proof of what was: the header above it would make it look young.
            let (height, newest) = (proven.shown.header.height, proven.head().header().height);
            if height != newest {
                return Err(Lie::OldStatus { height, newest }.into());
            }
            let with_its_events = match &proven.shown.subject {
                ShownSubject::Asset { record, events, .. } => record.is_none() || events.is_some(),
                ShownSubject::Receipt { .. } => return Err(Lie::Missing("status").into()),
            };
            if with_events && !with_its_events {
                return Err(Lie::Missing("events").into());
            }
            Ok(proven)
        })
        .await
    }

    /// The proof file of a transaction's place, from the first node that has it: by its block's own
    /// certificate, or from a header as new as is asked for.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn receipt_proof(
        &self,
        id: &TransactionId,
        newest: Option<Freshness>,
    ) -> Result<(ProvenFile, Vec<NodeFailure>), NoAnswer> {
        let mut failures = Vec::new();
        for node in self.clients() {
            let proven = receipt_of(self.trust(), node, id, newest.is_some()).await;
            let witnessed = proven.and_then(|proven| {
                self.witness().head(node.url(), proven.head())?;
                if let Some(freshness) = newest {
                    freshness.check(Seen::from(proven.head()), now_ms())?;
                }
                Ok(proven)
            });
            match witnessed {
                Ok(proven) => return Ok((proven, failures)),
                Err(error) => failures.push(NodeFailure { node: node.url().clone(), error }),
            }
        }
        self.witness().failed(&failures);
        Err(NoAnswer(failures))
    }
}

async fn receipt_of(
    trust: &Trust,
    node: &NodeClient,
    id: &TransactionId,
    from_newest: bool,
) -> Result<ProvenFile, AnswerError> {
    let answer = node.receipt_proof(id, from_newest).await.map_err(CouldNotCheck::from)?;
    let proven = prove(trust.verifier(), decode::<Proof>("proof", &answer.proof)?, None)?;
    let actual = match &proven.shown.subject {
        ShownSubject::Receipt { transaction, .. } => transaction.id().to_string(),
        ShownSubject::Asset { .. } => return Err(Lie::Missing("receipt").into()),
    };
    if actual != id.to_string() {
        return Err(Lie::OtherTransaction { expected: *id, actual }.into());
    }
    Ok(proven)
}
