//! What a ledger is told beside its genesis document. Every node of a chain must be told the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use vouchsafe_types::remembering::Remembering;
use vouchsafe_types::signature::{SignatureRule, Zip215};
use vouchsafe_types::validator_set::ValidatorSet;

/// The terms under which blocks are judged. The default is that of every real chain.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who judges signatures: [`Zip215`] on a real chain, each once.
    pub signature_rule: Arc<dyn SignatureRule>,
    /// Validator sets beside the genesis's, each by the first height that it decides (2 or later).
    /// No operation changes the set yet: until one does, a change is agreed upon outside the chain,
    /// and this is where it comes in. The block before commits to the set that follows it.
    pub validator_sets: BTreeMap<u64, Arc<ValidatorSet>>,
}

impl Default for Terms {
    fn default() -> Self {
        let signature_rule = Arc::new(Remembering::new(Zip215));
        Self { signature_rule, validator_sets: BTreeMap::new() }
    }
}
