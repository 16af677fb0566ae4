//! Files that hold a secret: read only if nobody else can read them, made so that nobody else
//! could, and never overwritten.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::limits::PRIVATE_FILE_BYTES_MAX;

/// What group and others may not have.
const MODE_OTHERS: u32 = 0o077;
/// What the group may have in the folder of a service's credentials. The service manager makes
/// that folder for one service and lets it in by an access list, whose mask shows as these bits.
const MODE_ACCESS_LIST: u32 = 0o040;
/// Names that folder (systemd.exec(5), `LoadCredential=`).
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// The mode of a file that holds a secret, if others on this machine can reach it.
#[must_use]
pub fn exposed_mode(path: &Path, metadata: &Metadata) -> Option<u32> {
    let credentials = std::env::var_os(CREDENTIALS_VARIABLE);
    let mode = metadata.permissions().mode() & 0o7777;
    is_exposed(path, mode, credentials.as_deref()).then_some(mode)
}

fn is_exposed(path: &Path, mode: u32, credentials: Option<&OsStr>) -> bool {
    let credential =
        credentials.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder));
    let forbidden = if credential { MODE_OTHERS & !MODE_ACCESS_LIST } else { MODE_OTHERS };
    mode & forbidden != 0
}

/// Reads a secret.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // A pipe without a writer would block in `open`, so the path is looked at first; what was
    // opened is looked at again.
    check_file(path, &std::fs::metadata(path).map_err(|source| read_error(path, source))?)?;
    let file = File::open(path).map_err(|source| read_error(path, source))?;
    let metadata = file.metadata().map_err(|source| read_error(path, source))?;
    check_file(path, &metadata)?;
    if let Some(mode) = exposed_mode(path, &metadata) {
        return Err(KeyError::ModeTooOpen { path: path.to_owned(), mode });
    }
    read_bounded(path, file)
}

/// Reads a file that is no secret.
pub(crate) fn read_public(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    check_file(path, &std::fs::metadata(path).map_err(|source| read_error(path, source))?)?;
    read_bounded(path, File::open(path).map_err(|source| read_error(path, source))?)
}

fn check_file(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    if metadata.is_file() { Ok(()) } else { Err(KeyError::NotAFile(path.to_owned())) }
}

fn read_error(path: &Path, source: io::Error) -> KeyError {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::NotFound {
        KeyError::NotFound(path)
    } else {
        KeyError::Read { path, source }
    }
}

fn read_bounded(path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Reserved whole, so that growing leaves no copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(PRIVATE_FILE_BYTES_MAX + 1));
    file.take(PRIVATE_FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| read_error(path, source))?;
    if bytes.len() > PRIVATE_FILE_BYTES_MAX {
        return Err(KeyError::FileTooLong { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Makes a file that was not there.
pub(crate) fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), KeyError> {
    create_whole(path, mode, bytes).map_err(|source| write_error(path, source))
}

/// Makes a file that was not there, with a mode from its first moment: whole and durable, or not
/// at all. Whatever ends the program in the middle, half a file never stands in its place.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when there is such a file, which stays as it is; whatever the
/// file system reports.
pub fn create_whole(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    // A kill may have left one, if the system gives this process's number for the second time.
    let _ = std::fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // Unlike a renaming, a link never replaces what is there.
    let linked = written.and_then(|()| std::fs::hard_link(&beside, path));
    // In its place or not: beside it, nobody needs it any more.
    let _ = std::fs::remove_file(&beside);
    linked?;
    sync_folder(path).inspect_err(|_| {
        // The failure is what is reported; a file that may vanish helps nobody.
        let _ = std::fs::remove_file(path);
    })
}

/// Makes the file's name as durable as its bytes.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn write_error(path: &Path, source: io::Error) -> KeyError {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::AlreadyExists {
        KeyError::Exists(path)
    } else {
        KeyError::Write { path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_whole_replaces_nothing_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let beside = folder.path().join(format!(".key.{}.part", std::process::id()));
        std::fs::write(&beside, b"half a k").expect("what a kill left");
        create_whole(&path, 0o600, b"whole").expect("made");
        let again = create_whole(&path, 0o600, b"other").expect_err("it is there");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).expect("there"), b"whole");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn only_a_services_credentials_may_show_an_access_list() {
        let folder = Some(OsStr::new("/run/credentials/a.service"));
        let inside = Path::new("/run/credentials/a.service/passphrase");
        let outside = Path::new("/run/credentials/b.service/passphrase");
        assert!(!is_exposed(inside, 0o440, folder) && !is_exposed(outside, 0o400, folder));
        assert!(is_exposed(outside, 0o440, folder) && is_exposed(inside, 0o440, None));
        assert!(is_exposed(inside, 0o440, Some(OsStr::new(""))));
        for mode in [0o460, 0o450, 0o404, 0o402, 0o401] {
            assert!(is_exposed(inside, mode, folder), "{mode:04o}");
        }
    }
}
