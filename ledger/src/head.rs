//! Where the chain stands.

use std::sync::Arc;

use vouchsafe_genesis::Genesis;
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::{GENESIS_PARENT, Header};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::StateName;
use vouchsafe_types::validator_set::ValidatorSet;

use crate::state::State;
use crate::store::{StoreError, StoreRead};

/// The last block committed, and what the next one depends on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The height; 0 before block 1.
    pub height: u64,
    /// The block's id; [`GENESIS_PARENT`] at height 0.
    pub block_id: BlockId,
    /// The block's time, in milliseconds since 1970; the genesis's at height 0.
    pub time_ms: u64,
    /// The root of the state after the block.
    pub state_root: Digest,
    /// The header; none at height 0.
    pub header: Option<Header>,
    /// The certificate stored with it; none at height 0.
    pub certificate: Option<CommitCertificate>,
    /// The validators of the next height.
    pub validators: Arc<ValidatorSet>,
    /// The validators of this height, who signed the certificate.
    pub certifiers: Arc<ValidatorSet>,
    /// The frontier of the ids of all blocks up to this one.
    pub history: Frontier,
}

impl Head {
    /// Reads the head that a store holds; `state` is that after it.
    pub(crate) fn load(genesis: &Genesis, state: State<'_>) -> Result<Self, StoreError> {
        let store = state.store;
        let height = store.head_height()?;
        let key = StateName::Validators.key();
        let Some((validators, _)) = state.record::<ValidatorSet>(&key)? else {
            return Err(StoreError::Corrupt("the validators' record is missing".into()));
        };
        let validators = Arc::new(validators);
        let (state_root, history) = (state.tree.root(), store.history()?);
        if history.size() != height {
            let text = format!("{} block ids are in the history of {height}", history.size());
            return Err(StoreError::Corrupt(text));
        }
        if height == 0 {
            return Ok(Self {
                height,
                block_id: GENESIS_PARENT,
                time_ms: genesis.genesis_time_ms(),
                state_root,
                header: None,
                certificate: None,
                certifiers: Arc::clone(&validators),
                validators,
                history,
            });
        }
        let header: Header = part("header", height, store.header(height)?)?;
        let certifiers = if header.validators == validators.hash() {
            Arc::clone(&validators)
        } else {
            let stored = stored_validators(store, height)?;
            Arc::new(stored.unwrap_or_else(|| genesis.validator_set().clone()))
        };
        let hashes = (certifiers.hash(), validators.hash());
        if (header.validators, header.next_validators) != hashes {
            let text = format!("the validators of height {height} are not those of its header");
            return Err(StoreError::Corrupt(text));
        }
        Ok(Self {
            height,
            block_id: header.block_id(),
            time_ms: header.time_ms,
            state_root,
            certificate: Some(part("certificate", height, store.certificate(height)?)?),
            header: Some(header),
            validators,
            certifiers,
            history,
        })
    }
}

/// The validator set that decides a committed height; none if it is the genesis's.
pub(crate) fn stored_validators(
    store: &dyn StoreRead,
    height: u64,
) -> Result<Option<ValidatorSet>, StoreError> {
    let Some((from, set)) = store.validators(height)? else { return Ok(None) };
    let damaged =
        |error| StoreError::Corrupt(format!("the validators from height {from}: {error}"));
    ValidatorSet::from_bytes(&set).map(Some).map_err(damaged)
}

/// Reads what a committed height must have.
pub(crate) fn part<T: Canonical>(
    what: &str,
    height: u64,
    bytes: Option<Vec<u8>>,
) -> Result<T, StoreError> {
    let bytes = bytes
        .ok_or_else(|| StoreError::Corrupt(format!("the {what} of height {height} is missing")))?;
    T::from_bytes(&bytes)
        .map_err(|error| StoreError::Corrupt(format!("the {what} of height {height}: {error}")))
}
