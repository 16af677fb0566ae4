//! The pin: the one genesis document against which every answer is checked.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use vouchsafe_genesis::{DOCUMENT_BYTES_MAX, Genesis, GenesisError};
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::verifier::Verifier;

use crate::home::{Home, HomeError, read_bounded, write_synced};

/// What everything is checked against.
#[derive(Clone, Debug)]
pub struct Trust {
    genesis: Genesis,
    verifier: Verifier,
}

/// Why there is nothing to check against.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Nothing is pinned.
    #[error(
        "no genesis document is pinned in {0}: run 'vouch init --genesis FILE' (or --node URL), \
         or give --genesis FILE"
    )]
    NotPinned(String),
    /// The file given is not there.
    #[error("there is no genesis document at {0}")]
    Missing(String),
    /// What is given is no file, or not one that may be read.
    #[error("the genesis document {path} cannot be read: {cause}; name the document's file")]
    Unreadable {
        /// What is given.
        path: String,
        /// Why it cannot be read.
        cause: &'static str,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is not a valid genesis document.
    #[error("the genesis document {path}: {error}")]
    Invalid {
        /// Where it came from.
        path: String,
        /// The rule it breaks.
        error: Box<GenesisError>,
    },
    /// Another chain is pinned already.
    #[error(
        "chain {pinned} is pinned already, not {offered}: use another --home, or give --force to \
         trust the other chain instead"
    )]
    OtherPinned {
        /// The chain pinned.
        pinned: ChainId,
        /// The chain offered.
        offered: ChainId,
    },
}

impl Trust {
    /// Trusts a genesis document.
    #[must_use]
    pub fn new(genesis: Genesis) -> Self {
        let verifier = Verifier::new(genesis.chain_id(), genesis.validator_set().clone());
        Self { genesis, verifier }
    }

    /// Reads a genesis document from a file.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let missing = || TrustError::Missing(path.display().to_string());
        let bytes = read_bounded(path, DOCUMENT_BYTES_MAX).map_err(|error| unreadable(path, error));
        let bytes = bytes?.ok_or_else(missing)?;
        Self::parse(&path.display().to_string(), &bytes)
    }

    /// Reads a genesis document that came from somewhere.
    ///
    /// # Errors
    /// [`TrustError::Invalid`].
    pub fn parse(source: &str, bytes: &[u8]) -> Result<Self, TrustError> {
        Genesis::parse(bytes).map(Self::new).map_err(|error| TrustError::Invalid {
            path: source.to_owned(),
            error: Box::new(error),
        })
    }

    /// The document given, or else the one pinned in the home.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn load(home: &Home, given: Option<&PathBuf>) -> Result<Self, TrustError> {
        match given {
            Some(path) => Self::read(path),
            None => Self::pinned(home)?
                .ok_or_else(|| TrustError::NotPinned(home.path().display().to_string())),
        }
    }

    /// The document pinned in the home, if there is one.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn pinned(home: &Home) -> Result<Option<Self>, TrustError> {
        home.check()?;
        let path = home.genesis();
        match read_bounded(&path, DOCUMENT_BYTES_MAX)? {
            Some(bytes) => Self::parse(&path.display().to_string(), &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Pins this document in a home. Another one gives way only by force.
    ///
    /// # Errors
    /// [`TrustError`]. A pinned document that cannot be read gives way only by force, too.
    pub fn pin(&self, home: &Home, force: bool) -> Result<(), TrustError> {
        home.create()?;
        if !force && let Some(pinned) = Self::pinned(home)? {
            let (pinned, offered) = (*pinned.chain_id(), *self.chain_id());
            return if pinned == offered {
                Ok(())
            } else {
                Err(TrustError::OtherPinned { pinned, offered })
            };
        }
        Ok(write_synced(&home.genesis(), self.genesis.to_pretty_json().as_bytes())?)
    }

    /// The document.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// What checks headers against it.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The chain.
    #[must_use]
    pub fn chain_id(&self) -> &ChainId {
        self.verifier.chain_id()
    }
}

/// A file that the caller named wrongly is the caller's fault, and a disk's fault is the machine's.
fn unreadable(path: &Path, error: HomeError) -> TrustError {
    let kind = match &error {
        HomeError::Io { error, .. } => Some(error.kind()),
        HomeError::NotRegular(_) => Some(ErrorKind::IsADirectory),
        _ => None,
    };
    let cause = match kind {
        Some(ErrorKind::IsADirectory) => "it is a folder, or a pipe",
        Some(ErrorKind::NotADirectory) => "a part of its path is no folder",
        Some(ErrorKind::PermissionDenied) => "its permissions forbid it",
        _ => return error.into(),
    };
    TrustError::Unreadable { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture::genesis;

    #[test]
    fn another_genesis_replaces_the_pin_only_by_force() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().join("home"))).expect("given");
        let (one, other) = (Trust::new(genesis("one")), Trust::new(genesis("other")));
        assert!(matches!(Trust::load(&home, None), Err(TrustError::NotPinned(_))));
        one.pin(&home, false).expect("pins");
        one.pin(&home, false).expect("the same again changes nothing");
        assert!(matches!(other.pin(&home, false), Err(TrustError::OtherPinned { .. })));
        assert_eq!(Trust::load(&home, None).expect("pinned").chain_id(), one.chain_id());
        other.pin(&home, true).expect("by force");
        assert_eq!(Trust::load(&home, None).expect("pinned").chain_id(), other.chain_id());
    }

    #[test]
    fn a_document_given_comes_before_the_pin() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().join("home"))).expect("given");
        let (one, other) = (Trust::new(genesis("one")), Trust::new(genesis("other")));
        one.pin(&home, false).expect("pins");
        let file = folder.path().join("other.json");
        std::fs::write(&file, other.genesis().to_pretty_json()).expect("writes");
        let loaded = Trust::load(&home, Some(&file)).expect("reads");
        assert_eq!(loaded.chain_id(), other.chain_id());
        let missing = folder.path().join("missing.json");
        assert!(matches!(Trust::load(&home, Some(&missing)), Err(TrustError::Missing(_))));
        for wrong in [folder.path().to_owned(), file.join("below-a-file")] {
            let error = Trust::load(&home, Some(&wrong)).map(|_| ()).expect_err("no file");
            assert!(matches!(error, TrustError::Unreadable { .. }), "{error}");
        }
    }

    #[test]
    fn a_damaged_pin_is_an_error_and_not_no_pin() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().join("home"))).expect("given");
        home.create().expect("creates");
        std::fs::write(home.genesis(), b"{").expect("writes");
        assert!(matches!(Trust::load(&home, None), Err(TrustError::Invalid { .. })));
    }
}
