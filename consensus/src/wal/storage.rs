//! What the log is kept on: real files here, memory in a simulator.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use arc_malachitebft_wal::Storage;

use crate::record_file::{OWNER_ONLY_MODE, sync_folder_of};

/// A medium that can be read, written, cut and synced, like a file.
pub trait WalStorage: Read + Write + Seek {
    /// The medium's length, in bytes.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn size_bytes(&self) -> io::Result<u64>;

    /// Cuts the medium to `size_bytes`, or extends it with zeros.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()>;

    /// Returns when everything written is durable.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn sync_all(&mut self) -> io::Result<()>;
}

/// The log's real file, locked against a second process.
pub struct WalFile(File);

impl WalFile {
    /// Opens or creates the file with mode 0600, locks it, and makes its entry in its folder
    /// durable.
    ///
    /// # Errors
    /// Whatever the file system reports, and an error naming the lock when another process holds
    /// the file.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        // The log crate would create the file for everyone to read.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY_MODE)
            .open(path)?;
        let file = <File as Storage>::open_with(path, ())?;
        sync_folder_of(path)?;
        Ok(Self(file))
    }
}

impl Read for WalFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for WalFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for WalFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}

impl WalStorage for WalFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Storage::size_bytes(&self.0)
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        Storage::truncate_to(&mut self.0, size_bytes)
    }
    fn sync_all(&mut self) -> io::Result<()> {
        Storage::sync_all(&mut self.0)
    }
}

/// Hands an already opened medium to the log crate.
pub(super) struct Opened<S>(pub(super) S);

impl<S: WalStorage> Read for Opened<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<S: WalStorage> Write for Opened<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<S: WalStorage> Seek for Opened<S> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}

impl<S: WalStorage> Storage for Opened<S> {
    type OpenOptions = S;

    fn open_with(_label: impl AsRef<Path>, medium: S) -> io::Result<Self> {
        Ok(Self(medium))
    }
    fn size_bytes(&self) -> io::Result<u64> {
        self.0.size_bytes()
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        self.0.truncate_to(size_bytes)
    }
    fn sync_all(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}
