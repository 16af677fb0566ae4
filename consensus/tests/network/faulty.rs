//! A disk that fails at a chosen act, and one that claims to be larger than it is.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::wal::WalStorage;

/// What its disk does, set from outside. An act is a write, a cut or a sync.
#[derive(Default)]
pub(crate) struct Plan {
    /// Acts that succeed before every other fails; all of them when unset.
    pub(crate) acts_left: Cell<Option<u64>>,
    /// Acts that succeeded.
    pub(crate) acts: Cell<u64>,
    /// How much larger than it is the file claims to be, in bytes.
    pub(crate) claimed_bytes: Cell<u64>,
}

pub(crate) struct FaultyDisk {
    pub(crate) file: MemoryFile,
    pub(crate) plan: Rc<Plan>,
}

impl FaultyDisk {
    pub(crate) fn of(file: &MemoryFile) -> (Self, Rc<Plan>) {
        let plan = Rc::new(Plan::default());
        (Self { file: file.reopen(), plan: Rc::clone(&plan) }, plan)
    }

    fn act(&self) -> io::Result<()> {
        match self.plan.acts_left.get() {
            Some(0) => return Err(io::ErrorKind::StorageFull.into()),
            Some(left) => self.plan.acts_left.set(Some(left - 1)),
            None => {}
        }
        self.plan.acts.set(self.plan.acts.get() + 1);
        Ok(())
    }
}

impl Read for FaultyDisk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Write for FaultyDisk {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.act()?;
        self.file.write(buffer)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for FaultyDisk {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

impl WalStorage for FaultyDisk {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.file.size_bytes()? + self.plan.claimed_bytes.get())
    }
    fn truncate_to(&mut self, size_bytes: u64) -> io::Result<()> {
        self.act()?;
        self.file.truncate_to(size_bytes)
    }
    fn sync_all(&mut self) -> io::Result<()> {
        self.act()?;
        self.file.sync_all()
    }
}
