//! Keys and values as bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::Frontier;

use super::fact;
use super::place::{Place, put_number, take_asset, take_number};
use crate::acts::LogKind;
use crate::store::{Offence, RecordChange, StoreError, StoredRecord};

/// With what the entries of an asset's log begin.
const EVENTS: u8 = 0;
/// With what the entries of a signer's or an organization's log begin.
const ACTIVITY: u8 = 1;

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

/// The entries that a block appends to a log: what it tells, and of which acts.
///
/// ```text
/// kind ‖ height ‖ number of an asset ‖ difference to the next number ‖ …
/// ```
pub(super) fn encode_entries(kind: LogKind, height: u64, assets: &[u32]) -> Vec<u8> {
    let mut bytes = vec![match kind {
        LogKind::Events => EVENTS,
        LogKind::Activity => ACTIVITY,
    }];
    put_number(&mut bytes, height);
    let mut before = 0;
    for asset in assets {
        put_number(&mut bytes, u64::from(asset - before));
        before = *asset;
    }
    bytes
}

pub(super) fn decode_entries(bytes: &[u8]) -> Result<(LogKind, Vec<Place>), StoreError> {
    let damaged = || StoreError::Corrupt(format!("entries of a log: {} bytes", bytes.len()));
    let (kind, mut rest) = bytes.split_first().ok_or_else(damaged)?;
    let kind = match *kind {
        EVENTS => LogKind::Events,
        ACTIVITY => LogKind::Activity,
        _ => return Err(damaged()),
    };
    let (height, mut asset, mut places) = (take_number(&mut rest)?, 0u32, Vec::new());
    while !rest.is_empty() {
        asset = asset.checked_add(take_asset(&mut rest)?).ok_or_else(damaged)?;
        places.push(Place { height, asset });
    }
    Ok((kind, places))
}

/// The places that are stored under a part of a transaction's id.
pub(super) fn decode_places(mut bytes: &[u8]) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    while !bytes.is_empty() {
        places.push(Place::take(&mut bytes)?);
    }
    Ok(places)
}

/// A record's value: its hash stands first, so that the tree is rebuilt without hashing records.
pub(super) fn encode_record(change: &RecordChange) -> Vec<u8> {
    let StoredRecord { record, log } = &*change.stored;
    encode(&(change.value_hash, log, record))
}

pub(super) fn decode_record(bytes: &[u8]) -> Result<StoredRecord, StoreError> {
    let (_, log, record): (Digest, Option<Frontier>, Vec<u8>) = decode("a record", bytes)?;
    Ok(StoredRecord { record, log })
}
