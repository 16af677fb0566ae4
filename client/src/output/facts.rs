//! Proven facts in the form that JSON carries and text shows.

use serde::Serialize;
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::record::OrganizationStatus;
use vouchsafe_types::transaction::RevocationReason;

use crate::duration;
use crate::judgment::ProvenAt;
use crate::output::json::Number;
use crate::output::text::Text;
use crate::timestamp;

/// Where a proof stands, and how old it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProofFacts {
    /// The height of the header that proves it.
    pub height: Number,
    /// The header's block.
    pub block_id: String,
    /// The header's time, in milliseconds since 1970.
    pub time_ms: Number,
    /// The same, as text.
    pub time: String,
    /// Its age by this machine's clock, in milliseconds; 0 when it is ahead.
    pub age_ms: Number,
    /// How far it is ahead of this machine's clock, in milliseconds; 0 when it is not.
    pub ahead_ms: Number,
}

impl ProofFacts {
    /// The facts of a header, now.
    #[must_use]
    pub fn new(at: &ProvenAt, now_ms: u64) -> Self {
        Self {
            height: Number(at.height),
            block_id: at.block_id.to_string(),
            time_ms: Number(at.time_ms),
            time: timestamp::text(at.time_ms),
            age_ms: Number(now_ms.saturating_sub(at.time_ms)),
            ahead_ms: Number(at.time_ms.saturating_sub(now_ms)),
        }
    }

    /// Writes them for people.
    pub fn write(&self, text: &mut Text) {
        let age = duration::text(self.age_ms.0);
        text.field("proven at", &format!("height {}, {age} old ({})", self.height.0, self.time));
        text.field("block", &self.block_id);
    }
}

/// What one organization says, since when, and by whose signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StatementFacts {
    /// The organization.
    pub organization: String,
    /// What it says.
    pub status: &'static str,
    /// Why, where trust was withdrawn.
    pub reason: Option<&'static str>,
    /// Since which height.
    pub since_height: Number,
    /// Since when, in milliseconds since 1970.
    pub since_time_ms: Number,
    /// The same, as text.
    pub since_time: String,
    /// The fingerprint of who signed it.
    pub signer: String,
    /// The transaction that says it.
    pub transaction_id: String,
    /// The operation within it.
    pub operation_index: u16,
    /// The event's index in the asset's log.
    pub event_index: Number,
}

impl From<&OrganizationStatus> for StatementFacts {
    fn from(entry: &OrganizationStatus) -> Self {
        Self {
            organization: entry.organization.to_string(),
            status: entry.status.name(),
            reason: entry.reason.map(RevocationReason::name),
            since_height: Number(entry.since_height),
            since_time_ms: Number(entry.since_time_ms),
            since_time: timestamp::text(entry.since_time_ms),
            signer: fingerprint(&entry.signer),
            transaction_id: entry.transaction_id.to_string(),
            operation_index: entry.operation_index,
            event_index: Number(entry.event_index),
        }
    }
}

impl StatementFacts {
    /// Writes them for people, under a field's name.
    pub fn write(&self, field: &str, text: &mut Text) {
        let reason = self.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let (organization, status) = (&self.organization, self.status);
        let (height, time) = (self.since_height.0, &self.since_time);
        text.field(field, &format!("{organization} says {status}{reason}"));
        text.field("", &format!("since height {height} ({time})"));
        text.field("", &format!("signed by {}", self.signer));
    }
}
