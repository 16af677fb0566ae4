//! What the command line names: files, standard input, digests.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use vouchsafe_types::asset::{
    Asset, Attribute, AttributeKey, AttributeValue, Attributes, DisplayName, Scheme,
};
use vouchsafe_types::canonical::DecodeError;
use vouchsafe_types::hash::{Digest, DigestTextError};

use crate::hashing::{Content, HashingError, hash_files, hash_stream, total_bytes};
use crate::progress::Progress;

/// The most inputs of one command.
pub const INPUTS_MAX: usize = 1_000_000;

/// What the command line names, before anything is read.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Paths; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// Digests: `sha256:HEX` or `HEX`.
    pub hashes: Vec<String>,
}

/// One thing that is checked or signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// As the command line named it.
    pub label: String,
    /// What it is called: the last part of its path; nothing for a stream or a digest.
    pub name: String,
    /// Its identity and size; the size of a bare digest is not known.
    pub digest: Digest,
    /// Its size, in bytes, if it was read.
    pub size_bytes: Option<u64>,
}

/// Why the inputs cannot be used as they are named.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Nothing is named.
    #[error("nothing is named: give a FILE, '-' for standard input, or --hash sha256:HEX")]
    None,
    /// More than [`INPUTS_MAX`].
    #[error("{0} inputs are more than the {INPUTS_MAX} of one command: split them")]
    TooMany(usize),
    /// Standard input ends once.
    #[error("'-' is named {0} times: standard input can be read once")]
    StandardInputTwice(usize),
    /// Not a digest.
    #[error("--hash: {0}")]
    Hash(#[from] DigestTextError),
    /// Another hash function.
    #[error("--hash: {0:?} is not SHA-256: write sha256: and 64 hexadecimal digits")]
    Algorithm(String),
    /// A name for several things.
    #[error("--name names one thing, but {0} are given")]
    NameForSeveral(usize),
    /// A size for several things, or for one that is read.
    #[error("--size is for a single --hash: the size of a file is measured")]
    Size,
    /// A name over its bound.
    #[error("the name of {label}: {error}; give a shorter --name")]
    Name {
        /// The input.
        label: String,
        /// The rule.
        error: DecodeError,
    },
    /// Not `key=value`.
    #[error("the attribute {0:?} is not KEY=VALUE")]
    AttributeForm(String),
    /// A key twice.
    #[error("the attribute {0:?} is given twice")]
    AttributeTwice(String),
    /// An attribute over a bound.
    #[error("the attribute {label:?}: {error}")]
    Attribute {
        /// The attribute.
        label: String,
        /// The rule.
        error: DecodeError,
    },
    /// Too many attributes.
    #[error(transparent)]
    Attributes(DecodeError),
}

/// Reads `sha256:HEX` or `HEX`.
///
/// # Errors
/// [`InputError::Hash`] or [`InputError::Algorithm`].
pub fn parse_hash(text: &str) -> Result<Digest, InputError> {
    let hex = match text.split_once(':') {
        Some(("sha256", hex)) => hex,
        Some(_) => return Err(InputError::Algorithm(text.chars().take(80).collect())),
        None => text,
    };
    Ok(Digest::from_hex(hex)?)
}

/// An input, or why it could not be read, in the order of the command line.
pub type ReadInput = Result<Input, (String, HashingError)>;

impl Named {
    /// How many things are named.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len() + self.hashes.len()
    }

    /// Is nothing named?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn check(&self) -> Result<(), InputError> {
        if self.is_empty() {
            return Err(InputError::None);
        }
        if self.len() > INPUTS_MAX {
            return Err(InputError::TooMany(self.len()));
        }
        match self.files.iter().filter(|file| is_standard_input(file)).count() {
            0 | 1 => Ok(()),
            many => Err(InputError::StandardInputTwice(many)),
        }
    }

    /// Reads everything that is named, files first. What cannot be read stands in its place as an
    /// error; what is named wrongly is an error of the whole.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn read(&self, quiet: bool, stdin: &mut dyn Read) -> Result<Vec<ReadInput>, InputError> {
        self.check()?;
        let digests = self.hashes.iter().map(|text| Ok((text.clone(), parse_hash(text)?)));
        let digests = digests.collect::<Result<Vec<_>, InputError>>()?;
        let mut inputs = self.read_files(quiet, stdin);
        inputs.extend(digests.into_iter().map(|(label, digest)| {
            Ok(Input { label, name: String::new(), digest, size_bytes: None })
        }));
        Ok(inputs)
    }

    fn read_files(&self, quiet: bool, stdin: &mut dyn Read) -> Vec<ReadInput> {
        let streams = self.files.iter().any(|file| is_standard_input(file));
        let paths: Vec<&Path> = self
            .files
            .iter()
            .map(PathBuf::as_path)
            .filter(|file| !is_standard_input(file))
            .collect();
        let progress = Progress::bytes(quiet, (!streams).then(|| total_bytes(&paths)));
        let mut contents = hash_files(&paths, &progress).into_iter();
        let read = self.files.iter().map(|file| {
            let content = if is_standard_input(file) {
                let path = "standard input".to_owned();
                hash_stream(stdin, &progress).map_err(|error| HashingError::Io { path, error })
            } else {
                contents.next().expect("each path that is not '-' was hashed")
            };
            named_content(file, content)
        });
        let read = read.collect();
        progress.finish();
        read
    }
}

/// Does a path stand for standard input?
#[must_use]
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}

fn named_content(file: &Path, content: Result<Content, HashingError>) -> ReadInput {
    let label = file.display().to_string();
    let name = match file.file_name() {
        Some(name) if !is_standard_input(file) => name.to_string_lossy().into_owned(),
        _ => String::new(),
    };
    match content {
        Ok(Content { digest, size_bytes }) => {
            Ok(Input { label, name, digest, size_bytes: Some(size_bytes) })
        }
        Err(error) => Err((label, error)),
    }
}

/// Reads `KEY=VALUE` attributes.
///
/// # Errors
/// One [`InputError`] for each rule.
pub fn parse_attributes(texts: &[String]) -> Result<Attributes, InputError> {
    let mut attributes = Vec::with_capacity(texts.len());
    for text in texts {
        let label: String = text.chars().take(80).collect();
        let (key, value) =
            text.split_once('=').ok_or_else(|| InputError::AttributeForm(label.clone()))?;
        let wrong = |error| InputError::Attribute { label: label.clone(), error };
        attributes.push(Attribute {
            key: AttributeKey::new(key.to_owned()).map_err(wrong)?,
            value: AttributeValue::new(value.to_owned()).map_err(wrong)?,
        });
    }
    attributes.sort_by(|a, b| a.key.cmp(&b.key));
    if let Some(pair) = attributes.windows(2).find(|pair| pair[0].key == pair[1].key) {
        return Err(InputError::AttributeTwice(pair[0].key.to_string()));
    }
    Attributes::new(attributes).map_err(InputError::Attributes)
}

/// What a signer states about inputs beside their digests.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// What the single input is called, instead of its file's name.
    pub name: Option<String>,
    /// The size of a single digest, in bytes.
    pub size_bytes: Option<u64>,
    /// What else is stated, of every input.
    pub attributes: Attributes,
}

impl Statement {
    /// The inputs as assets, in their order. The size of a bare digest is stated as 0 unless it is
    /// given.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn assets(&self, inputs: &[Input]) -> Result<Vec<Asset>, InputError> {
        if self.name.is_some() && inputs.len() != 1 {
            return Err(InputError::NameForSeveral(inputs.len()));
        }
        let bare = |input: &Input| input.size_bytes.is_none();
        if self.size_bytes.is_some() && !(inputs.len() == 1 && inputs.iter().all(bare)) {
            return Err(InputError::Size);
        }
        inputs.iter().map(|input| self.asset(input)).collect()
    }

    fn asset(&self, input: &Input) -> Result<Asset, InputError> {
        let name = self.name.as_ref().unwrap_or(&input.name).clone();
        let name = DisplayName::new(name)
            .map_err(|error| InputError::Name { label: input.label.clone(), error })?;
        Ok(Asset {
            scheme: Scheme::Bytes,
            digest: input.digest,
            size_bytes: input.size_bytes.or(self.size_bytes).unwrap_or(0),
            name,
            attributes: self.attributes.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::sha256;

    fn named(files: &[&str], hashes: &[&str]) -> Named {
        Named {
            files: files.iter().map(PathBuf::from).collect(),
            hashes: hashes.iter().map(|&hash| hash.to_owned()).collect(),
        }
    }

    fn input(name: &str, size_bytes: Option<u64>) -> Input {
        Input { label: name.into(), name: name.into(), digest: sha256(&[b"x"]), size_bytes }
    }

    #[test]
    fn standard_input_a_file_and_a_digest_keep_their_order() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("f.txt");
        std::fs::write(&path, b"file").expect("writes");
        let hex = sha256(&[b"hash"]).to_string();
        let named =
            named(&["-", path.to_str().expect("UTF-8"), "/none"], &[&format!("sha256:{hex}")]);
        let read = named.read(true, &mut &b"stream"[..]).expect("named rightly");
        let digests: Vec<_> = read.iter().map(|i| i.as_ref().ok().map(|i| i.digest)).collect();
        let expected = [Some(&b"stream"[..]), Some(b"file"), None, Some(b"hash")];
        assert_eq!(digests, expected.map(|bytes| bytes.map(|bytes| sha256(&[bytes]))));
        assert_eq!(read[1].as_ref().expect("read").name, "f.txt");
        assert_eq!(read[0].as_ref().expect("read").name, "");
        assert!(matches!(&read[2], Err((label, HashingError::NotFound(_))) if label == "/none"));
    }

    #[test]
    fn inputs_named_wrongly_have_their_own_errors() {
        let read = |named: Named| named.read(true, &mut &b""[..]);
        assert!(matches!(read(named(&[], &[])), Err(InputError::None)));
        assert!(matches!(read(named(&["-", "-"], &[])), Err(InputError::StandardInputTwice(2))));
        assert!(matches!(read(named(&[], &["ab"])), Err(InputError::Hash(_))));
        assert!(matches!(read(named(&[], &["md5:ab"])), Err(InputError::Algorithm(_))));
    }

    #[test]
    fn attributes_are_pairs_named_once() {
        let parse = |texts: &[&str]| {
            parse_attributes(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
        };
        let attributes = parse(&["b=2", "a=1=1"]).expect("valid");
        let keys: Vec<_> = attributes.as_slice().iter().map(|a| a.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!(&*attributes.as_slice()[0].value, "1=1");
        assert!(matches!(parse(&["a"]), Err(InputError::AttributeForm(_))));
        assert!(matches!(parse(&["=1"]), Err(InputError::Attribute { .. })));
        assert!(matches!(parse(&["a=1", "a=2"]), Err(InputError::AttributeTwice(_))));
        let long = format!("a={}", "x".repeat(1025));
        assert!(matches!(parse(&[&long]), Err(InputError::Attribute { .. })));
        let many: Vec<_> = (0..17).map(|i| format!("{i:02}=x")).collect();
        assert!(matches!(parse_attributes(&many), Err(InputError::Attributes(_))));
    }

    #[test]
    fn a_name_and_a_size_are_for_one_thing() {
        let statement = Statement { name: Some("n".into()), ..Statement::default() };
        let two = [input("a", Some(1)), input("b", Some(1))];
        assert!(matches!(statement.assets(&two), Err(InputError::NameForSeveral(2))));
        assert_eq!(&*statement.assets(&two[..1]).expect("one")[0].name, "n");
        let sized = Statement { size_bytes: Some(9), ..Statement::default() };
        assert!(matches!(sized.assets(&two[..1]), Err(InputError::Size)));
        assert_eq!(sized.assets(&[input("h", None)]).expect("bare")[0].size_bytes, 9);
    }

    #[test]
    fn a_name_over_its_bound_is_refused_and_not_cut() {
        let long = input(&"n".repeat(256), Some(1));
        let assets = Statement::default().assets(&[long]);
        assert!(matches!(assets, Err(InputError::Name { .. })));
    }
}
