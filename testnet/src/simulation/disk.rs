//! Files in memory that lose what was not synced when the power goes: wholly, or behind a point,
//! or in any of their pages.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use vouchsafe_consensus::sign_record::RecordStorage;
use vouchsafe_consensus::wal::WalStorage;

use super::random::Random;

/// What is lost is lost in pages of this many bytes.
const PAGE_BYTES: usize = 512;

#[derive(Default)]
struct Content {
    written: Vec<u8>,
    synced: Vec<u8>,
    /// The power goes during the next sync: nothing more becomes durable for certain.
    syncs_held: bool,
}

/// One file. Clones are handles to the same file.
#[derive(Clone, Default)]
pub struct DiskFile {
    content: Rc<RefCell<Content>>,
    position: usize,
}

impl DiskFile {
    /// A process ends and another opens the file: what was written stays.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self { content: Rc::clone(&self.content), position: 0 }
    }

    /// The power goes. What was synced stays; of the rest, nothing, all before some byte, or some
    /// pages.
    pub fn lose_power(&self, random: &mut Random) {
        let mut content = self.content.borrow_mut();
        let Content { written, synced, .. } = &*content;
        let left = match random.below(4) {
            0 => synced.clone(),
            1 => written.clone(),
            2 => {
                let cut = random.index(written.len() + 1);
                let mut left = written[..cut].to_vec();
                left.extend_from_slice(synced.get(cut..).unwrap_or_default());
                left
            }
            _ => {
                let mut left = synced.clone();
                left.resize(written.len().max(synced.len()), 0);
                for (at, page) in written.chunks(PAGE_BYTES).enumerate() {
                    if random.chance(500) {
                        let from = at * PAGE_BYTES;
                        left[from..from + page.len()].copy_from_slice(page);
                    }
                }
                left
            }
        };
        *content = Content { written: left.clone(), synced: left, syncs_held: false };
    }

    /// From now on no sync ends: the power is about to go.
    pub fn hold_syncs(&self) {
        self.content.borrow_mut().syncs_held = true;
    }

    /// Everything is gone.
    pub fn wipe(&self) {
        *self.content.borrow_mut() = Content::default();
    }

    fn write_bytes_at(&self, position: usize, bytes: &[u8]) {
        let mut content = self.content.borrow_mut();
        let end = position + bytes.len();
        if content.written.len() < end {
            content.written.resize(end, 0);
        }
        content.written[position..end].copy_from_slice(bytes);
    }

    fn sync_content(&self) {
        let mut content = self.content.borrow_mut();
        if !content.syncs_held {
            content.synced = content.written.clone();
        }
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl Read for DiskFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let content = self.content.borrow();
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
        let length = self.content.borrow().written.len() as u64;
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

impl WalStorage for DiskFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.content.borrow().written.len() as u64)
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        self.content.borrow_mut().written.resize(place(size_bytes)?, 0);
        Ok(())
    }
    fn sync_all(&mut self) -> io::Result<()> {
        self.sync_content();
        Ok(())
    }
}

impl RecordStorage for DiskFile {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.content.borrow().written.clone())
    }
    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_bytes_at(place(offset_bytes)?, bytes);
        Ok(())
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_content();
        Ok(())
    }
}
