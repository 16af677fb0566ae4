//! Signed transactions for tests.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use vouchsafe_genesis::Genesis;
use vouchsafe_keys::{PassphraseSource, SecretKey, TransactionSigner};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::hash::{ChainId, sha256};
use vouchsafe_types::transaction::{
    Assets, Body, Operation, Operations, RevocationReason, SignedTransaction,
};

/// A signer on a chain.
pub(crate) struct Author {
    pub(crate) chain_id: ChainId,
    pub(crate) key: SecretKey,
}

impl Author {
    /// The generated admin of a trial chain's organization.
    pub(crate) fn admin(home: &Path, organization: &str) -> Self {
        let source = PassphraseSource::new("UNSET").without_terminal();
        let path = home.join(format!("keys/admin-{organization}"));
        let key = SecretKey::read(&path, &source).expect("an unencrypted key");
        Self { chain_id: genesis(home).chain_id(), key }
    }

    /// A body signed as it is.
    pub(crate) fn sign(&self, body: &Body) -> SignedTransaction {
        self.key.sign_transaction(&self.chain_id, body).expect("signed")
    }

    /// A statement of one operation, signed.
    pub(crate) fn state(&self, operation: Operation) -> Vec<u8> {
        self.sign(&body(operation)).to_bytes()
    }
}

/// A home's genesis.
pub(crate) fn genesis(home: &Path) -> Genesis {
    let bytes = std::fs::read(home.join("genesis.json")).expect("a document");
    Genesis::parse(&bytes).expect("valid")
}

/// An asset of some content.
pub(crate) fn asset(content: &str) -> Asset {
    Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[content.as_bytes()]),
        size_bytes: content.len() as u64,
        name: DisplayName::new(content.chars().take(40).collect()).expect("short"),
        attributes: Attributes::default(),
    }
}

/// Vouches for a content.
pub(crate) fn notarize(content: &str) -> Operation {
    Operation::Notarize { assets: Assets::new(vec![asset(content)]).expect("one") }
}

/// Withdraws trust from a content.
pub(crate) fn revoke(content: &str, reason: RevocationReason) -> Operation {
    Operation::Revoke { assets: Assets::new(vec![asset(content)]).expect("one"), reason }
}

/// A body of one operation that expires in ten minutes; no two are equal.
pub(crate) fn body(operation: Operation) -> Body {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let seed = sha256(&[&number.to_le_bytes(), &now_ms().to_le_bytes()]);
    let nonce = seed.0[..16].try_into().expect("16 of 32 bytes");
    let operations = Operations::new(vec![operation]).expect("one");
    Body { version: Version, operations, nonce, expiry_ms: now_ms() + 600_000 }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("before the year 500 million")
}
