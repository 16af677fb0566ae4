//! Places: what the indexes hold instead of what stands there, in as few bytes as it takes.
//!
//! ```text
//! place = LEB128(height) ‖ LEB128(number of an asset in the block)      2 to 15 bytes
//! ```
//!
//! A number has one form: the shortest.

use super::PREFIX_BYTES;
use crate::store::StoreError;

/// An asset as a block names it, and so the act that names it (see `acts.rs`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) height: u64,
    /// The asset's number, over the whole block, from 0.
    pub(super) asset: u32,
}

/// The bits of a number that one byte holds.
const DIGIT_BITS: u32 = 7;
/// Set in every byte of a number but its last.
const MORE: u8 = 0x80;

pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let digit = number.to_le_bytes()[0] & !MORE;
        number >>= DIGIT_BITS;
        if number == 0 {
            bytes.push(digit);
            return;
        }
        bytes.push(digit | MORE);
    }
}

/// Takes a number from the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Result<u64, StoreError> {
    let damaged = || StoreError::Corrupt("a place is no number".into());
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(DIGIT_BITS as usize) {
        let (byte, rest) = bytes.split_first().ok_or_else(damaged)?;
        *bytes = rest;
        let digit = u64::from(byte & !MORE);
        let (placed, is_last) = (digit << shift, byte & MORE == 0);
        if placed >> shift != digit || (is_last && digit == 0 && shift > 0) {
            return Err(damaged());
        }
        number |= placed;
        if is_last {
            return Ok(number);
        }
    }
    Err(damaged())
}

/// Takes the number of an asset from the front.
pub(super) fn take_asset(bytes: &mut &[u8]) -> Result<u32, StoreError> {
    let number = take_number(bytes)?;
    u32::try_from(number).map_err(|_| StoreError::Corrupt(format!("a block has no asset {number}")))
}

impl Place {
    pub(super) fn put(self, bytes: &mut Vec<u8>) {
        put_number(bytes, self.height);
        put_number(bytes, self.asset.into());
    }

    pub(super) fn take(bytes: &mut &[u8]) -> Result<Self, StoreError> {
        Ok(Self { height: take_number(bytes)?, asset: take_asset(bytes)? })
    }

    /// A key that begins with a part of a hash, and ends with the place.
    pub(super) fn key_after(self, prefix: &[u8; PREFIX_BYTES]) -> Vec<u8> {
        let mut key = prefix.to_vec();
        self.put(&mut key);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(number: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_number(&mut bytes, number);
        bytes
    }

    #[test]
    fn a_number_has_one_form() {
        for (number, length) in [
            (0, 1),
            (127, 1),
            (128, 2),
            (16_383, 2),
            (16_384, 3),
            (u64::MAX - 1, 10),
            (u64::MAX, 10),
        ] {
            let bytes = bytes_of(number);
            assert_eq!(bytes.len(), length, "{number}");
            let mut rest = &bytes[..];
            assert_eq!(take_number(&mut rest), Ok(number));
            assert!(rest.is_empty());
        }
        let malformed: [&[u8]; 5] = [
            &[],
            &[0x80],
            &[0x80, 0],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0x80; 11],
        ];
        for mut bytes in malformed {
            assert!(take_number(&mut bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_no_asset_is_beyond_the_last() {
        let place = Place { height: 1 << 40, asset: u32::MAX };
        let key = place.key_after(&[7; PREFIX_BYTES]);
        assert_eq!(Place::take(&mut &key[PREFIX_BYTES..]), Ok(place));
        assert!(take_asset(&mut &bytes_of(1 << 32)[..]).is_err());
    }
}
