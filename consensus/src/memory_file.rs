//! Files in memory that lose whatever was not synced when the power goes: for simulations, and for
//! tests of what a node finds on its disk afterwards. As the store in memory is to the ledger, they
//! are to the log and the sign record.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::rc::Rc;

use crate::sign_record::RecordStorage;
use crate::wal::WalStorage;

/// What a disk writes as a whole, in bytes.
pub const PAGE_BYTES: usize = 512;

#[derive(Clone, Default)]
struct Content {
    written: Vec<u8>,
    synced: Vec<u8>,
    /// Outside of it both are equal, as far as both reach.
    differs: Range<usize>,
    /// The power goes during the next sync: nothing more becomes durable for certain.
    syncs_held: bool,
}

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        Self { written: bytes.clone(), synced: bytes, ..Self::default() }
    }

    fn touch(&mut self, range: Range<usize>) {
        self.differs = if self.differs.is_empty() {
            range
        } else {
            self.differs.start.min(range.start)..self.differs.end.max(range.end)
        };
    }

    fn write(&mut self, position: usize, bytes: &[u8]) {
        let end = position + bytes.len();
        if self.written.len() < end {
            self.touch(self.written.len()..end);
            self.written.resize(end, 0);
        }
        self.written[position..end].copy_from_slice(bytes);
        self.touch(position..end);
    }

    fn resize(&mut self, length: usize) {
        let (least, most) = (length.min(self.written.len()), length.max(self.written.len()));
        self.written.resize(length, 0);
        self.touch(least..most);
    }

    fn sync(&mut self) {
        if self.syncs_held {
            return;
        }
        let Self { written, synced, differs, .. } = self;
        synced.resize(written.len(), 0);
        let range = differs.start.min(written.len())..differs.end.min(written.len());
        synced[range.clone()].copy_from_slice(&written[range]);
        *differs = 0..0;
    }
}

/// One file. Clones are handles to the same file.
#[derive(Clone, Default)]
pub struct MemoryFile {
    inner: Rc<RefCell<Content>>,
    position: usize,
}

impl MemoryFile {
    /// A file whose content is synced.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { inner: Rc::new(RefCell::new(Content::of(bytes))), position: 0 }
    }

    /// What was written.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        self.inner.borrow().written.clone()
    }

    /// Would a power cut now leave it as it was written?
    #[must_use]
    pub fn is_synced(&self) -> bool {
        let content = self.inner.borrow();
        content.written == content.synced
    }

    /// The power goes in the middle of writing: bytes before `cut` are the new ones, bytes behind
    /// it are as they were synced.
    #[allow(clippy::return_self_not_must_use, reason = "the file itself changes")]
    pub fn lose_power(&self, cut: usize) -> Self {
        let mut content = self.inner.borrow_mut();
        let mut left = content.written.clone();
        left.truncate(cut);
        left.extend_from_slice(content.synced.get(left.len()..).unwrap_or_default());
        *content = Content::of(left);
        drop(content);
        self.reopen()
    }

    /// The power goes while the disk writes in an order of its own: pages that `survive` are as
    /// they were written, the others as they were synced, and the file has `length` bytes.
    #[allow(clippy::return_self_not_must_use, reason = "the file itself changes")]
    pub fn lose_pages(&self, length: usize, mut survive: impl FnMut(usize) -> bool) -> Self {
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
        *content = Content::of(left);
        drop(content);
        self.reopen()
    }

    /// The pages that differ from what was synced.
    #[must_use]
    pub fn unsynced_pages(&self) -> Vec<usize> {
        let content = self.inner.borrow();
        let page = |bytes: &Vec<u8>, page: usize| {
            bytes.chunks(PAGE_BYTES).nth(page).unwrap_or_default().to_vec()
        };
        let count = content.written.len().max(content.synced.len()).div_ceil(PAGE_BYTES);
        (0..count).filter(|at| page(&content.written, *at) != page(&content.synced, *at)).collect()
    }

    /// The lengths that the file may have after a power cut, in bytes: the synced one, the
    /// written one, and every end of a page between them.
    #[must_use]
    pub fn possible_lengths(&self) -> Vec<usize> {
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
    #[must_use]
    pub fn copy(&self) -> Self {
        let content = self.inner.borrow().clone();
        Self { inner: Rc::new(RefCell::new(content)), position: 0 }
    }

    /// A process ends and another opens the file: what was written stays.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self { inner: Rc::clone(&self.inner), position: 0 }
    }

    /// From now on no sync ends: the power is about to go.
    pub fn hold_syncs(&self) {
        self.inner.borrow_mut().syncs_held = true;
    }

    /// Everything is gone.
    pub fn wipe(&self) {
        *self.inner.borrow_mut() = Content::default();
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl Read for MemoryFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let content = self.inner.borrow();
        let rest = content.written.get(self.position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

impl Write for MemoryFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.inner.borrow_mut().write(self.position, buffer);
        self.position += buffer.len();
        Ok(buffer.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for MemoryFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let length = self.inner.borrow().written.len() as u64;
        let at = match position {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => length.checked_add_signed(offset),
            SeekFrom::Current(offset) => (self.position as u64).checked_add_signed(offset),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.position = place(at)?;
        Ok(at)
    }
}

impl WalStorage for MemoryFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.inner.borrow().written.len() as u64)
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        self.inner.borrow_mut().resize(place(size_bytes)?);
        Ok(())
    }
    fn sync_all(&mut self) -> io::Result<()> {
        self.inner.borrow_mut().sync();
        Ok(())
    }
}

impl RecordStorage for MemoryFile {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.content())
    }
    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.borrow_mut().write(place(offset_bytes)?, bytes);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        self.inner.borrow_mut().sync();
        Ok(())
    }
}
