//! Signed statements for a network to commit: each vouches for a content that nobody has seen.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use vouchsafe_client::timestamp::now_ms;
use vouchsafe_client::transaction_builder::{Act, BuildError, body, expiry_ms};
use vouchsafe_genesis::Genesis;
use vouchsafe_keys::{KeyError, SecretKey, TransactionSigner as _};
use vouchsafe_types::asset::{Asset, AssetKey, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::identity::{OrganizationId, PublicKey};

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The transaction cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The transaction cannot be signed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Who signs, and for which organization. Clones share the key.
#[derive(Clone, Debug)]
pub struct Author {
    organization: OrganizationId,
    key: Arc<SecretKey>,
}

/// A signed transaction about new assets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// In whose name it is signed.
    pub organization: OrganizationId,
    /// What it is about: its first asset.
    pub asset: AssetKey,
    /// The transaction's id.
    pub id: TransactionId,
    /// The transaction's canonical bytes.
    pub bytes: Vec<u8>,
}

impl Author {
    /// A signer with a new key.
    ///
    /// # Errors
    /// [`StatementError::Key`] without random bytes.
    pub fn generate(organization: OrganizationId) -> Result<Self, StatementError> {
        Ok(Self { organization, key: Arc::new(SecretKey::generate()?) })
    }

    /// The key that the genesis document must name.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// The organization's id.
    #[must_use]
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// Vouches for a random content.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn state(&self, genesis: &Genesis) -> Result<Statement, StatementError> {
        self.state_many(genesis, 1)
    }

    /// Vouches for so many random contents at once.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn state_many(&self, genesis: &Genesis, count: usize) -> Result<Statement, StatementError> {
        let assets = (0..count.max(1)).map(|_| random_asset()).collect::<Result<Vec<_>, _>>()?;
        let key = assets[0].key();
        let expiry_ms = expiry_ms(now_ms(), None, genesis.parameters())?;
        let body = body(Act::Notarize, assets, expiry_ms)?;
        let chain_id = genesis.chain_id();
        let signed = self.key.sign_transaction(&chain_id, &body)?;
        Ok(Statement {
            organization: self.organization.clone(),
            asset: key,
            id: signed.id(&chain_id),
            bytes: signed.to_bytes(),
        })
    }
}

fn random_asset() -> Result<Asset, StatementError> {
    let mut digest = Digest::ZERO;
    getrandom::fill(&mut digest.0).map_err(|error| KeyError::Randomness(error.to_string()))?;
    Ok(Asset {
        scheme: Scheme::Bytes,
        digest,
        size_bytes: 1,
        name: DisplayName::new(String::new()).expect("a name may be empty"),
        attributes: Attributes::default(),
    })
}

/// So many statements about so many assets each, by authors in turn, signed on all cores.
///
/// # Errors
/// [`StatementError`].
pub fn prepare(
    authors: &[Author],
    genesis: &Genesis,
    count: usize,
    assets: usize,
) -> Result<Vec<Statement>, StatementError> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = count.div_ceil(threads);
    thread::scope(|scope| {
        let sign = |from: usize| {
            let numbers = from..count.min(from + share);
            let author = |number: usize| &authors[number % authors.len()];
            numbers.map(|number| author(number).state_many(genesis, assets)).collect()
        };
        let shares: Vec<_> = (0..threads).map(|at| scope.spawn(move || sign(at * share))).collect();
        let mut all = Vec::with_capacity(count);
        for signed in shares {
            let signed: Result<Vec<_>, StatementError> =
                signed.join().expect("signing does not panic");
            all.extend(signed?);
        }
        Ok(all)
    })
}

/// A supply of statements by several authors in turn.
#[derive(Debug)]
pub struct Supply {
    authors: Vec<Author>,
    genesis: Genesis,
    prepared: VecDeque<Statement>,
    endless: bool,
    next: usize,
}

impl Supply {
    /// As many as are asked for.
    #[must_use]
    pub fn endless(authors: Vec<Author>, genesis: Genesis) -> Self {
        Self { authors, genesis, prepared: VecDeque::new(), endless: true, next: 0 }
    }

    /// So many, signed now.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn prepared(
        authors: Vec<Author>,
        genesis: Genesis,
        count: usize,
    ) -> Result<Self, StatementError> {
        let mut supply = Self::endless(authors, genesis);
        let signed = (0..count).map(|_| supply.sign()).collect::<Result<_, _>>()?;
        Ok(Self { prepared: signed, endless: false, ..supply })
    }

    fn sign(&mut self) -> Result<Statement, StatementError> {
        let author = &self.authors[self.next % self.authors.len()];
        self.next += 1;
        author.state(&self.genesis)
    }

    /// The next one, if there is one.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn take(&mut self) -> Result<Option<Statement>, StatementError> {
        match self.prepared.pop_front() {
            None if self.endless => self.sign().map(Some),
            prepared => Ok(prepared),
        }
    }
}
