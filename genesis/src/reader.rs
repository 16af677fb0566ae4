//! Reading documents strictly, bounded and in one form only; and writing them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::decimal;
use crate::document::DOCUMENT_VERSION;

/// The longest genesis document or member file, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// Why bytes are not a document of the expected shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Longer than [`DOCUMENT_BYTES_MAX`], as written or as it would be printed.
    #[error("the document has {0} bytes, more than {DOCUMENT_BYTES_MAX}: name fewer signers in it")]
    TooLong(usize),
    /// Not JSON.
    #[error("line {line}, column {column}: not JSON: {cause}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the reader stumbled over.
        cause: String,
    },
    /// A version this program does not know.
    #[error(
        "the document's version {0} is not known here (known: {DOCUMENT_VERSION}); a newer \
         program may read it"
    )]
    UnknownVersion(u64),
    /// A field that this version does not have.
    #[error("line {line}, column {column}: {cause}; remove it or correct its spelling")]
    UnknownField {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Names the field.
        cause: String,
    },
    /// A field that stands twice in one object.
    #[error("line {line}, column {column}: {cause}; keep one of the two")]
    DuplicateField {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Names the field.
        cause: String,
    },
    /// A field that must be there and is not: no field has a silent default.
    #[error("line {line}, column {column}: {cause}; every field must be written")]
    MissingField {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Names the field.
        cause: String,
    },
    /// A 64-bit integer that is a JSON number, or a string of another form.
    #[error(
        "line {line}, column {column}: {cause}; write it like \"1000\": quoted, digits only, no \
         leading zero"
    )]
    NotADecimalString {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Shows the value.
        cause: String,
    },
    /// A value of another type than its field has.
    #[error("line {line}, column {column}: {cause}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Names what was found and what was expected.
        cause: String,
    },
    /// JSON that means the document without being its normal form, such as an array in an
    /// object's place.
    #[error(
        "the document is not in its normal form (arrays in place of objects, or null); write \
         objects with named fields, as 'vouchsafed genesis show' prints them"
    )]
    NotNormal,
}

impl From<serde_json::Error> for DocumentError {
    /// serde's messages begin with fixed words for each kind of mistake; a test holds each.
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let cause = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        if !error.is_data() {
            Self::Syntax { line, column, cause }
        } else if cause.starts_with("unknown field") {
            Self::UnknownField { line, column, cause }
        } else if cause.starts_with("duplicate field") {
            Self::DuplicateField { line, column, cause }
        } else if cause.starts_with("missing field") {
            Self::MissingField { line, column, cause }
        } else if cause.starts_with(decimal::MESSAGE) {
            Self::NotADecimalString { line, column, cause }
        } else {
            Self::Shape { line, column, cause }
        }
    }
}

/// All that is read of a document whose version is not yet known.
#[derive(Deserialize)]
struct Probe {
    version: u64,
}

/// Reads a document of the known version.
///
/// Nesting needs no bound of its own: the types below read no deeper than the document's shape,
/// and what they do not know they skip without recursion or refuse.
pub(crate) fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, DocumentError> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLong(bytes.len()));
    }
    let probe: Probe = serde_json::from_slice(bytes)?;
    if probe.version != DOCUMENT_VERSION {
        return Err(DocumentError::UnknownVersion(probe.version));
    }
    let document: T = serde_json::from_slice(bytes)?;
    let written: serde_json::Value = serde_json::from_slice(bytes)?;
    if serde_json::to_value(&document)? != written {
        return Err(DocumentError::NotNormal);
    }
    Ok(document)
}

/// The document as people read it: indented, in the order of its fields, with a last newline.
pub(crate) fn pretty<T: Serialize>(document: &T) -> String {
    let mut text = serde_json::to_string_pretty(document)
        .expect("these types hold no map, and writing to memory cannot fail");
    text.push('\n');
    text
}

/// The document's RFC 8785 form: what is hashed.
pub(crate) fn canonical<T: Serialize>(document: &T) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(document)
        .expect("these types hold no map, and writing to memory cannot fail")
}
