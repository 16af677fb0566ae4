//! `vouch inspect --sshsig`: a transaction's signature in the form that OpenSSH checks, so that
//! nobody needs to believe this program either.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::openssh::{TRANSACTION_NAMESPACE, armor, fingerprint, public_key_line};
use vouchsafe_types::transaction::message;

use crate::block_transaction::fetch;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::json::Number;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};

/// What was written, and how to check it.
#[derive(Serialize)]
struct SshsigEntry {
    transaction_id: String,
    signer: String,
    height: Number,
    block_id: String,
    signature_file: String,
    message_file: String,
    allowed_signers_file: String,
    command: String,
}

impl Entry for SshsigEntry {
    fn write(&self, text: &mut Text) {
        text.headline(Tone::Plain, "WRITTEN", &self.transaction_id);
        text.field("signer", &self.signer);
        text.field("height", &self.height.0.to_string());
        text.field("block", &self.block_id);
        text.field("signature", &self.signature_file);
        text.field("message", &self.message_file);
        text.field("signers", &self.allowed_signers_file);
        text.field("check it with", &self.command);
    }
}

/// Fetches and proves a transaction, and writes its signature, message and allowed signers.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, folder: &Path, id: &Path) -> Result<Report, Failure> {
    let id: TransactionId = id.display().to_string().parse().map_err(|_| {
        let id = id.display();
        Failure::CommandLine(format!(
            "--sshsig: {id} is not a transaction's id of 64 hexadecimal digits, as 'vouch sign' \
             and 'vouch inspect' print it"
        ))
    })?;
    let nodes = context.nodes()?;
    let (proven, failures) = fetch(&nodes, 0, &id).await?;
    context.report(&failures);
    let signed = proven.transaction.signed();
    let signer = fingerprint(&signed.public_key);
    let line = public_key_line(&signed.public_key);
    let files = [
        (
            "transaction.sig",
            armor(&signed.public_key, TRANSACTION_NAMESPACE, &signed.signature).into_bytes(),
        ),
        ("transaction.msg", message(nodes.trust().chain_id(), &signed.body)),
        (
            "allowed_signers",
            format!("{signer} namespaces=\"{TRANSACTION_NAMESPACE}\" {line}\n").into_bytes(),
        ),
    ];
    fs::create_dir_all(folder).map_err(write_error(folder))?;
    let [signature_file, message_file, allowed_signers_file] = files.map(|(name, bytes)| {
        let path = folder.join(name);
        write_new(&path, &bytes).map_err(write_error(&path)).map(|()| path.display().to_string())
    });
    let (signature_file, message_file) = (signature_file?, message_file?);
    let allowed_signers_file = allowed_signers_file?;
    let command = format!(
        "ssh-keygen -Y verify -f {} -I {signer} -n {TRANSACTION_NAMESPACE} -s {} < {}",
        quoted(&allowed_signers_file),
        quoted(&signature_file),
        quoted(&message_file),
    );
    let mut report = Report::new("inspect");
    report.add(&SshsigEntry {
        transaction_id: id.to_string(),
        signer,
        height: Number(proven.head.header().height),
        block_id: proven.head.block_id().to_string(),
        signature_file,
        message_file,
        allowed_signers_file,
        command,
    });
    Ok(report)
}

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + '_ {
    move |error| Failure::Write { path: path.display().to_string(), error }
}

/// Writes a file that is not there yet: the folder may be somebody's `~/.ssh`.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:".contains(&byte);
    if !path.is_empty() && path.bytes().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_a_shell() {
        assert_eq!(quoted("/tmp/a-b_c/x.sig"), "/tmp/a-b_c/x.sig");
        assert_eq!(quoted("/tmp/a b"), "'/tmp/a b'");
        assert_eq!(quoted("a'b;$(c)"), "'a'\\''b;$(c)'");
    }
}
