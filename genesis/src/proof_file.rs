//! A proof file in either form: binary for size, JSON for people and tools. Both are one
//! [`Proof`]; the JSON form only wraps the same canonical bytes (docs/PROTOCOL.md §15).
//!
//! ```text
//! first byte 'v' ─▶ canonical bytes ─────────────────────────┐
//! else ─▶ JSON, strictly ─▶ each part's canonical bytes ─────┴─▶ Proof ─▶ Proof::verify
//! ```

use serde::{Deserialize, Serialize};
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::{Canonical, DecodeError, Version};
use vouchsafe_types::hash::{ChainId, Digest};
use vouchsafe_types::proof::{
    AssetSubject, MAGIC, Magic, Older, PROOF_BYTES_MAX, Proof, ProofEvents, ReceiptSubject, Subject,
};
use vouchsafe_types::set_change::{SetChange, SetChanges};

/// The most bytes of a proof file as JSON.
pub const PROOF_JSON_BYTES_MAX: usize = 36 << 20;
/// What the member `format` says.
const FORMAT: &str = "vouchsafe-proof";

/// Why bytes are no proof file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// The binary form does not decode.
    #[error("the proof file does not decode: {0}")]
    Binary(DecodeError),
    /// Longer than [`PROOF_JSON_BYTES_MAX`].
    #[error("the proof file has {0} bytes, more than {PROOF_JSON_BYTES_MAX}")]
    TooLong(usize),
    /// Not JSON, or not of the one shape.
    #[error("the proof file is neither binary nor the JSON of a proof: {0}")]
    Json(String),
    /// A version this program does not know.
    #[error("the proof's version {0} is not known here (known: 1); a newer program may read it")]
    UnknownVersion(u64),
    /// A part does not decode.
    #[error("the {part} in the proof file does not decode: {error}")]
    Part {
        /// Which part.
        part: &'static str,
        /// Why.
        error: DecodeError,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofDocument {
    format: String,
    version: u64,
    chain_id: String,
    changes: Vec<ChangeDocument>,
    header: String,
    certificate: String,
    older: Option<OlderDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<AssetDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeDocument {
    header: String,
    certificate: String,
    validators: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OlderDocument {
    header: String,
    inclusion: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetDocument {
    scheme: String,
    digest: String,
    record: Option<String>,
    state_proof: String,
    events: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptDocument {
    transaction: String,
    inclusion: String,
}

/// Reads a proof file in either form.
///
/// # Errors
/// One [`ProofFileError`] for each rule.
pub fn read_proof(bytes: &[u8]) -> Result<Proof, ProofFileError> {
    if bytes.first() == MAGIC.first() {
        return Proof::from_bytes(bytes).map_err(ProofFileError::Binary);
    }
    if bytes.len() > PROOF_JSON_BYTES_MAX {
        return Err(ProofFileError::TooLong(bytes.len()));
    }
    let proof = proof_of(read_document(bytes)?)?;
    // Names and punctuation are worth a few bytes more than the binary form may have.
    let length_bytes = proof.to_bytes().len();
    if length_bytes > PROOF_BYTES_MAX {
        return Err(ProofFileError::TooLong(length_bytes));
    }
    Ok(proof)
}

/// A proof in its JSON form, indented, with a last newline.
#[must_use]
pub fn proof_json(proof: &Proof) -> String {
    let mut text = serde_json::to_string_pretty(&document_of(proof))
        .expect("these types hold no map, and writing to memory cannot fail");
    text.push('\n');
    text
}

fn read_document(bytes: &[u8]) -> Result<ProofDocument, ProofFileError> {
    let json = |error: serde_json::Error| ProofFileError::Json(error.to_string());
    let document: ProofDocument = serde_json::from_slice(bytes).map_err(json)?;
    let written: serde_json::Value = serde_json::from_slice(bytes).map_err(json)?;
    if document.format != FORMAT {
        return Err(ProofFileError::Json(format!("its format is not {FORMAT}")));
    }
    if document.version != 1 {
        return Err(ProofFileError::UnknownVersion(document.version));
    }
    // serde also takes arrays in place of objects, and misses no member that may be null.
    if serde_json::to_value(&document).map_err(json)? != written {
        let text = "a member is missing, null or an array where it must not be";
        return Err(ProofFileError::Json(text.to_owned()));
    }
    Ok(document)
}

fn proof_of(document: ProofDocument) -> Result<Proof, ProofFileError> {
    let change = |change: &ChangeDocument| {
        Ok(SetChange {
            header: part("header of a change", &change.header)?,
            certificate: part("certificate of a change", &change.certificate)?,
            validators: part("validator set of a change", &change.validators)?,
        })
    };
    let changes = document.changes.iter().map(change).collect::<Result<_, _>>()?;
    let older = |older: OlderDocument| {
        Ok(Older {
            header: part("older header", &older.header)?,
            inclusion: part("older header's inclusion proof", &older.inclusion)?,
        })
    };
    let subject = match (document.asset, document.receipt) {
        (Some(asset), None) => Subject::Asset(asset_of(&asset)?),
        (None, Some(receipt)) => Subject::Receipt(ReceiptSubject {
            transaction: part("transaction", &receipt.transaction)?,
            inclusion: part("inclusion proof", &receipt.inclusion)?,
        }),
        _ => {
            let text = "it must have either the member asset or the member receipt";
            return Err(ProofFileError::Json(text.to_owned()));
        }
    };
    Ok(Proof {
        magic: Magic,
        version: Version,
        chain_id: ChainId(digest("chain_id", &document.chain_id)?),
        changes: SetChanges::new(changes).map_err(in_part("list of changes"))?,
        header: part("header", &document.header)?,
        certificate: part("certificate", &document.certificate)?,
        older: document.older.map(older).transpose()?,
        subject,
    })
}

fn asset_of(document: &AssetDocument) -> Result<AssetSubject, ProofFileError> {
    let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.name() == document.scheme);
    let scheme = scheme.ok_or_else(|| ProofFileError::Json("no such scheme".to_owned()))?;
    let events = |events: &Vec<String>| {
        let events = events.iter().map(|event| part("event", event)).collect::<Result<_, _>>()?;
        ProofEvents::new(events).map_err(in_part("list of events"))
    };
    Ok(AssetSubject {
        key: AssetKey { scheme, digest: digest("digest", &document.digest)? },
        record: document.record.as_ref().map(|record| part("record", record)).transpose()?,
        state_proof: part("state proof", &document.state_proof)?,
        events: document.events.as_ref().map(events).transpose()?,
    })
}

fn in_part(part: &'static str) -> impl Fn(DecodeError) -> ProofFileError {
    move |error| ProofFileError::Part { part, error }
}

fn part<T: Canonical>(name: &'static str, text: &str) -> Result<T, ProofFileError> {
    T::from_bytes(&unhex(name, text)?).map_err(in_part(name))
}

fn digest(name: &'static str, text: &str) -> Result<Digest, ProofFileError> {
    let bytes = <[u8; 32]>::try_from(unhex(name, text)?);
    bytes.map(Digest).map_err(|_| ProofFileError::Json(format!("{name} is not of 32 bytes")))
}

fn unhex(name: &'static str, text: &str) -> Result<Vec<u8>, ProofFileError> {
    let lowercase = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let bytes = hex::decode(text).ok().filter(|_| lowercase);
    let text = || format!("the {name} is not in pairs of lowercase hexadecimal digits");
    bytes.ok_or_else(|| ProofFileError::Json(text()))
}

fn document_of(proof: &Proof) -> ProofDocument {
    let encoded = |bytes: Vec<u8>| hex::encode(bytes);
    let change = |change: &SetChange| ChangeDocument {
        header: encoded(change.header.to_bytes()),
        certificate: encoded(change.certificate.to_bytes()),
        validators: encoded(change.validators.to_bytes()),
    };
    let older = |older: &Older| OlderDocument {
        header: encoded(older.header.to_bytes()),
        inclusion: encoded(older.inclusion.to_bytes()),
    };
    let (asset, receipt) = match &proof.subject {
        Subject::Asset(asset) => (Some(asset_document(asset)), None),
        Subject::Receipt(receipt) => {
            let transaction = encoded(receipt.transaction.to_bytes());
            let inclusion = encoded(receipt.inclusion.to_bytes());
            (None, Some(ReceiptDocument { transaction, inclusion }))
        }
    };
    ProofDocument {
        format: FORMAT.to_owned(),
        version: 1,
        chain_id: proof.chain_id.to_string(),
        changes: proof.changes.iter().map(change).collect(),
        header: encoded(proof.header.to_bytes()),
        certificate: encoded(proof.certificate.to_bytes()),
        older: proof.older.as_ref().map(older),
        asset,
        receipt,
    }
}

fn asset_document(asset: &AssetSubject) -> AssetDocument {
    let events = |events: &ProofEvents| {
        events.iter().map(|event| hex::encode(event.to_bytes())).collect::<Vec<_>>()
    };
    AssetDocument {
        scheme: asset.key.scheme.name().to_owned(),
        digest: asset.key.digest.to_string(),
        record: asset.record.as_ref().map(|record| hex::encode(record.to_bytes())),
        state_proof: hex::encode(asset.state_proof.to_bytes()),
        events: asset.events.as_ref().map(events),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_file_above_its_limit_is_not_read() {
        let spaces = vec![b' '; PROOF_JSON_BYTES_MAX];
        assert!(matches!(read_proof(&spaces), Err(ProofFileError::Json(_))));
        let longer = vec![b' '; PROOF_JSON_BYTES_MAX + 1];
        assert_eq!(read_proof(&longer), Err(ProofFileError::TooLong(longer.len())));
        let binary = [&MAGIC[..], &vec![0; PROOF_BYTES_MAX][..]].concat();
        let error = read_proof(&binary).expect_err("too long");
        assert!(matches!(error, ProofFileError::Binary(DecodeError::TooLong { .. })), "{error}");
    }
}
