//! Names of those who speak: how they are written and read, and what a set of them answers.

use vouchsafe_types::hash::{ChainId, Digest};
use vouchsafe_types::identity::{
    Address, OrganizationId, OrganizationIdError, PublicKey, Signature,
};

use crate::sample::{address, digest, organization, validators};

#[test]
fn digests_keys_and_signatures_show_as_hexadecimal() {
    let digest = Digest([0xab; 32]);
    assert_eq!(digest.to_string(), "ab".repeat(32));
    assert_eq!(format!("{digest:?}"), "ab".repeat(32));
    assert_eq!(Address(digest).to_string(), "ab".repeat(32));
    assert_eq!(format!("{:?}", PublicKey([0xcd; 32])), "cd".repeat(32));
    assert_eq!(format!("{:?}", Signature([0xef; 64])), "ef".repeat(64));
}

#[test]
fn a_digest_reads_64_hexadecimal_digits_and_nothing_else() {
    assert_eq!("ab".repeat(32).parse(), Ok(Digest([0xab; 32])));
    assert_eq!("AB".repeat(32).parse(), Ok(ChainId(Digest([0xab; 32]))));
    for bad in ["", "ab", &"ab".repeat(33), &"ag".repeat(32), &"é".repeat(32)] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
    }
    let long = "x".repeat(1_000_000).parse::<Digest>().expect_err("too long");
    assert_eq!(long.0.len(), 80);
}

#[test]
fn an_organization_id_reads_back_its_own_text() {
    let id = organization("acme-2");
    assert_eq!((id.to_string().as_str(), id.as_str()), ("acme-2", "acme-2"));
    assert_eq!("acme-2".parse(), Ok(id));
    let refused = "Acme".parse::<OrganizationId>();
    assert_eq!(refused, Err(OrganizationIdError("Acme".into())));
}

#[test]
fn an_organization_id_has_1_to_32_characters() {
    assert!(OrganizationId::new(&"a".repeat(32)).is_ok());
    assert!(OrganizationId::new(&"a".repeat(33)).is_err());
}

#[test]
fn a_set_knows_its_members_by_address_and_by_place() {
    let set = validators();
    assert_eq!((set.len(), set.total_power()), (4, 4));
    for (place, (address, validator)) in set.iter().enumerate() {
        assert_eq!(set.at(place), Some((address, validator)));
        assert_eq!(set.get(address), Some(validator));
        assert_eq!(validator.address(), *address);
    }
    assert_eq!((set.at(4), set.get(&address(99))), (None, None));
    assert_eq!(set.get(&Address(digest(1))), None);
}
