//! `vouchsafed compact`: the database rewritten into as few bytes as it takes, on a stopped node.

use std::fs;
use std::io::{self, Write as _, stdout};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use vouchsafe_ledger::{RocksStore, StoreRead as _};

use crate::home::Home;

pub(super) fn run(home: &Home) -> Result<()> {
    home.check()?;
    let _lock = home.lock()?;
    let path = home.database();
    let shown = path.display();
    ensure!(path.exists(), "there is no database {shown}: start the node first");
    let counted = || folder_bytes(&path).with_context(|| format!("cannot read {shown}"));
    let before = counted()?;
    let store = RocksStore::open(&path).with_context(|| shown.to_string())?;
    ensure!(store.chain_id()?.is_some(), "{shown} holds no chain yet: start the node first");
    store.compact()?;
    let families = store.family_bytes()?;
    // Closing it leaves the files that it is opened from next time.
    drop(store);
    writeln!(stdout(), "Compacted     {shown}")?;
    writeln!(stdout(), "Bytes before  {before}")?;
    writeln!(stdout(), "Bytes after   {}", counted()?)?;
    for (family, bytes) in families {
        writeln!(stdout(), "  {family:13} {bytes}")?;
    }
    Ok(())
}

/// The bytes of all files in a database's folder, which has no folders in it.
fn folder_bytes(path: &Path) -> io::Result<u64> {
    fs::read_dir(path)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
