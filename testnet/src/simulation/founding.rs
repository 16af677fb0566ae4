//! The simulated consortium: its genesis document, its validator sets, its statements.

use std::sync::Arc;

use vouchsafe_consensus::signer::Signer as _;
use vouchsafe_genesis::{
    Genesis, Member, Organization, Parameters, Role, Signer as GenesisSigner, ValidatorEntry,
    peer_id_of,
};
use vouchsafe_ledger::Terms;
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::hash::{ChainId, sha256};
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::signature::{SignatureRule, Zip215};
use vouchsafe_types::transaction::{
    Assets, Body, BodyBytes, Operation, Operations, SignedTransaction, Transaction,
    VerifiedTransaction, signing_data,
};
use vouchsafe_types::validator_set::{Validator, ValidatorSet};

use super::key::{Anything, Key, Seals};
use super::plan::Plan;

/// When every run begins, in milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_700_000_000_000;
/// How many organizations there are.
pub const ORGANIZATIONS: u8 = 3;

/// What a run is founded on.
#[derive(Clone)]
pub struct Founding {
    /// The chain.
    pub genesis: Genesis,
    /// Who judges signatures, and which validator sets follow the genesis's.
    pub terms: Terms,
    /// The members' consensus keys: the validators' first, then those of whom waits to become one.
    pub keys: Vec<Key>,
    signers: Vec<Key>,
}

impl Founding {
    /// The consortium of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let seals = !plan.real_signatures;
        let keys: Vec<_> =
            (0..plan.members()).map(|number| Key::of_validator(number, seals)).collect();
        let signature_rule: Arc<dyn SignatureRule> =
            if seals { Arc::new(Seals) } else { Arc::new(Zip215) };
        let set = |powers: &Vec<u64>| {
            let voting = keys.iter().zip(powers).enumerate().filter(|(_, (_, power))| **power > 0);
            let validators = voting.map(|(number, (key, power))| Validator {
                public_key: key.public_key(),
                power: *power,
                organization: organization(number % usize::from(ORGANIZATIONS)),
            });
            Arc::new(ValidatorSet::new(validators.collect()).expect("a valid set"))
        };
        let validator_sets =
            plan.powers.iter().map(|(height, powers)| (*height, set(powers))).collect();
        Self {
            genesis: genesis(plan, &keys),
            terms: Terms { signature_rule, validator_sets },
            keys,
            signers: (0..ORGANIZATIONS).map(|number| Key::of_signer(number, seals)).collect(),
        }
    }

    /// The validators who decide a height.
    #[must_use]
    pub fn validators_at(&self, height: u64) -> &ValidatorSet {
        let newest = self.terms.validator_sets.range(..=height).next_back();
        newest.map_or(self.genesis.validator_set(), |(_, set)| set)
    }

    /// A statement about a made-up file, unlike any of another number.
    #[must_use]
    pub fn statement(&self, number: u64, expiry_ms: u64) -> VerifiedTransaction {
        let chain_id = self.genesis.chain_id();
        let transaction = statement(&chain_id, self.signer(number), number, expiry_ms);
        let verified = transaction.verify_under(&*self.terms.signature_rule, &chain_id);
        verified.expect("signed by its key")
    }

    /// The same with a signature that nobody made.
    #[must_use]
    pub fn forged_statement(&self, number: u64, expiry_ms: u64) -> VerifiedTransaction {
        let chain_id = self.genesis.chain_id();
        let mut signed =
            statement(&chain_id, self.signer(number), number, expiry_ms).signed().clone();
        signed.signature.0[5] ^= 1;
        let transaction = Transaction::from_signed(&chain_id, signed).expect("well formed");
        transaction.verify_under(&Anything, &chain_id).expect("anything holds")
    }

    /// The transaction, if its signature holds.
    #[must_use]
    pub fn verified(&self, transaction: &Transaction) -> Option<VerifiedTransaction> {
        let rule = &*self.terms.signature_rule;
        transaction.clone().verify_under(rule, &self.genesis.chain_id()).ok()
    }

    fn signer(&self, number: u64) -> &Key {
        let signer = usize::try_from(number % u64::from(ORGANIZATIONS)).expect("small");
        &self.signers[signer]
    }
}

fn organization(number: usize) -> OrganizationId {
    OrganizationId::new(&format!("organization-{number}")).expect("a valid id")
}

/// The genesis document of so many validators of equal power.
fn genesis(plan: &Plan, keys: &[Key]) -> Genesis {
    let validators = plan.validators;
    let member = |number: u8| {
        let id = organization(usize::from(number));
        let organization = Organization {
            id: id.clone(),
            name: format!("Organization {number}"),
            admin_keys: vec![Key::of_signer(number + 10, false).public_key()],
            admin_threshold: 1,
            signers: vec![GenesisSigner {
                public_key: Key::of_signer(number, false).public_key(),
                role: Role::Signer,
                not_after_ms: None,
            }],
        };
        let entry = |validator: u8| ValidatorEntry {
            organization: id.clone(),
            consensus_key: keys[usize::from(validator)].public_key(),
            peer_id: peer_id_of(&Key::of_peer(validator).public_key()).expect("a valid key"),
            power: 1,
            addresses: vec![],
        };
        let own = (0..validators).filter(|validator| validator % ORGANIZATIONS == number);
        Member::new(organization, own.map(entry).collect(), vec![]).expect("a valid member")
    };
    let members = (0..ORGANIZATIONS).map(member).collect();
    let parameters = Parameters {
        evidence_age_max_blocks: plan.evidence_age_max_blocks,
        ..Parameters::default()
    };
    Genesis::assemble("simulation", BEGIN_MS, parameters, members)
        .expect("a valid genesis document")
}

fn statement(chain_id: &ChainId, key: &Key, number: u64, expiry_ms: u64) -> Transaction {
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
    Transaction::from_signed(chain_id, signed).expect("well formed")
}
