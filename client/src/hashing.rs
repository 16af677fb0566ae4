//! SHA-256 of files and streams, in constant memory, several files at once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest as _, Sha256};
use vouchsafe_types::hash::Digest;

use crate::progress::Progress;

/// Read at a time, in bytes.
const BUFFER_BYTES: usize = 256 << 10;
/// The most files that are read at once.
const THREADS_MAX: usize = 8;

/// A content's identity and size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Content {
    /// Its SHA-256 digest.
    pub digest: Digest,
    /// Its size, in bytes.
    pub size_bytes: u64,
}

/// Why a file has no digest.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// There is no such file.
    #[error("there is no file {0}")]
    NotFound(String),
    /// A folder.
    #[error("{0} is a directory: name the files in it; whole directories come in a later version")]
    Directory(String),
    /// A device, a pipe or a socket.
    #[error("{0} is not a regular file: to read a stream, pass it to standard input and name '-'")]
    NotRegular(String),
    /// The file grew, shrank or was written to meanwhile.
    #[error("{0} changed while it was read, so its digest would be of no file: try again")]
    Changed(String),
    /// The system refuses.
    #[error("cannot read {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
}

/// Hashes a stream to its end.
///
/// # Errors
/// Whatever reading reports.
pub fn hash_stream(reader: &mut dyn Read, progress: &Progress) -> io::Result<Content> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut hasher = Sha256::new();
    let mut size_bytes = 0u64;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        size_bytes += count as u64;
        progress.advance(count as u64);
    }
    Ok(Content { digest: Digest(hasher.finalize().into()), size_bytes })
}

/// Hashes a regular file. Symbolic links are followed: the content is what counts.
///
/// # Errors
/// [`HashingError`].
pub fn hash_file(path: &Path, progress: &Progress) -> Result<Content, HashingError> {
    let text = || path.display().to_string();
    let io_error = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => HashingError::NotFound(text()),
        _ => HashingError::Io { path: text(), error },
    };
    // Looked at before it is opened: opening a pipe waits for its other end.
    check_regular(path, &std::fs::metadata(path).map_err(io_error)?)?;
    let mut file = File::open(path).map_err(io_error)?;
    let before = file.metadata().map_err(io_error)?;
    check_regular(path, &before)?;
    let content = hash_stream(&mut file, progress).map_err(io_error)?;
    let after = file.metadata().map_err(io_error)?;
    let touched = before.modified().ok() != after.modified().ok();
    if touched || content.size_bytes != after.len() {
        return Err(HashingError::Changed(text()));
    }
    Ok(content)
}

fn check_regular(path: &Path, metadata: &std::fs::Metadata) -> Result<(), HashingError> {
    if metadata.is_dir() {
        Err(HashingError::Directory(path.display().to_string()))
    } else if metadata.is_file() {
        Ok(())
    } else {
        Err(HashingError::NotRegular(path.display().to_string()))
    }
}

/// The bytes of those paths that are files, to measure progress by.
#[must_use]
pub fn total_bytes(paths: &[&Path]) -> u64 {
    paths.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|m| m.len()).sum()
}

/// Hashes files, several at once; the results are in the order of the paths.
#[must_use]
pub fn hash_files(paths: &[&Path], progress: &Progress) -> Vec<Result<Content, HashingError>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS_MAX).min(paths.len());
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(paths.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(index) else { break };
                    let result = hash_file(path, progress);
                    results.lock().expect("no thread panics with it").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panics with it");
    results.sort_by_key(|(index, _)| *index);
    assert_eq!(results.len(), paths.len(), "each path has its own result");
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::sha256;

    #[test]
    fn files_of_every_size_hash_to_their_content_in_the_order_given() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sizes = [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, BUFFER_BYTES + 1, 3 * BUFFER_BYTES];
        let files: Vec<_> = sizes
            .iter()
            .map(|size| {
                let path = folder.path().join(size.to_string());
                let bytes: Vec<u8> =
                    (0..*size).map(|i| u8::try_from(i % 251).expect("small")).collect();
                std::fs::write(&path, &bytes).expect("writes");
                (path, bytes)
            })
            .collect();
        let paths: Vec<&Path> = files.iter().map(|(path, _)| path.as_path()).collect();
        let contents = hash_files(&paths, &Progress::hidden());
        for ((_, bytes), content) in files.iter().zip(contents) {
            let content = content.expect("readable");
            assert_eq!(content.digest, sha256(&[bytes]));
            assert_eq!(content.size_bytes, bytes.len() as u64);
        }
        assert_eq!(total_bytes(&paths), sizes.iter().sum::<usize>() as u64);
    }

    #[test]
    fn what_is_no_regular_file_has_its_own_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let hash = |path: &Path| hash_file(path, &Progress::hidden());
        assert!(matches!(hash(folder.path()), Err(HashingError::Directory(_))));
        assert!(matches!(hash(&folder.path().join("none")), Err(HashingError::NotFound(_))));
        assert!(matches!(hash(Path::new("/dev/null")), Err(HashingError::NotRegular(_))));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("gone"), &link).expect("links");
        assert!(matches!(hash(&link), Err(HashingError::NotFound(_))));
        let _listener =
            std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("binds");
        assert!(matches!(hash(&folder.path().join("socket")), Err(HashingError::NotRegular(_))));
    }

    #[test]
    fn a_file_whose_size_is_not_what_was_read_has_no_digest() {
        // Linux makes this file's content as it is read, and says that it is empty.
        let verdict = hash_file(Path::new("/proc/self/status"), &Progress::hidden());
        assert!(matches!(verdict, Err(HashingError::Changed(_))), "{verdict:?}");
    }

    #[test]
    fn no_files_are_no_work() {
        assert!(hash_files(&[], &Progress::hidden()).is_empty());
    }
}
