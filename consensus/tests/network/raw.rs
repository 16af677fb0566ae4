//! What the log crate writes by itself, to frame what this crate would not write.

use std::io::{self, Read, Seek, Write};
use std::path::Path;

use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::wal::WalStorage;

/// Bytes of a log before its first entry.
pub(crate) const HEADER_BYTES: usize = 12;

/// The bytes of an entry with this data, its checksum right.
pub(crate) fn framed(data: &[u8]) -> Vec<u8> {
    let file = MemoryFile::default();
    let options = file.reopen();
    let mut log = arc_malachitebft_wal::log::Log::<Raw>::open_with("", options).expect("new");
    log.append(data).expect("appended");
    file.content()[HEADER_BYTES..].to_vec()
}

/// The log crate's own view of a disk, to frame what this crate would not write.
struct Raw(MemoryFile);

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Raw {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Raw {
    fn seek(&mut self, position: io::SeekFrom) -> io::Result<u64> {
        self.0.seek(position)
    }
}

impl arc_malachitebft_wal::Storage for Raw {
    type OpenOptions = MemoryFile;

    fn open_with(_: impl AsRef<Path>, file: MemoryFile) -> io::Result<Self> {
        Ok(Self(file))
    }
    fn size_bytes(&self) -> io::Result<u64> {
        WalStorage::size_bytes(&self.0)
    }
    fn truncate_to(&mut self, size: u64) -> io::Result<()> {
        WalStorage::truncate_to(&mut self.0, size)
    }
    fn sync_all(&mut self) -> io::Result<()> {
        WalStorage::sync_all(&mut self.0)
    }
}
