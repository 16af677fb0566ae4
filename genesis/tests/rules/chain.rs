//! Founding a chain, its id, and looking its members up.

use crate::sample::{TIME_MS, acme, bolt, genesis, key, peer};
use vouchsafe_genesis::{
    DOCUMENT_BYTES_MAX, DocumentError, Genesis, GenesisError, Member, Organization, Parameters,
    Role, RosterError, Signer,
};
use vouchsafe_types::hash::{Domain, tagged};
use vouchsafe_types::identity::{OrganizationId, PublicKey};

fn assemble(members: Vec<Member>) -> Result<Genesis, GenesisError> {
    Genesis::assemble("Sample chain-1", TIME_MS, Parameters::default(), members)
}

#[test]
fn the_members_order_does_not_change_the_chain_id() {
    let expected = assemble(vec![acme(), bolt()]).expect("valid");
    assert_eq!(assemble(vec![bolt(), acme()]), Ok(expected.clone()));
    let reread = Genesis::parse(expected.to_pretty_json().as_bytes()).expect("valid");
    assert_eq!(reread, expected);
    assert_eq!(expected.chain_id().0, tagged(Domain::Genesis, &expected.canonical_json()));
}

#[test]
fn the_order_of_a_members_nodes_does_not_change_its_file() {
    let member = acme();
    let mut validators = member.validators().to_vec();
    let mut observers = member.observers().to_vec();
    validators.reverse();
    observers.reverse();
    assert_eq!(Member::new(member.organization().clone(), validators, observers), Ok(member));
}

#[test]
fn any_change_changes_the_chain_id() {
    let ids: std::collections::BTreeSet<_> = [
        genesis(),
        assemble(vec![acme()]).expect("valid"),
        Genesis::assemble("other", TIME_MS, Parameters::default(), vec![acme(), bolt()])
            .expect("valid"),
        Genesis::assemble(
            "Sample chain-1",
            TIME_MS - 1,
            Parameters { heartbeat_ms: 10_001, ..Parameters::default() },
            vec![acme(), bolt()],
        )
        .expect("valid"),
    ]
    .iter()
    .map(Genesis::chain_id)
    .collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn members_that_clash_are_refused() {
    assert!(matches!(
        assemble(vec![acme(), acme()]),
        Err(GenesisError::Roster(RosterError::DuplicateOrganization(_)))
    ));
    assert_eq!(assemble(vec![]), Err(GenesisError::Roster(RosterError::NoOrganizations)));
    let without_nodes = Member::new(bolt().organization().clone(), vec![], vec![]);
    let without_nodes = without_nodes.expect("a member need not bring a validator");
    assert_eq!(assemble(vec![without_nodes]), Err(GenesisError::NoValidators));
}

/// An organization with 900 signers of its own.
fn large_member(index: u8) -> Member {
    let signer = |signer: u16| {
        let mut seed = [index; 32];
        seed[30..].copy_from_slice(&signer.to_be_bytes());
        let secret = libp2p_identity::ed25519::SecretKey::try_from_bytes(seed).expect("32 bytes");
        let public = libp2p_identity::ed25519::Keypair::from(secret).public();
        Signer { public_key: PublicKey(public.to_bytes()), role: Role::Signer, not_after_ms: None }
    };
    let signers: Vec<_> = (0..900).map(signer).collect();
    let organization = Organization {
        id: OrganizationId::new(&format!("large-{index}")).expect("valid"),
        name: "Large".into(),
        admin_keys: vec![signers[0].public_key],
        admin_threshold: 1,
        signers,
    };
    Member::new(organization, vec![], vec![]).expect("one member is short enough")
}

#[test]
fn a_chain_whose_document_would_be_too_long_is_refused() {
    let mut members: Vec<_> = (200..208).map(large_member).collect();
    members.push(acme());
    let verdict = assemble(members);
    assert!(
        matches!(verdict, Err(GenesisError::Document(DocumentError::TooLong(bytes)))
            if bytes > DOCUMENT_BYTES_MAX),
        "{:?}",
        verdict.map(|genesis| genesis.to_pretty_json().len())
    );
}

#[test]
fn members_are_found_by_id_key_and_peer() {
    let genesis = genesis();
    let (organization, signer) = genesis.signer(&key(1)).expect("listed");
    assert_eq!((organization.id.as_str(), signer.role), ("acme", Role::Admin));
    assert!(genesis.signer(&key(2)).is_none(), "an admin key alone signs no assets");
    assert!(genesis.signer(&key(30)).is_none());
    let bolt = OrganizationId::new("bolt").expect("valid");
    assert_eq!(genesis.organization(&bolt).map(|found| found.name.as_str()), Some("Bolt"));
    let validator = genesis.validator(&key(60).address()).expect("listed");
    assert_eq!(genesis.validator_of_peer(&peer(61)), Some(validator));
    assert_eq!(genesis.validator_set().total_power(), 10 + (1 << 40) + 7);
    assert_eq!(genesis.peers().count(), 5);
}
