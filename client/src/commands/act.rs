//! `vouch sign`, `revoke`, `untrust` and `unsupport`: one signed statement about many files.
//!
//! ```text
//! inputs ─▶ assets ─▶ distinct ─▶ batches ─▶ body ─▶ signature ─▶ stored ─▶ sent ─▶ receipt
//!                                                                                   proven
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use vouchsafe_keys::TransactionSigner;
use vouchsafe_types::asset::{Asset, AssetKey};
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::{SignerRecord, StateName};
use vouchsafe_types::transaction::{Body, Transaction, VerifiedTransaction};
use vouchsafe_types::verifier::decode;

use crate::cli::ActArguments;
use crate::commands::act_entry::ActEntry;
use crate::commands::proof;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::freshness::Freshness;
use crate::inputs::{Input, Named, Statement, parse_attributes};
use crate::judgment::ProvenAt;
use crate::nodes::Nodes;
use crate::output::report::Report;
use crate::pending::PendingStore;
use crate::proof_file::{self, Form};
use crate::proven::ProvenTransaction;
use crate::resending::{Resent, behind, resend};
use crate::signer::KeyChoice;
use crate::submission::{Fate, submit};
use crate::timestamp::now_ms;
use crate::transaction_builder::{Act, batches, body, distinct, expiry_ms};

/// Where an asset's statement ended up: in a block, or nowhere yet.
type Outcomes = BTreeMap<AssetKey, usize>;

/// Reads, signs, hands in, and reports one entry an input.
///
/// # Errors
/// [`Failure`] when nothing was handed in. Later failures stand in the entries they concern.
pub async fn run(
    context: &Context,
    command: &'static str,
    act: Act,
    arguments: ActArguments,
    proof: Option<Form>,
) -> Result<Report, Failure> {
    let mut named = Named::from(arguments.inputs);
    let mut places = Vec::new();
    if proof.is_some() {
        named = proof_file::without_proofs(named);
        places = proof_file::beside_all(&named, "use 'vouch proof --out FILE' after signing")?;
    }
    let nodes = context.nodes()?;
    let parameters = *nodes.trust().genesis().parameters();
    let statement = Statement {
        name: arguments.name,
        size_bytes: arguments.size,
        attributes: parse_attributes(&arguments.attributes)?,
    };
    // An expiry that the chain does not allow is refused before anything is read.
    expiry_ms(now_ms(), arguments.expiry, &parameters)?;
    // Nor may what was seen before be found damaged once the statement stands in a block.
    let freshness = context.freshness(nodes.trust(), None)?;
    let inputs = context.read_all(&named)?;
    let assets = statement.assets(&inputs)?;
    let signer = KeyChoice::from(arguments.key).open(context)?;
    let wait_ms = u32::try_from(milliseconds(arguments.wait)).unwrap_or(u32::MAX);
    let resent = Resent::default();
    let mut session = Session { context, nodes, signer, wait_ms, freshness, resent };
    session.resent = resend(context, &session.nodes, wait_ms).await?;

    let mut outcomes = Outcomes::new();
    let mut handed_in = Vec::new();
    let mut stopped = false;
    for batch in batches(distinct(assets.clone())) {
        outcomes.extend(batch.iter().map(|asset| (asset.key(), handed_in.len())));
        let expiry_ms = expiry_ms(now_ms(), arguments.expiry, &parameters)?;
        let result = match stopped {
            true => Err(Failure::NotTried),
            false => session.hand_in(body(act, batch, expiry_ms)?).await,
        };
        stopped |= result.is_err();
        handed_in.push(result);
    }
    let organization = session.organization(&handed_in).await;
    let result_of = |asset: &Asset| handed_in[outcomes[&asset.key()]].as_ref();
    let mut proofs = Vec::new();
    if let Some(form) = proof {
        let each = inputs.iter().zip(&assets).zip(places);
        let committed = each.filter(|((_, asset), _)| result_of(asset).is_ok());
        let committed = committed.map(|((input, _), place)| (input, place)).collect();
        proofs = session.write_proofs(committed, form).await;
    }
    let mut proofs = proofs.into_iter().peekable();
    let mut report = Report::new(command);
    for (input, asset) in inputs.iter().zip(&assets) {
        let result = result_of(asset);
        let mut entry = ActEntry::new(act, input, asset, result, organization.as_ref());
        let mut exit = result.map_or_else(Failure::exit, |_| Exit::Success);
        match proofs.next_if(|_| result.is_ok()) {
            Some(Ok(written)) => entry.proven_by(written),
            // It is signed and committed: only the proof is missing.
            Some(Err(failure)) => {
                exit = failure.exit();
                entry.without_proof(&failure);
            }
            None => {}
        }
        report.add_judged(&entry, exit, entry.error());
    }
    Ok(report)
}

struct Session<'a> {
    context: &'a Context,
    nodes: Nodes,
    signer: Box<dyn TransactionSigner>,
    wait_ms: u32,
    freshness: Freshness,
    resent: Resent,
}

impl Session<'_> {
    /// Signs one body, stores it, hands it in, and proves its receipt.
    async fn hand_in(&mut self, body: Body) -> Result<ProvenTransaction, Failure> {
        if let Some(resent) = self.resent.take(&self.signer.public_key(), &body.operations) {
            return resent.map_err(Failure::from);
        }
        let chain_id = *self.nodes.trust().chain_id();
        let transaction = self.sign(&body)?;
        let store = PendingStore::new(&self.context.home, &chain_id);
        store.store(transaction.signed())?;
        let genesis = self.nodes.trust().genesis();
        if let Some(earlier) = self.resent.could_undo(genesis, &body.operations) {
            return Err(behind(&transaction, earlier).into());
        }
        let submitted = submit(&self.nodes, &transaction, self.wait_ms).await;
        match submitted {
            Ok((proven, failures)) => {
                self.context.report(&failures);
                // While an older statement about the same files waits, this one is the last word.
                if !self.resent.overlaps(&body.operations) {
                    store.remove(&transaction.id())?;
                }
                self.context.remember(self.nodes.trust(), &ProvenAt::from(&proven.head))?;
                Ok(proven)
            }
            Err(error) => {
                if error.fate == Fate::Refused {
                    store.remove(&transaction.id())?;
                }
                Err(error.into())
            }
        }
    }

    /// Signs, and checks the signature as the ledger will.
    fn sign(&self, body: &Body) -> Result<VerifiedTransaction, Failure> {
        let chain_id = self.nodes.trust().chain_id();
        let signed = self.signer.sign_transaction(chain_id, body)?;
        Transaction::from_signed(chain_id, signed)
            .and_then(|transaction| transaction.verify(chain_id))
            .map_err(Failure::OwnSignature)
    }

    /// Writes the proofs of files beside them, under headers not below their receipts'; the places,
    /// in the files' order.
    async fn write_proofs(
        &self,
        places: Vec<(&Input, PathBuf)>,
        form: Form,
    ) -> Vec<Result<String, Failure>> {
        // What was signed is reported whatever became of the memory of what was seen.
        let freshness = self.context.freshness(self.nodes.trust(), None).unwrap_or(self.freshness);
        let shown: Vec<_> = places.iter().map(|(_, path)| path.display().to_string()).collect();
        let (context, nodes) = (self.context, &self.nodes);
        let written = proof::write_all(context, nodes, places, form, false, freshness).await;
        written.into_iter().zip(shown).map(|(result, path)| result.map(|_| path)).collect()
    }

    /// Whom the signer speaks for: by the genesis document, or, for a key that came later, by the
    /// newest proven state.
    async fn organization(
        &self,
        handed_in: &[Result<ProvenTransaction, Failure>],
    ) -> Option<OrganizationId> {
        let key = self.signer.public_key();
        let trust = self.nodes.trust();
        if let Some((organization, _)) = trust.genesis().signer(&key) {
            return Some(organization.id.clone());
        }
        if handed_in.iter().all(Result::is_err) {
            return None;
        }
        let freshness = self.context.freshness(trust, None).ok()?;
        let answered = self.nodes.state(vec![StateName::Signer(key)], freshness).await.ok()?;
        let record = answered.value.records.into_iter().next().flatten()?;
        let record = decode::<SignerRecord>("signer's record", &record).ok()?;
        Some(record.organization)
    }
}
