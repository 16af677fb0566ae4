//! A passphrase in memory: wiped when it is dropped, shown by nothing.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::limits::PASSPHRASE_BYTES_MAX;

/// A passphrase of 1 to [`PASSPHRASE_BYTES_MAX`] bytes.
#[derive(PartialEq, Eq)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Takes a passphrase's bytes.
    ///
    /// # Errors
    /// [`KeyError::PassphraseEmpty`], [`KeyError::PassphraseTooLong`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(bytes);
        if bytes.is_empty() {
            return Err(KeyError::PassphraseEmpty);
        }
        if bytes.len() > PASSPHRASE_BYTES_MAX {
            return Err(KeyError::PassphraseTooLong(bytes.len()));
        }
        Ok(Self(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_has_1_to_1024_bytes_and_shows_none_of_them() {
        assert!(matches!(Passphrase::new(vec![]), Err(KeyError::PassphraseEmpty)));
        let long = vec![b'x'; PASSPHRASE_BYTES_MAX + 1];
        assert!(matches!(Passphrase::new(long), Err(KeyError::PassphraseTooLong(1025))));
        let passphrase = Passphrase::new(b"hunter2".to_vec()).expect("short");
        assert!(!format!("{passphrase:?}").contains("hunter2"));
    }
}
