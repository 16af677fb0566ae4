//! Canonical Borsh: one value, one encoding, and no allocation that the input's length does not
//! pay for.
//!
//! ```text
//! bytes ── length ≤ LIMIT_BYTES ── borsh ── nothing left over ── re-encoding is equal ──▶ value
//! ```
//!
//! The bounded containers check their count before they reserve memory, and every structure that
//! stands alone begins with a [`Version`].

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

/// Why bytes are not a canonical value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input is longer than any valid value.
    #[error("{actual_bytes} bytes are more than the {limit_bytes} that this structure may have")]
    TooLong {
        /// The structure's limit, in bytes.
        limit_bytes: usize,
        /// The input's length, in bytes.
        actual_bytes: usize,
    },
    /// The input ends in the middle of a field, or a field's bytes mean nothing.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The structure's version byte names a version this program does not know.
    #[error("version {actual} is not known here (known: {known}); a newer program may read it")]
    UnknownVersion {
        /// The version this program reads.
        known: u8,
        /// The version found.
        actual: u8,
    },
    /// A list or text has more items than its rule allows.
    #[error("{what}: {actual} are more than the {limit} allowed")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The rule's bound.
        limit: usize,
        /// The count found.
        actual: usize,
    },
    /// A list or text has fewer items than its rule demands.
    #[error("{what}: {actual} are fewer than the {least} required")]
    TooFew {
        /// What is counted.
        what: &'static str,
        /// The rule's bound.
        least: usize,
        /// The count found.
        actual: usize,
    },
    /// Bytes follow the value.
    #[error("{0} trailing bytes follow the value")]
    TrailingBytes(usize),
    /// The value's own encoding differs from the input.
    #[error("not the canonical encoding of its value")]
    NotCanonical,
}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// A structure with exactly one encoding.
pub trait Canonical: BorshSerialize + BorshDeserialize {
    /// No valid encoding is longer, in bytes.
    const LIMIT_BYTES: usize;

    /// The canonical encoding.
    fn to_bytes(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to memory cannot fail and every bound was checked")
    }

    /// Reads exactly one value that spans all of `bytes`.
    ///
    /// # Errors
    /// A [`DecodeError`] names the rule that the bytes break.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > Self::LIMIT_BYTES {
            return Err(DecodeError::TooLong {
                limit_bytes: Self::LIMIT_BYTES,
                actual_bytes: bytes.len(),
            });
        }
        let mut rest = bytes;
        let value = Self::deserialize(&mut rest).map_err(from_io)?;
        if !rest.is_empty() {
            return Err(DecodeError::TrailingBytes(rest.len()));
        }
        let mut same = Same { rest: bytes };
        let wrote = value.serialize(&mut same);
        if wrote.is_err() || !same.rest.is_empty() {
            return Err(DecodeError::NotCanonical);
        }
        Ok(value)
    }
}

/// Takes a value's encoding as it is written, and holds it against the bytes that were read.
struct Same<'a> {
    rest: &'a [u8],
}

impl io::Write for Same<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        match self.rest.strip_prefix(written) {
            Some(rest) => self.rest = rest,
            None => return Err(DecodeError::NotCanonical.into()),
        }
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Borsh reports through `io::Error`; our own errors travel inside it and come out typed.
fn from_io(error: io::Error) -> DecodeError {
    match error.downcast::<DecodeError>() {
        Ok(typed) => typed,
        Err(other) => DecodeError::Malformed(other.to_string()),
    }
}

/// The version byte that opens a structure; only `V` decodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Version<const V: u8>;

impl<const V: u8> BorshSerialize for Version<V> {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        V.serialize(writer)
    }
}

impl<const V: u8> BorshDeserialize for Version<V> {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let actual = u8::deserialize_reader(reader)?;
        if actual == V {
            Ok(Self)
        } else {
            Err(DecodeError::UnknownVersion { known: V, actual }.into())
        }
    }
}

/// Refuses a count outside `least..=most`.
///
/// # Errors
/// [`DecodeError::TooFew`] or [`DecodeError::TooMany`].
pub fn check_count(
    what: &'static str,
    least: usize,
    most: usize,
    actual: usize,
) -> Result<(), DecodeError> {
    if actual < least {
        return Err(DecodeError::TooFew { what, least, actual });
    }
    if actual > most {
        return Err(DecodeError::TooMany { what, limit: most, actual });
    }
    Ok(())
}

/// Reads a list whose count is checked before memory is reserved.
///
/// # Errors
/// Whatever the count or an item violates, inside an `io::Error`.
pub fn read_list<T: BorshDeserialize, R: io::Read>(
    reader: &mut R,
    what: &'static str,
    least: usize,
    most: usize,
) -> io::Result<Vec<T>> {
    let count = u32::deserialize_reader(reader)? as usize;
    check_count(what, least, most, count)?;
    // An item may be large in memory and absent in the input: grow as items arrive.
    let mut items = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        items.push(T::deserialize_reader(reader)?);
    }
    Ok(items)
}

/// How many bytes of a byte string are read at first.
const READ_BYTES: usize = 4096;

/// Reads a byte string whose length is checked before memory is reserved.
///
/// # Errors
/// Whatever the length violates, inside an `io::Error`.
pub fn read_bytes<R: io::Read>(
    reader: &mut R,
    what: &'static str,
    least: usize,
    most: usize,
) -> io::Result<Vec<u8>> {
    let count = u32::deserialize_reader(reader)? as usize;
    check_count(what, least, most, count)?;
    let mut bytes = Vec::new();
    while bytes.len() < count {
        // No more is reserved at a time than came before, so that absent bytes cost nothing.
        let from = bytes.len();
        bytes.resize(count.min(from + from.max(READ_BYTES)), 0);
        reader.read_exact(&mut bytes[from..]).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                DecodeError::Malformed(format!("{what}: the input ends too early")).into()
            }
            _ => error,
        })?;
    }
    Ok(bytes)
}

/// Reads UTF-8 text whose length in bytes is checked before memory is reserved.
///
/// # Errors
/// Whatever the length or the encoding violates, inside an `io::Error`.
pub fn read_text<R: io::Read>(
    reader: &mut R,
    what: &'static str,
    least: usize,
    most: usize,
) -> io::Result<String> {
    let bytes = read_bytes(reader, what, least, most)?;
    String::from_utf8(bytes)
        .map_err(|_| DecodeError::Malformed(format!("{what}: not UTF-8")).into())
}

/// Makes `bounded!(list Name: Item, "what", least, most)` and its kin for bytes and text: a
/// container that cannot hold, decode or be built with a count outside its bounds.
#[macro_export]
macro_rules! bounded {
    (@impl $name:ident, $inner:ty, $what:literal, $least:expr, $most:expr, $read:path) => {
        impl $name {
            /// The fewest items (or bytes) that are valid.
            pub const LEAST: usize = $least;
            /// The most items (or bytes) that are valid.
            pub const MOST: usize = $most;

            /// Wraps a value whose count is within the bounds.
            ///
            /// # Errors
            /// [`DecodeError::TooFew`]($crate::canonical::DecodeError::TooFew) or
            /// [`DecodeError::TooMany`]($crate::canonical::DecodeError::TooMany).
            pub fn new(inner: $inner) -> Result<Self, $crate::canonical::DecodeError> {
                $crate::canonical::check_count($what, $least, $most, inner.len())?;
                Ok(Self(inner))
            }

            /// The value inside.
            #[must_use]
            pub fn into_inner(self) -> $inner {
                self.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = $inner;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
                $read(reader, $what, $least, $most).map(Self)
            }
        }
    };
    ($(#[$doc:meta])* list $name:ident: $item:ty, $what:literal, $least:expr, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, borsh::BorshSerialize)]
        pub struct $name(Vec<$item>);
        $crate::canonical::bounded!(
            @impl $name, Vec<$item>, $what, $least, $most, $crate::canonical::read_list);
    };
    ($(#[$doc:meta])* bytes $name:ident, $what:literal, $least:expr, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, borsh::BorshSerialize)]
        pub struct $name(Vec<u8>);
        $crate::canonical::bounded!(
            @impl $name, Vec<u8>, $what, $least, $most, $crate::canonical::read_bytes);
    };
    ($(#[$doc:meta])* text $name:ident, $what:literal, $least:expr, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, borsh::BorshSerialize)]
        pub struct $name(String);
        $crate::canonical::bounded!(
            @impl $name, String, $what, $least, $most, $crate::canonical::read_text);
    };
}
pub use bounded;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(BorshSerialize, BorshDeserialize, Debug, PartialEq)]
    struct Sample {
        version: Version<1>,
        number: u16,
    }

    impl Canonical for Sample {
        const LIMIT_BYTES: usize = 3;
    }

    #[allow(dead_code, unreachable_pub, reason = "the macro makes more than the tests use")]
    mod containers {
        crate::canonical::bounded!(list Three: u8, "threes", 1, 3);
        crate::canonical::bounded!(text Word, "letters", 1, 3);
    }
    use containers::{Three, Word};

    impl Canonical for Three {
        const LIMIT_BYTES: usize = 64;
    }
    impl Canonical for Word {
        const LIMIT_BYTES: usize = 64;
    }

    #[test]
    fn each_way_of_being_wrong_has_its_own_error() {
        assert_eq!(Sample::from_bytes(&[1, 2, 0]).map(|s| s.number), Ok(2));
        assert_eq!(
            Sample::from_bytes(&[1, 2, 0, 9]),
            Err(DecodeError::TooLong { limit_bytes: 3, actual_bytes: 4 })
        );
        assert_eq!(
            Sample::from_bytes(&[2, 2, 0]),
            Err(DecodeError::UnknownVersion { known: 1, actual: 2 })
        );
        assert!(matches!(Sample::from_bytes(&[1, 2]), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        assert_eq!(Three::from_bytes(&[1, 0, 0, 0, 7, 8]), Err(DecodeError::TrailingBytes(1)));
    }

    #[test]
    fn a_count_is_checked_before_memory_is_reserved() {
        assert_eq!(
            Three::from_bytes(&[255, 255, 255, 255]),
            Err(DecodeError::TooMany { what: "threes", limit: 3, actual: 4_294_967_295 })
        );
        assert_eq!(
            Three::from_bytes(&[0, 0, 0, 0]),
            Err(DecodeError::TooFew { what: "threes", least: 1, actual: 0 })
        );
        assert!(Three::new(vec![1, 2, 3, 4]).is_err());
    }

    #[test]
    fn text_is_utf8_and_complete() {
        let refused = |bytes: &[u8]| match Word::from_bytes(bytes) {
            Err(DecodeError::Malformed(text)) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&[1, 0, 0, 0, 0xff]), "letters: not UTF-8");
        assert_eq!(refused(&[3, 0, 0, 0, b'a']), "letters: the input ends too early");
        assert_eq!(*Word::from_bytes(&[1, 0, 0, 0, b'a']).expect("valid"), "a");
    }
}
