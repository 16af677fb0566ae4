//! The client's home: the pinned genesis document, settings, keys, transactions that wait for a
//! receipt, and the newest header seen.
//!
//! ```text
//! ~/.vouch/                    0700
//!   genesis.json               the pin: everything is checked against it
//!   config.toml                nodes, key
//!   key, key.pub               what `vouch key new` makes
//!   pending/<chain id>/<transaction id>.transaction
//!   seen/<chain id>.json
//! ```
//!
//! A file is replaced whole: written beside its place, synced, renamed, and its folder synced.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The mode of the home and its folders.
pub const FOLDER_MODE: u32 = 0o700;
/// The mode of the files in it.
pub const FILE_MODE: u32 = 0o600;
/// Who else may write to the home could replace the pin.
const OTHERS_WRITE: u32 = 0o022;

/// Tells this process's half-written files apart.
static TURN: AtomicU64 = AtomicU64::new(0);

/// Why the home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Neither `--home` nor `VOUCH_HOME` nor a home directory.
    #[error("there is no home directory to keep .vouch in: give --home or set VOUCH_HOME")]
    Nowhere,
    /// The home is not a folder.
    #[error("{0} is not a folder: move it away or give another --home")]
    NotAFolder(String),
    /// Others may write there.
    #[error(
        "{path} may be written by others (mode {mode:o}), who could replace the pinned \
             genesis: run 'chmod 700 {path}'"
    )]
    Writable {
        /// The home.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// A folder, or a pipe that may never end.
    #[error("{0} is not a regular file: name one")]
    NotRegular(String),
    /// A file is longer than anything valid.
    #[error("{path} is longer than the {limit_bytes} bytes that are read")]
    TooLong {
        /// The file.
        path: String,
        /// The bound, in bytes.
        limit_bytes: usize,
    },
    /// The system refuses.
    #[error("cannot {action} {path}: {error}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
}

/// Names the file that an error is about.
pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> HomeError + 'a {
    move |error| HomeError::Io { action, path: path.display().to_string(), error }
}

/// Where everything lies.
#[derive(Clone, Debug)]
pub struct Home {
    path: PathBuf,
}

impl Home {
    /// The home at a path, or `~/.vouch`. Nothing is created or read yet.
    ///
    /// # Errors
    /// [`HomeError::Nowhere`].
    pub fn at(path: Option<PathBuf>) -> Result<Self, HomeError> {
        let path = match path {
            Some(path) => path,
            None => std::env::home_dir()
                .filter(|home| !home.as_os_str().is_empty())
                .ok_or(HomeError::Nowhere)?
                .join(".vouch"),
        };
        Ok(Self { path })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pinned genesis document.
    #[must_use]
    pub fn genesis(&self) -> PathBuf {
        self.path.join("genesis.json")
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// The key that `vouch key new` makes, and that signs unless another is named.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path.join("key")
    }

    /// The folder of transactions that wait for a receipt.
    #[must_use]
    pub fn pending(&self) -> PathBuf {
        self.path.join("pending")
    }

    /// The folder of the newest headers seen.
    #[must_use]
    pub fn seen(&self) -> PathBuf {
        self.path.join("seen")
    }

    /// Refuses a home that others may write to. A home that does not exist yet is fine.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn check(&self) -> Result<(), HomeError> {
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_error("read", &self.path)(error)),
        };
        let path = || self.path.display().to_string();
        if !metadata.is_dir() {
            return Err(HomeError::NotAFolder(path()));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS_WRITE != 0 {
            return Err(HomeError::Writable { path: path(), mode });
        }
        Ok(())
    }

    /// Creates the home if there is none, and checks it.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn create(&self) -> Result<(), HomeError> {
        create_folder(&self.path)?;
        self.check()
    }
}

/// Creates a folder and those above it, for the owner alone; one that exists stays as it is.
///
/// # Errors
/// [`HomeError::Io`].
pub fn create_folder(path: &Path) -> Result<(), HomeError> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
        .map_err(io_error("create", path))
}

/// Where a shell puts the pipes that it makes: whoever writes to them is there already.
const OPEN_PIPES: [&str; 2] = ["/dev", "/proc"];

/// Reads a file of bounded length; `None` when there is none.
///
/// # Errors
/// [`HomeError::NotRegular`], [`HomeError::TooLong`] or [`HomeError::Io`].
pub fn read_bounded(path: &Path, limit_bytes: usize) -> Result<Option<Vec<u8>>, HomeError> {
    let is_open_pipe = OPEN_PIPES.iter().any(|folder| path.starts_with(folder));
    if !is_open_pipe && fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(HomeError::NotRegular(path.display().to_string()));
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("open", path)(error)),
    };
    let mut bytes = Vec::new();
    let limit = limit_bytes as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(io_error("read", path))?;
    if bytes.len() > limit_bytes {
        return Err(HomeError::TooLong { path: path.display().to_string(), limit_bytes });
    }
    Ok(Some(bytes))
}

/// May a file be written there? Where there is none, or one of the same kind: anything else is
/// somebody's.
pub fn may_write(path: &Path, limit_bytes: usize, is_own: impl FnOnce(&[u8]) -> bool) -> bool {
    match fs::metadata(path) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(metadata) if !metadata.is_file() => false,
        Ok(_) => matches!(read_bounded(path, limit_bytes), Ok(Some(bytes)) if is_own(&bytes)),
    }
}

/// Puts a file in its place, whole and durable: after a crash it is the old one or the new one.
///
/// # Errors
/// [`HomeError::Io`].
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    write_synced_as(path, bytes, FILE_MODE)
}

/// [`write_synced`], for a file that others may read.
///
/// # Errors
/// [`HomeError::Io`].
pub fn write_synced_as(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HomeError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_else(|| OsStr::new("file"));
    let mut beside = name.to_os_string();
    // Two processes, or two threads, may write at once: each has its own file beside the place.
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    beside.push(format!(".{}-{turn}.part", std::process::id()));
    let beside = folder.join(beside);
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(io_error("write", &beside))
        .and_then(|()| fs::rename(&beside, path).map_err(io_error("replace", path)))
        .and_then(|()| sync_folder(folder));
    if written.is_err() {
        // The error that is reported is the first one; a leftover is overwritten next time.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Makes a created, renamed or removed name durable.
///
/// # Errors
/// [`HomeError::Io`].
pub fn sync_folder(folder: &Path) -> Result<(), HomeError> {
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(io_error("sync", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().join("home"))).expect("given");
        (folder, home)
    }

    #[test]
    fn the_home_is_made_for_its_owner_alone() {
        let (_folder, home) = home();
        assert!(home.check().is_ok(), "a home may not exist yet");
        home.create().expect("creates");
        let mode = fs::metadata(home.path()).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, FOLDER_MODE);
    }

    #[test]
    fn a_home_that_others_may_write_is_refused() {
        let (_folder, home) = home();
        home.create().expect("creates");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o770)).expect("chmod");
        let text = home.check().expect_err("writable").to_string();
        assert!(text.contains("chmod 700"), "{text}");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
        assert!(home.check().is_ok(), "being read is no danger to a pin");
    }

    #[test]
    fn a_file_in_the_homes_place_is_refused() {
        let (_folder, home) = home();
        fs::write(home.path(), b"").expect("writes");
        assert!(matches!(home.check(), Err(HomeError::NotAFolder(_))));
    }

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let (_folder, home) = home();
        home.create().expect("creates");
        write_synced(&home.genesis(), b"old").expect("writes");
        write_synced(&home.genesis(), b"new").expect("writes");
        assert_eq!(read_bounded(&home.genesis(), 3).expect("reads"), Some(b"new".to_vec()));
        let mode = fs::metadata(home.genesis()).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, FILE_MODE);
        assert_eq!(fs::read_dir(home.path()).expect("lists").count(), 1, "nothing is left beside");
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let (folder, home) = home();
        let refused = read_bounded(folder.path(), 3);
        assert!(matches!(refused, Err(HomeError::NotRegular(_))), "{refused:?}");
        // Nobody writes to it: opening it would wait for ever.
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        assert!(matches!(read_bounded(&pipe, 3), Err(HomeError::NotRegular(_))));
        assert!(
            matches!(read_bounded(Path::new("/dev/null"), 3), Ok(Some(bytes)) if bytes.is_empty())
        );
        assert!(matches!(read_bounded(&home.config(), 3), Ok(None)));
    }

    #[test]
    fn a_file_over_its_bound_is_not_read() {
        let (_folder, home) = home();
        home.create().expect("creates");
        write_synced(&home.genesis(), b"long").expect("writes");
        assert!(matches!(read_bounded(&home.genesis(), 3), Err(HomeError::TooLong { .. })));
        assert!(matches!(read_bounded(&home.config(), 3), Ok(None)));
    }
}
