//! Two organizations with two validators and an observer, from fixed seeds.

use serde_json::Value;
use vouchsafe_genesis::{
    Genesis, GenesisError, Member, Observer, Organization, Parameters, PeerId, Role, RosterError,
    Signer, ValidatorEntry, parse_address, peer_id_of,
};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::openssh::public_key_line;

/// 2026-01-01T00:00:00Z.
pub(crate) const TIME_MS: u64 = 1_767_225_600_000;

/// The public key of a seed.
pub(crate) fn key(seed: u8) -> PublicKey {
    let secret = libp2p_identity::ed25519::SecretKey::try_from_bytes([seed; 32]).expect("32 bytes");
    PublicKey(libp2p_identity::ed25519::Keypair::from(secret).public().to_bytes())
}

/// The key's line.
pub(crate) fn line(seed: u8) -> String {
    public_key_line(&key(seed))
}

/// The peer id of a seed's key.
pub(crate) fn peer(seed: u8) -> PeerId {
    peer_id_of(&key(seed)).expect("a valid key")
}

pub(crate) fn signer(seed: u8, role: Role) -> Signer {
    Signer { public_key: key(seed), role, not_after_ms: None }
}

pub(crate) fn validator(organization: &str, seed: u8, power: u64) -> ValidatorEntry {
    ValidatorEntry {
        organization: OrganizationId::new(organization).expect("valid"),
        consensus_key: key(seed),
        peer_id: peer(seed + 1),
        power,
        addresses: vec![
            parse_address(&format!("/ip4/192.0.2.{seed}/tcp/26656")).expect("valid"),
            parse_address(&format!("/ip6/2001:db8::{seed:x}/tcp/26656/p2p/{}", peer(seed + 1)))
                .expect("valid"),
        ],
    }
}

/// Acme: admins 1 and 2, signers 1 (admin) and 3, validators 30 and 40, observer 50.
pub(crate) fn acme() -> Member {
    let organization = Organization {
        id: OrganizationId::new("acme").expect("valid"),
        name: "Acme Großhandel – 東京 \u{1F600}".into(),
        admin_keys: vec![key(2), key(1)],
        admin_threshold: 2,
        signers: vec![
            Signer { not_after_ms: Some(TIME_MS + 1), ..signer(3, Role::Signer) },
            signer(1, Role::Admin),
        ],
    };
    let observer = |seed| Observer { organization: organization.id.clone(), peer_id: peer(seed) };
    let observers = vec![observer(51), observer(50)];
    let validators = vec![validator("acme", 30, 10), validator("acme", 40, 1 << 40)];
    Member::new(organization, validators, observers).expect("valid")
}

/// Bolt: admin 11, signer 12, validator 60.
pub(crate) fn bolt() -> Member {
    let organization = Organization {
        id: OrganizationId::new("bolt").expect("valid"),
        name: "Bolt".into(),
        admin_keys: vec![key(11)],
        admin_threshold: 1,
        signers: vec![signer(12, Role::Signer)],
    };
    Member::new(organization, vec![validator("bolt", 60, 7)], vec![]).expect("valid")
}

pub(crate) fn genesis() -> Genesis {
    Genesis::assemble("Sample chain-1", TIME_MS, Parameters::default(), vec![acme(), bolt()])
        .expect("valid")
}

/// The sample as JSON, to be changed.
pub(crate) fn json() -> Value {
    serde_json::from_str(&genesis().to_pretty_json()).expect("JSON")
}

/// What parsing says after a change.
pub(crate) fn refusal(change: impl FnOnce(&mut Value)) -> GenesisError {
    let mut document = json();
    change(&mut document);
    Genesis::parse(document.to_string().as_bytes()).expect_err("the change breaks a rule")
}

/// The same for a rule about entries.
pub(crate) fn roster_refusal(change: impl FnOnce(&mut Value)) -> RosterError {
    match refusal(change) {
        GenesisError::Roster(error) => error,
        other => panic!("another rule: {other}"),
    }
}
