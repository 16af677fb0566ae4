//! The node's folder: where everything lies, who may read it, and who holds it.
//!
//! ```text
//! HOME (0700)
//! ├── config.toml          what the operator chose
//! ├── genesis.json         the chain
//! ├── keys/  (0700)        consensus, node: OpenSSH private keys (0600), with .pub beside them
//! └── data/  (0700)        lock, db/, wal, sign-record, listeners.json
//! ```

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use vouchsafe_genesis::{DOCUMENT_BYTES_MAX, Genesis, GenesisError};
use vouchsafe_keys::create_whole;

/// The home's name under the user's own, unless another is given.
const DEFAULT_FOLDER: &str = ".vouchsafed";
/// Only the owner enters the node's folders.
const FOLDER_MODE: u32 = 0o700;
/// Only the owner reads the node's files.
pub(crate) const PRIVATE_MODE: u32 = 0o600;
/// Anyone may read what is public.
pub(crate) const PUBLIC_MODE: u32 = 0o644;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HomeError {
    /// No home directory of the user is known.
    #[error("there is no home directory; name a folder with --home or VOUCHSAFED_HOME")]
    Nowhere,
    /// The folder is not there.
    #[error("{0} is not a node's folder; run 'vouchsafed init --home {0}' first")]
    Missing(PathBuf),
    /// Others may enter.
    #[error("{path} has mode {mode:04o}: others may read the node's keys; run 'chmod 700 {path}'")]
    Mode { path: PathBuf, mode: u32 },
    /// A file or folder cannot be made, read or written.
    #[error("cannot {act} {path}: {cause}")]
    Storage { act: &'static str, path: PathBuf, cause: io::Error },
    /// There is already such a file.
    #[error("{0} exists and is never overwritten; move it away if you mean to replace it")]
    Exists(PathBuf),
    /// Another process runs on the home.
    #[error("another vouchsafed is running on {path} ({holder}); stop it, or name another --home")]
    Locked { path: PathBuf, holder: String },
    /// There is no genesis document.
    #[error(
        "there is no genesis document at {0}; put the one your consortium agreed on there, or try \
         'vouchsafed dev'"
    )]
    NoGenesis(PathBuf),
    /// The genesis document is refused.
    #[error("{path} is refused: {cause}")]
    Genesis { path: PathBuf, cause: Box<GenesisError> },
}

/// A node's folder.
#[derive(Clone, Debug)]
pub(crate) struct Home(PathBuf);

/// Held while a process uses the home; the system lets go of it when the process ends.
#[derive(Debug)]
pub(crate) struct HomeLock(#[allow(dead_code, reason = "the open file is the lock")] File);

impl Home {
    /// The folder that was named, or `suffix` decides between the user's default ones.
    ///
    /// # Errors
    /// [`HomeError::Nowhere`].
    pub(crate) fn locate(named: Option<PathBuf>, suffix: &str) -> Result<Self, HomeError> {
        let default = || Some(std::env::home_dir()?.join(format!("{DEFAULT_FOLDER}{suffix}")));
        named.or_else(default).map(Self).ok_or(HomeError::Nowhere)
    }

    /// Makes the folders that are missing.
    ///
    /// # Errors
    /// [`HomeError::Storage`], [`HomeError::Mode`].
    pub(crate) fn create(&self) -> Result<(), HomeError> {
        for path in [self.0.clone(), self.keys(), self.data()] {
            DirBuilder::new()
                .recursive(true)
                .mode(FOLDER_MODE)
                .create(&path)
                .map_err(storage("make", &path))?;
        }
        self.check()
    }

    /// Checks that the folders are there and are the owner's alone.
    ///
    /// # Errors
    /// [`HomeError::Missing`], [`HomeError::Mode`].
    pub(crate) fn check(&self) -> Result<(), HomeError> {
        for path in [self.0.clone(), self.keys(), self.data()] {
            let metadata = std::fs::metadata(&path)
                .ok()
                .filter(std::fs::Metadata::is_dir)
                .ok_or_else(|| HomeError::Missing(self.0.clone()))?;
            let mode = metadata.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                return Err(HomeError::Mode { path, mode });
            }
        }
        Ok(())
    }

    /// Takes the home for this process.
    ///
    /// # Errors
    /// [`HomeError::Locked`] names the process that holds it.
    pub(crate) fn lock(&self) -> Result<HomeLock, HomeError> {
        let path = self.data().join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_MODE)
            .open(&path)
            .map_err(storage("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(cause)) => return Err(storage("lock", &path)(cause)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // A holder that has not yet written its process id is refused without it.
                let _ = file.take(64).read_to_string(&mut holder);
                let holder = holder.trim().to_owned();
                return Err(HomeError::Locked { path: self.0.clone(), holder });
            }
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "pid {}", std::process::id()));
        written.map_err(storage("write", &path))?;
        Ok(HomeLock(file))
    }

    /// Reads the genesis document.
    ///
    /// # Errors
    /// [`HomeError::NoGenesis`], [`HomeError::Genesis`].
    pub(crate) fn read_genesis(&self) -> Result<Genesis, HomeError> {
        let path = self.genesis();
        if !path.exists() {
            return Err(HomeError::NoGenesis(path));
        }
        let bytes = read_bounded(&path, DOCUMENT_BYTES_MAX)?;
        Genesis::parse(&bytes).map_err(|cause| HomeError::Genesis { path, cause: Box::new(cause) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
    pub(crate) fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }
    pub(crate) fn genesis(&self) -> PathBuf {
        self.0.join("genesis.json")
    }
    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }
    pub(crate) fn consensus_key(&self) -> PathBuf {
        self.keys().join("consensus")
    }
    pub(crate) fn node_key(&self) -> PathBuf {
        self.keys().join("node")
    }
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }
    pub(crate) fn database(&self) -> PathBuf {
        self.data().join("db")
    }
    pub(crate) fn wal(&self) -> PathBuf {
        self.data().join("wal")
    }
    pub(crate) fn sign_record(&self) -> PathBuf {
        self.data().join("sign-record")
    }
    pub(crate) fn listeners(&self) -> PathBuf {
        self.data().join("listeners.json")
    }
}

/// Reads a file of at most `limit_bytes`; one byte more is read of a longer one, so that whoever
/// parses it can say that it is too long.
///
/// # Errors
/// [`HomeError::Storage`].
pub(crate) fn read_bounded(path: &Path, limit_bytes: usize) -> Result<Vec<u8>, HomeError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit_bytes as u64 + 1).read_to_end(&mut bytes))
        .map_err(storage("read", path))?;
    Ok(bytes)
}

/// Writes a new file durably, or leaves an existing one alone.
///
/// # Errors
/// [`HomeError::Exists`], [`HomeError::Storage`].
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HomeError> {
    create_whole(path, mode, bytes).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => HomeError::Exists(path.to_owned()),
        _ => storage("write", path)(cause),
    })
}

fn storage(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    move |cause| HomeError::Storage { act, path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home(folder.path().join("home"));
        (folder, home)
    }

    #[test]
    fn folders_are_the_owners_alone() {
        let (_folder, home) = home();
        assert!(matches!(home.check(), Err(HomeError::Missing(_))));
        home.create().expect("made");
        home.check().expect("private");
        std::fs::set_permissions(home.keys(), PermissionsExt::from_mode(0o750)).expect("chmod");
        assert!(matches!(home.check(), Err(HomeError::Mode { mode: 0o750, .. })));
    }

    #[test]
    fn a_held_home_is_refused_with_its_holders_process() {
        let (_folder, home) = home();
        home.create().expect("made");
        let lock = home.lock().expect("free");
        let error = home.lock().expect_err("held").to_string();
        assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
        drop(lock);
        home.lock().expect("free again");
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let (_folder, home) = home();
        home.create().expect("made");
        write_new(&home.config(), b"one", PRIVATE_MODE).expect("new");
        let again = write_new(&home.config(), b"two", PRIVATE_MODE);
        assert!(matches!(again, Err(HomeError::Exists(_))));
        assert_eq!(read_bounded(&home.config(), 2).expect("read"), b"one");
    }

    #[test]
    fn a_missing_genesis_is_named() {
        let (_folder, home) = home();
        home.create().expect("made");
        assert!(matches!(home.read_genesis(), Err(HomeError::NoGenesis(_))));
    }
}
