//! Where a passphrase comes from: a named file, the environment, or the terminal; never a prompt
//! that nobody sees.

use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::error::KeyError;
use crate::passphrase::Passphrase;
use crate::private_file::read_private;

/// Asks, in this order: the file if one is named, the environment variable if it is set, the
/// terminal if there is one.
#[derive(Clone, Debug)]
pub struct PassphraseSource {
    variable: String,
    file: Option<PathBuf>,
    terminal: bool,
}

impl PassphraseSource {
    /// Reads the named environment variable, else asks on the terminal if both standard input and
    /// standard error are one.
    #[must_use]
    pub fn new(variable: &str) -> Self {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self { variable: variable.to_owned(), file: None, terminal }
    }

    /// Reads a file before anything else: its first and only line is the passphrase.
    #[must_use]
    pub fn with_file(self, file: Option<PathBuf>) -> Self {
        Self { file, ..self }
    }

    /// Never asks on the terminal, though there is one.
    #[must_use]
    pub fn without_terminal(self) -> Self {
        Self { terminal: false, ..self }
    }

    /// The passphrase that opens the key in `path`.
    ///
    /// # Errors
    /// [`KeyError::NoTerminal`], [`KeyError::Prompt`], those of files (the mode included) and of
    /// [`Passphrase::new`].
    pub fn passphrase(&self, path: &Path) -> Result<Passphrase, KeyError> {
        match self.unattended()? {
            Some(passphrase) => Ok(passphrase),
            None => self.ask(path, &format!("Passphrase for {}: ", path.display())),
        }
    }

    /// A passphrase for the new key in `path`; on the terminal it is asked for twice.
    ///
    /// # Errors
    /// Those of [`passphrase`](Self::passphrase), and [`KeyError::PassphrasesDiffer`].
    pub fn new_passphrase(&self, path: &Path) -> Result<Passphrase, KeyError> {
        if let Some(passphrase) = self.unattended()? {
            return Ok(passphrase);
        }
        let first = self.ask(path, &format!("New passphrase for {}: ", path.display()))?;
        agreed(first, &self.ask(path, "The same again: ")?)
    }

    fn unattended(&self) -> Result<Option<Passphrase>, KeyError> {
        if let Some(file) = &self.file {
            return from_file(file).map(Some);
        }
        match std::env::var_os(&self.variable) {
            Some(value) => Passphrase::new(value.into_vec()).map(Some),
            None => Ok(None),
        }
    }

    fn ask(&self, path: &Path, question: &str) -> Result<Passphrase, KeyError> {
        if !self.terminal {
            let variable = self.variable.clone();
            return Err(KeyError::NoTerminal { path: path.to_owned(), variable });
        }
        let answer = rpassword::prompt_password(question).map_err(KeyError::Prompt)?;
        Passphrase::new(answer.into_bytes())
    }
}

fn from_file(path: &Path) -> Result<Passphrase, KeyError> {
    let bytes = read_private(path)?;
    // An editor ends the line; the passphrase does not.
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Passphrase::new(line.to_vec())
}

fn agreed(first: Passphrase, second: &Passphrase) -> Result<Passphrase, KeyError> {
    if first == *second { Ok(first) } else { Err(KeyError::PassphrasesDiffer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_passphrase_is_entered_twice_alike() {
        let passphrase = |text: &str| Passphrase::new(text.as_bytes().to_vec()).expect("short");
        assert!(agreed(passphrase("one"), &passphrase("one")).is_ok());
        let verdict = agreed(passphrase("one"), &passphrase("two"));
        assert!(matches!(verdict, Err(KeyError::PassphrasesDiffer)));
    }
}
