//! Whoever owns keys of their own can make headers and certificates that are perfect in
//! themselves. Only the pinned genesis tells them from the chain's.

use vouchsafe_keys::SecretKey;
use vouchsafe_proto::v1::GetStatusResponse;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::header::Header;
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::validator_set::{Validator, ValidatorSet};

use crate::answers::{LyingScene, head, status};

fn key() -> SecretKey {
    SecretKey::from_seed(&[66; 32])
}

fn own_set() -> ValidatorSet {
    let validator = Validator {
        public_key: key().public_key(),
        power: 1,
        organization: OrganizationId::new("acme").expect("valid"),
    };
    ValidatorSet::new(vec![validator]).expect("one")
}

/// Certifies whatever the answer's header says now, with the attacker's own key.
fn certify(answer: &mut GetStatusResponse) {
    let proven = head(answer);
    let header = Header::from_bytes(&proven.header).expect("it was just written");
    let mut certificate =
        CommitCertificate::from_bytes(&proven.certificate).expect("a genuine certificate");
    certificate.block_id = header.block_id();
    certificate.height = header.height;
    let address = key().public_key().address();
    let signature = key().sign(&certificate.precommit(address).preimage(&header.chain_id));
    certificate.signatures =
        CommitSignatures::new(vec![CommitSignature { address, signature }]).expect("one");
    proven.certificate = certificate.to_bytes();
}

#[test]
fn a_certificate_of_the_attackers_own_validators_proves_nothing() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    scene.caught("signed by a stranger", 20, status(certify), &verify);
    let own_validators = status(|answer: &mut GetStatusResponse| {
        let proven = head(answer);
        let mut header = Header::from_bytes(&proven.header).expect("genuine");
        header.validators = own_set().hash();
        header.next_validators = own_set().hash();
        proven.header = header.to_bytes();
        certify(answer);
    });
    scene.caught("a chain of its own", 20, own_validators, &verify);
    let beside = status(|answer: &mut GetStatusResponse| {
        let genuine = CommitCertificate::from_bytes(&head(answer).certificate).expect("genuine");
        certify(answer);
        let proven = head(answer);
        let mut both = CommitCertificate::from_bytes(&proven.certificate).expect("just made");
        let mut signatures = both.signatures.into_inner();
        signatures.extend(genuine.signatures.into_inner());
        signatures.sort_by_key(|entry| entry.address);
        both.signatures = CommitSignatures::new(signatures).expect("two");
        proven.certificate = both.to_bytes();
    });
    scene.caught("a stranger beside the validator", 20, beside, &verify);
}
