//! The rules of organizations.

use crate::sample::{TIME_MS, acme, json, key, line, refusal, roster_refusal};
use serde_json::{Value, json as value};
use vouchsafe_genesis::{
    ADMIN_KEYS_MAX, Genesis, GenesisError, KeyLineError, Member, MemberError, OrganizationError,
    RosterError, SIGNERS_MAX, TIME_MS_MAX,
};
use vouchsafe_types::identity::{PublicKey, PublicKeyError};
use vouchsafe_types::openssh::{OpensshError, fingerprint, public_key_line};

/// What parsing says of the first organization after a change.
fn organization_refusal(change: impl FnOnce(&mut Value)) -> OrganizationError {
    match roster_refusal(|json| change(&mut json["organizations"][0])) {
        RosterError::Organization { error, .. } => error,
        other => panic!("another rule: {other}"),
    }
}

#[test]
fn a_chain_has_1_to_256_organizations() {
    let error = roster_refusal(|json| json["organizations"] = value!([]));
    assert_eq!(error, RosterError::NoOrganizations);
    let error = roster_refusal(|json| {
        let one = json["organizations"][0].clone();
        json["organizations"] = vec![one; 257].into();
    });
    assert_eq!(error, RosterError::TooManyOrganizations(257));
}

#[test]
fn an_organization_id_is_valid_and_unique() {
    let error = organization_refusal(|json| json["id"] = "Acme".into());
    assert!(matches!(error, OrganizationError::Id(_)), "{error}");
    let error = roster_refusal(|json| json["organizations"][1]["id"] = "acme".into());
    assert!(matches!(error, RosterError::DuplicateOrganization(_)), "{error}");
}

#[test]
fn an_organization_has_a_printable_name_of_1_to_128_bytes() {
    assert_eq!(organization_refusal(|json| json["name"] = "".into()), OrganizationError::NameEmpty);
    assert_eq!(
        organization_refusal(|json| json["name"] = " \u{a0}".into()),
        OrganizationError::NameEmpty
    );
    assert_eq!(
        organization_refusal(|json| json["name"] = "é".repeat(65).into()),
        OrganizationError::NameTooLong(130)
    );
    for control in ["a\nb", "a\u{1b}[31m", "a\u{85}"] {
        let error = organization_refusal(|json| json["name"] = control.into());
        assert!(matches!(error, OrganizationError::NameControl(_)), "{error}");
        assert!(!error.to_string().contains(control), "the error itself is safe to print");
    }
}

#[test]
fn an_organization_has_1_to_64_distinct_admin_keys() {
    assert_eq!(
        organization_refusal(|json| json["admin_keys"] = value!([])),
        OrganizationError::NoAdminKeys
    );
    assert_eq!(
        organization_refusal(|json| json["admin_keys"] = vec![line(1); 65].into()),
        OrganizationError::TooManyAdminKeys(ADMIN_KEYS_MAX + 1)
    );
    assert_eq!(
        organization_refusal(|json| json["admin_keys"] = value!([line(1), line(1)])),
        OrganizationError::DuplicateAdminKey(fingerprint(&key(1)))
    );
}

#[test]
fn an_admin_threshold_can_be_met_and_is_not_0() {
    assert_eq!(
        organization_refusal(|json| json["admin_threshold"] = 0.into()),
        OrganizationError::AdminThresholdZero
    );
    assert_eq!(
        organization_refusal(|json| json["admin_threshold"] = 3.into()),
        OrganizationError::AdminThresholdAboveKeys { threshold: 3, keys: 2 }
    );
}

#[test]
fn a_signer_is_listed_once() {
    let twice = value!([
        {"public_key": line(3), "role": "signer"},
        {"public_key": line(3), "role": "admin"},
    ]);
    assert_eq!(
        organization_refusal(|json| json["signers"] = twice),
        OrganizationError::DuplicateSigner(fingerprint(&key(3)))
    );
    let one = value!({"public_key": line(3), "role": "signer"});
    assert_eq!(
        organization_refusal(|json| json["signers"] = vec![one; SIGNERS_MAX + 1].into()),
        OrganizationError::TooManySigners(SIGNERS_MAX + 1)
    );
}

#[test]
fn a_key_belongs_to_one_organization() {
    let conflict = |error: RosterError, seed: u8| match error {
        RosterError::KeyOfTwoOrganizations { fingerprint: found, first, second } => {
            assert_eq!(found, fingerprint(&key(seed)));
            assert_eq!((first.as_str(), second.as_str()), ("acme", "bolt"));
        }
        other => panic!("another rule: {other}"),
    };
    let bolt_signs_with = |seed: u8| {
        roster_refusal(|json| {
            json["organizations"][1]["signers"][0]["public_key"] = line(seed).into();
        })
    };
    conflict(bolt_signs_with(3), 3);
    conflict(bolt_signs_with(2), 2);
    let error = roster_refusal(|json| {
        json["organizations"][1]["admin_keys"][0] = line(1).into();
    });
    conflict(error, 1);
}

#[test]
fn a_key_is_written_as_two_words() {
    let with_key =
        |text: String| organization_refusal(|json| json["signers"][0]["public_key"] = text.into());
    for text in [
        format!("{} someone@somewhere", line(3)),
        format!("{} ", line(3)),
        line(3).replace(' ', "  "),
    ] {
        assert!(
            matches!(with_key(text), OrganizationError::Key(KeyLineError::NotNormal(_))),
            "a comment or blanks"
        );
    }
    let error = with_key("ssh-rsa AAAAB3NzaC1yc2E=".into());
    assert!(
        matches!(
            &error,
            OrganizationError::Key(KeyLineError::Text { error: OpensshError::KeyType(name), .. })
                if name == "ssh-rsa"
        ),
        "{error}"
    );
    let small = public_key_line(&PublicKey([0; 32]));
    let error = with_key(small);
    assert!(
        matches!(
            error,
            OrganizationError::Key(KeyLineError::Text {
                error: OpensshError::PublicKey(PublicKeyError::SmallOrder),
                ..
            })
        ),
        "{error}"
    );
}

#[test]
fn a_typed_key_is_checked_like_a_written_one() {
    let mut organization = acme().organization().clone();
    organization.signers[0].public_key = PublicKey([0; 32]);
    let verdict = Member::new(organization, vec![], vec![]);
    assert!(
        matches!(
            &verdict,
            Err(MemberError::Roster(RosterError::Organization {
                error: OrganizationError::Key(KeyLineError::Bytes {
                    error: PublicKeyError::SmallOrder,
                    ..
                }),
                ..
            }))
        ),
        "{verdict:?}"
    );
}

#[test]
fn a_signer_ends_after_the_chain_begins() {
    let ends = |time_ms: u64| {
        let mut document = json();
        document["organizations"][0]["signers"][0]["not_after_ms"] = time_ms.to_string().into();
        Genesis::parse(document.to_string().as_bytes())
    };
    assert!(ends(TIME_MS + 1).is_ok());
    assert!(ends(TIME_MS_MAX).is_ok());
    for wrong in [TIME_MS, 0, TIME_MS_MAX + 1] {
        assert!(matches!(ends(wrong), Err(GenesisError::SignerEnd { not_after_ms, .. })
                if not_after_ms == wrong));
    }
}

#[test]
fn organizations_are_written_in_order() {
    let error = refusal(|json| {
        json["organizations"].as_array_mut().expect("a list").reverse();
    });
    assert_eq!(error, GenesisError::Roster(RosterError::Unsorted("organizations")));
}
