//! `vouch checkpoint`: the history so far, signed by validators, for outsiders to keep and compare.

use std::path::{Path, PathBuf};

use serde::Serialize;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::checkpoint::{CheckpointError, NOTE_BYTES_MAX, SignedCheckpoint};
use vouchsafe_types::consistency::ConsistencyProof;
use vouchsafe_types::set_change::SetChanges;
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::verifier::Verifier;

use crate::checkpoint::{Collected, collect, continues};
use crate::cli::{CheckpointArguments, CheckpointCommand, CheckpointVerifyArguments};
use crate::context::Context;
use crate::failure::Failure;
use crate::home::{HomeError, may_write, read_bounded, write_synced_as};
use crate::output::json::Number;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::proof_file::{self, ProofFileFailure};

/// Anybody may read a checkpoint.
const FILE_MODE: u32 = 0o644;

/// A checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct CheckpointEntry {
    chain_id: String,
    size: Number,
    root: String,
    signers: Vec<String>,
    file: Option<String>,
    note: String,
    /// The earlier checkpoint that it continues, if it was held against one.
    continues: Option<Earlier>,
}

/// An earlier checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Earlier {
    size: Number,
    root: String,
}

impl CheckpointEntry {
    fn new(signed: &SignedCheckpoint, note: String) -> Self {
        let checkpoint = &signed.checkpoint;
        Self {
            chain_id: checkpoint.chain_id.to_string(),
            size: Number(checkpoint.size),
            root: checkpoint.root.to_string(),
            signers: signed.signatures.iter().map(|one| one.address.to_string()).collect(),
            file: None,
            note,
            continues: None,
        }
    }
}

impl Entry for CheckpointEntry {
    fn write(&self, text: &mut Text) {
        if self.file.is_none() && self.continues.is_none() {
            // The note itself is the answer: it may go into a file or to a witness as it is.
            text.raw(&self.note);
            return;
        }
        let label = self.file.as_deref().unwrap_or("the checkpoints");
        text.headline(Tone::Good, "CHECKPOINT", label);
        text.field("chain", &self.chain_id);
        text.field("blocks", &self.size.0.to_string());
        text.field("root", &self.root);
        text.field("signed by", &format!("{} validators", self.signers.len()));
        if let Some(earlier) = &self.continues {
            text.field("continues", &format!("{} blocks, root {}", earlier.size.0, earlier.root));
        }
    }
}

/// Collects a checkpoint, or holds one or two against the pin and each other.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, arguments: CheckpointArguments) -> Result<Report, Failure> {
    let CheckpointArguments { size, out, verify } = arguments;
    match verify {
        Some(CheckpointCommand::Verify(arguments)) => verify_files(context, arguments).await,
        None => write(context, size, out).await,
    }
}

async fn write(
    context: &Context,
    size: Option<u64>,
    out: Option<PathBuf>,
) -> Result<Report, Failure> {
    // An older checkpoint may make room; anything else is somebody's.
    let is_own = |bytes: &[u8]| SignedCheckpoint::parse(bytes).is_ok();
    if let Some(out) = out.as_deref().filter(|out| !may_write(out, NOTE_BYTES_MAX, is_own)) {
        return Err(ProofFileFailure::InTheWay(shown(out)).into());
    }
    let nodes = context.nodes()?;
    let Collected { signed, set, failures } = collect(&nodes, size).await?;
    context.report(&failures);
    let mut entry = CheckpointEntry::new(&signed, signed.to_note(&set));
    if let Some(out) = out {
        write_synced_as(&out, entry.note.as_bytes(), FILE_MODE)?;
        entry.file = Some(out.display().to_string());
    }
    let mut report = Report::new("checkpoint");
    report.add(&entry);
    Ok(report)
}

async fn verify_files(
    context: &Context,
    arguments: CheckpointVerifyArguments,
) -> Result<Report, Failure> {
    let CheckpointVerifyArguments { old, new, changes, save_proof } = arguments;
    let trust = context.trust()?;
    let sets = Sets::read(trust.verifier(), changes.as_deref())?;
    if changes.is_none() {
        context.note(
            "the validators of the genesis document count: a later change of them would not be \
             seen; give --changes PROOF to follow it",
        );
    }
    let read = |path: &Path| {
        let signed = read(path)?;
        let set = sets.at(signed.checkpoint.size)?;
        let verified = signed.verify(trust.chain_id(), &set);
        verified.map_err(|error| Failure::Checkpoint { path: shown(path), error })?;
        Ok::<_, Failure>((signed, set))
    };
    let (older, set) = read(&old)?;
    let mut entry = CheckpointEntry::new(&older, older.to_note(&set));
    entry.file = Some(shown(&old));
    if let Some(new) = new {
        let (newer, set) = read(&new)?;
        let sizes = (older.checkpoint.size, newer.checkpoint.size);
        if sizes.0 > sizes.1 {
            return Err(Failure::CommandLine(format!(
                "{} has {} blocks and {} only {}: name the earlier checkpoint first",
                shown(&old),
                sizes.0,
                shown(&new),
                sizes.1
            )));
        }
        // Two of one size need no node: they are equal, or the chain is forked.
        let nodes = if sizes.0 == sizes.1 { context.no_nodes()? } else { context.nodes()? };
        let proof = continues(&nodes, &older, &newer).await?;
        match (save_proof, proof) {
            (Some(path), Some(proof)) => save(&path, &proof)?,
            (Some(_), None) => {
                context.note("two checkpoints of one size need no proof: none is written")
            }
            (None, _) => {}
        }
        entry = CheckpointEntry::new(&newer, newer.to_note(&set));
        entry.file = Some(shown(&new));
        let root = older.checkpoint.root.to_string();
        entry.continues = Some(Earlier { size: Number(sizes.0), root });
    }
    let mut report = Report::new("checkpoint");
    report.add(&entry);
    Ok(report)
}

/// Writes a consistency proof, in the place of another if there is one.
fn save(path: &Path, proof: &ConsistencyProof) -> Result<(), Failure> {
    let is_proof = |bytes: &[u8]| ConsistencyProof::from_bytes(bytes).is_ok();
    if !may_write(path, ConsistencyProof::LIMIT_BYTES, is_proof) {
        return Err(ProofFileFailure::InTheWay(shown(path)).into());
    }
    Ok(write_synced_as(path, &proof.to_bytes(), FILE_MODE)?)
}

/// Who decided which height, as far as is known here.
struct Sets<'a> {
    verifier: &'a Verifier,
    /// The changes of a proof file, and its name.
    changes: Option<(String, SetChanges)>,
}

impl<'a> Sets<'a> {
    fn read(verifier: &'a Verifier, changes: Option<&Path>) -> Result<Self, Failure> {
        let changes = match changes {
            Some(path) => Some((shown(path), proof_file::read(path)?.changes)),
            None => None,
        };
        Ok(Self { verifier, changes })
    }

    /// The validators who decided a height.
    fn at(&self, height: u64) -> Result<ValidatorSet, Failure> {
        let Some((path, changes)) = &self.changes else {
            return Ok(self.verifier.validators().clone());
        };
        let before = changes.iter().take_while(|change| change.header.height < height).count();
        let led = self.verifier.led_through(&changes[..before]).map_err(|error| {
            let (path, lie) = (path.clone(), error.into());
            ProofFileFailure::Lie { path, lie }
        })?;
        Ok(led.validators().clone())
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn read(path: &Path) -> Result<SignedCheckpoint, Failure> {
    let invalid = |error| Failure::Checkpoint { path: shown(path), error };
    let bytes = read_bounded(path, NOTE_BYTES_MAX).map_err(|error| match error {
        HomeError::TooLong { .. } => invalid(CheckpointError::TooLong),
        other => other.into(),
    })?;
    let missing = || Failure::CommandLine(format!("there is no checkpoint at {}", shown(path)));
    let bytes = bytes.ok_or_else(missing)?;
    SignedCheckpoint::parse(&bytes).map_err(invalid)
}
