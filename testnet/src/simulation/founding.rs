//! The simulated consortium: keys that follow from numbers, its genesis document, its statements.

use vouchsafe_consensus::signer::Signer;
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer as GenesisSigner, ValidatorEntry,
    peer_id_of,
};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::hash::{ChainId, sha256};
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, SignedTransaction, Transaction,
    VerifiedTransaction, signing_data,
};

/// When every run begins, in milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_700_000_000_000;
/// How many organizations there are.
pub const ORGANIZATIONS: u8 = 3;

/// A key made from a number.
#[derive(Clone)]
pub struct Key(ed25519_zebra::SigningKey);

impl Key {
    /// The consensus key of a validator.
    #[must_use]
    pub fn of_validator(number: u8) -> Self {
        Self([number + 1; 32].into())
    }

    fn of_signer(organization: u8) -> Self {
        Self([organization + 200; 32].into())
    }

    fn of_peer(number: u8) -> Self {
        Self([number + 100; 32].into())
    }
}

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(ed25519_zebra::VerificationKeyBytes::from(&self.0).into())
    }
    fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).into())
    }
}

/// The genesis document of so many validators of equal power.
#[must_use]
pub fn genesis(validators: u8) -> Genesis {
    let member = |number: u8| {
        let id = OrganizationId::new(&format!("organization-{number}")).expect("a valid id");
        let organization = Organization {
            id: id.clone(),
            name: format!("Organization {number}"),
            admin_keys: vec![Key::of_signer(number + 10).public_key()],
            admin_threshold: 1,
            signers: vec![GenesisSigner {
                public_key: Key::of_signer(number).public_key(),
                role: Role::Signer,
                not_after_ms: None,
            }],
        };
        let entry = |validator: u8| ValidatorEntry {
            organization: id.clone(),
            consensus_key: Key::of_validator(validator).public_key(),
            peer_id: peer_id_of(&Key::of_peer(validator).public_key()).expect("a valid key"),
            power: 1,
            addresses: vec![],
        };
        let own = (0..validators).filter(|validator| validator % ORGANIZATIONS == number);
        Member::new(organization, own.map(entry).collect(), vec![]).expect("a valid member")
    };
    let members = (0..ORGANIZATIONS).map(member).collect();
    Genesis::assemble("simulation", BEGIN_MS, Parameters::default(), members)
        .expect("a valid genesis document")
}

/// A statement about a made-up file, unlike any of another number.
#[must_use]
pub fn statement(chain_id: &ChainId, number: u64, expiry_ms: u64) -> VerifiedTransaction {
    let key = Key::of_signer(u8::try_from(number % u64::from(ORGANIZATIONS)).expect("small"));
    let content = number.to_le_bytes();
    let asset = Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[&content]),
        size_bytes: content.len() as u64,
        name: DisplayName::new(format!("file {number}")).expect("short"),
        attributes: Attributes::default(),
    };
    let operation = Operation::Notarize { assets: Assets::new(vec![asset]).expect("one") };
    let operations = Operations::new(vec![operation]).expect("one");
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&content);
    let body = Body { version: Version, operations, nonce, expiry_ms }.to_bytes();
    let signature = key.sign(&signing_data(chain_id, &body));
    let signed = SignedTransaction {
        version: Version,
        body: BodyBytes::new(body).expect("short"),
        public_key: key.public_key(),
        signature,
    };
    let transaction = Transaction::from_signed(chain_id, signed).expect("well formed");
    transaction.verify(chain_id).expect("signed by its key")
}
