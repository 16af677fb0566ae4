//! A signer's statement: operations on assets, wrapped in an OpenSSH signature.
//!
//! ```text
//! SignedTransaction ── body bytes ──▶ Body { operations, nonce, expiry }
//!        │  └─ public key, signature = SSHSIG("vouchsafe-tx-v1", chain id ‖ body bytes)
//!        ├─ leaf hash (RFC 9162, of all its bytes): its place in a block, what peers ask for
//!        └─ transaction id (chain id, public key, body): replay, whatever the signature's bytes
//! ```

use borsh::{BorshDeserialize, BorshSerialize};

use crate::asset::Asset;
use crate::canonical::{Canonical, DecodeError, Version, bounded};
use crate::hash::{ChainId, Digest, Domain, TransactionId, tagged};
use crate::identity::{PublicKey, PublicKeyError, Signature};
use crate::log::leaf_hash;
use crate::openssh::{TRANSACTION_NAMESPACE, signed_data};
use crate::signature::{SignatureRule, SignedMessage, Zip215};

/// The most assets in one transaction, over all its operations.
pub const TRANSACTION_ASSETS_MAX: usize = 4096;
/// The longest transaction, in bytes.
pub const TRANSACTION_BYTES_MAX: usize = 1 << 20;
/// Bytes of a signed transaction beside its body: version, length, key and signature.
const ENVELOPE_BYTES: usize = 1 + 4 + 32 + 64;

/// Why an asset is no longer vouched for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum RevocationReason {
    /// It does harm: UNTRUSTED, and only an admin can trust it again.
    Compromised = 1,
    /// It is no longer supported: UNSUPPORTED.
    Deprecated = 2,
}

impl RevocationReason {
    /// The reason's name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compromised => "COMPROMISED",
            Self::Deprecated => "DEPRECATED",
        }
    }
}

bounded!(
    /// The assets of one operation.
    list Assets: Asset, "assets in an operation", 1, TRANSACTION_ASSETS_MAX
);
bounded!(
    /// The operations of one transaction.
    list Operations: Operation, "operations in a transaction", 1, TRANSACTION_ASSETS_MAX
);
bounded!(
    /// A transaction body's canonical bytes, as they were signed.
    bytes BodyBytes, "bytes of a transaction's body", 1, TRANSACTION_BYTES_MAX - ENVELOPE_BYTES
);

/// One act of a signer. Numbers 3 and up are room for later operations.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Operation {
    /// Vouches for assets.
    Notarize {
        /// The assets.
        assets: Assets,
    } = 1,
    /// Withdraws trust from assets, notarized before or not.
    Revoke {
        /// The assets.
        assets: Assets,
        /// Why.
        reason: RevocationReason,
    } = 2,
}

impl Operation {
    /// The assets the operation acts on.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        match self {
            Self::Notarize { assets } | Self::Revoke { assets, .. } => assets,
        }
    }
}

/// What a signer states, before it is signed.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Body {
    /// The body's version.
    pub version: Version<1>,
    /// What is done, in order.
    pub operations: Operations,
    /// Makes two equal statements two transactions.
    pub nonce: [u8; 16],
    /// The transaction may only be in a block whose time, in milliseconds since 1970, is below
    /// this.
    pub expiry_ms: u64,
}

impl Canonical for Body {
    const LIMIT_BYTES: usize = BodyBytes::MOST;
}

/// Body, key and signature: what travels and what a block holds.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct SignedTransaction {
    /// The transaction's version.
    pub version: Version<1>,
    /// The body's canonical bytes.
    pub body: BodyBytes,
    /// The signer's key.
    pub public_key: PublicKey,
    /// The SSHSIG signature.
    pub signature: Signature,
}

impl Canonical for SignedTransaction {
    const LIMIT_BYTES: usize = TRANSACTION_BYTES_MAX;
}

/// Why a transaction is refused, whatever the state of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// The envelope does not decode.
    #[error("the transaction does not decode: {0}")]
    Envelope(DecodeError),
    /// The body does not decode.
    #[error("the transaction's body does not decode: {0}")]
    Body(DecodeError),
    /// The operations together name too many assets.
    #[error(
        "the transaction names {0} assets, more than {TRANSACTION_ASSETS_MAX}: split it in parts"
    )]
    AssetCount(usize),
    /// One asset stands twice.
    #[error("the transaction names the asset {0} twice: name it once")]
    RepeatedAsset(Digest),
    /// The key may not be admitted.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The signature is not the key's over this body on this chain.
    #[error(
        "the signature does not verify: it is not by this key over this body on chain {0}, in \
         namespace {TRANSACTION_NAMESPACE}"
    )]
    Signature(ChainId),
}

/// The message that SSHSIG signs: chain id ‖ body.
#[must_use]
pub fn message(chain_id: &ChainId, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32 + body.len());
    bytes.extend_from_slice(chain_id.as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// The bytes over which a transaction's Ed25519 signature is made: SSHSIG's framing of
/// [`message`].
#[must_use]
pub fn signing_data(chain_id: &ChainId, body: &[u8]) -> Vec<u8> {
    signed_data(TRANSACTION_NAMESPACE, &message(chain_id, body))
}

#[derive(BorshSerialize)]
struct IdPreimage<'a> {
    version: Version<1>,
    chain_id: &'a ChainId,
    public_key: &'a PublicKey,
    body: &'a BodyBytes,
}

impl SignedTransaction {
    /// The transaction's id on a chain: for replay only.
    #[must_use]
    pub fn id(&self, chain_id: &ChainId) -> TransactionId {
        let preimage = IdPreimage {
            version: Version,
            chain_id,
            public_key: &self.public_key,
            body: &self.body,
        };
        let bytes = borsh::to_vec(&preimage).expect("writing to memory cannot fail");
        TransactionId(tagged(Domain::TransactionId, &bytes))
    }

    /// The bytes over which the signature was made.
    #[must_use]
    pub fn signing_data(&self, chain_id: &ChainId) -> Vec<u8> {
        signing_data(chain_id, &self.body)
    }
}

/// A transaction whose form was checked and whose body was read. Its signature was not: that is
/// checked in batches, by whoever holds many (see [`Transaction::verify`] for one alone).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    signed: SignedTransaction,
    bytes: Vec<u8>,
    body: Body,
    id: TransactionId,
    leaf: Digest,
}

impl Transaction {
    /// Reads a transaction and checks everything about it but its signature and the ledger's
    /// state.
    ///
    /// # Errors
    /// One [`TransactionError`] for each rule.
    pub fn from_bytes(chain_id: &ChainId, bytes: &[u8]) -> Result<Self, TransactionError> {
        let signed = SignedTransaction::from_bytes(bytes).map_err(TransactionError::Envelope)?;
        Self::from_signed(chain_id, signed)
    }

    /// The same for a transaction whose envelope is already decoded.
    ///
    /// # Errors
    /// One [`TransactionError`] for each rule.
    pub fn from_signed(
        chain_id: &ChainId,
        signed: SignedTransaction,
    ) -> Result<Self, TransactionError> {
        let body = Body::from_bytes(&signed.body).map_err(TransactionError::Body)?;
        let count = body.operations.iter().map(|operation| operation.assets().len()).sum();
        if count > TRANSACTION_ASSETS_MAX {
            return Err(TransactionError::AssetCount(count));
        }
        let mut keys: Vec<_> =
            body.operations.iter().flat_map(Operation::assets).map(Asset::key).collect();
        keys.sort_unstable();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TransactionError::RepeatedAsset(pair[0].digest));
        }
        signed.public_key.check()?;
        let id = signed.id(chain_id);
        let bytes = signed.to_bytes();
        let leaf = leaf_hash(&bytes);
        Ok(Self { signed, bytes, body, id, leaf })
    }

    /// Checks the signature alone.
    ///
    /// # Errors
    /// [`TransactionError::Signature`].
    pub fn verify(self, chain_id: &ChainId) -> Result<VerifiedTransaction, TransactionError> {
        self.verify_under(&Zip215, chain_id)
    }

    /// [`Transaction::verify`] under any rule of signatures.
    ///
    /// # Errors
    /// [`TransactionError::Signature`].
    pub fn verify_under(
        self,
        rule: &dyn SignatureRule,
        chain_id: &ChainId,
    ) -> Result<VerifiedTransaction, TransactionError> {
        let data = self.signed.signing_data(chain_id);
        if rule.holds(&self.signed.public_key, &data, &self.signed.signature) {
            Ok(VerifiedTransaction(self))
        } else {
            Err(TransactionError::Signature(*chain_id))
        }
    }

    /// Checks the signatures of many transactions in one batch. The verdict on each, in order,
    /// is what [`Transaction::verify`] says of it alone.
    #[must_use]
    pub fn verify_batch(
        transactions: Vec<Self>,
        chain_id: &ChainId,
    ) -> Vec<Result<VerifiedTransaction, TransactionError>> {
        Self::verify_batch_under(&Zip215, transactions, chain_id)
    }

    /// [`Transaction::verify_batch`] under any rule of signatures.
    #[must_use]
    pub fn verify_batch_under(
        rule: &dyn SignatureRule,
        transactions: Vec<Self>,
        chain_id: &ChainId,
    ) -> Vec<Result<VerifiedTransaction, TransactionError>> {
        let signed_message = |Self { signed, .. }: &Self| SignedMessage {
            key: signed.public_key,
            message: signed.signing_data(chain_id),
            signature: signed.signature,
        };
        let verdicts =
            rule.each_holds(&transactions.iter().map(signed_message).collect::<Vec<_>>());
        transactions
            .into_iter()
            .zip(verdicts)
            .map(|(transaction, valid)| {
                valid
                    .then_some(VerifiedTransaction(transaction))
                    .ok_or(TransactionError::Signature(*chain_id))
            })
            .collect()
    }

    /// The envelope.
    #[must_use]
    pub fn signed(&self) -> &SignedTransaction {
        &self.signed
    }

    /// The canonical bytes of the whole signed transaction.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is stated.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The id, for replay.
    #[must_use]
    pub fn id(&self) -> TransactionId {
        self.id
    }

    /// The RFC 9162 leaf hash of the whole signed transaction.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// How many assets its operations name.
    #[must_use]
    pub fn asset_count(&self) -> usize {
        self.body.operations.iter().map(|operation| operation.assets().len()).sum()
    }
}

/// A transaction whose signature was checked: only [`Transaction::verify`] and
/// [`Transaction::verify_batch`] make one, so nothing unverified can be pooled or remembered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedTransaction(Transaction);

impl VerifiedTransaction {
    /// The transaction.
    #[must_use]
    pub fn into_inner(self) -> Transaction {
        self.0
    }
}

impl std::ops::Deref for VerifiedTransaction {
    type Target = Transaction;
    fn deref(&self) -> &Transaction {
        &self.0
    }
}
