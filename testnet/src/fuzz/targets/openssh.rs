//! OpenSSH's formats: armored signatures, public keys, private keys.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use vouchsafe_keys::{KeyFile, Passphrase, PassphraseSource, Protection, SecretKey};
use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::openssh::{
    TRANSACTION_NAMESPACE, armor, parse_armor, parse_public_key_blob, parse_public_key_line,
    public_key_blob, public_key_line,
};

use crate::fuzz::target::{Answer, Prepared, Target, Verdict, must};
use crate::fuzz::vectors;

/// The formats.
pub(super) const TARGETS: [Target; 4] = [
    Target {
        name: "sshsig",
        property: "an armored signature that is read is the same when it is written and read again",
        everyday_inputs: 4_000,
        prepare: armored,
    },
    Target {
        name: "public-key",
        property: "a key's line that is read names an admissible key and is written one way",
        everyday_inputs: 4_000,
        prepare: line,
    },
    Target {
        name: "public-key-blob",
        property: "a key's blob that is read is the one blob of its key",
        everyday_inputs: 4_000,
        prepare: blob,
    },
    Target {
        name: "private-key",
        property: "a key that is opened without a passphrase has the public half that its file \
                   names",
        everyday_inputs: 400,
        prepare: private,
    },
];

fn text_of(input: &[u8]) -> Result<&str, Answer> {
    std::str::from_utf8(input).map_err(|_| Answer::Refused("not text".to_owned()))
}

fn armored() -> Prepared {
    let seeds: Vec<_> =
        vectors::texts().into_iter().filter(|text| text.contains("BEGIN SSH")).collect();
    Prepared {
        seeds: seeds.into_iter().map(String::into_bytes).collect(),
        words: vec![b"-----".to_vec(), b"\n".to_vec(), b"=".to_vec(), b"AAAA".to_vec()],
        check: Box::new(|input| {
            let text = match text_of(input) {
                Ok(text) => text,
                Err(answer) => return Ok(answer),
            };
            match parse_armor(text, TRANSACTION_NAMESPACE) {
                Ok((key, signature)) => armored_again(&key, &signature),
                Err(error) => Ok(Answer::Refused(error.to_string())),
            }
        }),
    }
}

fn armored_again(key: &PublicKey, signature: &Signature) -> Verdict {
    let written = armor(key, TRANSACTION_NAMESPACE, signature);
    let again = parse_armor(&written, TRANSACTION_NAMESPACE);
    must(again == Ok((*key, *signature)), "written, it is another")?;
    must(key.check().is_ok(), "its key is not admissible")?;
    Ok(Answer::Read("signature".to_owned()))
}

fn line() -> Prepared {
    let texts = vectors::texts().into_iter().filter(|text| text.starts_with("ssh-"));
    Prepared {
        seeds: texts.map(String::into_bytes).collect(),
        words: ["ssh-ed25519 ", "ssh-rsa ", "sk-", "\n", "\t", "=", "AAAAC3NzaC1lZDI1NTE5"]
            .map(|word| word.as_bytes().to_vec())
            .to_vec(),
        check: Box::new(|input| {
            let text = match text_of(input) {
                Ok(text) => text,
                Err(answer) => return Ok(answer),
            };
            match parse_public_key_line(text) {
                Ok(key) => {
                    let written = public_key_line(&key);
                    must(parse_public_key_line(&written) == Ok(key), "written, it is another")?;
                    must(key.check().is_ok(), "the key is not admissible")?;
                    Ok(Answer::Read("key".to_owned()))
                }
                Err(error) => Ok(Answer::Refused(error.to_string())),
            }
        }),
    }
}

fn blob() -> Prepared {
    let keys = vectors::byte_strings().into_iter().filter(|bytes| bytes.len() == 51);
    Prepared {
        seeds: keys.collect(),
        words: vec![b"ssh-ed25519".to_vec(), vec![0, 0, 0, 32], vec![0, 0, 0, 11]],
        check: Box::new(|input| match parse_public_key_blob(input) {
            Ok(key) => {
                must(public_key_blob(&key) == input, "a key has two blobs")?;
                must(key.check().is_ok(), "the key is not admissible")?;
                Ok(Answer::Read("key".to_owned()))
            }
            Err(error) => Ok(Answer::Refused(error.to_string())),
        }),
    }
}

/// A folder that is removed with this.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the system gives random bytes");
        let path = std::env::temp_dir().join(format!("vouchsafe-fuzz-{}", hex::encode(random)));
        fs::create_dir(&path).expect("a folder for temporary files");
        Self(path)
    }

    /// Writes the one file that is tried.
    fn put(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.join("key");
        fs::write(&path, bytes).expect("a file in the temporary folder");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("our own file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is a small file among the system's temporary ones.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key_file(folder: &Folder, name: &str, protection: Protection<'_>) -> Vec<u8> {
    let path = folder.0.join(name);
    SecretKey::from_seed(&[7; 32]).write(&path, protection, "a comment").expect("a new file");
    fs::read(&path).expect("it was just written")
}

fn private() -> Prepared {
    let folder = Folder::new();
    let passphrase = Passphrase::new(b"a passphrase".to_vec()).expect("short");
    let seeds = vec![
        key_file(&folder, "plain", Protection::Unencrypted),
        key_file(&folder, "encrypted", Protection::Passphrase(&passphrase)),
    ];
    Prepared {
        seeds,
        words: vec![b"\n".to_vec(), b"=".to_vec(), b"AAAA".to_vec(), b"-----BEGIN ".to_vec()],
        check: Box::new(move |input| opened(&folder.put(input))),
    }
}

fn opened(path: &Path) -> Verdict {
    let file = match KeyFile::read(path) {
        Ok(file) => file,
        Err(error) => return Ok(Answer::Refused(error.to_string())),
    };
    if file.is_encrypted() {
        return Ok(Answer::Read("encrypted".to_owned()));
    }
    let source = PassphraseSource::new("UNSET").without_terminal();
    match file.open(&source) {
        Ok(key) => {
            must(key.public_key() == file.public_key(), "its halves differ")?;
            Ok(Answer::Read("opened".to_owned()))
        }
        Err(error) => Ok(Answer::Refused(error.to_string())),
    }
}
