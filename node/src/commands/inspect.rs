//! `vouchsafed genesis show`, `hash` and `validate`.

use std::io::{Write, stdout};
use std::path::Path;

use anyhow::{Context, Result};
use vouchsafe_genesis::{DOCUMENT_BYTES_MAX, Genesis};

use crate::home::read_bounded;

fn read(path: &Path) -> Result<Genesis> {
    let bytes = read_bounded(path, DOCUMENT_BYTES_MAX)?;
    Genesis::parse(&bytes).with_context(|| path.display().to_string())
}

/// Prints the document in the form people read.
pub(super) fn show(path: &Path) -> Result<()> {
    let text = read(path)?.to_pretty_json();
    std::io::stdout().write_all(text.as_bytes()).context("cannot write")
}

/// Prints the chain's id alone.
pub(super) fn hash(path: &Path) -> Result<()> {
    writeln!(stdout(), "{}", read(path)?.chain_id())?;
    Ok(())
}

/// Says that the document obeys every rule, and who takes part.
pub(super) fn validate(path: &Path) -> Result<()> {
    let genesis = read(path)?;
    let validators = genesis.validator_set();
    let signers: usize = genesis.organizations().iter().map(|o| o.signers.len()).sum();
    writeln!(stdout(), "Valid")?;
    writeln!(stdout(), "Chain          {}", genesis.chain_name())?;
    writeln!(stdout(), "Chain id       {}", genesis.chain_id())?;
    writeln!(stdout(), "Organizations  {}, {signers} signers", genesis.organizations().len())?;
    writeln!(stdout(), "Validators     {}, power {}", validators.len(), validators.total_power())?;
    writeln!(stdout(), "Observers      {}", genesis.observers().len())?;
    Ok(())
}
