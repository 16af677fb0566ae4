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
use vouchsafe_keys::{KeyError, SecretKey};
use vouchsafe_ledger::{Ledger, RocksStore, StoreError, Terms};
use vouchsafe_replica::{MempoolLimits, Replica, ReplicaError, ReplicaParameters};
use vouchsafe_types::remembering::Remembering;
use vouchsafe_types::signature::{SignatureRule, Zip215};

use crate::config::MempoolConfig;
use crate::disk::Disk;
use crate::fetched::REMEMBERED_MAX;
use crate::home::Home;
use crate::key_ring::{ConsensusSigner, open_consensus_key, open_node_key};
use crate::metrics::Metrics;
use crate::network::{Members, MembershipError, PeerAddress};

/// Why a node cannot open its data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The consensus key, or the node key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This home's keys, or its configuration, are not those of a member.
    #[error(transparent)]
    Membership(#[from] MembershipError),
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
}

/// A replica, its disk, and what its network needs, ready to run.
pub(crate) struct Opened {
    pub(crate) replica: Replica<RocksStore>,
    pub(crate) disk: Disk,
    pub(crate) node_key: SecretKey,
    pub(crate) members: Members,
    /// What the ledger judges signatures by, for those who check ahead of it.
    pub(crate) signature_rule: Arc<dyn SignatureRule>,
    /// Signs checkpoints.
    pub(crate) signer: ConsensusSigner,
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
    let signature_rule = Arc::new(Remembering::with_places(Zip215, REMEMBERED_MAX));
    let terms = Terms { signature_rule, ..Terms::default() };
    let ledger = Ledger::open_under(terms, genesis, store.clone()).map_err(failed)?;
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
    peers: &[PeerAddress],
    metrics: Arc<Metrics>,
) -> Result<Opened, OpenError> {
    let (signer, node_key) = (open_consensus_key(home)?, open_node_key(home)?);
    let members = Members::new(genesis, &signer.public_key(), node_key.peer_id(), peers)?;
    let (ledger, store) = open_ledger(home, genesis)?;
    let height = ledger.head().height;
    tracing::info!(height, state_root = %ledger.head().state_root, "database opened");
    // An observer has a consensus key like everyone, and no vote to sign with it.
    let votes = genesis.validator(&signer.public_key().address()).is_some();
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
        signer: votes.then(|| Box::new(signer.clone()) as Box<dyn Signer>),
        signed: sign_record.latest(),
        replay,
    };
    let signature_rule = Arc::clone(&ledger.terms().signature_rule);
    let replica = Replica::new(parameters, ledger)?;
    let disk = Disk { wal, sign_record, store, metrics, body_lengths: BTreeMap::new() };
    Ok(Opened { replica, disk, node_key, members, signature_rule, signer })
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
