//! `vouch proof`: one small file that shows the status of another, to anyone, without a node.

use std::path::{Path, PathBuf};

use futures::stream::{self, StreamExt as _};
use serde::Serialize;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::proof::Shown;
use vouchsafe_types::status::Status;

use crate::cli::ProofArguments;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::freshness::Freshness;
use crate::inputs::{Input, Named};
use crate::judgment::{ProvenAt, Reliance};
use crate::nodes::{Answered, Nodes};
use crate::offline;
use crate::output::facts::ProofFacts;
use crate::output::json::{ErrorBody, Number};
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::progress::Progress;
use crate::proof_file::{self, Form};
use crate::proven::ProvenFile;
use crate::timestamp::now_ms;

/// So many proofs are asked for at a time.
const FETCHED_AT_ONCE: usize = 16;

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
        let status = self.status.and_then(Status::named);
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
    let ProofArguments { inputs, transaction, newest, out, format, events, max_age } = arguments;
    let nodes = context.nodes()?;
    let freshness = context.freshness(nodes.trust(), max_age.map(milliseconds))?;
    let mut report = Report::new("proof");
    if let Some(id) = transaction {
        let path = out.unwrap_or_else(|| PathBuf::from(format!("{id}{}", proof_file::EXTENSION)));
        let written =
            receipt(context, &nodes, &id, &path, format, newest.then_some(freshness)).await?;
        report.add(&written);
        return Ok(report);
    }
    let named = Named::from(inputs);
    let places = match out {
        Some(out) => proof_file::at(&named, "--out", out)?,
        None => proof_file::beside_all(&named, "give --out FILE")?,
    };
    let inputs = context.read_all(&named)?;
    let wanted: Vec<_> = inputs.iter().zip(places).collect();
    let written = write_all(context, &nodes, wanted, format, events, freshness).await;
    for (input, result) in inputs.iter().zip(written) {
        let (exit, entry) = match result {
            Ok(entry) => (Exit::Success, entry),
            Err(failure) => (failure.exit(), failed(input, &failure)),
        };
        report.add_judged(&entry, exit, entry.error.as_ref());
    }
    Ok(report)
}

/// Fetches the proofs of inputs' statuses, checks each, and writes it to its place; a result for
/// each input, in their order.
pub(super) async fn write_all(
    context: &Context,
    nodes: &Nodes,
    wanted: Vec<(&Input, PathBuf)>,
    form: Form,
    events: bool,
    freshness: Freshness,
) -> Vec<Result<ProofEntry, Failure>> {
    let progress = Progress::proofs(context.quiet(), wanted.len() as u64);
    let fetching = stream::iter(wanted).map(|(input, path)| async move {
        let key = AssetKey { scheme: Scheme::Bytes, digest: input.digest };
        (input, path, nodes.proof(key, events, freshness).await)
    });
    let written = fetching.buffered(FETCHED_AT_ONCE).map(|(input, path, fetched)| {
        progress.advance(1);
        write(context, nodes, input, &path, form, events, fetched?)
    });
    let written = written.collect().await;
    progress.finish();
    written
}

/// Writes the proof of one input's status.
fn write(
    context: &Context,
    nodes: &Nodes,
    input: &Input,
    path: &Path,
    form: Form,
    events: bool,
    answered: Answered<ProvenFile>,
) -> Result<ProofEntry, Failure> {
    context.report(&answered.failures);
    let proven = answered.value;
    context.remember(nodes.trust(), &ProvenAt::from(&proven.shown.newest))?;
    let length_bytes = proof_file::write(path, &proven.proof, form)?;
    let checked = offline::checked(&input.label, &proven.shown, &Reliance::default(), None)?;
    let mut entry = entry(&input.label, path, length_bytes, &proven.shown);
    entry.events = events;
    entry.digest = Some(format!("sha256:{}", input.digest));
    entry.status = Some(checked.verdict.status.name());
    Ok(entry)
}

async fn receipt(
    context: &Context,
    nodes: &Nodes,
    id: &TransactionId,
    path: &Path,
    form: Form,
    newest: Option<Freshness>,
) -> Result<ProofEntry, Failure> {
    let (proven, failures) = nodes.receipt_proof(id, newest).await?;
    context.report(&failures);
    let length_bytes = proof_file::write(path, &proven.proof, form)?;
    let mut entry = entry(&id.to_string(), path, length_bytes, &proven.shown);
    entry.transaction_id = Some(id.to_string());
    Ok(entry)
}

fn entry(label: &str, path: &Path, length_bytes: usize, shown: &Shown) -> ProofEntry {
    ProofEntry {
        input: label.to_owned(),
        digest: None,
        transaction_id: None,
        status: None,
        proof_file: Some(path.display().to_string()),
        proof_bytes: Some(Number(length_bytes as u64)),
        events: false,
        proof: Some(ProofFacts::new(&offline::stands_at(shown), now_ms())),
        error: None,
    }
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
