//! The proof file: everything from the genesis document to one answer, so that nobody needs to be
//! asked, now or ever (docs/PROTOCOL.md §15).
//!
//! ```text
//! genesis ─ changes of the set ─▶ header ⟵ certificate
//!                                   │ └─ history root ─▶ older header   (if the subject is there)
//!                                   ▼
//!                     state root ─▶ asset: record, or none; all its events
//!              transactions root ─▶ receipt: a transaction
//! ```

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::asset::AssetKey;
use crate::canonical::{Canonical, DecodeError, Version, bounded};
use crate::certificate::CommitCertificate;
use crate::hash::{BlockId, ChainId, Digest};
use crate::header::Header;
use crate::log::{self, InclusionProof};
use crate::record::{AssetRecord, Event, LogHead, StateName, value_hash};
use crate::set_change::SetChanges;
use crate::state_tree::StateProof;
use crate::transaction::{SignedTransaction, Transaction, VerifiedTransaction};
use crate::verifier::{ProofError, ProvenHeader, Verifier, all_leaves, included};

/// The most bytes of a proof file.
pub const PROOF_BYTES_MAX: usize = 16 << 20;
/// The most events in a proof of an asset's history.
pub const PROOF_EVENTS_MAX: usize = 65_536;
/// What a proof file begins with.
pub const MAGIC: [u8; 15] = *b"vouchsafe-proof";

/// The first bytes of a proof file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Magic;

impl BorshSerialize for Magic {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        MAGIC.serialize(writer)
    }
}

impl BorshDeserialize for Magic {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let found = <[u8; 15]>::deserialize_reader(reader)?;
        if found == MAGIC {
            return Ok(Self);
        }
        let text = "the file does not begin as a Vouchsafe proof does".to_owned();
        Err(DecodeError::Malformed(text).into())
    }
}

bounded!(
    /// All events of an asset.
    list ProofEvents: Event, "events in a proof", 0, PROOF_EVENTS_MAX
);

/// A proof file.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Proof {
    /// What tells the file from others.
    pub magic: Magic,
    /// The file's version.
    pub version: Version<1>,
    /// The chain.
    pub chain_id: ChainId,
    /// All changes of the validator set before the header's height, in order.
    pub changes: SetChanges,
    /// A header.
    pub header: Header,
    /// Its certificate.
    pub certificate: CommitCertificate,
    /// An earlier header, which the subject hangs from instead.
    pub older: Option<Older>,
    /// What is proven.
    pub subject: Subject,
}

impl Canonical for Proof {
    const LIMIT_BYTES: usize = PROOF_BYTES_MAX;
}

/// An earlier header: every later one commits to it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Older {
    /// The header.
    pub header: Header,
    /// Its block id's place under the newer header's history root.
    pub inclusion: InclusionProof,
}

/// What a proof is about. Numbers from 3 on are room for later kinds.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Subject {
    /// The status of an asset.
    Asset(AssetSubject) = 1,
    /// A transaction in a block.
    Receipt(ReceiptSubject) = 2,
}

/// The status of an asset after the block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct AssetSubject {
    /// The asset.
    pub key: AssetKey,
    /// Its record; none if nobody ever spoke of it.
    pub record: Option<AssetRecord>,
    /// Proves the record, or its absence.
    pub state_proof: StateProof,
    /// All events of the asset, if the proof is of its history too.
    pub events: Option<ProofEvents>,
}

/// A transaction in the block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct ReceiptSubject {
    /// The transaction.
    pub transaction: SignedTransaction,
    /// Its place under the transactions root.
    pub inclusion: InclusionProof,
}

/// What a verified proof shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The header that a certificate proves.
    pub newest: ProvenHeader,
    /// The header that the subject hangs from: that one, or an older.
    pub header: Header,
    /// Its block's id.
    pub block_id: BlockId,
    /// What is shown at its height.
    pub subject: ShownSubject,
}

/// What a verified proof shows at its height.
#[derive(Clone, Debug)]
pub enum ShownSubject {
    /// The record of an asset, or that it has none.
    Asset {
        /// The asset.
        key: AssetKey,
        /// Its record.
        record: Option<AssetRecord>,
        /// All of its events, if the proof has them.
        events: Option<Vec<Event>>,
    },
    /// That a transaction was committed.
    Receipt {
        /// The transaction.
        transaction: VerifiedTransaction,
        /// Its index in the block.
        index: u64,
    },
}

impl Proof {
    /// Checks the proof from what is pinned, which is the genesis or a later set.
    ///
    /// # Errors
    /// One [`ProofError`] for each rule.
    pub fn verify(self, pinned: &Verifier) -> Result<Shown, ProofError> {
        if self.chain_id != *pinned.chain_id() {
            let (expected, actual) = (*pinned.chain_id(), self.chain_id);
            return Err(ProofError::Chain { expected, actual });
        }
        let verifier = pinned.led_through(&self.changes)?;
        let newest = verifier.proven(self.header, self.certificate)?;
        let header = match self.older {
            Some(older) => older.verify(&newest)?,
            None => newest.header().clone(),
        };
        let subject = match self.subject {
            Subject::Asset(asset) => asset.verify(&header)?,
            Subject::Receipt(receipt) => receipt.verify(&header)?,
        };
        Ok(Shown { newest, block_id: header.block_id(), header, subject })
    }
}

impl Shown {
    /// Checks that this is about the asset which was asked about: its status, or a transaction that
    /// names it.
    ///
    /// # Errors
    /// [`ProofError::OtherAsset`].
    pub fn about(self, asked: &AssetKey) -> Result<Self, ProofError> {
        let names_it = match &self.subject {
            ShownSubject::Asset { key, .. } => key == asked,
            ShownSubject::Receipt { transaction, .. } => {
                let operations = transaction.body().operations.iter();
                operations.flat_map(|operation| operation.assets()).any(|one| one.key() == *asked)
            }
        };
        if names_it { Ok(self) } else { Err(ProofError::OtherAsset { digest: asked.digest }) }
    }
}

impl Older {
    /// Checks that the newer header commits to this one, and gives it.
    fn verify(self, newest: &ProvenHeader) -> Result<Header, ProofError> {
        let Self { header, inclusion } = self;
        let newer = newest.header();
        if header.chain_id != newer.chain_id {
            return Err(ProofError::Chain { expected: newer.chain_id, actual: header.chain_id });
        }
        let placed = Some(inclusion.index) == header.height.checked_sub(1)
            && Some(inclusion.size) == newer.height.checked_sub(1);
        if !placed {
            return Err(ProofError::OlderPlace { height: header.height, newest: newer.height });
        }
        let leaf = log::leaf_hash(header.block_id().as_bytes());
        inclusion.verify(&leaf, &newer.history_root).map_err(ProofError::Older)?;
        Ok(header)
    }
}

impl AssetSubject {
    fn verify(self, header: &Header) -> Result<ShownSubject, ProofError> {
        let Self { key, record, state_proof, events } = self;
        let value = record.as_ref().map(|record| value_hash(&record.to_bytes()));
        state_proof.verify(&header.state_root, &[(StateName::Asset(key).key(), value)])?;
        let log = record.as_ref().map_or_else(LogHead::empty, |record| record.events);
        let events = events.map(ProofEvents::into_inner);
        if let Some(events) = &events {
            let leaves: Vec<Digest> =
                events.iter().map(|event| log::leaf_hash(&event.to_bytes())).collect();
            all_leaves(&log, &leaves)?;
        }
        Ok(ShownSubject::Asset { key, record, events })
    }
}

impl ReceiptSubject {
    fn verify(self, header: &Header) -> Result<ShownSubject, ProofError> {
        let Self { transaction, inclusion } = self;
        let transaction = Transaction::from_signed(&header.chain_id, transaction)?;
        let (transaction, index) = included(header, transaction, &inclusion)?;
        Ok(ShownSubject::Receipt { transaction, index })
    }
}
