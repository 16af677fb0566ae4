//! Files from empty to large, each with a content of its own. They are sparse: a gigabyte of zeros
//! between a head and a tail takes no room on the disk and all of its length in the hash.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The fewest files: each of the story's shares has at least one.
const FILES_LEAST: usize = 20;
/// Files at the largest size; the others spread evenly over the orders of magnitude below.
const LARGEST_FILES: usize = 3;
/// The others are at most the largest size divided by this: the whole stays a few times as large.
const SPREAD_DIVISOR: u64 = 64;

/// The files of one run.
pub(crate) struct Files {
    paths: Vec<PathBuf>,
    sizes_bytes: Vec<u64>,
    /// A file that nobody signs.
    pub(crate) stranger: PathBuf,
}

impl Files {
    /// Writes the files.
    pub(crate) fn new(folder: &Path, count: usize, bytes_max: u64) -> Self {
        assert!(count >= FILES_LEAST, "the story needs {FILES_LEAST} files, not {count}");
        let folder = folder.join("files");
        std::fs::create_dir(&folder).expect("a new folder");
        let sizes_bytes: Vec<_> =
            (0..count).map(|index| size_bytes(index, count, bytes_max)).collect();
        let paths = sizes_bytes
            .iter()
            .enumerate()
            .map(|(index, size)| write(&folder.join(format!("file-{index:04}")), index, *size))
            .collect();
        println!(
            "{count} files, {} MiB in all, the largest {} MiB",
            sizes_bytes.iter().sum::<u64>() >> 20,
            bytes_max >> 20
        );
        let stranger = write(&folder.join("stranger"), count, 64);
        Self { paths, sizes_bytes, stranger }
    }

    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    /// A file's path, as it is given to the programs and comes back in JSON.
    pub(crate) fn path(&self, index: usize) -> &str {
        self.paths[index].to_str().expect("a temporary folder's name is text")
    }

    pub(crate) fn size_bytes(&self, index: usize) -> u64 {
        self.sizes_bytes[index]
    }
}

/// Empty, one byte, then ever larger, and three as large as may be.
fn size_bytes(index: usize, count: usize, bytes_max: u64) -> u64 {
    if index < 2 {
        return index as u64;
    }
    if index >= count - LARGEST_FILES {
        return bytes_max;
    }
    let top = (bytes_max / SPREAD_DIVISOR).max(16);
    let doublings = u64::from(top.ilog2()) - 4;
    // Sixteen bytes and up, so that every content can hold its number at both ends.
    let steps = (count - LARGEST_FILES) as u64;
    let position = index as u64 * doublings * 1024 / steps;
    let (whole, part) = (position / 1024, position % 1024);
    (16u64 << whole) + ((16u64 << whole) * part / 1024)
}

fn write(path: &Path, index: usize, size_bytes: u64) -> PathBuf {
    let mut file = File::create_new(path).expect("a new file");
    let number = (index as u64).to_le_bytes();
    if size_bytes == 1 {
        file.write_all(b"1").expect("written");
    } else if size_bytes > 1 {
        file.write_all(&number).expect("written");
        file.set_len(size_bytes).expect("room for a sparse file");
        file.seek(SeekFrom::End(-8)).expect("sixteen bytes or more");
        file.write_all(&number).expect("written");
    }
    path.to_owned()
}
