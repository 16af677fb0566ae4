//! Files that hold a secret: read only if nobody else can read them, made so that nobody else
//! could, and never overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::limits::PRIVATE_FILE_BYTES_MAX;

/// What group and others may not have.
const MODE_OTHERS: u32 = 0o077;

/// Reads a secret.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // A pipe without a writer would block in `open`, so the path is looked at first; what was
    // opened is looked at again.
    check_file(path, &std::fs::metadata(path).map_err(|source| read_error(path, source))?)?;
    let file = File::open(path).map_err(|source| read_error(path, source))?;
    let metadata = file.metadata().map_err(|source| read_error(path, source))?;
    check_file(path, &metadata)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & MODE_OTHERS != 0 {
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

/// Makes a file that was not there, with a mode from its first moment; a file that could not be
/// written whole is removed again.
pub(crate) fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), KeyError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|source| write_error(path, source))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let written = written.and_then(|()| sync_folder(path));
    written.map_err(|source| {
        // The first failure is the one to report; an incomplete file helps nobody.
        let _ = std::fs::remove_file(path);
        write_error(path, source)
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
