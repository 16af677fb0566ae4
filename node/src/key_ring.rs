//! The node's own keys: made once, opened at the start, lent to consensus.

use std::io::ErrorKind::NotFound;
use std::path::PathBuf;
use std::sync::Arc;

use vouchsafe_consensus::signer::Signer;
use vouchsafe_keys::{KeyError, KeyFile, Passphrase, PassphraseSource, Protection, SecretKey};
use vouchsafe_types::checkpoint::Checkpoint;
use vouchsafe_types::identity::{PublicKey, Signature};

use crate::home::Home;

/// Opens encrypted keys without a terminal.
pub(crate) const PASSPHRASE_VARIABLE: &str = "VOUCHSAFED_KEY_PASSPHRASE";

/// Names a file whose only line does the same.
pub(crate) const PASSPHRASE_FILE_VARIABLE: &str = "VOUCHSAFED_KEY_PASSPHRASE_FILE";
/// Names the folder of a service's credentials (systemd.exec(5), `LoadCredential=`).
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// The credential that opens encrypted keys.
const PASSPHRASE_CREDENTIAL: &str = "key-passphrase";

/// Where the keys' passphrase comes from: the file that is named, or the service's credential if
/// there is one, else the variable or the terminal.
fn passphrase_source() -> PassphraseSource {
    let named = std::env::var_os(PASSPHRASE_FILE_VARIABLE).map(PathBuf::from);
    let credential = || {
        let folder = PathBuf::from(std::env::var_os(CREDENTIALS_VARIABLE)?);
        let path = folder.join(PASSPHRASE_CREDENTIAL);
        // One that is there and cannot be read is named by whoever reads it.
        let absent = path.symlink_metadata().is_err_and(|error| error.kind() == NotFound);
        (!absent).then_some(path)
    };
    PassphraseSource::new(PASSPHRASE_VARIABLE).with_file(named.or_else(credential))
}

/// The consensus key, as the engine uses it. Clones share the one key in memory.
#[derive(Clone)]
pub(crate) struct ConsensusSigner(Arc<SecretKey>);

impl ConsensusSigner {
    /// The line of a note under its text. A note's text is made here, of what is committed, and
    /// begins with a letter: it can be no vote, which begins with a zero byte.
    pub(crate) fn line_under(&self, text: &str) -> String {
        Checkpoint::line(&self.0.public_key(), &self.0.sign(text.as_bytes()))
    }
}

impl Signer for ConsensusSigner {
    fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message)
    }
}

/// The public halves of a home's keys, readable without a passphrase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicKeys {
    pub(crate) consensus: PublicKey,
    pub(crate) node: PublicKey,
}

impl PublicKeys {
    /// Reads them from the private keys' files, modes and all.
    ///
    /// # Errors
    /// A [`KeyError`] names the file.
    pub(crate) fn read(home: &Home) -> Result<Self, KeyError> {
        Ok(Self {
            consensus: KeyFile::read(&home.consensus_key())?.public_key(),
            node: KeyFile::read(&home.node_key())?.public_key(),
        })
    }
}

/// Makes the keys that a home lacks; those that are there are left alone.
///
/// # Errors
/// A [`KeyError`] about passphrase or files.
pub(crate) fn make_missing(home: &Home, unencrypted: bool) -> Result<PublicKeys, KeyError> {
    let missing: Vec<_> = [("consensus", home.consensus_key()), ("node", home.node_key())]
        .into_iter()
        .filter(|(_, path)| !path.exists())
        .collect();
    let passphrase = match missing.first() {
        Some((_, path)) if !unencrypted => Some(passphrase_source().new_passphrase(path)?),
        _ => None,
    };
    for (purpose, path) in missing {
        let comment = format!("vouchsafed {purpose} key");
        SecretKey::generate()?.write(&path, protection(passphrase.as_ref()), &comment)?;
    }
    PublicKeys::read(home)
}

fn protection(passphrase: Option<&Passphrase>) -> Protection<'_> {
    passphrase.map_or(Protection::Unencrypted, Protection::Passphrase)
}

/// Opens the consensus key.
///
/// # Errors
/// A [`KeyError`] about file or passphrase.
pub(crate) fn open_consensus_key(home: &Home) -> Result<ConsensusSigner, KeyError> {
    let key = SecretKey::read(&home.consensus_key(), &passphrase_source())?;
    Ok(ConsensusSigner(Arc::new(key)))
}

/// Opens the node key: this node's identity among its peers.
///
/// # Errors
/// A [`KeyError`] about file or passphrase.
pub(crate) fn open_node_key(home: &Home) -> Result<SecretKey, KeyError> {
    SecretKey::read(&home.node_key(), &passphrase_source())
}
