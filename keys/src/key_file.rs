//! OpenSSH private-key files (openssh-portable `PROTOCOL.key`): what `ssh-keygen` makes and
//! reads.

use std::fmt;
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};
use zeroize::Zeroizing;

use vouchsafe_types::identity::PublicKey;

use crate::error::KeyError;
use crate::key_format::{from_ssh_key, parse};
use crate::limits::{BCRYPT_ROUNDS_MAX, COMMENT_BYTES_MAX};
use crate::passphrase::Passphrase;
use crate::passphrase_source::PassphraseSource;
use crate::private_file::{create, read_private};
use crate::public_key_file::read_public_key;
use crate::public_key_file::write_public_key;
use crate::secret_key::SecretKey;

/// Rounds of bcrypt over a new key's passphrase: OpenSSH's default before 9.4, a tenth of a
/// second.
pub const BCRYPT_ROUNDS: u32 = 16;

/// How a new key's file is protected beside its mode. There is no default to forget.
#[derive(Clone, Copy, Debug)]
pub enum Protection<'a> {
    /// Encrypted under a passphrase.
    Passphrase(&'a Passphrase),
    /// Anyone who gets the file has the key: for nodes that start unattended.
    Unencrypted,
}

/// A private key's file, read but not yet opened.
pub struct KeyFile {
    path: PathBuf,
    key: PrivateKey,
    public_key: PublicKey,
}

impl KeyFile {
    /// Reads a file that only its owner can read.
    ///
    /// # Errors
    /// One [`KeyError`] for each rule about files, formats and key types.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        // Its public half is as a rule readable for all: its mode is not what is wrong with it.
        if read_public_key(path).is_ok() {
            return Err(KeyError::PublicKeyInstead(path.to_owned()));
        }
        let bytes = read_private(path)?;
        let key = parse(path, &bytes)?;
        let public = key.public_key().key_data().ed25519();
        let public = public.ok_or_else(|| mixed(path))?;
        if let Kdf::Bcrypt { rounds, .. } = key.kdf()
            && *rounds > BCRYPT_ROUNDS_MAX
        {
            return Err(KeyError::TooManyRounds { path: path.to_owned(), rounds: *rounds });
        }
        let public_key = PublicKey(public.0);
        Ok(Self { path: path.to_owned(), key, public_key })
    }

    /// The public half, which is readable without the passphrase. It is only known to belong to
    /// the private half once the file is opened.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public_key
    }

    /// Does opening the file take a passphrase?
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.key.is_encrypted()
    }

    /// Opens an encrypted file.
    ///
    /// # Errors
    /// [`KeyError::BadPassphrase`], [`KeyError::NotEncrypted`], [`KeyError::Damaged`],
    /// [`KeyError::HalvesDiffer`].
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<SecretKey, KeyError> {
        if !self.is_encrypted() {
            return Err(KeyError::NotEncrypted(self.path.clone()));
        }
        let opened = self.key.decrypt(passphrase.as_bytes()).map_err(|error| match error {
            // What the cipher yields under a wrong key does not begin with two equal numbers.
            ssh_key::Error::Crypto => KeyError::BadPassphrase(self.path.clone()),
            other => from_ssh_key(&self.path, &other),
        })?;
        self.secret(&opened)
    }

    /// Opens the file, asking for a passphrase only if it takes one.
    ///
    /// # Errors
    /// Those of [`unlock`](Self::unlock) and of [`PassphraseSource::passphrase`].
    pub fn open(&self, source: &PassphraseSource) -> Result<SecretKey, KeyError> {
        if self.is_encrypted() {
            self.unlock(&source.passphrase(&self.path)?)
        } else {
            self.secret(&self.key)
        }
    }

    fn secret(&self, opened: &PrivateKey) -> Result<SecretKey, KeyError> {
        let pair = opened.key_data().ed25519().ok_or_else(|| mixed(&self.path))?;
        let secret = SecretKey::from_seed(pair.private.as_ref());
        if secret.public_key() == self.public_key {
            Ok(secret)
        } else {
            Err(KeyError::HalvesDiffer(self.path.clone()))
        }
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyFile({}, of {:?})", self.path.display(), self.public_key)
    }
}

impl SecretKey {
    /// Reads and opens a key's file; `source` is asked only if the file is encrypted.
    ///
    /// # Errors
    /// Those of [`KeyFile::read`] and [`KeyFile::open`].
    pub fn read(path: &Path, source: &PassphraseSource) -> Result<Self, KeyError> {
        KeyFile::read(path)?.open(source)
    }

    /// Writes the key to a new file of mode 0600, and its public half beside it as `.pub`. Neither
    /// overwrites a file.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Write`], [`KeyError::Comment`],
    /// [`KeyError::Randomness`].
    pub fn write(
        &self,
        path: &Path,
        protection: Protection<'_>,
        comment: &str,
    ) -> Result<(), KeyError> {
        if comment.len() > COMMENT_BYTES_MAX || comment.chars().any(char::is_control) {
            return Err(KeyError::Comment(comment.chars().take(COMMENT_BYTES_MAX).collect()));
        }
        let pem = self.encode(protection, comment)?;
        create(path, 0o600, pem.as_bytes())?;
        write_public_key(path, &self.public_key(), comment).inspect_err(|_| {
            // Without its public half the pair is incomplete; the key is still in memory.
            let _ = std::fs::remove_file(path);
        })
    }

    fn encode(
        &self,
        protection: Protection<'_>,
        comment: &str,
    ) -> Result<Zeroizing<String>, KeyError> {
        let pair = Ed25519Keypair {
            public: Ed25519PublicKey(self.public_key().0),
            private: Ed25519PrivateKey::from_bytes(self.seed()),
        };
        let key = PrivateKey::new(KeypairData::Ed25519(pair), comment)
            .expect("an Ed25519 pair is not encrypted");
        let key = match protection {
            Protection::Unencrypted => key,
            Protection::Passphrase(passphrase) => encrypt(&key, passphrase)?,
        };
        Ok(key.to_openssh(LineEnding::LF).expect("an Ed25519 key has an OpenSSH form"))
    }
}

fn encrypt(key: &PrivateKey, passphrase: &Passphrase) -> Result<PrivateKey, KeyError> {
    let mut random = [0; 20];
    getrandom::fill(&mut random).map_err(|error| KeyError::Randomness(error.to_string()))?;
    let (salt, check) = random.split_at(16);
    let check = u32::from_be_bytes(check.try_into().expect("20 bytes less 16 are 4"));
    let derivation = Kdf::Bcrypt { salt: salt.to_vec(), rounds: BCRYPT_ROUNDS };
    let encrypted = key
        .encrypt_with(Cipher::Aes256Ctr, derivation, check, passphrase.as_bytes())
        .expect("salt, rounds and passphrase are not empty, and the key is not encrypted");
    Ok(encrypted)
}

/// What the file says of its key's type contradicts itself.
fn mixed(path: &Path) -> KeyError {
    KeyError::Damaged { path: path.to_owned(), cause: "it mixes types of keys".to_owned() }
}
