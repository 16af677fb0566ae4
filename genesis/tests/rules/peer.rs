//! The rules of validators and observers.

use crate::sample::{acme, genesis, line, peer, refusal, roster_refusal};
use serde_json::{Value, json as value};
use vouchsafe_genesis::{
    AddressError, GenesisError, Member, MemberError, OBSERVERS_MAX, PeerError, PeerIdError,
    RosterError, ValidatorEntry, peer_id_of, public_key_of,
};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::validator_set::{TOTAL_POWER_MAX, VALIDATORS_MAX, ValidatorSetError};

/// What parsing says of the first validator after a change.
fn validator_refusal(change: impl FnOnce(&mut Value)) -> PeerError {
    match roster_refusal(|json| change(&mut json["validators"][0])) {
        RosterError::Validator { number: 1, error, .. } => error,
        other => panic!("another rule: {other}"),
    }
}

fn address_refusal(address: &str) -> PeerError {
    validator_refusal(|json| json["addresses"] = value!([address]))
}

#[test]
fn a_chain_has_1_to_256_validators() {
    let error = refusal(|json| json["validators"] = value!([]));
    assert_eq!(error, GenesisError::NoValidators);
    let error = roster_refusal(|json| {
        let one = json["validators"][0].clone();
        json["validators"] = vec![one; VALIDATORS_MAX + 1].into();
    });
    assert_eq!(error, RosterError::TooManyValidators(VALIDATORS_MAX + 1));
}

#[test]
fn a_validator_belongs_to_a_listed_organization() {
    let error = roster_refusal(|json| json["validators"][0]["organization"] = "zeta".into());
    assert!(matches!(error, RosterError::ValidatorOrganization { .. }), "{error}");
    let error = validator_refusal(|json| json["organization"] = "Not An Id".into());
    assert!(matches!(error, PeerError::Organization(_)), "{error}");
}

#[test]
fn a_consensus_key_is_unique_and_for_nothing_else() {
    let error = validator_refusal(|json| json["consensus_key"] = "ssh-rsa AAAA".into());
    assert!(matches!(error, PeerError::ConsensusKey(_)), "{error}");
    let error = roster_refusal(|json| {
        json["validators"][1]["consensus_key"] = json["validators"][0]["consensus_key"].clone();
    });
    assert!(matches!(error, RosterError::DuplicateConsensusKey(_)), "{error}");
    for person in [1, 2, 3, 11, 12] {
        let error = roster_refusal(|json| {
            json["validators"][0]["consensus_key"] = line(person).into();
        });
        assert!(matches!(error, RosterError::ConsensusKeyOfPerson(_)), "{person}: {error}");
    }
}

#[test]
fn a_node_key_is_for_nothing_else() {
    let own = genesis().validators()[0].consensus_key;
    let error = validator_refusal(|json| {
        json["addresses"] = value!([]);
        json["peer_id"] = peer_id_of(&own).expect("valid").to_base58().into();
    });
    assert!(matches!(error, PeerError::PeerIdOfConsensusKey(_)), "{error}");
    for person_or_validator in [1, 2, 3, 11, 30, 40, 60] {
        let error = roster_refusal(|json| {
            json["observers"] = value!([
                {"organization": "acme", "peer_id": peer(person_or_validator).to_base58()},
            ]);
        });
        assert_eq!(error, RosterError::NodeKeyReused(peer(person_or_validator).to_base58()));
    }
}

#[test]
fn a_peer_id_is_an_ed25519_identity_in_base58() {
    let with_id = |text: &str| validator_refusal(|json| json["peer_id"] = text.into());
    assert_eq!(with_id(&"1".repeat(65)), PeerIdError::TooLong(65).into());
    for nonsense in ["", "12D3KooW", "0OIl"] {
        assert_eq!(with_id(nonsense), PeerIdError::NotAPeerId(nonsense.into()).into());
    }
    // The libp2p specification's example of a hashed RSA key.
    let rsa = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    assert_eq!(with_id(rsa), PeerIdError::KeyType(rsa.into()).into());
    // An Ed25519 framing around a point of small order, which libp2p would take.
    let mut bytes = peer(31).to_bytes();
    bytes[6..].fill(0);
    let small = vouchsafe_genesis::PeerId::from_bytes(&bytes).expect("framed");
    let error = with_id(&small.to_base58());
    assert!(matches!(error, PeerError::PeerId(PeerIdError::Key(_))), "{error}");
}

#[test]
fn a_peer_id_holds_its_key() {
    assert_eq!(public_key_of(&peer(9)), Ok(crate::sample::key(9)));
    assert!(peer(9).to_base58().starts_with("12D3KooW"));
    assert_eq!(peer_id_of(&PublicKey([2; 32])), None);
}

#[test]
fn a_peer_id_is_listed_once() {
    let error = roster_refusal(|json| {
        json["validators"][1]["addresses"] = value!([]);
        json["validators"][1]["peer_id"] = json["validators"][0]["peer_id"].clone();
    });
    assert!(matches!(error, RosterError::DuplicatePeerId(_)), "{error}");
    let error = roster_refusal(|json| {
        json["observers"][1] = json["observers"][0].clone();
    });
    assert!(matches!(error, RosterError::DuplicatePeerId(_)), "{error}");
    let error = roster_refusal(|json| {
        json["observers"][0]["peer_id"] = json["validators"][0]["peer_id"].clone();
    });
    assert!(matches!(error, RosterError::ObserverIsValidator(_)), "{error}");
}

#[test]
fn a_validator_has_power_and_all_have_not_too_much() {
    assert_eq!(validator_refusal(|json| json["power"] = "0".into()), PeerError::NoPower);
    let error = refusal(|json| {
        json["validators"][0]["power"] = TOTAL_POWER_MAX.to_string().into();
    });
    assert_eq!(error, GenesisError::ValidatorSet(ValidatorSetError::TotalPower));
    let error = refusal(|json| {
        json["validators"][0]["power"] = u64::MAX.to_string().into();
    });
    assert_eq!(error, GenesisError::ValidatorSet(ValidatorSetError::TotalPower));
}

#[test]
fn a_validator_has_at_most_8_addresses_of_160_bytes() {
    let error = validator_refusal(|json| {
        json["addresses"] = (1..=9).map(|port| format!("/ip4/192.0.2.9/tcp/{port}")).collect();
    });
    assert_eq!(error, PeerError::TooManyAddresses(9));
    let long = format!("/dns4/{}/tcp/1", "a".repeat(160));
    assert_eq!(address_refusal(&long), AddressError::TooLong(long.len()).into());
}

#[test]
fn an_address_is_ip_and_tcp_in_its_normal_form() {
    for nonsense in ["", "192.0.2.1:26656", "/ip4/256.0.0.1/tcp/1", "/ip4/192.0.2.1/tcp/65536"] {
        let error = address_refusal(nonsense);
        assert!(
            matches!(
                error,
                PeerError::Address(AddressError::NotAnAddress(_) | AddressError::Unsupported(_))
            ),
            "{nonsense}: {error}"
        );
    }
    for other_form in
        ["/ip6/2001:DB8::1/tcp/1", "/ip6/2001:db8:0:0::1/tcp/1", "/ip4/192.0.2.1/tcp/01"]
    {
        let error = address_refusal(other_form);
        assert!(
            matches!(error, PeerError::Address(AddressError::NotNormal { .. })),
            "{other_form}: {error}"
        );
    }
    let node = genesis().validators()[0].peer_id;
    for unsupported in [
        "/dns4/example.com/tcp/26656".to_owned(),
        "/ip4/192.0.2.1".to_owned(),
        "/ip4/192.0.2.1/udp/26656/quic-v1".to_owned(),
        "/ip4/192.0.2.1/tcp/26656/ws".to_owned(),
        format!("/ip4/192.0.2.1/tcp/26656/p2p/{node}/p2p-circuit"),
        format!("/p2p/{node}"),
    ] {
        let error = address_refusal(&unsupported);
        assert!(
            matches!(error, PeerError::Address(AddressError::Unsupported(_))),
            "{unsupported}: {error}"
        );
    }
}

#[test]
fn an_address_can_be_dialed() {
    for nowhere in [
        "/ip4/0.0.0.0/tcp/26656",
        "/ip4/224.0.0.1/tcp/26656",
        "/ip4/255.255.255.255/tcp/26656",
        "/ip6/::/tcp/26656",
        "/ip6/ff02::1/tcp/26656",
        "/ip4/192.0.2.1/tcp/0",
    ] {
        let error = address_refusal(nowhere);
        assert!(
            matches!(error, PeerError::Address(AddressError::NotDialable(_))),
            "{nowhere}: {error}"
        );
    }
}

#[test]
fn an_address_names_its_own_peer_and_stands_once() {
    let error = address_refusal(&format!("/ip4/192.0.2.1/tcp/1/p2p/{}", peer(99)));
    assert!(matches!(error, PeerError::Address(AddressError::OfAnotherPeer { .. })), "{error}");
    let error = roster_refusal(|json| {
        json["validators"][0]["addresses"] = value!(["/ip4/192.0.2.99/tcp/1"]);
        let second = json["validators"][1]["peer_id"].as_str().expect("text");
        let same = format!("/ip4/192.0.2.99/tcp/1/p2p/{second}");
        json["validators"][1]["addresses"] = value!([same]);
    });
    assert!(matches!(error, RosterError::DuplicateAddress(_)), "{error}");
}

#[test]
fn an_observer_keeps_to_the_same_rules() {
    let error = roster_refusal(|json| json["observers"][0]["organization"] = "zeta".into());
    assert!(matches!(error, RosterError::ObserverOrganization { .. }), "{error}");
    let error = roster_refusal(|json| json["observers"][1]["peer_id"] = "nobody".into());
    assert!(matches!(error, RosterError::Observer { number: 2, .. }), "{error}");
    let error = roster_refusal(|json| {
        let one = json["observers"][0].clone();
        json["observers"] = vec![one; OBSERVERS_MAX + 1].into();
    });
    assert_eq!(error, RosterError::TooManyObservers(OBSERVERS_MAX + 1));
}

#[test]
fn validators_and_observers_are_written_in_order() {
    for list in ["validators", "observers"] {
        let error = roster_refusal(|json| json[list].as_array_mut().expect("a list").reverse());
        assert_eq!(error, RosterError::Unsorted(list));
    }
}

#[test]
fn a_member_brings_only_its_own_nodes() {
    let foreign = ValidatorEntry {
        organization: OrganizationId::new("bolt").expect("valid"),
        ..acme().validators()[0].clone()
    };
    let verdict = Member::new(acme().organization().clone(), vec![foreign], vec![]);
    assert!(matches!(verdict, Err(MemberError::Roster(RosterError::ValidatorOrganization { .. }))));
}
