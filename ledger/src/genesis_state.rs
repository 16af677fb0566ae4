//! The state before block 1: what the genesis document says, as records.

use vouchsafe_genesis::{Genesis, Organization, Role, Signer};
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::{
    AdminKeys, LogHead, OrganizationName, OrganizationRecord, SignerRecord, SignerRole, StateName,
};

use crate::drafts::change;
use crate::store::{GenesisBatch, RecordChange};

/// The records that a genesis document begins with.
pub(crate) fn genesis_batch(genesis: &Genesis) -> GenesisBatch {
    let validators = genesis.validator_set().to_bytes();
    let mut records = vec![change(StateName::Validators.key(), validators, None)];
    for organization in genesis.organizations() {
        records.push(organization_change(organization));
        records.extend(organization.signers.iter().map(|s| signer_change(organization, s)));
    }
    records.sort_by_key(|change| change.key);
    GenesisBatch { chain_id: genesis.chain_id(), records }
}

fn organization_change(organization: &Organization) -> RecordChange {
    let threshold = u16::try_from(organization.admin_threshold);
    let record = OrganizationRecord {
        version: Version,
        name: OrganizationName::new(organization.name.clone())
            .expect("a genesis keeps names within the record's bound"),
        admin_keys: AdminKeys::new(organization.admin_keys.clone())
            .expect("a genesis keeps admin keys within the record's bound"),
        admin_threshold: threshold.expect("a genesis keeps the threshold below the keys' count"),
        activity: LogHead::empty(),
    };
    let key = StateName::Organization(organization.id.clone()).key();
    change(key, record.to_bytes(), Some(Frontier::default()))
}

fn signer_change(organization: &Organization, signer: &Signer) -> RecordChange {
    let record = SignerRecord {
        version: Version,
        organization: organization.id.clone(),
        role: match signer.role {
            Role::Signer => SignerRole::Signer,
            Role::Admin => SignerRole::Admin,
        },
        not_after_ms: signer.not_after_ms,
        activity: LogHead::empty(),
    };
    let key = StateName::Signer(signer.public_key).key();
    change(key, record.to_bytes(), Some(Frontier::default()))
}
