//! Keys and values as bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::Frontier;

use super::fact;
use crate::store::{Location, Offence, RecordChange, StoreError, StoredRecord};

/// A number that sorts.
pub(super) fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// A number that sorts, then 32 bytes.
pub(super) fn number_digest_key(number: u64, digest: &[u8; 32]) -> [u8; 40] {
    let mut key = [0; 40];
    key[..8].copy_from_slice(&number.to_be_bytes());
    key[8..].copy_from_slice(digest);
    key
}

/// Under which the set stands that decides from a height on.
pub(super) fn validators_key(height: u64) -> Vec<u8> {
    [fact::VALIDATORS, &number_key(height)].concat()
}

/// Under which it is noted that a block holds evidence.
pub(super) fn evidence_in_key(height: u64) -> Vec<u8> {
    [fact::EVIDENCE_IN, &number_key(height)].concat()
}

/// Under which evidence waits.
pub(super) fn evidence_waiting_key(offence: Offence) -> Vec<u8> {
    let place = number_digest_key(offence.height, offence.id.as_bytes());
    [fact::EVIDENCE_WAITING, &place].concat()
}

/// 32 bytes, then a number that sorts.
pub(super) fn digest_number_key(digest: &[u8; 32], number: u64) -> [u8; 40] {
    let mut key = [0; 40];
    key[..32].copy_from_slice(digest);
    key[32..].copy_from_slice(&number.to_be_bytes());
    key
}

/// Reads a value that this program wrote; anything else is damage.
pub(super) fn decode<T: BorshDeserialize>(what: &str, bytes: &[u8]) -> Result<T, StoreError> {
    T::try_from_slice(bytes).map_err(|error| StoreError::Corrupt(format!("{what}: {error}")))
}

/// Writes a value.
pub(super) fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to memory cannot fail")
}

/// Reads 32 bytes from the front.
pub(super) fn digest_at_front(what: &str, bytes: &[u8]) -> Result<(Digest, Vec<u8>), StoreError> {
    let (digest, rest) = bytes
        .split_first_chunk::<32>()
        .ok_or_else(|| StoreError::Corrupt(format!("{what}: {} bytes", bytes.len())))?;
    Ok((Digest(*digest), rest.to_vec()))
}

pub(super) fn encode_location(location: Location) -> Vec<u8> {
    encode(&(location.height, location.index))
}

pub(super) fn decode_location(bytes: &[u8]) -> Result<Location, StoreError> {
    let (height, index) = decode("a transaction's place", bytes)?;
    Ok(Location { height, index })
}

/// A record's value: its hash stands first, so that the tree is rebuilt without hashing records.
pub(super) fn encode_record(change: &RecordChange) -> Vec<u8> {
    let StoredRecord { record, log } = &change.stored;
    encode(&(change.value_hash, log, record))
}

pub(super) fn decode_record(bytes: &[u8]) -> Result<StoredRecord, StoreError> {
    let (_, log, record): (Digest, Option<Frontier>, Vec<u8>) = decode("a record", bytes)?;
    Ok(StoredRecord { record, log })
}
