//! `vouch key`: OpenSSH keys, made and shown.

use std::path::Path;

use serde::Serialize;
use vouchsafe_keys::{
    Agent, KeyError, KeyFile, PassphraseSource, Protection, SecretKey, public_key_path,
    read_public_key,
};
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::openssh::{fingerprint, public_key_line};

use crate::cli::{KeyCommand, KeyNewArguments, KeyShowArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::home::create_folder;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::signer::{KeyChoice, PASSPHRASE_VARIABLE, public_half};
use crate::trust::Trust;

/// A key, and whom it speaks for by the pinned genesis.
#[derive(Serialize)]
struct KeyEntry {
    fingerprint: String,
    public_key: String,
    source: String,
    comment: String,
    encrypted: Option<bool>,
    organization: Option<String>,
    role: Option<&'static str>,
}

impl KeyEntry {
    fn new(key: &PublicKey, source: String, comment: String, trust: Option<&Trust>) -> Self {
        let signer = trust.and_then(|trust| trust.genesis().signer(key));
        Self {
            fingerprint: fingerprint(key),
            public_key: public_key_line(key),
            source,
            comment,
            encrypted: None,
            organization: signer.map(|(organization, _)| organization.id.to_string()),
            role: signer.map(|(_, signer)| signer.role.name()),
        }
    }
}

impl Entry for KeyEntry {
    fn write(&self, text: &mut Text) {
        text.headline(Tone::Plain, "KEY", &self.fingerprint);
        text.field("public key", format!("{} {}", self.public_key, self.comment).trim_end());
        text.field("from", &self.source);
        if let Some(encrypted) = self.encrypted {
            text.field("encrypted", if encrypted { "yes" } else { "no" });
        }
        if let (Some(organization), Some(role)) = (&self.organization, self.role) {
            text.field("speaks for", &format!("{organization}, as {role}"));
        }
    }
}

/// Makes, shows or lists keys.
///
/// # Errors
/// [`Failure`].
pub fn run(context: &Context, command: KeyCommand) -> Result<Report, Failure> {
    // A key may be made before anything is pinned.
    let trust = Trust::load(&context.home, context.settings.genesis.as_ref()).ok();
    let mut report = Report::new("key");
    match command {
        KeyCommand::New(arguments) => report.add(&new(context, &arguments, trust.as_ref())?),
        KeyCommand::Show(arguments) => report.add(&show(context, arguments, trust.as_ref())?),
        KeyCommand::List => {
            for entry in list(context, trust.as_ref())? {
                report.add(&entry);
            }
        }
    }
    Ok(report)
}

fn new(
    context: &Context,
    arguments: &KeyNewArguments,
    trust: Option<&Trust>,
) -> Result<KeyEntry, Failure> {
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => {
            context.home.create()?;
            context.home.key()
        }
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder)?;
    }
    // Before a passphrase is asked for.
    if path.exists() {
        return Err(KeyError::Exists(path).into());
    }
    let key = SecretKey::generate()?;
    if arguments.no_passphrase {
        key.write(&path, Protection::Unencrypted, &arguments.comment)?;
    } else {
        let source =
            PassphraseSource::new(PASSPHRASE_VARIABLE).with_file(arguments.passphrase_file.clone());
        let passphrase = source.new_passphrase(&path).map_err(|error| match error {
            KeyError::NoTerminal { .. } => Failure::CommandLine(format!(
                "{error}; or give --no-passphrase for a key that is not encrypted"
            )),
            other => other.into(),
        })?;
        key.write(&path, Protection::Passphrase(&passphrase), &arguments.comment)?;
    }
    let source = path.display().to_string();
    let mut entry = KeyEntry::new(&key.public_key(), source, arguments.comment.clone(), trust);
    entry.encrypted = Some(!arguments.no_passphrase);
    Ok(entry)
}

fn show(
    context: &Context,
    arguments: KeyShowArguments,
    trust: Option<&Trust>,
) -> Result<KeyEntry, Failure> {
    let path = KeyChoice { key: arguments.path.clone(), ..KeyChoice::default() }.path(context);
    if arguments.path.is_none() && !path.exists() && !public_key_path(&path).exists() {
        return Err(Failure::NoKey(path.display().to_string()));
    }
    from_file(&path, trust)
}

fn from_file(path: &Path, trust: Option<&Trust>) -> Result<KeyEntry, Failure> {
    let key = public_half(path)?;
    let is_public = path.extension().is_some_and(|extension| extension == "pub");
    let beside = if is_public { path.to_owned() } else { public_key_path(path) };
    let comment = read_public_key(&beside).map(|(_, comment)| comment).unwrap_or_default();
    let mut entry = KeyEntry::new(&key, path.display().to_string(), comment, trust);
    if !is_public && path.exists() {
        entry.encrypted = Some(KeyFile::read(path)?.is_encrypted());
    }
    Ok(entry)
}

/// The key that signs, and the ssh-agent's.
fn list(context: &Context, trust: Option<&Trust>) -> Result<Vec<KeyEntry>, Failure> {
    let mut entries = Vec::new();
    let path = KeyChoice::default().path(context);
    if path.exists() {
        entries.push(from_file(&path, trust)?);
    }
    let identities = match Agent::from_environment() {
        Ok(agent) => agent.identities(),
        Err(_) => return Ok(entries),
    };
    match identities {
        Ok(identities) => entries.extend(identities.into_iter().map(|identity| {
            KeyEntry::new(&identity.public_key, "ssh-agent".into(), identity.comment, trust)
        })),
        Err(error) => context.note(&error.to_string()),
    }
    Ok(entries)
}
