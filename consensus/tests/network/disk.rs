//! A disk in memory that loses whatever was not synced when its power goes.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use vouchsafe_consensus::sign_record::RecordStorage;
use vouchsafe_consensus::wal::WalStorage;

/// What a disk writes as a whole, in bytes.
const PAGE_BYTES: usize = 512;

#[derive(Clone, Default)]
struct Content {
    written: Vec<u8>,
    synced: Vec<u8>,
}

/// One file. Clones are handles to the same file.
#[derive(Clone, Default)]
pub(crate) struct DiskFile {
    inner: Rc<RefCell<Content>>,
    position: usize,
}

impl DiskFile {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let content = Content { written: bytes.clone(), synced: bytes };
        Self { inner: Rc::new(RefCell::new(content)), position: 0 }
    }

    pub(crate) fn content(&self) -> Vec<u8> {
        self.inner.borrow().written.clone()
    }

    pub(crate) fn is_synced(&self) -> bool {
        let content = self.inner.borrow();
        content.written == content.synced
    }

    /// The power goes in the middle of writing: bytes before `cut` are the new ones, bytes behind
    /// it are as they were synced.
    pub(crate) fn lose_power(&self, cut: usize) -> Self {
        let mut content = self.inner.borrow_mut();
        let mut left = content.written.clone();
        left.truncate(cut);
        left.extend_from_slice(content.synced.get(left.len()..).unwrap_or_default());
        *content = Content { written: left.clone(), synced: left };
        drop(content);
        self.reopen()
    }

    /// The power goes while the disk writes in an order of its own: pages that `survive` are as
    /// they were written, the others as they were synced, and the file has `length` bytes.
    pub(crate) fn lose_pages(&self, length: usize, survive: impl Fn(usize) -> bool) -> Self {
        let mut content = self.inner.borrow_mut();
        let mut left = content.synced.clone();
        left.resize(length, 0);
        for (page, bytes) in left.chunks_mut(PAGE_BYTES).enumerate() {
            if survive(page) {
                let written = content.written.get(page * PAGE_BYTES..).unwrap_or_default();
                let count = written.len().min(bytes.len());
                bytes[..count].copy_from_slice(&written[..count]);
            }
        }
        *content = Content { written: left.clone(), synced: left };
        drop(content);
        self.reopen()
    }

    /// The pages that differ from what was synced.
    pub(crate) fn unsynced_pages(&self) -> Vec<usize> {
        let content = self.inner.borrow();
        let page = |bytes: &Vec<u8>, page: usize| {
            bytes.chunks(PAGE_BYTES).nth(page).unwrap_or_default().to_vec()
        };
        let count = content.written.len().max(content.synced.len()).div_ceil(PAGE_BYTES);
        (0..count).filter(|at| page(&content.written, *at) != page(&content.synced, *at)).collect()
    }

    /// The lengths that the file may have after a power cut, in bytes: the synced one, the
    /// written one, and every end of a page between them.
    pub(crate) fn possible_lengths(&self) -> Vec<usize> {
        let content = self.inner.borrow();
        let (written, synced) = (content.written.len(), content.synced.len());
        let (least, most) = (written.min(synced), written.max(synced));
        let page_ends = (least..most).filter(|length| length % PAGE_BYTES == 0);
        let mut lengths: Vec<_> = page_ends.chain([least, most]).collect();
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }

    /// Another file with the same content.
    pub(crate) fn copy(&self) -> Self {
        let content = self.inner.borrow().clone();
        Self { inner: Rc::new(RefCell::new(content)), position: 0 }
    }

    /// A process ends and another opens the file: what was written stays.
    pub(crate) fn reopen(&self) -> Self {
        Self { inner: Rc::clone(&self.inner), position: 0 }
    }

    fn write_bytes_at(&self, position: usize, bytes: &[u8]) {
        let mut content = self.inner.borrow_mut();
        let end = position + bytes.len();
        if content.written.len() < end {
            content.written.resize(end, 0);
        }
        content.written[position..end].copy_from_slice(bytes);
    }

    fn sync_content(&self) {
        let mut content = self.inner.borrow_mut();
        content.synced = content.written.clone();
    }
}

impl Read for DiskFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let content = self.inner.borrow();
        let rest = content.written.get(self.position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

impl Write for DiskFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.write_bytes_at(self.position, buffer);
        self.position += buffer.len();
        Ok(buffer.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for DiskFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let length = self.inner.borrow().written.len();
        let (base, offset) = match position {
            SeekFrom::Start(offset) => (0, i64::try_from(offset).expect("small")),
            SeekFrom::End(offset) => (length, offset),
            SeekFrom::Current(offset) => (self.position, offset),
        };
        self.position = base
            .checked_add_signed(isize::try_from(offset).expect("small"))
            .ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position as u64)
    }
}

impl WalStorage for DiskFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.inner.borrow().written.len() as u64)
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        let size = usize::try_from(size_bytes).expect("small");
        self.inner.borrow_mut().written.resize(size, 0);
        Ok(())
    }
    fn sync_all(&mut self) -> io::Result<()> {
        self.sync_content();
        Ok(())
    }
}

impl RecordStorage for DiskFile {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.content())
    }
    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_bytes_at(usize::try_from(offset_bytes).expect("small"), bytes);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_content();
        Ok(())
    }
}
