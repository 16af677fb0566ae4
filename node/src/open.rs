//! Opening a node's data: database, ledger, log, sign record, and the replica upon them. Every
//! way in which they may not fit together has its error.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use vouchsafe_consensus::record_file::RecordFile;
use vouchsafe_consensus::sign_record::{SignRecord, SignRecordError};
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::wal::{Wal, WalError, WalFile};
use vouchsafe_genesis::Genesis;
use vouchsafe_keys::KeyError;
use vouchsafe_ledger::{Ledger, RocksStore, StoreError};
use vouchsafe_replica::{MempoolLimits, Replica, ReplicaError, ReplicaParameters};
use vouchsafe_types::validator_set::ValidatorSet;

use crate::config::MempoolConfig;
use crate::disk::Disk;
use crate::home::Home;
use crate::key_ring::{ConsensusSigner, open_consensus_key};
use crate::metrics::Metrics;

/// Why a node cannot open its data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The consensus key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database, or its chain.
    #[error("{path}: {cause}")]
    Store { path: PathBuf, cause: StoreError },
    /// The write-ahead log.
    #[error("{path}: {cause}")]
    Wal { path: PathBuf, cause: WalError },
    /// The sign record.
    #[error("{path}: {cause}")]
    SignRecord { path: PathBuf, cause: SignRecordError },
    /// The replica refuses its parts.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// This node's power decides nothing, and this version connects to no others.
    #[error(
        "this node has {power} of the chain's {total_power} voting power, which is not more than \
         two thirds, and this version of vouchsafed has no peer network to reach the others; run \
         a chain on which this node alone forms a quorum, such as 'vouchsafed dev'"
    )]
    NoQuorum { power: u64, total_power: u64 },
}

/// A replica and its disk, ready to run.
pub(crate) struct Opened {
    pub(crate) replica: Replica<RocksStore>,
    pub(crate) disk: Disk,
}

/// Opens the database and the ledger in it; an empty one begins the chain.
///
/// # Errors
/// [`OpenError::Store`].
pub(crate) fn open_ledger(
    home: &Home,
    genesis: &Genesis,
) -> Result<(Ledger<RocksStore>, RocksStore), OpenError> {
    let path = home.database();
    let failed = |cause| OpenError::Store { path: path.clone(), cause };
    let store = RocksStore::open(&path).map_err(failed)?;
    let ledger = Ledger::open(genesis, store.clone()).map_err(failed)?;
    Ok((ledger, store))
}

/// Opens everything.
///
/// # Errors
/// One [`OpenError`] for each part.
pub(crate) fn open(
    home: &Home,
    genesis: &Genesis,
    mempool: &MempoolConfig,
    metrics: Arc<Metrics>,
) -> Result<Opened, OpenError> {
    let signer = open_consensus_key(home)?;
    let (ledger, store) = open_ledger(home, genesis)?;
    let height = ledger.head().height;
    tracing::info!(height, state_root = %ledger.head().state_root, "database opened");
    let signer = voting_signer(signer, &ledger.head().validators)?;
    let (mut wal, sign_record) = (open_wal(home)?, open_sign_record(home)?);
    let replay =
        wal.entries_for(height + 1).map_err(|cause| OpenError::Wal { path: home.wal(), cause })?;
    if !replay.is_empty() {
        tracing::info!(height = height + 1, entries = replay.len(), "replaying the log");
    }
    let parameters = ReplicaParameters {
        mempool: MempoolLimits {
            bytes_max: mempool.bytes_max,
            transactions_max: mempool.transactions_max,
        },
        signer: Some(Box::new(signer)),
        signed: sign_record.latest(),
        replay,
    };
    let replica = Replica::new(parameters, ledger)?;
    Ok(Opened {
        replica,
        disk: Disk { wal, sign_record, store, metrics, body_lengths: BTreeMap::new() },
    })
}

/// Refuses a chain that this node cannot move: there are no peers in this version.
fn voting_signer(
    signer: ConsensusSigner,
    validators: &ValidatorSet,
) -> Result<ConsensusSigner, OpenError> {
    let address = signer.public_key().address();
    let power = validators.get(&address).map_or(0, |validator| validator.power);
    if validators.is_quorum(power) {
        Ok(signer)
    } else {
        Err(OpenError::NoQuorum { power, total_power: validators.total_power() })
    }
}

fn open_wal(home: &Home) -> Result<Wal<WalFile>, OpenError> {
    let path = home.wal();
    let opened = WalFile::open(&path).map_err(WalError::Storage).and_then(Wal::open);
    let (wal, recovery) = opened.map_err(|cause| OpenError::Wal { path: path.clone(), cause })?;
    if let Some(end) = recovery.end {
        tracing::warn!(
            dropped_bytes = recovery.dropped_bytes,
            "the log ended in a batch that is {end}, as after a crash: cut off there"
        );
    }
    Ok(wal)
}

fn open_sign_record(home: &Home) -> Result<SignRecord<RecordFile>, OpenError> {
    let path = home.sign_record();
    RecordFile::open(&path)
        .map_err(SignRecordError::from)
        .and_then(SignRecord::load)
        .map_err(|cause| OpenError::SignRecord { path, cause })
}
