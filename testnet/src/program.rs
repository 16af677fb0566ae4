//! Other programs: `vouchsafed`, as it was built, and what the system brings.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::TestnetError;

/// The program of a node.
pub const NODE_PROGRAM: &str = "vouchsafed";

/// The program named, or the one that lies beside this one.
///
/// # Errors
/// [`TestnetError::NoProgram`].
pub fn find(named: Option<&Path>) -> Result<PathBuf, TestnetError> {
    match named {
        Some(path) => absolute(path.to_owned()),
        None => beside(NODE_PROGRAM),
    }
}

/// The program of this name that lies beside this one.
///
/// # Errors
/// [`TestnetError::NoProgram`].
pub fn beside(name: &str) -> Result<PathBuf, TestnetError> {
    absolute(std::env::current_exe().unwrap_or_default().with_file_name(name))
}

fn absolute(path: PathBuf) -> Result<PathBuf, TestnetError> {
    // Absolute, because nodes run in folders of their own.
    match std::fs::canonicalize(&path) {
        Ok(path) if path.is_file() => Ok(path),
        _ => Err(TestnetError::NoProgram(path)),
    }
}

/// A command that the caller's own settings do not reach.
#[must_use]
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    without_settings(&mut command);
    command.stdin(Stdio::null());
    command
}

/// Removes the caller's own settings from a command's environment.
pub fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VOUCHSAFED_") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").env_remove("NOTIFY_SOCKET");
}

/// Runs a command to its end and returns what it printed.
///
/// # Errors
/// [`TestnetError::Launch`], [`TestnetError::Failed`].
pub fn run(command: &mut Command) -> Result<String, TestnetError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|cause| TestnetError::Launch { program, cause })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(TestnetError::Failed { command: words.join(" "), said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = find(Some(Path::new("/nonexistent/vouchsafed"))).expect_err("absent");
        assert!(matches!(error, TestnetError::NoProgram(_)), "{error}");
        assert!(error.to_string().contains("scripts/build"), "{error}");
        let error = run(&mut command(Path::new("/nonexistent/vouchsafed"))).expect_err("absent");
        assert!(matches!(error, TestnetError::Launch { .. }), "{error}");
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let mut failing = command(Path::new("sh"));
        let error = run(failing.args(["-c", "echo words >&2; exit 3"])).expect_err("fails");
        assert!(matches!(&error, TestnetError::Failed { said, .. } if said == "words"), "{error}");
        assert_eq!(run(command(Path::new("echo")).arg("well")).expect("runs"), "well\n");
    }
}
