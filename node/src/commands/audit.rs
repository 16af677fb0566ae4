//! `vouchsafed audit`: every stored block executed again from genesis, every state root compared.

use std::io::{IsTerminal, Write, stdout};

use anyhow::{Context, Result};
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::{RocksStore, verify_chain};

use crate::home::Home;

/// A line of progress after so many blocks.
const PROGRESS_BLOCKS: u64 = 1000;

pub(super) fn run(home: &Home) -> Result<()> {
    home.check()?;
    let _lock = home.lock()?;
    audit(home, &home.read_genesis()?)
}

/// Audits the database of a home whose lock the caller holds.
///
/// # Errors
/// The first block that is not what it should be.
pub(super) fn audit(home: &Home, genesis: &Genesis) -> Result<()> {
    let path = home.database();
    let store = RocksStore::open(&path).with_context(|| path.display().to_string())?;
    let mut progress = |height: u64| {
        let mut error_output = std::io::stderr();
        if height.is_multiple_of(PROGRESS_BLOCKS) && error_output.is_terminal() {
            // Progress that cannot be shown is not missed.
            let _ = write!(error_output, "\raudited {height} blocks");
        }
    };
    let report = verify_chain(genesis, &store, &mut progress)
        .with_context(|| format!("{} does not hold what its blocks say", path.display()))?;
    writeln!(stdout(), "Audit passed: every block executed again from genesis")?;
    writeln!(stdout(), "Chain         {} {}", genesis.chain_name(), genesis.chain_id())?;
    writeln!(stdout(), "Height        {}", report.height)?;
    writeln!(stdout(), "Transactions  {}", report.transactions)?;
    writeln!(stdout(), "Records       {}", report.records)?;
    writeln!(stdout(), "State root    {}", report.state_root)?;
    Ok(())
}
