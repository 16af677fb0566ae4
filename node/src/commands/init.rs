//! `vouchsafed init`: a home with keys and a commented configuration. What is there stays.

use std::io::{Write as _, stdout};

use anyhow::{Result, anyhow};
use vouchsafe_keys::{KeyError, peer_id};
use vouchsafe_types::openssh::fingerprint;

use crate::cli::InitArguments;
use crate::config::TEMPLATE;
use crate::home::{Home, PUBLIC_MODE, write_new};
use crate::key_ring::make_missing;

pub(super) fn run(home: &Home, arguments: &InitArguments) -> Result<()> {
    home.create()?;
    let keys = make_missing(home, arguments.unencrypted_keys).map_err(|error| match error {
        KeyError::NoTerminal { .. } => {
            anyhow!("{error}; or give --unencrypted-keys for keys that are not encrypted")
        }
        other => other.into(),
    })?;
    write_template(home)?;
    writeln!(stdout(), "Home           {}", home.path().display())?;
    writeln!(stdout(), "Consensus key  {}", fingerprint(&keys.consensus))?;
    writeln!(stdout(), "Validator      {}", keys.consensus.address())?;
    writeln!(stdout(), "Peer id        {}", peer_id(&keys.node)?)?;
    writeln!(stdout(), "Configuration  {}", home.config().display())?;
    writeln!(stdout())?;
    writeln!(
        stdout(),
        "Next: hand the output of 'vouchsafed genesis member' to whoever founds the chain."
    )?;
    Ok(())
}

/// Writes the configuration if there is none.
pub(super) fn write_template(home: &Home) -> Result<()> {
    if !home.config().exists() {
        write_new(&home.config(), TEMPLATE.as_bytes(), PUBLIC_MODE)?;
    }
    Ok(())
}
