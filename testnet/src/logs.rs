//! A node's log: its last lines, and those that come.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::error::{TestnetError, storage};

/// So much of a log's end is looked at, in bytes.
const TAIL_BYTES_MAX: u64 = 1 << 20;
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(100);

/// The last lines of a file.
///
/// # Errors
/// [`TestnetError::Storage`].
pub fn tail(path: &Path, lines: usize) -> Result<String, TestnetError> {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES_MAX)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = String::from_utf8_lossy(&read().map_err(storage("read", path))?).into_owned();
    let all: Vec<_> = text.lines().collect();
    Ok(all[all.len().saturating_sub(lines)..].join("\n"))
}

/// Writes the last lines of files, and then whatever is added to them, until the output ends.
///
/// # Errors
/// [`TestnetError::Storage`].
pub fn follow(
    files: &[(String, &Path)],
    lines: usize,
    output: &mut impl Write,
) -> Result<(), TestnetError> {
    let mut places = Vec::new();
    for (prefix, path) in files {
        print(prefix, &tail(path, lines)?, output);
        places.push(std::fs::metadata(path).map_err(storage("read", path))?.len());
    }
    loop {
        for ((prefix, path), place) in files.iter().zip(&mut places) {
            let added = added(path, place).map_err(storage("read", path))?;
            if !print(prefix, &added, output) {
                return Ok(());
            }
        }
        std::thread::sleep(PAUSE);
    }
}

/// The whole lines that were added behind a place, which moves on.
fn added(path: &Path, place: &mut u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(*place))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    *place += whole as u64;
    Ok(String::from_utf8_lossy(&bytes[..whole]).into_owned())
}

/// Prints lines behind a prefix; false when nobody reads any more.
pub fn print(prefix: &str, text: &str, output: &mut impl Write) -> bool {
    text.lines().all(|line| writeln!(output, "{prefix}{line}").is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logs_last_lines_and_its_later_ones_are_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        std::fs::write(&path, "one\ntwo\nthree\n").expect("written");
        assert_eq!(tail(&path, 2).expect("read"), "two\nthree");
        assert_eq!(tail(&path, 9).expect("read"), "one\ntwo\nthree");
        let mut place = 14;
        std::fs::write(&path, "one\ntwo\nthree\nfour\nfi").expect("written");
        assert_eq!(added(&path, &mut place).expect("read"), "four\n");
        std::fs::write(&path, "one\ntwo\nthree\nfour\nfive\n").expect("written");
        assert_eq!(added(&path, &mut place).expect("read"), "five\n");
        let mut output = Vec::new();
        assert!(print("node-1 | ", "four\nfive", &mut output));
        assert_eq!(output, b"node-1 | four\nnode-1 | five\n");
    }
}
