//! The machine's form of every answer: one JSON document a command, on standard output, errors
//! included. `docs/CLI.md` describes it; [`SCHEMA`] changes when a reader could be misled.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::ser::Formatter;

use vouchsafe_types::canonical::Canonical as _;

use crate::exit::Exit;
use crate::fork::{Fork, Sighting};
use crate::output::escape::is_hazardous;

/// The schema's name and version. Fields may be added under one version; none is removed, renamed
/// or given another meaning.
pub const SCHEMA: &str = "vouch/1";
/// The greatest integer that every JSON reader holds exactly (RFC 8259 §6): 2⁵³ − 1.
pub const EXACT_INTEGER_MAX: u64 = (1 << 53) - 1;

/// A 64-bit integer: a JSON number where every reader holds it exactly, else a decimal string.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Number(pub u64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 <= EXACT_INTEGER_MAX {
            serializer.serialize_u64(self.0)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

/// What went wrong, for programs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ErrorBody {
    /// The rule or cause, in a fixed spelling.
    pub code: &'static str,
    /// The exit code that goes with it.
    pub exit_code: u8,
    /// The ledger's rule that refused what was asked, by its name in docs/RULES.md, if one did.
    pub rule: Option<String>,
    /// Cause and remedy, for people.
    pub message: String,
    /// The two blocks of a forked chain, if that is the error.
    pub fork: Option<ForkFacts>,
}

/// Two blocks at one height, with all that proves them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ForkFacts {
    /// The height.
    pub height: Number,
    /// The two blocks.
    pub blocks: [ForkedBlockFacts; 2],
    /// The addresses of the validators that signed both in one round.
    pub signed_both: Vec<String>,
}

/// One of the two, and how it is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ForkedBlockFacts {
    /// The block.
    pub block_id: String,
    /// The node that showed it; `null` if an earlier command saw it.
    pub node: Option<String>,
    /// The canonical header in hexadecimal: the block's own, or its child's; `null` as above.
    pub header: Option<String>,
    /// The certificate of that header.
    pub certificate: Option<String>,
}

impl From<&Sighting> for ForkedBlockFacts {
    fn from(sighting: &Sighting) -> Self {
        let proof = sighting.proof.as_ref();
        Self {
            block_id: sighting.block_id.to_string(),
            node: sighting.node.as_ref().map(ToString::to_string),
            header: proof.map(|proof| hex::encode(proof.header().to_bytes())),
            certificate: proof.map(|proof| hex::encode(proof.certificate().to_bytes())),
        }
    }
}

impl From<&Fork> for ForkFacts {
    fn from(fork: &Fork) -> Self {
        Self {
            height: Number(fork.height),
            blocks: [&fork.first, &fork.second].map(ForkedBlockFacts::from),
            signed_both: fork.signed_both().iter().map(ToString::to_string).collect(),
        }
    }
}

/// The document around a command's results.
#[derive(Clone, Debug, Serialize)]
pub struct Envelope<'a> {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The command, by its own name whatever alias was used; `null` when none was recognized.
    pub command: Option<&'a str>,
    /// What the process exits with.
    pub exit_code: u8,
    /// The exit code's name.
    pub outcome: &'static str,
    /// One entry an input, or what else the command lists.
    pub results: &'a [Value],
    /// The error that made the exit code, or `null`.
    pub error: Option<&'a ErrorBody>,
    /// How each node stood that was asked.
    pub nodes: &'a [Value],
}

impl<'a> Envelope<'a> {
    /// Wraps results, and the error if there is one.
    #[must_use]
    pub fn new(
        command: Option<&'a str>,
        exit: Exit,
        results: &'a [Value],
        error: Option<&'a ErrorBody>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            command,
            exit_code: exit.code(),
            outcome: exit.name(),
            results,
            error,
            nodes: &[],
        }
    }

    /// The same, with how each node stood.
    #[must_use]
    pub fn with_nodes(self, nodes: &'a [Value]) -> Self {
        Self { nodes, ..self }
    }

    /// Writes the document on one line.
    ///
    /// # Errors
    /// Whatever the writer reports: an answer that was not written is not an answer.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut line = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut line, SafeFormatter);
        self.serialize(&mut serializer)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}

/// Compact JSON in which hazardous characters are written as `\uXXXX`: the same strings, harmless
/// when the document is printed on a terminal.
struct SafeFormatter;

impl Formatter for SafeFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain_from = 0;
        for (at, character) in fragment.char_indices().filter(|(_, c)| is_hazardous(*c)) {
            writer.write_all(&fragment.as_bytes()[plain_from..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain_from = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain_from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(envelope: &Envelope<'_>) -> String {
        let mut out = Vec::new();
        envelope.write(&mut out).expect("memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn the_envelope_of_schema_1_does_not_change() {
        let results = [serde_json::json!({"a": 1})];
        assert_eq!(
            written(&Envelope::new(Some("verify"), Exit::Success, &results, None)),
            "{\"schema\":\"vouch/1\",\"command\":\"verify\",\"exit_code\":0,\
             \"outcome\":\"success\",\"results\":[{\"a\":1}],\"error\":null,\"nodes\":[]}\n"
        );
        let error = ErrorBody {
            code: "no-node",
            exit_code: 2,
            rule: None,
            message: "name one".into(),
            fork: None,
        };
        assert_eq!(
            written(&Envelope::new(None, Exit::Usage, &[], Some(&error))),
            "{\"schema\":\"vouch/1\",\"command\":null,\"exit_code\":2,\"outcome\":\"usage\",\
             \"results\":[],\"error\":{\"code\":\"no-node\",\"exit_code\":2,\
             \"rule\":null,\"message\":\"name one\",\"fork\":null},\"nodes\":[]}\n"
        );
    }

    #[test]
    fn integers_that_doubles_do_not_hold_are_strings() {
        let json = |n| serde_json::to_string(&Number(n)).expect("serializes");
        assert_eq!(json(EXACT_INTEGER_MAX), "9007199254740991");
        assert_eq!(json(EXACT_INTEGER_MAX + 1), "\"9007199254740992\"");
        assert_eq!(json(u64::MAX), "\"18446744073709551615\"");
    }

    #[test]
    fn json_is_harmless_on_a_terminal_and_keeps_its_strings() {
        let name = "a\u{1b}[2J\u{9b}\u{202e}b\u{e0041}\"\\é";
        let results = [Value::String(name.into())];
        let text = written(&Envelope::new(Some("x"), Exit::Success, &results, None));
        assert!(!text.trim_end().chars().any(is_hazardous), "{text:?}");
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["results"][0], name);
    }
}
