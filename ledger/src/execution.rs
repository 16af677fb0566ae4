//! Executing a block: evidence, then transactions in order, upon drafts of the records.
//!
//! ```text
//! transaction ─▶ expiry ─▶ replay ─▶ signer ─▶ every transition ─▶ events, statuses, activity
//!                └────────── all checks before any change ───────┘   (a form names no asset twice)
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{ChainId, Digest, TransactionId};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::log::leaf_hash;
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::record::{Event, SignerRecord, SignerRole, StateName};
use vouchsafe_types::signature::SignatureRule;
use vouchsafe_types::status::{Status, stated};
use vouchsafe_types::transaction::Transaction;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::acts::{Act, activity};
use crate::drafts::{Drafts, FirstAct};
use crate::rule::{AdmitError, EvidenceRule, Rule};
use crate::state::State;
use crate::store::{CommittedTransaction, Offence, RecordChange, StoreError};
use crate::tree::{Change, StateTree};

/// What a transaction's rules depend on beside the records.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) height: u64,
    pub(crate) time_ms: u64,
    pub(crate) expiry_window_ms: u64,
    pub(crate) evidence_age_max_blocks: u64,
}

/// What evidence is judged by, beside the validators of the height of the offence.
#[derive(Clone, Copy)]
pub(crate) struct Court<'a> {
    pub(crate) chain_id: &'a ChainId,
    pub(crate) signature_rule: &'a dyn SignatureRule,
}

/// Whom a transaction speaks for, and what its assets' state keys are.
struct Admitted {
    organization: OrganizationId,
    role: SignerRole,
    /// In the order of the assets, over all operations.
    keys: Vec<Digest>,
}

/// A block in the middle of its execution.
pub(crate) struct Execution<'a> {
    state: State<'a>,
    moment: Moment,
    drafts: Drafts<'a>,
    acts: Vec<Act>,
    /// How many assets the acts name.
    assets: u32,
    transactions: Vec<CommittedTransaction>,
    offences: Vec<Offence>,
    included: BTreeSet<TransactionId>,
    next_validators: Option<Arc<ValidatorSet>>,
}

/// What a block did.
#[derive(Clone)]
pub(crate) struct Effects {
    pub(crate) records: Vec<RecordChange>,
    pub(crate) acts: Vec<Act>,
    pub(crate) transactions: Vec<CommittedTransaction>,
    pub(crate) offences: Vec<Offence>,
    /// The least height of an offence of which the next block may hold evidence.
    pub(crate) evidence_from: u64,
    pub(crate) tree: StateTree,
    /// The set that decides from the next height on, if it is another.
    pub(crate) next_validators: Option<Arc<ValidatorSet>>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(state: State<'a>, moment: Moment) -> Self {
        Self {
            state,
            moment,
            drafts: Drafts::new(state),
            acts: Vec::new(),
            assets: 0,
            transactions: Vec::new(),
            offences: Vec::new(),
            included: BTreeSet::new(),
            next_validators: None,
        }
    }

    /// Would this transaction be the next block's, if it came first? Unlike in a block, one that
    /// is in the chain is named so even after its expiry: its submitter wants the receipt. Gives
    /// the organization in whose name it speaks. `signer` is what the state says of its key.
    pub(crate) fn admit(
        &mut self,
        transaction: &Transaction,
        signer: Option<&SignerRecord>,
    ) -> Result<OrganizationId, AdmitError> {
        let speaker = self.admit_speaker(transaction, signer)?;
        Ok(self.check_transitions(transaction, speaker)?.organization)
    }

    /// As [`admit`](Self::admit), but for what the transaction does to its assets.
    pub(crate) fn admit_speaker(
        &self,
        transaction: &Transaction,
        signer: Option<&SignerRecord>,
    ) -> Result<(OrganizationId, SignerRole), AdmitError> {
        if let Some(place) = self.state.store.locate(&transaction.id())? {
            let (height, index) = (place.height, place.index);
            return Err(Rule::AlreadyCommitted { height, index }.into());
        }
        self.check_expiry(transaction)?;
        let public_key = &transaction.signed().public_key;
        Ok(check_signer(signer, public_key, self.moment.time_ms)?)
    }

    /// Applies a transaction wholly, or refuses it and changes nothing.
    pub(crate) fn apply(&mut self, transaction: &Transaction) -> Result<(), AdmitError> {
        self.check_expiry(transaction)?;
        let id = transaction.id();
        if self.included.contains(&id) {
            return Err(Rule::RepeatedInBlock.into());
        }
        if let Some(place) = self.state.store.locate(&id)? {
            let (height, index) = (place.height, place.index);
            return Err(Rule::AlreadyCommitted { height, index }.into());
        }
        let admitted = self.check_state(transaction)?;
        // Read now, so that nothing below can fail half-way.
        self.drafts.organization(&admitted.organization)?;
        let mut keys = admitted.keys.iter();
        let transaction_index =
            u32::try_from(self.transactions.len()).expect("a block has few transactions");
        for (operation_index, operation) in (0u16..).zip(transaction.body().operations.iter()) {
            let (status, reason) = stated(operation);
            let event = Event {
                version: Version,
                transaction_id: id,
                operation_index,
                organization: admitted.organization.clone(),
                signer: transaction.signed().public_key,
                role: admitted.role,
                status,
                reason,
                height: self.moment.height,
                time_ms: self.moment.time_ms,
            };
            let count = operation.assets().len();
            self.append(transaction_index, event, keys.by_ref().take(count))?;
        }
        self.included.insert(id);
        self.transactions.push(CommittedTransaction { id, leaf: transaction.leaf() });
        Ok(())
    }

    fn check_expiry(&self, transaction: &Transaction) -> Result<(), Rule> {
        let Moment { time_ms, expiry_window_ms, .. } = self.moment;
        let expiry_ms = transaction.body().expiry_ms;
        let latest_ms = time_ms + expiry_window_ms;
        if expiry_ms <= time_ms {
            return Err(Rule::Expired { expiry_ms, time_ms });
        }
        if expiry_ms > latest_ms {
            return Err(Rule::ExpiryTooFar { expiry_ms, latest_ms });
        }
        Ok(())
    }

    /// The rules of signer and transitions, against the drafts.
    fn check_state(&mut self, transaction: &Transaction) -> Result<Admitted, AdmitError> {
        let (public_key, time_ms) = (&transaction.signed().public_key, self.moment.time_ms);
        let signer = self.drafts.signer(public_key)?.map(|draft| &draft.record);
        let speaker = check_signer(signer, public_key, time_ms)?;
        self.check_transitions(transaction, speaker)
    }

    fn check_transitions(
        &mut self,
        transaction: &Transaction,
        (organization, role): (OrganizationId, SignerRole),
    ) -> Result<Admitted, AdmitError> {
        let mut keys = Vec::with_capacity(transaction.asset_count());
        for operation in transaction.body().operations.iter() {
            let (next, _) = stated(operation);
            for asset in operation.assets() {
                let key = StateName::Asset(asset.key()).key();
                let current = self.drafts.asset(&key)?.status(&organization);
                if !current.allows(next, role == SignerRole::Admin) {
                    let (asset, organization) = (asset.digest, organization);
                    let rule = match next {
                        Status::Trusted => Rule::TrustNeedsAdmin { asset, organization },
                        _ => Rule::AlreadyUntrusted { asset, organization },
                    };
                    return Err(rule.into());
                }
                keys.push(key);
            }
        }
        Ok(Admitted { organization, role, keys })
    }

    /// One operation: its event in the log of each of its assets, equal bytes that are hashed once,
    /// and its activity in the logs of its signer and organization.
    fn append<'k>(
        &mut self,
        transaction: u32,
        event: Event,
        keys: impl Iterator<Item = &'k Digest>,
    ) -> Result<(), StoreError> {
        let first_asset = self.assets;
        let act = FirstAct::of(&event);
        for key in keys {
            self.drafts.asset(key)?.append(&act, self.assets);
            self.assets += 1;
        }
        let leaf = leaf_hash(&activity(&event).to_bytes());
        if let Some(signer) = self.drafts.signer(&event.signer)? {
            signer.append(leaf, first_asset);
        }
        self.drafts.organization(&event.organization)?.append(leaf, first_asset);
        let asset_count = self.assets - first_asset;
        self.acts.push(Act { transaction, first_asset, asset_count, event });
        Ok(())
    }

    /// From the next height on, another set decides.
    pub(crate) fn change_validators(&mut self, set: Arc<ValidatorSet>) {
        self.drafts.set_validators(set.to_bytes());
        self.next_validators = Some(set);
    }

    /// Records a piece of evidence, or refuses it and changes nothing. `set` decided the height of
    /// the offence.
    pub(crate) fn record_evidence(
        &mut self,
        evidence: &Evidence,
        set: &ValidatorSet,
        court: Court<'_>,
    ) -> Result<Result<(), EvidenceRule>, StoreError> {
        let (id, height) = (evidence.id(), evidence.height());
        if self.drafts.holds_evidence(&id) {
            return Ok(Err(EvidenceRule::Repeated(id)));
        }
        // What costs least comes first: most evidence that peers hand on is known already.
        if let Err(rule) = self.check_age(height) {
            return Ok(Err(rule));
        }
        if let Some(height) = self.drafts.evidence_height(&id)? {
            return Ok(Err(EvidenceRule::AlreadyRecorded { id, height }));
        }
        if let Err(rule) = check_guilt(evidence, set, court) {
            return Ok(Err(rule));
        }
        self.drafts.record_evidence(id, self.moment.height);
        self.offences.push(Offence { height, id });
        Ok(Ok(()))
    }

    /// Is an offence at a height neither after the block nor too far back?
    fn check_age(&self, height: u64) -> Result<(), EvidenceRule> {
        let block_height = self.moment.height;
        if height > block_height {
            return Err(EvidenceRule::Future { height, block_height });
        }
        let age_max_blocks = self.moment.evidence_age_max_blocks;
        let age_blocks = block_height - height;
        if age_blocks > age_max_blocks {
            return Err(EvidenceRule::TooOld { age_blocks, age_max_blocks });
        }
        Ok(())
    }

    /// Encodes and hashes what was changed.
    pub(crate) fn finish(self) -> Effects {
        let (records, next_validators) = (self.drafts.finish(), self.next_validators);
        let changes: Vec<Change> =
            records.iter().map(|change| (change.key, Some(change.value_hash))).collect();
        let tree = self.state.tree.update(&changes);
        let Self { acts, transactions, offences, moment, .. } = self;
        let evidence_from = (moment.height + 1).saturating_sub(moment.evidence_age_max_blocks);
        Effects { records, acts, transactions, offences, evidence_from, tree, next_validators }
    }
}

/// In whose name does a key speak at a block's time, and as what?
fn check_signer(
    signer: Option<&SignerRecord>,
    public_key: &PublicKey,
    time_ms: u64,
) -> Result<(OrganizationId, SignerRole), Rule> {
    let Some(signer) = signer else {
        return Err(Rule::UnknownSigner { signer: fingerprint(public_key) });
    };
    match signer.not_after_ms {
        Some(not_after_ms) if time_ms > not_after_ms => {
            let signer = fingerprint(public_key);
            Err(Rule::SignerEnded { signer, not_after_ms, time_ms })
        }
        _ => Ok((signer.organization.clone(), signer.role)),
    }
}

fn check_guilt(
    evidence: &Evidence,
    set: &ValidatorSet,
    court: Court<'_>,
) -> Result<(), EvidenceRule> {
    let validator =
        set.get(&evidence.address()).ok_or(EvidenceRule::NotAValidator(evidence.address()))?;
    Ok(evidence.verify_under(court.signature_rule, court.chain_id, &validator.public_key)?)
}
