//! The report of `vouch inspect`.

use std::collections::BTreeMap;

use serde::Serialize;
use vouchsafe_types::asset::{Asset, Scheme};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::record::Event;
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::RevocationReason;

use crate::inputs::Input;
use crate::judgment::Checked;
use crate::output::facts::{ProofFacts, StatementFacts};
use crate::output::json::Number;
use crate::output::report::Entry;
use crate::output::text::{Text, Tone};
use crate::timestamp;

/// What a transaction says of an asset, beside its digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AssetFacts {
    /// What it is called.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// How the digest was made.
    pub scheme: &'static str,
    /// Its size, in bytes.
    pub size_bytes: Number,
    /// What else is stated.
    pub attributes: BTreeMap<String, String>,
}

impl From<&Asset> for AssetFacts {
    fn from(asset: &Asset) -> Self {
        let attributes = asset.attributes.as_slice().iter();
        Self {
            name: asset.name.to_string(),
            digest: format!("sha256:{}", asset.digest),
            scheme: asset.scheme.name(),
            size_bytes: Number(asset.size_bytes),
            attributes: attributes.map(|a| (a.key.to_string(), a.value.to_string())).collect(),
        }
    }
}

/// One event, and what its transaction says of the asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EventEntry {
    index: Number,
    organization: String,
    signer: String,
    role: &'static str,
    status: &'static str,
    reason: Option<&'static str>,
    height: Number,
    time_ms: Number,
    time: String,
    transaction_id: String,
    operation_index: u16,
    asset: AssetFacts,
}

impl EventEntry {
    pub(super) fn new(index: u64, event: &Event, asset: &Asset) -> Self {
        Self {
            index: Number(index),
            organization: event.organization.to_string(),
            signer: fingerprint(&event.signer),
            role: event.role.name(),
            status: event.status.name(),
            reason: event.reason.map(RevocationReason::name),
            height: Number(event.height),
            time_ms: Number(event.time_ms),
            time: timestamp::text(event.time_ms),
            transaction_id: event.transaction_id.to_string(),
            operation_index: event.operation_index,
            asset: asset.into(),
        }
    }

    fn write(&self, text: &mut Text) {
        let reason = self.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let (index, organization, status) = (self.index.0, &self.organization, self.status);
        let field = format!("event {index}");
        text.field(&field, &format!("{organization} says {status}{reason}"));
        text.field("", &format!("at height {} ({})", self.height.0, self.time));
        text.field("", &format!("signed by {} ({})", self.signer, self.role));
        let (transaction, operation) = (&self.transaction_id, self.operation_index);
        text.field("", &format!("transaction {transaction}, operation {operation}"));
        text.field("", &format!("named {}, {} bytes", self.asset.name, self.asset.size_bytes.0));
        for (key, value) in &self.asset.attributes {
            text.field("", &format!("{key} = {value}"));
        }
    }
}

/// Everything about one asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct InspectEntry {
    input: String,
    digest: String,
    scheme: &'static str,
    size_bytes: Option<Number>,
    status: &'static str,
    exit_code: u8,
    outcome: &'static str,
    organizations: Vec<StatementFacts>,
    event_count: Number,
    events: Vec<EventEntry>,
    proof: ProofFacts,
    #[serde(skip)]
    tone: Tone,
}

impl InspectEntry {
    pub(super) fn new(
        input: &Input,
        checked: &Checked,
        events: Vec<EventEntry>,
        now_ms: u64,
    ) -> Self {
        let status: Status = checked.verdict.status;
        let exit = checked.exit();
        Self {
            input: input.label.clone(),
            digest: format!("sha256:{}", input.digest),
            scheme: Scheme::Bytes.name(),
            size_bytes: input.size_bytes.map(Number),
            status: status.name(),
            exit_code: exit.code(),
            outcome: exit.name(),
            organizations: checked.counted.iter().map(StatementFacts::from).collect(),
            event_count: Number(checked.record.as_ref().map_or(0, |record| record.events.count)),
            events,
            proof: ProofFacts::new(&checked.at, now_ms),
            tone: Tone::of(status),
        }
    }
}

impl Entry for InspectEntry {
    fn write(&self, text: &mut Text) {
        text.headline(self.tone, self.status, &self.input);
        text.field("digest", &self.digest);
        for (index, statement) in self.organizations.iter().enumerate() {
            statement.write(if index == 0 { "now" } else { "" }, text);
        }
        self.proof.write(text);
        let hidden = self.event_count.0 - self.events.len() as u64;
        text.field("events", &format!("{}, proven complete", self.event_count.0));
        if hidden > 0 {
            text.field("", &format!("the first {hidden} are not shown: see --limit"));
        }
        self.events.iter().for_each(|event| event.write(text));
    }
}
