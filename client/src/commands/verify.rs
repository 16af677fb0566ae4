//! `vouch verify`: may these files be trusted, by whose word, and as of when?

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::proof::Shown;
use vouchsafe_types::status::Status;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::NoAnswer;
use crate::cli::VerifyArguments;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::exit::Exit;
use crate::failure::{Failure, hashing_body};
use crate::inputs::{Input, Named, ReadInput};
use crate::judgment::{Checked, ProvenAt, Reliance};
use crate::offline;
use crate::output::facts::{ProofFacts, StatementFacts};
use crate::output::json::{ErrorBody, Number};
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::proof_file;
use crate::seen::Seen;
use crate::timestamp::now_ms;
use crate::trust::Trust;
use crate::verification::{check, check_at};

/// The answer about one input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct VerifyEntry {
    input: String,
    digest: Option<String>,
    scheme: &'static str,
    size_bytes: Option<Number>,
    status: Option<&'static str>,
    exit_code: u8,
    outcome: &'static str,
    required: usize,
    relied_on: Vec<StatementFacts>,
    distrusted_by_others: Vec<String>,
    organizations: Vec<StatementFacts>,
    proof: Option<ProofFacts>,
    /// The proof file that was checked; none if nodes were asked.
    proof_file: Option<String>,
    /// The moment that was asked about, if it is not the proof's own.
    at: Option<String>,
    error: Option<ErrorBody>,
}

impl VerifyEntry {
    fn failed(label: &str, exit: Exit, error: ErrorBody) -> Self {
        Self {
            input: label.to_owned(),
            digest: None,
            scheme: Scheme::Bytes.name(),
            size_bytes: None,
            status: None,
            exit_code: exit.code(),
            outcome: exit.name(),
            required: 0,
            relied_on: Vec::new(),
            distrusted_by_others: Vec::new(),
            organizations: Vec::new(),
            proof: None,
            proof_file: None,
            at: None,
            error: Some(error),
        }
    }

    fn judged(label: &str, checked: &Checked, required: usize, now_ms: u64) -> Self {
        let exit = checked.exit();
        let verdict = &checked.verdict;
        let relied_on = checked
            .counted
            .iter()
            .filter(|entry| verdict.relied_on.contains(&entry.organization))
            .map(StatementFacts::from);
        let record = checked.record.iter().flat_map(|record| record.organizations.iter());
        Self {
            input: label.to_owned(),
            digest: None,
            scheme: Scheme::Bytes.name(),
            size_bytes: None,
            status: Some(verdict.status.name()),
            exit_code: exit.code(),
            outcome: exit.name(),
            required,
            relied_on: relied_on.collect(),
            distrusted_by_others: verdict
                .distrusted_by_others
                .iter()
                .map(ToString::to_string)
                .collect(),
            organizations: record.map(StatementFacts::from).collect(),
            proof: Some(ProofFacts::new(&checked.at, now_ms)),
            proof_file: None,
            at: None,
            error: None,
        }
    }

    /// The first word for people. What is not known is never said in a status's word.
    fn word(&self) -> (Tone, &'static str) {
        match self.status.and_then(Status::named) {
            _ if self.exit_code == Exit::PolicyNotMet.code() => (Tone::Doubtful, "POLICY NOT MET"),
            Some(status) => (Tone::of(status), status.name()),
            None if self.exit_code == Exit::ProofInvalid.code() => (Tone::Bad, "PROOF INVALID"),
            None => (Tone::Doubtful, "COULD NOT CHECK"),
        }
    }
}

impl Entry for VerifyEntry {
    fn write(&self, text: &mut Text) {
        let (tone, word) = self.word();
        text.headline(tone, word, &self.input);
        if let Some(digest) = &self.digest {
            text.field("digest", digest);
        }
        if let Some(error) = &self.error {
            text.field("because", &error.message);
        }
        if self.exit_code == Exit::PolicyNotMet.code() {
            let (trusting, required) = (self.relied_on.len(), self.required);
            text.field(
                "because",
                &format!("{trusting} of {required} required organizations trust"),
            );
        }
        for (index, statement) in self.relied_on.iter().enumerate() {
            statement.write(if index == 0 { "relied on" } else { "" }, text);
        }
        if !self.distrusted_by_others.is_empty() {
            text.field(
                "but",
                &format!(
                    "{} UNTRUSTED, which does not count here",
                    says(&self.distrusted_by_others)
                ),
            );
        }
        if let Some(at) = &self.at {
            text.field("status at", at);
            text.field("", "what was said after that moment is left out");
        }
        if let Some(proof) = &self.proof {
            proof.write(text);
            if let Some(file) = &self.proof_file {
                text.field("by the file", file);
                text.field("", "offline: whatever was said after that height is not seen");
            }
        }
    }
}

fn says(organizations: &[String]) -> String {
    let verb = if organizations.len() == 1 { "says" } else { "say" };
    format!("{} {verb}", organizations.join(", "))
}

/// Reads the inputs, asks the nodes, and reports one entry an input.
///
/// # Errors
/// [`Failure`] when there is nothing to report on. What concerns one input stands in its entry.
pub async fn run(context: &Context, arguments: VerifyArguments) -> Result<Report, Failure> {
    let organizations = arguments.organizations.iter().cloned().collect();
    let reliance = Reliance::new(organizations, &arguments.signers, arguments.require)?;
    if arguments.offline || arguments.proof.is_some() {
        return run_offline(context, arguments, &reliance);
    }
    let nodes = context.nodes()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(nodes.trust(), age_max_ms)?;
    note_strangers(context, nodes.trust(), &reliance);
    let inputs = context.read(&Named::from(arguments.inputs))?;
    let keys = distinct_keys(&inputs);
    let answers = match arguments.at {
        Some(moment) => check_at(&nodes, &keys, &reliance, freshness, moment).await,
        None => check(&nodes, &keys, &reliance, freshness, context.quiet()).await,
    };
    context.report(&answers.failures);
    if let Some(newest) = &answers.newest {
        context.remember(nodes.trust(), &ProvenAt::from(newest))?;
    }
    let checked: BTreeMap<_, _> = keys.iter().zip(&answers.checked).collect();
    let mut report = Report::new("verify");
    for input in &inputs {
        let mut entry = online_entry(input, &checked, reliance.policy.required);
        entry.at = arguments.at.map(|moment| moment.to_string());
        let exit = exit_of(&entry);
        report.add_judged(&entry, exit, entry.error.as_ref());
    }
    Ok(report)
}

/// Checks proof files, and asks nobody.
fn run_offline(
    context: &Context,
    arguments: VerifyArguments,
    reliance: &Reliance,
) -> Result<Report, Failure> {
    let trust = context.trust()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(&trust, age_max_ms)?;
    note_strangers(context, &trust, reliance);
    let mut named = Named::from(arguments.inputs);
    let places = match arguments.proof {
        Some(proof) => proof_file::at(&named, "--proof", proof)?,
        None => {
            named = proof_file::without_proofs(named);
            proof_file::beside_all(&named, "give --proof FILE")?
        }
    };
    let inputs = context.read(&named)?;
    let (moment, ahead_max_ms) = (arguments.at, freshness.ahead_max_ms);
    let terms = offline::Terms { trust: &trust, reliance, moment, age_max_ms, ahead_max_ms };
    let mut heads = Vec::new();
    let mut report = Report::new("verify");
    for (input, path) in inputs.iter().zip(&places) {
        let (entry, shown) = offline_entry(&terms, input, path);
        let at = shown.as_ref().map(|shown| shown.header.height);
        if let Some(seen) = freshness.seen.filter(|seen| at.is_some_and(|at| at < seen.height)) {
            let height = seen.height;
            context.note(&format!(
                "{}: height {height} of this chain was seen here before; what was said since the \
                 proof was made is not in it",
                path.display()
            ));
        }
        heads.extend(shown.map(|shown| shown.newest));
        report.add_judged(&entry, exit_of(&entry), entry.error.as_ref());
    }
    keep(context, &trust, freshness.seen, &heads)?;
    Ok(report)
}

/// Holds the headers of proof files against each other and against what was seen, and remembers the
/// newest, so that no node may lead back before it.
fn keep(
    context: &Context,
    trust: &Trust,
    seen: Option<Seen>,
    heads: &[ProvenHeader],
) -> Result<(), Failure> {
    if let Some(seen) = seen {
        context.witness.remember(seen);
    }
    heads.iter().for_each(|head| context.witness.proof_file(head));
    let newest = heads.iter().max_by_key(|head| head.header().height);
    newest.map_or(Ok(()), |newest| context.remember(trust, &ProvenAt::from(newest)))
}

/// One input's entry: that it was not read, whatever the reason, or what was found about it.
fn entry_of(input: &ReadInput, find: impl FnOnce(&Input) -> VerifyEntry) -> VerifyEntry {
    let input = match input {
        Ok(input) => input,
        Err((label, error)) => {
            let exit = Exit::CouldNotCheck;
            return VerifyEntry::failed(label, exit, hashing_body(error, exit));
        }
    };
    let mut entry = find(input);
    entry.digest = Some(format!("sha256:{}", input.digest));
    entry.size_bytes = input.size_bytes.map(Number);
    entry
}

/// One input's entry by its proof file, and what the proof shows.
fn offline_entry(
    terms: &offline::Terms<'_>,
    input: &ReadInput,
    path: &Path,
) -> (VerifyEntry, Option<Shown>) {
    let mut shown = None;
    let entry = entry_of(input, |input| {
        let now_ms = now_ms();
        let mut entry = match offline::check(terms, path, &key_of(input.digest), now_ms) {
            Ok((checked, proven)) => {
                shown = Some(proven.shown);
                let required = terms.reliance.policy.required;
                VerifyEntry::judged(&input.label, &checked, required, now_ms)
            }
            Err(failure) => {
                let failure = Failure::ProofFile(failure);
                VerifyEntry::failed(&input.label, failure.exit(), failure.body())
            }
        };
        entry.proof_file = Some(path.display().to_string());
        entry.at = terms.moment.map(|moment| moment.to_string());
        entry
    });
    (entry, shown)
}

fn key_of(digest: vouchsafe_types::hash::Digest) -> AssetKey {
    AssetKey { scheme: Scheme::Bytes, digest }
}

fn distinct_keys(inputs: &[ReadInput]) -> Vec<AssetKey> {
    let mut keys: Vec<_> =
        inputs.iter().filter_map(|i| i.as_ref().ok()).map(|input| key_of(input.digest)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn exit_of(entry: &VerifyEntry) -> Exit {
    Exit::WORST_FIRST
        .into_iter()
        .find(|exit| exit.code() == entry.exit_code)
        .expect("the entry's code was made from an exit")
}

type CheckedByKey<'a> = BTreeMap<&'a AssetKey, &'a Result<Checked, Arc<NoAnswer>>>;

/// One input's entry by what nodes answered.
fn online_entry(input: &ReadInput, checked: &CheckedByKey<'_>, required: usize) -> VerifyEntry {
    entry_of(input, |input| {
        let answer = checked.get(&key_of(input.digest)).expect("what was read is asked for");
        match answer {
            Ok(checked) => VerifyEntry::judged(&input.label, checked, required, now_ms()),
            Err(no_answer) => {
                let failure = Failure::NoAnswer(no_answer.clone());
                VerifyEntry::failed(&input.label, failure.exit(), failure.body())
            }
        }
    })
}

/// A misspelt organization would make everything UNKNOWN; later ones may not be in the genesis.
fn note_strangers(context: &Context, trust: &Trust, reliance: &Reliance) {
    for organization in &reliance.policy.organizations {
        if trust.genesis().organization(organization).is_none() {
            let known = trust.genesis().organizations().iter();
            let known: Vec<_> = known.map(|known| known.id.to_string()).collect();
            let known = known.join(", ");
            context.warn(&format!(
                "organization {organization} is not in the pinned genesis, which has {known}"
            ));
        }
    }
}
