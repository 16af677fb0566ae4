//! `vouch evidence`: which validators contradicted themselves, and the proof of it.

use serde::Serialize;
use vouchsafe_genesis::Genesis;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;

use crate::cli::EvidenceArguments;
use crate::context::Context;
use crate::duration::milliseconds;
use crate::evidence::ProvenEvidence;
use crate::failure::Failure;
use crate::judgment::ProvenAt;
use crate::output::facts::ProofFacts;
use crate::output::json::Number;
use crate::output::report::{Entry, Report};
use crate::output::text::{Text, Tone};
use crate::timestamp::{self, now_ms};

/// One offence, proven.
#[derive(Serialize)]
struct OffenceFacts {
    /// What was said twice: prevotes, precommits or proposals.
    kind: &'static str,
    validator: String,
    organization: Option<String>,
    height: Number,
    round: u32,
    evidence_id: String,
    /// The block that holds the evidence.
    block_height: Number,
    block_id: String,
    block_time_ms: Number,
    block_time: String,
    /// The evidence's canonical bytes.
    evidence: String,
}

impl OffenceFacts {
    fn new(genesis: &Genesis, block: &ProvenEvidence, evidence: &Evidence) -> Self {
        let (header, address) = (block.head.header(), evidence.address());
        let organization =
            genesis.validator(&address).map(|validator| validator.organization.to_string());
        Self {
            kind: evidence.kind().name(),
            validator: address.to_string(),
            organization,
            height: Number(evidence.height()),
            round: evidence.round(),
            evidence_id: evidence.id().to_string(),
            block_height: Number(header.height),
            block_id: block.head.block_id().to_string(),
            block_time_ms: Number(header.time_ms),
            block_time: timestamp::text(header.time_ms),
            evidence: hex::encode(evidence.to_bytes()),
        }
    }

    fn write(&self, text: &mut Text) {
        let of = self.organization.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        text.field("validator", &format!("{}{of}", self.validator));
        let (kind, height, round) = (self.kind, self.height.0, self.round);
        text.field("", &format!("signed two {kind} at height {height}, round {round}"));
        let (block, time) = (self.block_height.0, &self.block_time);
        text.field("", &format!("recorded in block {block} ({time})"));
        text.field("", &format!("evidence {}", self.evidence_id));
    }
}

#[derive(Serialize)]
struct EvidenceEntry {
    since_height: Number,
    offence_count: Number,
    offences: Vec<OffenceFacts>,
    proof: ProofFacts,
}

impl Entry for EvidenceEntry {
    fn write(&self, text: &mut Text) {
        let (count, since) = (self.offence_count.0, self.since_height.0);
        let tone = if count == 0 { Tone::Good } else { Tone::Bad };
        let word = if count == 1 { "offence" } else { "offences" };
        let since = if since <= 1 { String::new() } else { format!(" since height {since}") };
        text.headline(tone, "EVIDENCE", &format!("of {count} {word}{since}"));
        self.proof.write(text);
        self.offences.iter().for_each(|offence| offence.write(text));
    }
}

/// Lists the offences of which committed blocks hold evidence.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &Context, arguments: EvidenceArguments) -> Result<Report, Failure> {
    let nodes = context.nodes()?;
    let age_max_ms = arguments.max_age.map(milliseconds);
    let freshness = context.freshness(nodes.trust(), age_max_ms)?;
    let (answered, blocks) = nodes.evidence(arguments.since, freshness).await?;
    context.report(&answered.failures);
    let at = ProvenAt::from(&answered.value);
    context.remember(nodes.trust(), &at)?;
    let genesis = nodes.trust().genesis();
    let facts = |block: &ProvenEvidence| -> Vec<_> {
        block.evidence.iter().map(|piece| OffenceFacts::new(genesis, block, piece)).collect()
    };
    let offences: Vec<_> = blocks.values().flat_map(facts).collect();
    let mut report = Report::new("evidence");
    report.add(&EvidenceEntry {
        since_height: Number(arguments.since),
        offence_count: Number(offences.len() as u64),
        offences,
        proof: ProofFacts::new(&at, now_ms()),
    });
    Ok(report)
}
