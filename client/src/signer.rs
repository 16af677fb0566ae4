//! Which key signs: a file's, or one that an ssh-agent holds.

use std::path::{Path, PathBuf};

use vouchsafe_genesis::Genesis;
use vouchsafe_keys::{
    Agent, KeyFile, PassphraseSource, SecretKey, TransactionSigner, public_key_path,
    read_public_key,
};
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::openssh::{fingerprint, parse_public_key_line};

use crate::context::Context;
use crate::failure::Failure;

/// The variable that holds the key's passphrase.
pub const PASSPHRASE_VARIABLE: &str = "VOUCH_KEY_PASSPHRASE";

/// How the command line names the key.
#[derive(Clone, Debug, Default)]
pub struct KeyChoice {
    /// A private-key file.
    pub key: Option<PathBuf>,
    /// A fingerprint, or a public-key file, of a key in the ssh-agent.
    pub agent: Option<String>,
    /// A file that holds the passphrase.
    pub passphrase_file: Option<PathBuf>,
}

impl KeyChoice {
    /// The private-key file: the command line's, the settings', or the home's.
    #[must_use]
    pub fn path(&self, context: &Context) -> PathBuf {
        self.key
            .clone()
            .or_else(|| context.config.key_path(context.home.path()))
            .unwrap_or_else(|| context.home.key())
    }

    /// Opens the key. May ask for a passphrase, on a terminal.
    ///
    /// # Errors
    /// [`Failure::Key`] or [`Failure::NoKey`].
    pub fn open(&self, context: &Context) -> Result<Box<dyn TransactionSigner>, Failure> {
        if let Some(named) = &self.agent {
            let agent = Agent::from_environment()?;
            let key = agent_key(&agent, named)?;
            return Ok(Box::new(agent.key(&key)?));
        }
        let path = self.existing(context)?;
        let source = PassphraseSource::new(PASSPHRASE_VARIABLE);
        let source = source.with_file(self.passphrase_file.clone());
        Ok(Box::new(SecretKey::read(&path, &source)?))
    }

    /// The public half, without a passphrase.
    ///
    /// # Errors
    /// [`Failure::Key`] or [`Failure::NoKey`].
    pub fn public_key(&self, context: &Context) -> Result<PublicKey, Failure> {
        if let Some(named) = &self.agent {
            return agent_key(&Agent::from_environment()?, named);
        }
        public_half(&self.existing(context)?)
    }

    fn existing(&self, context: &Context) -> Result<PathBuf, Failure> {
        let path = self.path(context);
        if self.key.is_none() && !path.exists() {
            return Err(Failure::NoKey(path.display().to_string()));
        }
        Ok(path)
    }
}

/// The public half of a key file, of its `.pub` file, or of the `.pub` file itself.
///
/// # Errors
/// [`Failure::Key`].
pub fn public_half(path: &Path) -> Result<PublicKey, Failure> {
    let is_public = path.extension().is_some_and(|extension| extension == "pub");
    if is_public {
        return Ok(read_public_key(path)?.0);
    }
    if path.exists() {
        return Ok(KeyFile::read(path)?.public_key());
    }
    Ok(read_public_key(&public_key_path(path))?.0)
}

fn agent_key(agent: &Agent, named: &str) -> Result<PublicKey, Failure> {
    if !named.starts_with("SHA256:") {
        return Ok(read_public_key(Path::new(named))?.0);
    }
    let found = agent.identities()?.into_iter().map(|identity| identity.public_key);
    let found = found.into_iter().find(|key| fingerprint(key) == named);
    found.ok_or_else(|| vouchsafe_keys::KeyError::AgentLacksKey(named.to_owned()).into())
}

/// The signer that a fingerprint, a public-key line or a public-key file names. A fingerprint is
/// looked up among the genesis document's signers.
///
/// # Errors
/// [`Failure::NoSuchSigner`] or [`Failure::Key`].
pub fn named_signer(named: &str, genesis: &Genesis) -> Result<PublicKey, Failure> {
    if named.starts_with("SHA256:") {
        let mut signers = genesis.organizations().iter().flat_map(|o| o.signers.iter());
        return signers
            .find(|signer| fingerprint(&signer.public_key) == named)
            .map(|signer| signer.public_key)
            .ok_or_else(|| Failure::NoSuchSigner(named.chars().take(80).collect()));
    }
    match parse_public_key_line(named) {
        Ok(key) => Ok(key),
        Err(_) => public_half(Path::new(named)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain_fixture::{genesis, signer_key};
    use vouchsafe_types::openssh::public_key_line;

    #[test]
    fn a_signer_is_named_by_fingerprint_line_or_file() {
        let genesis = genesis("fixture");
        let key = signer_key().public_key();
        assert_eq!(named_signer(&fingerprint(&key), &genesis).expect("known"), key);
        assert_eq!(named_signer(&public_key_line(&key), &genesis).expect("a key"), key);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("k.pub");
        std::fs::write(&file, public_key_line(&key)).expect("writes");
        let text = file.to_str().expect("UTF-8");
        assert_eq!(named_signer(text, &genesis).expect("a file"), key);
        let nobody = format!("SHA256:{}", "A".repeat(43));
        assert!(matches!(named_signer(&nobody, &genesis), Err(Failure::NoSuchSigner(_))));
        assert!(matches!(named_signer("/none.pub", &genesis), Err(Failure::Key(_))));
    }
}
