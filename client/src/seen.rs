//! The newest header ever seen of a chain: no node may lead back before it.
//!
//! ```text
//! header proven ─▶ at or above the one seen? ─ no ─▶ not used (an old answer, or a node behind)
//!                        │ yes: same height, other block ─▶ the chain forked: a lie of validators
//!                        └─▶ remembered, before a word is printed
//! ```

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vouchsafe_types::hash::{BlockId, ChainId};
use vouchsafe_types::verifier::ProvenHeader;

use crate::home::{
    FILE_MODE, Home, HomeError, create_folder, io_error, read_bounded, write_synced,
};

/// The longest file that is read, in bytes.
const SEEN_BYTES_MAX: usize = 4096;
/// The version of the file.
const SEEN_VERSION: u32 = 1;

/// A header that was proven once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Its height.
    pub height: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
    /// Its block.
    pub block_id: BlockId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenDocument {
    version: u32,
    height: u64,
    time_ms: u64,
    block_id: String,
}

/// Why what was seen is not known. Nothing is checked then: rollback could not be told.
#[derive(Debug, thiserror::Error)]
pub enum SeenError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is not what this program writes.
    #[error(
        "{0} is damaged, so an old answer could not be told from a new one: if you trust the \
         nodes to be up to date now, remove the file"
    )]
    Damaged(String),
}

impl From<&ProvenHeader> for Seen {
    fn from(head: &ProvenHeader) -> Self {
        let header = head.header();
        Self { height: header.height, time_ms: header.time_ms, block_id: head.block_id() }
    }
}

/// Where a chain's newest header is remembered.
#[derive(Clone, Debug)]
pub struct SeenStore {
    folder: PathBuf,
    chain_id: ChainId,
}

impl SeenStore {
    /// The home's memory of a chain.
    #[must_use]
    pub fn new(home: &Home, chain_id: &ChainId) -> Self {
        Self { folder: home.seen(), chain_id: *chain_id }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.chain_id))
    }

    /// The newest header seen, if any was.
    ///
    /// # Errors
    /// [`SeenError`].
    pub fn load(&self) -> Result<Option<Seen>, SeenError> {
        let path = self.path();
        let Some(bytes) = read_bounded(&path, SEEN_BYTES_MAX)? else { return Ok(None) };
        let damaged = || SeenError::Damaged(path.display().to_string());
        let document: SeenDocument = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        if document.version != SEEN_VERSION {
            return Err(damaged());
        }
        let block_id = document.block_id.parse().map_err(|_| damaged())?;
        Ok(Some(Seen { height: document.height, time_ms: document.time_ms, block_id }))
    }

    /// Remembers a header if it is newer than the one seen.
    ///
    /// # Errors
    /// [`SeenError`].
    pub fn remember(&self, newest: Seen) -> Result<(), SeenError> {
        create_folder(&self.folder)?;
        let _lock = self.lock()?;
        if self.load()?.is_some_and(|seen| seen.height >= newest.height) {
            return Ok(());
        }
        let document = SeenDocument {
            version: SEEN_VERSION,
            height: newest.height,
            time_ms: newest.time_ms,
            block_id: newest.block_id.to_string(),
        };
        let mut text = serde_json::to_vec(&document).expect("numbers and texts serialize");
        text.push(b'\n');
        Ok(write_synced(&self.path(), &text)?)
    }

    /// Two processes that finish together must not put back the older header.
    fn lock(&self) -> Result<File, HomeError> {
        let path = self.folder.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(io_error("open", &path))?;
        file.lock().map_err(io_error("lock", &path))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::Digest;

    fn seen(height: u64) -> Seen {
        let block_id = BlockId(Digest([u8::try_from(height).expect("small"); 32]));
        Seen { height, time_ms: height * 1000, block_id }
    }

    fn store() -> (tempfile::TempDir, SeenStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        (folder, SeenStore::new(&home, &ChainId(Digest([7; 32]))))
    }

    #[test]
    fn the_newest_header_is_remembered_and_never_an_older_one() {
        let (_folder, store) = store();
        assert_eq!(store.load().expect("none"), None);
        for height in [5, 3, 5, 9] {
            store.remember(seen(height)).expect("remembers");
        }
        store.remember(seen(8)).expect("ignores");
        assert_eq!(store.load().expect("reads"), Some(seen(9)));
    }

    #[test]
    fn chains_are_remembered_apart() {
        let (folder, store) = store();
        store.remember(seen(9)).expect("remembers");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        let other = SeenStore::new(&home, &ChainId(Digest([8; 32])));
        assert_eq!(other.load().expect("none"), None);
    }

    #[test]
    fn a_damaged_memory_is_an_error_and_not_no_memory() {
        let (_folder, store) = store();
        store.remember(seen(9)).expect("remembers");
        for wrong in ["", "{}", "{\"version\":2,\"height\":1,\"time_ms\":1,\"block_id\":\"00\"}"] {
            std::fs::write(store.path(), wrong).expect("writes");
            assert!(matches!(store.load(), Err(SeenError::Damaged(_))), "{wrong}");
        }
    }
}
