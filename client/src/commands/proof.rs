//! `vouch proof`: one small file that shows the status of another, to anyone, without a node.

use std::path::PathBuf;

use serde::Serialize;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::status::Status;

use crate::cli::ProofArguments;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::freshness::Freshness;
use crate::inputs::{Input, Named};
use crate::judgment::{ProvenAt, Reliance};
use crate::nodes::Nodes;
use crate::offline;
use crate::output::facts::ProofFacts;
use crate::output::json::{ErrorBody, Number};
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::proof_file::{self, Form};
use crate::proven::ProvenFile;
use crate::timestamp::now_ms;

/// A proof file that was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct ProofEntry {
    input: String,
    digest: Option<String>,
    transaction_id: Option<String>,
    status: Option<&'static str>,
    proof_file: Option<String>,
    proof_bytes: Option<Number>,
    events: bool,
    proof: Option<ProofFacts>,
    error: Option<ErrorBody>,
}

impl Entry for ProofEntry {
    fn write(&self, text: &mut Text) {
        let statuses = [Status::Trusted, Status::Untrusted, Status::Unknown, Status::Unsupported];
        let status = statuses.into_iter().find(|status| Some(status.name()) == self.status);
        let tone = status.map_or(Tone::Doubtful, Tone::of);
        let word = match (&self.error, self.status) {
            (Some(_), _) => "NO PROOF",
            (None, Some(status)) => status,
            (None, None) => "COMMITTED",
        };
        text.headline(tone, word, &self.input);
        if let Some(error) = &self.error {
            text.field("because", &error.message);
        }
        if let (Some(file), Some(bytes)) = (&self.proof_file, &self.proof_bytes) {
            text.field("proof", &format!("{file}, {} bytes", bytes.0));
        }
        if let Some(proof) = &self.proof {
            proof.write(text);
        }
    }
}

/// Fetches, checks and writes proofs.
///
/// # Errors
/// [`Failure`] when nothing was written. What concerns one input stands in its entry.
pub async fn run(context: &Context, arguments: ProofArguments) -> Result<Report, Failure> {
    let ProofArguments { inputs, transaction, out, format, events, max_age } = arguments;
    let nodes = context.nodes()?;
    let freshness = context.freshness(nodes.trust(), max_age.map(milliseconds))?;
    let mut report = Report::new("proof");
    if let Some(id) = transaction {
        let path = out.unwrap_or_else(|| PathBuf::from(format!("{id}{}", proof_file::EXTENSION)));
        let written = receipt(context, &nodes, &id, &path, format).await?;
        report.add(&written);
        return Ok(report);
    }
    let named = Named::from(inputs);
    let places = places(&named, out)?;
    let inputs = named.read(context.quiet(), &mut std::io::stdin().lock())?;
    for (input, path) in inputs.into_iter().zip(places) {
        let input = input.map_err(|(_, error)| Failure::Hashing(error))?;
        let result = write(context, &nodes, &input, &path, format, events, freshness).await;
        let (exit, entry) = match result {
            Ok(entry) => (Exit::Success, entry),
            Err(failure) => (failure.exit(), failed(&input, &failure)),
        };
        report.add_judged(&entry, exit, entry.error.as_ref());
    }
    Ok(report)
}

/// Where each input's proof is written.
fn places(named: &Named, out: Option<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let usage = |text: &str| Err(Failure::CommandLine(text.to_owned()));
    if let Some(out) = out {
        if named.len() != 1 {
            return usage("--out names one proof file: give one input");
        }
        return Ok(vec![out]);
    }
    if !named.hashes.is_empty() || named.files.iter().any(|file| file.as_os_str() == "-") {
        return usage("a digest or standard input has no place of its own: give --out FILE");
    }
    Ok(named.files.iter().map(|file| proof_file::beside(file)).collect())
}

/// Fetches the proof of one input's status, checks it, and writes it.
///
/// # Errors
/// [`Failure`].
pub(super) async fn write(
    context: &Context,
    nodes: &Nodes,
    input: &Input,
    path: &std::path::Path,
    form: Form,
    events: bool,
    freshness: Freshness,
) -> Result<ProofEntry, Failure> {
    let key = AssetKey { scheme: Scheme::Bytes, digest: input.digest };
    let answered = nodes.proof(key, events, freshness).await?;
    context.report(&answered.failures);
    let proven = answered.value;
    context.remember(nodes.trust(), &ProvenAt::from(&proven.shown.newest))?;
    proof_file::write(path, &proven.proof, form)?;
    let checked = offline::checked(&input.label, &proven.shown, &Reliance::default(), None)?;
    let mut entry = entry(&input.label, path, &proven, events)?;
    entry.digest = Some(format!("sha256:{}", input.digest));
    entry.status = Some(checked.verdict.status.name());
    Ok(entry)
}

async fn receipt(
    context: &Context,
    nodes: &Nodes,
    id: &TransactionId,
    path: &std::path::Path,
    form: Form,
) -> Result<ProofEntry, Failure> {
    let (proven, failures) = nodes.receipt_proof(id).await?;
    context.report(&failures);
    proof_file::write(path, &proven.proof, form)?;
    let mut entry = entry(&id.to_string(), path, &proven, false)?;
    entry.transaction_id = Some(id.to_string());
    Ok(entry)
}

fn entry(
    label: &str,
    path: &std::path::Path,
    proven: &ProvenFile,
    events: bool,
) -> Result<ProofEntry, Failure> {
    let written = std::fs::metadata(path).map(|file| file.len());
    let written = written.unwrap_or(proven.proof.to_bytes().len() as u64);
    Ok(ProofEntry {
        input: label.to_owned(),
        digest: None,
        transaction_id: None,
        status: None,
        proof_file: Some(path.display().to_string()),
        proof_bytes: Some(Number(written)),
        events,
        proof: Some(ProofFacts::new(&offline::stands_at(&proven.shown), now_ms())),
        error: None,
    })
}

fn failed(input: &Input, failure: &Failure) -> ProofEntry {
    ProofEntry {
        input: input.label.clone(),
        digest: Some(format!("sha256:{}", input.digest)),
        transaction_id: None,
        status: None,
        proof_file: None,
        proof_bytes: None,
        events: false,
        proof: None,
        error: Some(failure.body()),
    }
}
