//! Proof files on this machine: beside the file that they are about, or where they are named.
//!
//! ```text
//! app.tar.gz        the file
//! app.tar.gz.vouch  its proof: binary or JSON
//! ```

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vouchsafe_genesis::{PROOF_JSON_BYTES_MAX, ProofFileError, proof_json, read_proof};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::proof::Proof;

use crate::answer::Lie;
use crate::duration;
use crate::exit::Exit;
use crate::home::{HomeError, may_write, read_bounded, write_synced_as};
use crate::inputs::{Named, is_standard_input};
use crate::moment::Moment;
use crate::timestamp;

/// What a proof file's name ends with.
pub const EXTENSION: &str = ".vouch";
/// Anybody may read a proof.
const FILE_MODE: u32 = 0o644;

/// How a proof file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Form {
    /// The shortest.
    #[default]
    Binary,
    /// For people and tools.
    Json,
}

/// Why a proof file does not help.
#[derive(Debug, thiserror::Error)]
pub enum ProofFileFailure {
    /// There is none.
    #[error(
        "there is no proof file at {0}: name it with --proof, or make it with 'vouch proof' where \
         a node can be reached"
    )]
    Missing(String),
    /// It cannot be read.
    #[error(transparent)]
    Home(HomeError),
    /// It is longer than any proof.
    #[error("{path} is longer than the {limit_bytes} bytes that a proof may have: it is none")]
    TooLong {
        /// The file.
        path: String,
        /// The bound, in bytes.
        limit_bytes: usize,
    },
    /// It cannot be written.
    #[error("the proof was made, but {0}; free space or name another place with --out")]
    Unwritable(HomeError),
    /// It is none.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        error: ProofFileError,
    },
    /// It does not hold.
    #[error("the proof {path} does not hold: {lie}")]
    Lie {
        /// The file.
        path: String,
        /// The check that failed.
        lie: Lie,
    },
    /// It is of a transaction.
    #[error(
        "the proof {0} is of a transaction: it shows that a statement was made, and no status; \
         make one of the status with 'vouch proof FILE'"
    )]
    NoStatus(String),
    /// It is older than was allowed.
    #[error(
        "the proof {path} is of height {height}, {} old, older than the {} allowed: fetch a \
         younger one with 'vouch proof', or allow more with --max-age",
        duration::text(*.age_ms), duration::text(*.age_max_ms)
    )]
    TooOld {
        /// The file.
        path: String,
        /// Its header's height.
        height: u64,
        /// Its age, in milliseconds.
        age_ms: u64,
        /// The age allowed, in milliseconds.
        age_max_ms: u64,
    },
    /// It is from the future, so that its age is not known.
    #[error(
        "the proof {path} is from {}, {} ahead of this machine's clock, which hides how old it \
         is: set the clock",
        timestamp::text(*.time_ms), duration::text(*.ahead_ms)
    )]
    Future {
        /// The file.
        path: String,
        /// Its header's time, in milliseconds since 1970.
        time_ms: u64,
        /// How far ahead that is, in milliseconds.
        ahead_ms: u64,
    },
    /// Its events are needed and not in it.
    #[error(
        "the proof {0} has no events, which --signer and --at need: make it with 'vouch proof \
         --events'"
    )]
    NoEvents(String),
    /// It says nothing of a moment after it.
    #[error(
        "the proof is of height {height}, at {}, and says nothing of {moment}, which is later: \
         ask again after that moment, or by a younger proof",
        timestamp::text(*.time_ms)
    )]
    NotYet {
        /// The proof's height.
        height: u64,
        /// Its time, in milliseconds since 1970.
        time_ms: u64,
        /// What was asked about.
        moment: Moment,
    },
    /// What is there already is no proof.
    #[error(
        "{0} is there already and is not of the kind that is to be written: name another --out"
    )]
    InTheWay(String),
}

impl ProofFileFailure {
    /// The exit code: what does not hold is not what is merely not there.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::TooLong { .. } | Self::File { .. } | Self::Lie { .. } => Exit::ProofInvalid,
            Self::InTheWay(_) => Exit::Usage,
            Self::Unwritable(_) => Exit::Internal,
            _ => Exit::CouldNotCheck,
        }
    }

    /// The fixed spelling.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "proof-missing",
            Self::Home(_) => "proof-unreadable",
            Self::TooLong { .. } | Self::File { .. } | Self::Lie { .. } => "proof-invalid",
            Self::Unwritable(_) => "write",
            Self::NoStatus(_) => "proof-of-transaction",
            Self::TooOld { .. } => "proof-too-old",
            Self::Future { .. } => "proof-from-future",
            Self::NoEvents(_) => "proof-without-events",
            Self::NotYet { .. } => "proof-too-early",
            Self::InTheWay(_) => "file-in-the-way",
        }
    }
}

/// Why inputs have no proof files.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// One proof file for several inputs.
    #[error("{0} names one proof file: give one input, or leave it out to use FILE{EXTENSION}")]
    Several(&'static str),
    /// Nothing lies beside what is no file.
    #[error("a digest or standard input has no place for a proof beside it: {0}")]
    NoFile(&'static str),
}

/// Where the proof of a file lies unless told otherwise.
#[must_use]
pub fn beside(file: &Path) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(EXTENSION);
    name.into()
}

/// The inputs without those that are other inputs' proofs by their names: `DIR/*` names both. What
/// is left out is read as a proof, so that nothing goes unchecked.
#[must_use]
pub fn without_proofs(named: Named) -> Named {
    let Named { files, hashes } = named;
    let mut shortest_first: Vec<&PathBuf> = files.iter().collect();
    shortest_first.sort_by_key(|file| file.as_os_str().len());
    let mut proofs = BTreeSet::new();
    for file in shortest_first {
        if !proofs.contains(file) {
            proofs.insert(beside(file));
        }
    }
    Named { files: files.into_iter().filter(|file| !proofs.contains(file)).collect(), hashes }
}

/// Where the proofs of all inputs lie, each beside its file. `remedy` says what else to do.
///
/// # Errors
/// [`PlaceError::NoFile`].
pub fn beside_all(named: &Named, remedy: &'static str) -> Result<Vec<PathBuf>, PlaceError> {
    if !named.hashes.is_empty() || named.files.iter().any(|file| is_standard_input(file)) {
        return Err(PlaceError::NoFile(remedy));
    }
    Ok(named.files.iter().map(|file| beside(file)).collect())
}

/// Where the proof of the one input lies, by an option of this name.
///
/// # Errors
/// [`PlaceError::Several`].
pub fn at(named: &Named, option: &'static str, path: PathBuf) -> Result<Vec<PathBuf>, PlaceError> {
    if named.len() > 1 { Err(PlaceError::Several(option)) } else { Ok(vec![path]) }
}

/// Reads a proof file.
///
/// # Errors
/// [`ProofFileFailure`].
pub fn read(path: &Path) -> Result<Proof, ProofFileFailure> {
    let shown = path.display().to_string();
    let bytes = read_bounded(path, PROOF_JSON_BYTES_MAX).map_err(|error| match error {
        HomeError::TooLong { path, limit_bytes } => ProofFileFailure::TooLong { path, limit_bytes },
        other => ProofFileFailure::Home(other),
    })?;
    let bytes = bytes.ok_or_else(|| ProofFileFailure::Missing(shown.clone()))?;
    read_proof(&bytes).map_err(|error| ProofFileFailure::File { path: shown, error })
}

/// Writes a proof file, in the place of an older one if there is one, and says how many bytes it
/// has.
///
/// # Errors
/// [`ProofFileFailure::InTheWay`] when something else is there, or
/// [`ProofFileFailure::Unwritable`].
pub fn write(path: &Path, proof: &Proof, form: Form) -> Result<usize, ProofFileFailure> {
    if !may_write(path, PROOF_JSON_BYTES_MAX, |bytes| read_proof(bytes).is_ok()) {
        return Err(ProofFileFailure::InTheWay(path.display().to_string()));
    }
    let bytes = match form {
        Form::Binary => proof.to_bytes(),
        Form::Json => proof_json(proof).into_bytes(),
    };
    write_synced_as(path, &bytes, FILE_MODE).map_err(ProofFileFailure::Unwritable)?;
    Ok(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_lie_beside_files_or_where_one_is_told() {
        let named = |files: &[&str], hashes: &[&str]| Named {
            files: files.iter().map(PathBuf::from).collect(),
            hashes: hashes.iter().map(|hash| (*hash).to_owned()).collect(),
        };
        let two = named(&["a.tar", "b/c"], &[]);
        let beside = beside_all(&two, "x").expect("files");
        assert_eq!(beside, [PathBuf::from("a.tar.vouch"), PathBuf::from("b/c.vouch")]);
        let all = without_proofs(named(&["a", "a.vouch", "b.vouch", "a.vouch.vouch"], &[]));
        let kept = ["a", "b.vouch", "a.vouch.vouch"].map(PathBuf::from);
        assert_eq!(all.files, kept, "whose proof would be left out itself is checked");
        for nowhere in [named(&["-"], &[]), named(&["a"], &["00"])] {
            assert!(matches!(beside_all(&nowhere, "do y"), Err(PlaceError::NoFile("do y"))));
        }
        let place = PathBuf::from("p");
        assert!(matches!(at(&two, "--out", place.clone()), Err(PlaceError::Several("--out"))));
        assert_eq!(at(&named(&["-"], &[]), "--out", place.clone()).expect("one"), [place]);
    }
}
