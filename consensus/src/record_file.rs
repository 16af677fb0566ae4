//! The sign record on a real disk: a file that only its owner may read, and that exists after a
//! crash because its folder was synced with it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::sign_record::RecordStorage;

/// Only the owner may read and write the node's files.
pub(crate) const OWNER_ONLY_MODE: u32 = 0o600;

/// The file behind a [`SignRecord`](crate::sign_record::SignRecord).
pub struct RecordFile {
    file: File,
    path: PathBuf,
    /// An earlier run may have ended between creating the file and syncing its folder, so the
    /// first sync of every run does both.
    folder_synced: bool,
}

impl RecordFile {
    /// Opens the file, creating it with mode 0600.
    ///
    /// # Errors
    /// Whatever the file system reports.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY_MODE)
            .open(&path)?;
        Ok(Self { file, path, folder_synced: false })
    }
}

/// Makes the entry of `path` in its folder durable (fsync(2): syncing a file does not).
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

impl RecordStorage for RecordFile {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset_bytes))?;
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if !self.folder_synced {
            sync_folder_of(&self.path)?;
            self.folder_synced = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::sign_record::{SignMark, SignRecord, SignStep};

    #[test]
    fn the_file_is_the_owners_alone_and_returns_what_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sign-record");
        let mark = SignMark::of(5, 0, SignStep::Precommit, b"message");
        let mut record = SignRecord::load(RecordFile::open(&path).expect("open")).expect("new");
        record.write(mark).expect("write");
        drop(record);
        let mode = std::fs::metadata(&path).expect("it exists").permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY_MODE);
        let record = SignRecord::load(RecordFile::open(&path).expect("open")).expect("whole");
        assert_eq!(record.latest(), Some(mark));
    }
}
