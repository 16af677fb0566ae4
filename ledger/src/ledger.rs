//! The ledger: committed state, and the judgment of what may follow it.
//!
//! ```text
//!              ┌─ build ────┐                        ┌─▶ CommitBatch ─▶ store.commit
//! head, tree ──┤            ├─▶ Executed ─ certify ──┤
//!              └─ validate ─┘   (a tree of its own)  └─▶ NextHead ────▶ committed ─▶ head, tree, view
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use vouchsafe_genesis::{Genesis, Parameters};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::record::{SignerRecord, StateName};
use vouchsafe_types::transaction::VerifiedTransaction;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::executed::{Executed, NextHead};
use crate::execution::{Court, Execution, Moment};
use crate::genesis_state::genesis_batch;
use crate::head::{Head, stored_validators};
use crate::reader::Reader;
use crate::rule::{AdmitError, EvidenceRule};
use crate::state::State;
use crate::store::{StoreError, StoreRead, StoreWrite};
use crate::terms::Terms;
use crate::tree::StateTree;
use crate::view::{Published, View};

/// A chain's committed state over a store.
pub struct Ledger<S> {
    pub(crate) store: S,
    pub(crate) chain_id: ChainId,
    pub(crate) parameters: Parameters,
    pub(crate) terms: Terms,
    genesis_validators: Arc<ValidatorSet>,
    pub(crate) head: Head,
    pub(crate) tree: StateTree,
    /// The signers, after the head, of those who handed in transactions since it was committed.
    signers: RefCell<BTreeMap<PublicKey, SignerRecord>>,
    published: Arc<Published>,
}

impl<S: StoreWrite> Ledger<S> {
    /// Opens a chain's store, after writing the genesis state into an empty one. The state tree is
    /// built anew from the stored leaves and held against the head's header.
    ///
    /// # Errors
    /// [`StoreError::OtherChain`], [`StoreError::StateRoot`], or the store's error.
    pub fn open(genesis: &Genesis, store: S) -> Result<Self, StoreError> {
        Self::open_under(Terms::default(), genesis, store)
    }

    /// [`Ledger::open`] under other terms than a real chain's.
    ///
    /// # Errors
    /// As of [`Ledger::open`].
    pub fn open_under(terms: Terms, genesis: &Genesis, store: S) -> Result<Self, StoreError> {
        let chain_id = genesis.chain_id();
        let first = genesis_batch(genesis);
        match store.chain_id()? {
            None => store.initialize(&first)?,
            Some(actual) if actual != chain_id => {
                return Err(StoreError::OtherChain { expected: chain_id, actual });
            }
            Some(_) => {}
        }
        let tree = StateTree::from_sorted_leaves(store.leaves()?)?;
        let head = Head::load(genesis, State { store: &store, tree: &tree })?;
        let expected = match &head.header {
            Some(header) => header.state_root,
            None => {
                let changes: Vec<_> =
                    first.records.iter().map(|r| (r.key, Some(r.value_hash))).collect();
                StateTree::default().update(&changes).root()
            }
        };
        if tree.root() != expected {
            let (height, actual) = (head.height, tree.root());
            return Err(StoreError::StateRoot { height, expected, actual });
        }
        let view = View {
            height: head.height,
            block_id: head.block_id,
            time_ms: head.time_ms,
            header: store.header(head.height)?.map(Into::into),
            certificate: store.certificate(head.height)?.map(Into::into),
            tree: tree.clone(),
        };
        let published = Arc::new(Published::new(view));
        Ok(Self {
            store,
            chain_id,
            parameters: *genesis.parameters(),
            terms,
            genesis_validators: Arc::new(genesis.validator_set().clone()),
            head,
            tree,
            signers: RefCell::default(),
            published,
        })
    }

    /// Writes a decided block, whose body was put, and makes it the head.
    ///
    /// # Errors
    /// The store's error; the head stays as it was.
    ///
    /// # Panics
    /// When the certificate is another block's, or the block does not follow the head.
    pub fn commit(
        &mut self,
        executed: Executed,
        certificate: CommitCertificate,
    ) -> Result<(), StoreError> {
        let (batch, next) = executed.certify(certificate);
        self.store.commit(&batch)?;
        self.committed(next);
        Ok(())
    }
}

impl<S: StoreRead> Ledger<S> {
    /// Where the chain stands.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The chain.
    #[must_use]
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// The genesis's parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The terms under which blocks are judged.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The validators who decide a height, up to the head's next.
    ///
    /// # Errors
    /// The store's error.
    pub fn validators_at(&self, height: u64) -> Result<Arc<ValidatorSet>, StoreError> {
        if height > self.head.height {
            return Ok(Arc::clone(&self.head.validators));
        }
        if height == self.head.height {
            return Ok(Arc::clone(&self.head.certifiers));
        }
        let stored = stored_validators(&self.store, height)?.map(Arc::new);
        Ok(stored.unwrap_or_else(|| Arc::clone(&self.genesis_validators)))
    }

    /// Would this transaction be valid in the next block, built now and of it alone? Gives the
    /// organization in whose name it speaks.
    ///
    /// # Errors
    /// The [`Rule`](crate::Rule) that it breaks, or the store's error.
    pub fn admit(
        &self,
        transaction: &VerifiedTransaction,
        now_ms: u64,
    ) -> Result<OrganizationId, AdmitError> {
        self.with_signer(transaction, now_ms, |mut execution, signer| {
            execution.admit(transaction, signer)
        })
    }

    /// As [`admit`](Self::admit) for a transaction that another validator has admitted: whether its
    /// assets take it is left to the block that would hold it. To read them takes longer than all
    /// the rest, and each validator would read them twice.
    ///
    /// # Errors
    /// The [`Rule`](crate::Rule) of replay, expiry or signer that it breaks, or the store's error.
    pub fn admit_heard(
        &self,
        transaction: &VerifiedTransaction,
        now_ms: u64,
    ) -> Result<OrganizationId, AdmitError> {
        self.with_signer(transaction, now_ms, |execution, signer| {
            Ok(execution.admit_speaker(transaction, signer)?.0)
        })
    }

    /// An execution of the next block, built now, and what the state says of a transaction's key:
    /// read once a height.
    fn with_signer(
        &self,
        transaction: &VerifiedTransaction,
        now_ms: u64,
        admit: impl FnOnce(Execution<'_>, Option<&SignerRecord>) -> Result<OrganizationId, AdmitError>,
    ) -> Result<OrganizationId, AdmitError> {
        let moment = self.moment(self.time_at(now_ms));
        let public_key = transaction.signed().public_key;
        let mut signers = self.signers.borrow_mut();
        let signer = match signers.entry(public_key) {
            Entry::Occupied(known) => Some(&*known.into_mut()),
            Entry::Vacant(unknown) => {
                let key = StateName::Signer(public_key).key();
                let found = self.state().record::<SignerRecord>(&key)?;
                found.map(|(record, _)| &*unknown.insert(record))
            }
        };
        admit(self.execution(moment), signer)
    }

    /// Might this piece of evidence stand in the next block, were it the only one?
    ///
    /// # Errors
    /// The store's error; the inner one is the rule that the evidence breaks.
    pub fn judge_evidence(
        &self,
        evidence: &Evidence,
    ) -> Result<Result<(), EvidenceRule>, StoreError> {
        let mut execution = self.execution(self.moment(self.head.time_ms + 1));
        self.record_evidence(&mut execution, evidence)
    }

    /// Records evidence in a block in the middle of its execution. The accused is looked for among
    /// the validators of the height of the offence.
    pub(crate) fn record_evidence(
        &self,
        execution: &mut Execution<'_>,
        evidence: &Evidence,
    ) -> Result<Result<(), EvidenceRule>, StoreError> {
        let set = self.validators_at(evidence.height())?;
        let court = Court { chain_id: &self.chain_id, signature_rule: &*self.terms.signature_rule };
        execution.record_evidence(evidence, &set, court)
    }

    /// The next block's execution, before anything happened in it.
    pub(crate) fn execution(&self, moment: Moment) -> Execution<'_> {
        let mut execution = Execution::new(self.state(), moment);
        let next = self.next_validators();
        if next != &self.head.validators {
            execution.change_validators(Arc::clone(next));
        }
        execution
    }

    /// The validators who decide the height after the next one.
    pub(crate) fn next_validators(&self) -> &Arc<ValidatorSet> {
        let planned = self.terms.validator_sets.get(&(self.head.height + 2));
        planned.unwrap_or(&self.head.validators)
    }

    /// Makes a block the head, after its batch was committed to the store.
    ///
    /// # Panics
    /// When the block does not follow the head.
    pub fn committed(&mut self, next: NextHead) {
        let NextHead { head, tree, header, certificate } = next;
        let parent = head.header.as_ref().map(|header| header.parent);
        assert!(
            head.height == self.head.height + 1 && parent == Some(self.head.block_id),
            "blocks are committed in order"
        );
        let (height, block_id, time_ms) = (head.height, head.block_id, head.time_ms);
        self.head = head;
        self.tree = tree.clone();
        self.signers.borrow_mut().clear();
        let (header, certificate) = (Some(header), Some(certificate));
        self.published.publish(View { height, block_id, time_ms, header, certificate, tree });
    }

    /// The newest committed block, as the read path sees it.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.published.newest()
    }

    /// The read path.
    #[must_use]
    pub fn reader(&self) -> Reader<S>
    where
        S: Clone,
    {
        Reader::new(self.store.clone(), Arc::clone(&self.published))
    }

    pub(crate) fn state(&self) -> State<'_> {
        State { store: &self.store, tree: &self.tree }
    }

    /// The next block's time, were it built now.
    pub(crate) fn time_at(&self, now_ms: u64) -> u64 {
        now_ms.max(self.head.time_ms + 1)
    }

    pub(crate) fn moment(&self, time_ms: u64) -> Moment {
        Moment {
            height: self.head.height + 1,
            time_ms,
            expiry_window_ms: self.parameters.expiry_window_ms,
            evidence_age_max_blocks: self.parameters.evidence_age_max_blocks,
        }
    }
}
