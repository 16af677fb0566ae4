//! One input's entry in the report of `vouch sign` and `revoke`.

use serde::Serialize;
use vouchsafe_types::asset::Asset;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::status::Status;

use crate::failure::Failure;
use crate::inputs::Input;
use crate::output::json::{ErrorBody, Number};
use crate::output::report::Entry;
use crate::output::text::{Text, Tone};
use crate::proven::ProvenTransaction;
use crate::timestamp;
use crate::transaction_builder::Act;

/// The proof that it was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReceiptFacts {
    /// The transaction.
    pub transaction_id: String,
    /// Who signed: the OpenSSH fingerprint.
    pub signer: String,
    /// Whom the signer speaks for, if that is known.
    pub organization: Option<String>,
    /// The height of its block.
    pub height: Number,
    /// The block.
    pub block_id: String,
    /// Its index in the block.
    pub transaction_index: Number,
    /// The block's time, in milliseconds since 1970.
    pub time_ms: Number,
    /// The same, as text.
    pub time: String,
}

/// What became of one input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ActEntry {
    input: String,
    name: String,
    digest: String,
    scheme: &'static str,
    size_bytes: Number,
    status: Option<&'static str>,
    receipt: Option<ReceiptFacts>,
    /// The proof file that was written, if one was asked for.
    proof_file: Option<String>,
    error: Option<ErrorBody>,
}

impl ActEntry {
    pub(super) fn new(
        act: Act,
        input: &Input,
        asset: &Asset,
        result: Result<&ProvenTransaction, &Failure>,
        organization: Option<&OrganizationId>,
    ) -> Self {
        let states = match act {
            Act::Notarize => Status::Trusted,
            Act::Revoke(reason) => Status::of_revocation(reason),
        };
        Self {
            input: input.label.clone(),
            name: asset.name.to_string(),
            digest: format!("sha256:{}", asset.digest),
            scheme: asset.scheme.name(),
            size_bytes: Number(asset.size_bytes),
            status: result.is_ok().then_some(states.name()),
            receipt: result.ok().map(|proven| receipt(proven, organization)),
            proof_file: None,
            error: result.err().map(Failure::body),
        }
    }

    /// Its proof was written here.
    pub(super) fn proven_by(&mut self, path: String) {
        self.proof_file = Some(path);
    }

    /// It was done, and its proof could not be written.
    pub(super) fn without_proof(&mut self, failure: &Failure) {
        let mut body = failure.body();
        body.message = format!(
            "signed and committed, but its proof was not written: {}; run 'vouch proof'",
            body.message
        );
        self.error = Some(body);
    }

    pub(super) fn error(&self) -> Option<&ErrorBody> {
        self.error.as_ref()
    }
}

fn receipt(proven: &ProvenTransaction, organization: Option<&OrganizationId>) -> ReceiptFacts {
    let header = proven.head.header();
    ReceiptFacts {
        transaction_id: proven.transaction.id().to_string(),
        signer: fingerprint(&proven.transaction.signed().public_key),
        organization: organization.map(ToString::to_string),
        height: Number(header.height),
        block_id: proven.head.block_id().to_string(),
        transaction_index: Number(proven.index),
        time_ms: Number(header.time_ms),
        time: timestamp::text(header.time_ms),
    }
}

impl Entry for ActEntry {
    fn write(&self, text: &mut Text) {
        let tone = match self.status {
            Some("TRUSTED") => Tone::Good,
            Some("UNTRUSTED") => Tone::Bad,
            _ => Tone::Doubtful,
        };
        // What was signed and may still be included must not look as if it were not.
        let undone = match self.error.as_ref().map(|error| error.code) {
            Some("in-doubt" | "cannot-commit" | "proof-invalid") => "NO RECEIPT",
            Some("not-handed-in" | "behind-earlier") => "NOT SENT",
            Some("refused") => "REFUSED",
            _ => "NOT SIGNED",
        };
        text.headline(tone, self.status.unwrap_or(undone), &self.input);
        text.field("digest", &self.digest);
        if self.name != self.input {
            text.field("name", &self.name);
        }
        if let Some(error) = &self.error {
            text.field("because", &error.message);
        }
        let Some(receipt) = &self.receipt else { return };
        text.field("signer", &receipt.signer);
        text.field("organization", receipt.organization.as_deref().unwrap_or("not known"));
        text.field("transaction", &receipt.transaction_id);
        text.field("height", &receipt.height.0.to_string());
        text.field("block", &receipt.block_id);
        text.field("time", &receipt.time);
        if let Some(file) = &self.proof_file {
            text.field("proof", file);
        }
    }
}
