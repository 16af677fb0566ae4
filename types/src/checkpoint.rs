//! Checkpoints: the history log's size and root as C2SP signed notes, so that outsiders can witness
//! them and hold an old one against a new one (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).
//!
//! ```text
//! vouchsafe/2fdac035…                       origin: the chain
//! 71                                        how many blocks
//! mqX0…=                                    the root over their ids, in base64
//!
//! — 32cdbdb4… 5wIH…=                        a validator: its address, key id ‖ signature
//! — 8f00a1c2… kq3w…=
//! ```
//!
//! A note counts with more than two thirds of the power of the validators who decided its last
//! block. What is signed is its text, which never begins with a zero byte as a vote does, nor with
//! `SSHSIG` as a transaction does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{ChainId, Digest, sha256};
use crate::identity::{Address, PublicKey, Signature};
use crate::signature::{SignatureRule, Zip215};
use crate::validator_set::ValidatorSet;

/// The most bytes of a note: its text, and a line for each validator.
pub const NOTE_BYTES_MAX: usize = 64 << 10;
/// What an origin begins with; the chain id in hexadecimal follows.
const ORIGIN: &str = "vouchsafe/";
/// The type of an Ed25519 signature in a key id (c2sp.org/signed-note).
const ED25519: u8 = 1;
/// What a signature's line begins with: an em dash and a space.
const SIGNED_BY: &str = "\u{2014} ";

/// The history of a chain at a size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The chain.
    pub chain_id: ChainId,
    /// How many blocks: the height of the last one.
    pub size: u64,
    /// The RFC 9162 root over their ids.
    pub root: Digest,
}

/// One validator's signature under a note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoteSignature {
    /// Who signed, as the line says.
    pub address: Address,
    /// The first bytes of the key's hash, as the line says.
    pub key_id: [u8; 4],
    /// The signature over the note's text.
    pub signature: Signature,
}

/// A checkpoint and the signatures under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The validators' signatures, in the order of the lines.
    pub signatures: Vec<NoteSignature>,
}

/// Why a note is no checkpoint, or does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("the note is longer than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// Not of a checkpoint's form.
    #[error("the note is no checkpoint: {0}")]
    Form(&'static str),
    /// Of another chain.
    #[error("the checkpoint is of chain {actual}, not of {expected}")]
    Chain {
        /// The chain pinned.
        expected: ChainId,
        /// The note's chain.
        actual: ChainId,
    },
    /// One validator's line stands twice.
    #[error("validator {0} signed the checkpoint twice")]
    Repeated(Address),
    /// A validator's signature does not hold.
    #[error("the checkpoint's signature of validator {0} is not valid")]
    Signature(Address),
    /// The validators who signed have two thirds of the power or less.
    #[error(
        "the checkpoint is signed by {power} of {total_power} voting power, not by more than two \
         thirds"
    )]
    Power {
        /// The power of those who signed.
        power: u64,
        /// The set's power.
        total_power: u64,
    },
}

impl Checkpoint {
    /// The text that is signed: three lines, each with its newline.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { chain_id, size, root } = self;
        format!("{ORIGIN}{chain_id}\n{size}\n{}\n", STANDARD.encode(root.0))
    }

    /// The line of a validator who signed the text.
    #[must_use]
    pub fn line(key: &PublicKey, signature: &Signature) -> String {
        let address = key.address();
        let bytes = [&key_id(&address, key)[..], &signature.0].concat();
        format!("{SIGNED_BY}{address} {}\n", STANDARD.encode(bytes))
    }

    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let form = CheckpointError::Form;
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, ""] = lines[..] else {
            return Err(form("its text has not exactly three lines"));
        };
        let chain_id = origin.strip_prefix(ORIGIN).and_then(|id| id.parse().ok());
        let chain_id = chain_id.ok_or(form("its origin is not vouchsafe/ and a chain id"))?;
        let size = size.parse().map_err(|_| form("its size is no number"))?;
        if size == 0 {
            return Err(form("it is of no block, which nobody decided"));
        }
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = Digest(root.ok_or(form("its root is not 32 bytes in base64"))?);
        let checkpoint = Self { chain_id, size, root };
        // One value has one text: no sign, no leading zero, no other base64.
        if checkpoint.text() == text { Ok(checkpoint) } else { Err(form("it has another form")) }
    }
}

/// The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
fn key_id(address: &Address, key: &PublicKey) -> [u8; 4] {
    let name = address.to_string();
    let digest = sha256(&[name.as_bytes(), b"\n", &[ED25519], &key.0]);
    [digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}

impl SignedCheckpoint {
    /// Reads a note. Lines of others than validators are kept out: witnesses may add theirs.
    ///
    /// # Errors
    /// [`CheckpointError::TooLong`] or [`CheckpointError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(CheckpointError::TooLong);
        }
        let form = CheckpointError::Form;
        let note = std::str::from_utf8(bytes).map_err(|_| form("it is no UTF-8"))?;
        let end = note.rfind("\n\n").ok_or(form("no empty line parts text and signatures"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(form("its last line has no end"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            let line = line.strip_prefix(SIGNED_BY);
            let line = line.ok_or(form("a line under the text is no signature"))?;
            let named = line.split_once(' ').filter(|(name, _)| !name.is_empty());
            let (name, encoded) = named.ok_or(form("a signature has no name"))?;
            let address = name.parse().ok().filter(|address: &Address| address.to_string() == name);
            // A witness's line is its own business.
            let Some(address) = address else { continue };
            signatures.push(signature_of(address, encoded)?);
        }
        Ok(Self { checkpoint: Checkpoint::parse(text)?, signatures })
    }

    /// The note: text, empty line, signatures.
    #[must_use]
    pub fn to_note(&self, set: &ValidatorSet) -> String {
        let line = |entry: &NoteSignature| {
            set.get(&entry.address).map(|v| Checkpoint::line(&v.public_key, &entry.signature))
        };
        let lines: String = self.signatures.iter().filter_map(line).collect();
        format!("{}\n{lines}", self.checkpoint.text())
    }

    /// Checks that more than two thirds of a set signed the checkpoint. Signatures of others prove
    /// nothing and are passed over; a member's that does not hold is refused.
    ///
    /// # Errors
    /// One [`CheckpointError`] for each rule.
    pub fn verify(&self, chain_id: &ChainId, set: &ValidatorSet) -> Result<(), CheckpointError> {
        let actual = self.checkpoint.chain_id;
        if actual != *chain_id {
            return Err(CheckpointError::Chain { expected: *chain_id, actual });
        }
        let text = self.checkpoint.text();
        let (mut power, mut seen) = (0u64, Vec::new());
        for NoteSignature { address, key_id: named, signature } in &self.signatures {
            let Some(validator) = set.get(address) else { continue };
            if seen.contains(address) {
                return Err(CheckpointError::Repeated(*address));
            }
            seen.push(*address);
            let key = &validator.public_key;
            let is_its_key = *named == key_id(address, key);
            if !is_its_key || !Zip215.holds(key, text.as_bytes(), signature) {
                return Err(CheckpointError::Signature(*address));
            }
            power += validator.power;
        }
        if set.is_quorum(power) {
            return Ok(());
        }
        Err(CheckpointError::Power { power, total_power: set.total_power() })
    }
}

fn signature_of(address: Address, encoded: &str) -> Result<NoteSignature, CheckpointError> {
    let bytes = STANDARD.decode(encoded).ok().and_then(|bytes| <[u8; 68]>::try_from(bytes).ok());
    let bytes = bytes.ok_or(CheckpointError::Form("a signature is not 68 bytes in base64"))?;
    let (mut key_id, mut signature) = ([0; 4], [0; 64]);
    key_id.copy_from_slice(&bytes[..4]);
    signature.copy_from_slice(&bytes[4..]);
    Ok(NoteSignature { address, key_id, signature: Signature(signature) })
}
