//! `vouch version`.

use serde::Serialize;

use crate::output::json::SCHEMA;
use crate::output::report::{Entry, Report};
use crate::output::text::Text;

/// What this program is and speaks.
#[derive(Serialize)]
struct VersionEntry {
    version: &'static str,
    schema: &'static str,
    api: &'static str,
}

impl Entry for VersionEntry {
    fn write(&self, text: &mut Text) {
        text.line(&format!("vouch {} ({}, {})", self.version, self.api, self.schema));
    }
}

/// The version, the JSON schema and the API.
#[must_use]
pub fn run() -> Report {
    let mut report = Report::new("version");
    let version = env!("CARGO_PKG_VERSION");
    report.add(&VersionEntry { version, schema: SCHEMA, api: "vouchsafe.v1" });
    report
}
