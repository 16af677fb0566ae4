//! A file in memory that begins with any bytes and can be looked at afterwards.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use vouchsafe_consensus::sign_record::RecordStorage;
use vouchsafe_consensus::wal::WalStorage;

/// The file; a clone is the same file.
#[derive(Clone)]
pub struct Medium(Rc<RefCell<Cursor<Vec<u8>>>>);

impl Medium {
    /// A file that holds these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Rc::new(RefCell::new(Cursor::new(bytes.to_vec()))))
    }

    /// What it holds now.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        self.0.borrow().get_ref().clone()
    }
}

impl Read for Medium {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Write for Medium {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Medium {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.borrow_mut().seek(position)
    }
}

impl WalStorage for Medium {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.0.borrow().get_ref().len() as u64)
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        let size = usize::try_from(size_bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.0.borrow_mut().get_mut().resize(size, 0);
        Ok(())
    }
    fn sync_all(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl RecordStorage for Medium {
    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.content())
    }
    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset_bytes))?;
        self.write_all(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
