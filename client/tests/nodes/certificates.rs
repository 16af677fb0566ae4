//! Certificates of four validators, each wrong in one way: alone they are caught, and beside an
//! honest node they change nothing.

use vouchsafe_proto::v1::ProvenHeader;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::header::Header;

use crate::chain_fixture as chain;
use crate::committee::{Answer, Reader, stands, trusted, untrusted};
use crate::server::{Node, Script, nobody};

/// Certified by three, and then altered.
fn altered(
    header: &Header,
    alter: impl FnOnce(&mut CommitCertificate, &mut Vec<CommitSignature>),
) -> ProvenHeader {
    let mut head = chain::certified(header);
    let mut certificate = CommitCertificate::from_bytes(&head.certificate).expect("just made");
    let mut signatures = certificate.signatures.clone().into_inner();
    alter(&mut certificate, &mut signatures);
    certificate.signatures = CommitSignatures::new(signatures).expect("some");
    head.certificate = certificate.to_bytes();
    head
}

const STRANGER: u8 = chain::VALIDATORS;

/// Every way in which a certificate of several signers can be wrong.
fn wrong(header: &Header) -> Vec<(&'static str, ProvenHeader)> {
    let by = |signers: &[u8]| chain::certified_by(header, 0, signers);
    let other = Header { height: header.height + 1, ..header.clone() };
    vec![
        ("one of four signed", by(&[0])),
        ("two of four signed", by(&[0, 3])),
        ("two of four signed, one of them twice", by(&[0, 1, 0])),
        ("one signed three times", by(&[2, 2, 2])),
        ("another set of three signed", by(&[STRANGER, STRANGER + 1, STRANGER + 2])),
        ("a stranger is the third", by(&[0, 1, STRANGER])),
        ("a stranger is the fourth", by(&[0, 1, 2, STRANGER])),
        ("signers stand in another order", altered(header, |_, s| s.reverse())),
        ("two signers are swapped", altered(header, |_, s| s.swap(0, 1))),
        (
            "signatures stand under each other's names",
            altered(header, |_, s| {
                let (first, second) = (s[0].address, s[1].address);
                s[0].address = second;
                s[1].address = first;
                s.swap(0, 1);
            }),
        ),
        ("one signature is of nothing", altered(header, |_, s| s[1].signature.0 = [0; 64])),
        ("they signed in another round", altered(header, |certificate, _| certificate.round = 1)),
        (
            "they signed another block",
            ProvenHeader {
                header: header.to_bytes(),
                certificate: chain::certified(&other).certificate,
            },
        ),
    ]
}

#[test]
fn a_certificate_that_is_wrong_in_any_way_is_caught() {
    let answer = Answer::now(9, trusted());
    let node = answer.node();
    let all = chain::certified_by(&answer.header, 3, &[0, 1, 2, 3]);
    for (what, head) in [("three", chain::certified(&answer.header)), ("all, in round 3", all)] {
        node.now(Script { status: Some(answer.with(head)), ..Default::default() });
        let ran = Reader::new().verify(&[node.url()]);
        assert_eq!(ran.code, 0, "{what}: {ran:?}");
    }
    let reader = Reader::new();
    for (what, head) in wrong(&answer.header) {
        node.now(Script { status: Some(answer.with(head)), ..Default::default() });
        let ran = reader.verify(&[node.url()]);
        assert_eq!(ran.code, 20, "{what}: {ran:?}");
        assert!(ran.json()["results"][0]["status"].is_null(), "{what}: {ran:?}");
        stands(&ran, node.url(), "lied");
    }
}

#[test]
fn a_liar_among_several_nodes_is_named_and_the_honest_answer_given() {
    // The liar pretends to be newer, and that all is well.
    let honest = Answer::now(9, untrusted()).node();
    let lie = Answer::now(12, trusted());
    for (what, head) in wrong(&lie.header) {
        let liar = Node::answering(lie.with(head));
        let reader = Reader::new();
        let nodes = [liar.url(), honest.url()];
        let ran = reader.verify(&nodes);
        assert_eq!(ran.code, 11, "{what}: {ran:?}");
        assert!(!stands(&ran, liar.url(), "lied").is_empty());
        stands(&ran, honest.url(), "used");
        let named = |line: &str| line.contains(liar.url()) && line.contains("PROOF INVALID");
        assert!(ran.stderr.lines().any(named), "{what}: {ran:?}");
        // A liar beside a node that is down is not hidden by it.
        let ran = reader.verify(&[liar.url(), &nobody()]);
        assert_eq!(ran.code, 20, "{what}: {ran:?}");
    }
}
