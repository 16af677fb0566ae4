//! Signed transactions without a receipt yet.
//!
//! A reply can be lost after the transaction is committed. What was signed is therefore stored and
//! synced *before* it is sent, and the very same bytes are sent again: the ledger answers them
//! with the first receipt. A second transaction about the same files would be a second event.
//!
//! Names begin with a number, in the order of signing: statements about the same file must reach the
//! ledger in that order.
//!
//! ```text
//! pending/CHAIN/0000000012-ID.transaction        (without a number: by an earlier version, first)
//! ```

use std::fs;
use std::io;
use std::path::PathBuf;

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::{ChainId, TransactionId};
use vouchsafe_types::transaction::{
    SignedTransaction, TRANSACTION_BYTES_MAX, Transaction, TransactionError, VerifiedTransaction,
};

use crate::home::{
    Home, HomeError, create_folder, io_error, read_bounded, sync_folder, write_synced,
};

const EXTENSION: &str = "transaction";
/// The most transactions that may wait; a home with more is not this program's work.
pub const PENDING_MAX: usize = 10_000;

/// Why a stored transaction is not used.
#[derive(Debug, thiserror::Error)]
pub enum PendingError {
    /// A file cannot be read, written or removed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is not a transaction of this chain.
    #[error("{path} is damaged and is left where it is; remove it if it is not needed: {error}")]
    Damaged {
        /// The file.
        path: String,
        /// The rule it breaks.
        error: TransactionError,
    },
    /// The file's name is not its transaction's id.
    #[error("{path} holds the transaction {actual}, not the one it is named after; remove it")]
    OtherId {
        /// The file.
        path: String,
        /// The id of what it holds.
        actual: TransactionId,
    },
    /// More than [`PENDING_MAX`].
    #[error("{path} holds more than {PENDING_MAX} files: look at what they are and remove them")]
    TooMany {
        /// The folder.
        path: String,
    },
}

/// A stored transaction's file.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Name {
    number: u64,
    id: TransactionId,
    path: PathBuf,
}

impl Name {
    fn of(path: PathBuf) -> Option<Self> {
        let stem = path.file_stem()?.to_str()?;
        let (number, id) = stem.split_once('-').unwrap_or(("0", stem));
        let (number, id) = (number.parse().ok()?, id.parse().ok()?);
        Some(Self { number, id, path })
    }
}

/// The transactions of one chain that wait.
#[derive(Clone, Debug)]
pub struct PendingStore {
    folder: PathBuf,
    chain_id: ChainId,
}

impl PendingStore {
    /// The home's waiting transactions of a chain.
    #[must_use]
    pub fn new(home: &Home, chain_id: &ChainId) -> Self {
        Self { folder: home.pending().join(chain_id.to_string()), chain_id: *chain_id }
    }

    /// Stores a signed transaction durably. Only then may it be sent.
    ///
    /// # Errors
    /// [`PendingError::Home`].
    pub fn store(&self, transaction: &SignedTransaction) -> Result<(), PendingError> {
        create_folder(&self.folder)?;
        if let Some(parent) = self.folder.parent() {
            sync_folder(parent)?;
        }
        let number = self.names()?.last().map_or(0, |last| last.number) + 1;
        let name = format!("{number:010}-{}.{EXTENSION}", transaction.id(&self.chain_id));
        Ok(write_synced(&self.folder.join(name), &transaction.to_bytes())?)
    }

    /// Forgets a transaction: its receipt is in hand, or it can never be included.
    ///
    /// # Errors
    /// [`PendingError::Home`].
    pub fn remove(&self, id: &TransactionId) -> Result<(), PendingError> {
        for Name { path, .. } in self.names()?.into_iter().filter(|name| name.id == *id) {
            match fs::remove_file(&path) {
                Ok(()) => sync_folder(&self.folder)?,
                // Another process had the same receipt first.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(io_error("remove", &path)(error).into()),
            }
        }
        Ok(())
    }

    /// What waits, each checked anew, in the order of signing; a damaged file is an error of its own.
    ///
    /// # Errors
    /// [`PendingError`] when the folder cannot be listed.
    pub fn list(&self) -> Result<Vec<Result<VerifiedTransaction, PendingError>>, PendingError> {
        Ok(self.names()?.iter().filter_map(|name| self.read(name).transpose()).collect())
    }

    /// The files, in the order of signing.
    fn names(&self) -> Result<Vec<Name>, PendingError> {
        let listing = match fs::read_dir(&self.folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_error("list", &self.folder)(error).into()),
        };
        let mut names = Vec::new();
        for entry in listing {
            let path = entry.map_err(io_error("list", &self.folder))?.path();
            let named = path.extension().is_some_and(|extension| extension == EXTENSION);
            if named && let Some(name) = Name::of(path) {
                names.push(name);
            }
            if names.len() > PENDING_MAX {
                return Err(PendingError::TooMany { path: self.folder.display().to_string() });
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, name: &Name) -> Result<Option<VerifiedTransaction>, PendingError> {
        let Name { id, path, .. } = name;
        let Some(bytes) = read_bounded(path, TRANSACTION_BYTES_MAX)? else { return Ok(None) };
        let path = || path.display().to_string();
        let transaction = Transaction::from_bytes(&self.chain_id, &bytes)
            .and_then(|transaction| transaction.verify(&self.chain_id))
            .map_err(|error| PendingError::Damaged { path: path(), error })?;
        if transaction.id() != *id {
            return Err(PendingError::OtherId { path: path(), actual: transaction.id() });
        }
        Ok(Some(transaction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture::{chain_id, signed};

    fn store() -> (tempfile::TempDir, PendingStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        (folder, PendingStore::new(&home, &chain_id()))
    }

    #[test]
    fn what_was_stored_comes_back_byte_for_byte_until_it_is_removed() {
        let (_folder, store) = store();
        assert!(store.list().expect("empty").is_empty());
        let transaction = signed(b"x");
        let id = transaction.id(&chain_id());
        store.store(&transaction).expect("stores");
        let listed = store.list().expect("lists");
        let [Ok(waiting)] = listed.as_slice() else { panic!("one waits: {listed:?}") };
        assert_eq!(waiting.bytes(), transaction.to_bytes());
        store.remove(&id).expect("removes");
        store.remove(&id).expect("removing again changes nothing");
        assert!(store.list().expect("empty").is_empty());
    }

    #[test]
    fn a_damaged_file_is_named_and_hides_no_other() {
        let (_folder, store) = store();
        let (good, bad) = (signed(b"good"), signed(b"bad"));
        store.store(&good).expect("stores");
        store.store(&bad).expect("stores");
        let bad_path = store.names().expect("lists").pop().expect("the last").path;
        let mut bytes = bad.to_bytes();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&bad_path, &bytes).expect("writes");
        let listed = store.list().expect("lists");
        assert_eq!(listed.iter().filter(|entry| entry.is_ok()).count(), 1);
        assert!(listed.iter().any(|entry| matches!(entry, Err(PendingError::Damaged { .. }))));
        fs::write(&bad_path, good.to_bytes()).expect("writes");
        let listed = store.list().expect("lists");
        assert!(listed.iter().any(|entry| matches!(entry, Err(PendingError::OtherId { .. }))));
    }

    #[test]
    fn what_waits_is_listed_in_the_order_of_signing() {
        let (_folder, store) = store();
        let contents: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];
        let signed = contents.map(signed);
        let ids = signed.each_ref().map(|signed| signed.id(&chain_id()));
        // As an earlier version stored it.
        create_folder(&store.folder).expect("creates");
        let old = store.folder.join(format!("{}.{EXTENSION}", ids[0]));
        fs::write(old, signed[0].to_bytes()).expect("writes");
        signed[1..].iter().for_each(|signed| store.store(signed).expect("stores"));
        let listed = || -> Vec<_> {
            let listed = store.list().expect("lists").into_iter();
            listed.map(|waiting| waiting.expect("whole").id()).collect()
        };
        assert_eq!(listed(), ids);
        store.remove(&ids[1]).expect("removes");
        store.store(&signed[1]).expect("stores");
        assert_eq!(listed(), [ids[0], ids[2], ids[3], ids[1]]);
        store.remove(&ids[0]).expect("removes the old one as well");
        assert_eq!(listed().len(), 3);
    }

    #[test]
    fn files_half_written_are_not_read() {
        let (_folder, store) = store();
        store.store(&signed(b"x")).expect("stores");
        fs::write(store.folder.join("00.transaction.12.part"), b"half").expect("writes");
        fs::write(store.folder.join("note.txt"), b"mine").expect("writes");
        assert_eq!(store.list().expect("lists").len(), 1);
    }
}
