//! What the state holds: the names of records, and the records themselves.
//!
//! ```text
//! StateName ──tagged hash──▶ 256-bit key ──┐
//!                                          ├─▶ one leaf of the state tree (state_tree.rs)
//! record bytes ──tagged hash──▶ value hash ┘
//!
//! AssetRecord ─ count, root ─▶ log of Event        (every act on the asset, in order)
//! SignerRecord, OrganizationRecord ─ count, root ─▶ log of Activity (one entry an operation)
//! ```

use borsh::{BorshDeserialize, BorshSerialize};

use crate::asset::AssetKey;
use crate::canonical::{Canonical, DecodeError, Version, bounded};
use crate::evidence::EvidenceId;
use crate::hash::{Digest, Domain, TransactionId, tagged};
use crate::identity::{OrganizationId, PublicKey};
use crate::status::Status;
use crate::transaction::RevocationReason;

/// The most organizations a consortium may have, and so the most that may speak of one asset.
pub const ORGANIZATIONS_MAX: usize = 256;
/// The most admin keys an organization may have.
pub const ADMIN_KEYS_MAX: usize = 64;
/// No record is longer, in bytes.
pub const RECORD_BYTES_MAX: usize = 64 << 10;

/// The name of a record. Numbers 5 and 7 upward are room for later kinds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum StateName {
    /// An [`AssetRecord`].
    Asset(AssetKey) = 1,
    /// An [`OrganizationRecord`].
    Organization(OrganizationId) = 2,
    /// A [`SignerRecord`].
    Signer(PublicKey) = 3,
    /// The validator set of the next height
    /// ([`ValidatorSet`](crate::validator_set::ValidatorSet)).
    Validators = 4,
    /// An [`EvidenceRecord`].
    Evidence(EvidenceId) = 6,
}

impl StateName {
    /// The record's place in the state tree.
    #[must_use]
    pub fn key(&self) -> Digest {
        let bytes = borsh::to_vec(self).expect("writing to memory cannot fail");
        tagged(Domain::StateKey, &bytes)
    }
}

/// The hash of a record's bytes, as the state tree's leaf holds it.
#[must_use]
pub fn value_hash(record: &[u8]) -> Digest {
    tagged(Domain::StateValue, record)
}

/// The size and root of an RFC 9162 log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct LogHead {
    /// How many entries the log has.
    pub count: u64,
    /// Its root.
    pub root: Digest,
}

impl LogHead {
    /// The head of a log without entries.
    #[must_use]
    pub fn empty() -> Self {
        Self { count: 0, root: crate::log::empty_root() }
    }
}

/// What one organization says of an asset, and the event that decided it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct OrganizationStatus {
    /// The organization.
    pub organization: OrganizationId,
    /// What it says: never UNKNOWN.
    pub status: Status,
    /// Why, where trust was withdrawn.
    pub reason: Option<RevocationReason>,
    /// The height at which it began to say so.
    pub since_height: u64,
    /// The time of that block, in milliseconds since 1970.
    pub since_time_ms: u64,
    /// The deciding event's index in the asset's log.
    pub event_index: u64,
    /// The deciding event's transaction.
    pub transaction_id: TransactionId,
    /// The deciding event's operation within that transaction.
    pub operation_index: u16,
    /// Who signed it.
    pub signer: PublicKey,
}

bounded!(
    /// What organizations say of an asset, strictly ascending by organization.
    list OrganizationStatuses: OrganizationStatus, "organizations in a record", 1, ORGANIZATIONS_MAX
);

/// An asset's record: its status for each organization, and its log's head.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct AssetRecord {
    /// The record's version.
    pub version: Version<1>,
    /// The head of the log of [`Event`]s.
    pub events: LogHead,
    /// What each organization says.
    #[borsh(deserialize_with = "read_ascending")]
    pub organizations: OrganizationStatuses,
}

impl Canonical for AssetRecord {
    const LIMIT_BYTES: usize = RECORD_BYTES_MAX;
}

/// Reads what organizations say, each of them once.
fn read_ascending<R: std::io::Read>(reader: &mut R) -> std::io::Result<OrganizationStatuses> {
    let list = OrganizationStatuses::deserialize_reader(reader)?;
    if list.windows(2).all(|pair| pair[0].organization < pair[1].organization) {
        return Ok(list);
    }
    let text = "a record's organizations are not strictly ascending".into();
    Err(DecodeError::Malformed(text).into())
}

/// One act on one asset.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// The event's version.
    pub version: Version<1>,
    /// The transaction that acted.
    pub transaction_id: TransactionId,
    /// The operation within it.
    pub operation_index: u16,
    /// The signer's organization at that time.
    pub organization: OrganizationId,
    /// Who signed.
    pub signer: PublicKey,
    /// Whether the signer was an admin, who alone can trust again what was compromised.
    pub role: SignerRole,
    /// The status that the act states.
    pub status: Status,
    /// Why, where trust was withdrawn.
    pub reason: Option<RevocationReason>,
    /// The height of the block.
    pub height: u64,
    /// The time of the block, in milliseconds since 1970.
    pub time_ms: u64,
}

impl Canonical for Event {
    const LIMIT_BYTES: usize = 256;
}

/// What a signer may do.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum SignerRole {
    /// Notarizes and revokes.
    Signer = 1,
    /// May also trust again what was compromised.
    Admin = 2,
}

impl SignerRole {
    /// The role's name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Admin => "admin",
        }
    }
}

/// A signer's record.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct SignerRecord {
    /// The record's version.
    pub version: Version<1>,
    /// Whom the signer speaks for.
    pub organization: OrganizationId,
    /// What the signer may do.
    pub role: SignerRole,
    /// The key is valid in blocks whose time, in milliseconds since 1970, is not after this.
    pub not_after_ms: Option<u64>,
    /// The head of the log of the signer's [`Activity`].
    pub activity: LogHead,
}

impl Canonical for SignerRecord {
    const LIMIT_BYTES: usize = 256;
}

bounded!(
    /// An organization's name for people: 1 to 128 bytes.
    text OrganizationName, "bytes of an organization's name", 1, 128
);
bounded!(
    /// An organization's admin keys.
    list AdminKeys: PublicKey, "admin keys", 1, ADMIN_KEYS_MAX
);

/// An organization's record.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct OrganizationRecord {
    /// The record's version.
    pub version: Version<1>,
    /// Its name for people.
    pub name: OrganizationName,
    /// The keys that govern it.
    pub admin_keys: AdminKeys,
    /// How many of them it takes.
    pub admin_threshold: u16,
    /// The head of the log of its signers' [`Activity`].
    pub activity: LogHead,
}

impl Canonical for OrganizationRecord {
    const LIMIT_BYTES: usize = 4096;
}

/// One operation of one signer, as the signer's and the organization's logs hold it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Activity {
    /// The entry's version.
    pub version: Version<1>,
    /// The transaction.
    pub transaction_id: TransactionId,
    /// The operation within it.
    pub operation_index: u16,
    /// Who signed.
    pub signer: PublicKey,
    /// The height of the block.
    pub height: u64,
    /// The time of the block, in milliseconds since 1970.
    pub time_ms: u64,
}

impl Canonical for Activity {
    const LIMIT_BYTES: usize = 128;
}

/// That an offence was recorded: a second block may not hold the same evidence.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct EvidenceRecord {
    /// The record's version.
    pub version: Version<1>,
    /// The height of the block that holds the evidence.
    pub height: u64,
}

impl Canonical for EvidenceRecord {
    const LIMIT_BYTES: usize = 16;
}
