//! Values that decode and are refused, each with its error.

use std::fmt::{Debug, Display};

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignatures};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, ChainId, Digest};
use vouchsafe_types::header::Header;
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::log::{InclusionProof, PathHashes, root};
use vouchsafe_types::openssh::parse_public_key_line;
use vouchsafe_types::state_tree::{Claim, EMPTY, ProofHashes, ProofLeaves, ShapeBytes, StateProof};
use vouchsafe_types::transaction::{RevocationReason, SignedTransaction, Transaction};
use vouchsafe_types::verifier::Verifier;

use crate::json::{Json, hex, object};
use crate::sample::naive_tree::{key, sample};
use crate::sample::{
    VALIDATOR_SEEDS, asset, body, certificate, chain, digest, evidence_of_proposals,
    evidence_of_votes, first_block, notarize, other_chain, public, revoke, set, sign, signed,
    signed_bytes, transactions, validators,
};

/// The names of an error's variants, from the outermost in: `Envelope.TrailingBytes`.
fn name(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    // What stands in quotation marks is data.
    let bare: String = text.replace("\\\"", "'").split('"').step_by(2).collect();
    let words = bare.split(|c: char| !c.is_ascii_alphanumeric());
    let data = ["ChainId", "Address", "BlockId", "Some", "None"];
    let names = words.filter(|w| w.starts_with(|c: char| c.is_ascii_uppercase()));
    names.filter(|w| !data.contains(w)).collect::<Vec<_>>().join(".")
}

/// One refusal; the error found must be the one expected.
pub(crate) fn refused(
    check: &str,
    about: &str,
    inputs: Vec<(&str, Vec<u8>)>,
    found: &(impl Debug + Display),
    expected: &str,
) -> Json {
    assert_eq!(name(found), expected, "{check}: {about}");
    let mut fields =
        vec![("check".to_owned(), Json::from(check)), ("about".to_owned(), Json::from(about))];
    fields.extend(inputs.into_iter().map(|(name, bytes)| (name.to_owned(), hex(bytes))));
    fields.push(("error".to_owned(), Json::from(expected)));
    Json::Object(fields)
}

fn transaction(about: &str, on: &ChainId, signed: &SignedTransaction, error: &str) -> Json {
    let bytes = signed.to_bytes();
    let found = Transaction::from_bytes(on, &bytes)
        .and_then(|transaction| transaction.verify(on))
        .expect_err(about);
    let inputs = vec![("chain_id", on.as_bytes().to_vec()), ("transaction", bytes)];
    refused("verify a transaction", about, inputs, &found, error)
}

fn transaction_refusals() -> Vec<Json> {
    let good = transactions().remove(0);
    let bad =
        |about, signed: &SignedTransaction, error| transaction(about, &chain(), signed, error);
    let mut trailing = good.body.to_vec();
    trailing.push(0);
    let twice = body(vec![notarize(vec![asset("a"), asset("b"), asset("a")])]);
    let both = body(vec![
        notarize(vec![asset("a")]),
        revoke(vec![asset("a")], RevocationReason::Compromised),
    ]);
    let mut altered = good.clone();
    altered.signature.0[40] ^= 1;
    let raw = [chain().as_bytes(), &good.body[..]].concat();
    let weak = |bytes: [u8; 32]| SignedTransaction { public_key: PublicKey(bytes), ..good.clone() };
    let y = |low: u8, rest: u8, high: u8| {
        let mut bytes = [rest; 32];
        (bytes[0], bytes[31]) = (low, high);
        bytes
    };
    vec![
        bad("a byte follows the body", &signed_bytes(1, trailing), "Body.TrailingBytes"),
        bad("an asset twice in one operation", &signed(1, &twice), "RepeatedAsset"),
        bad("an asset in two operations", &signed(1, &both), "RepeatedAsset"),
        bad("a key off the curve", &weak(y(2, 0, 0)), "PublicKey.NotAPoint"),
        bad("a key of small order", &weak(y(1, 0, 0)), "PublicKey.SmallOrder"),
        bad("a key whose y is not reduced", &weak(y(0xf0, 0xff, 0x7f)), "PublicKey.NonCanonical"),
        bad("one bit of the signature altered", &altered, "Signature"),
        bad(
            "another signer's key",
            &SignedTransaction { public_key: public(2), ..good.clone() },
            "Signature",
        ),
        bad(
            "signed without SSHSIG's framing",
            &SignedTransaction { signature: sign(1, &raw), ..good.clone() },
            "Signature",
        ),
        transaction("signed for another chain", &other_chain(), &good, "Signature"),
    ]
}

fn certificate_refusals() -> Vec<Json> {
    let block = BlockId(digest(1));
    let good = certificate(5, 1, block, &VALIDATOR_SEEDS);
    let bad = |about: &str, certificate: &CommitCertificate, error: &str| {
        let found = certificate.verify(&chain(), &validators()).expect_err(about);
        let inputs = vec![
            ("chain_id", chain().as_bytes().to_vec()),
            ("validators", validators().to_bytes()),
            ("certificate", certificate.to_bytes()),
        ];
        refused("verify a certificate", about, inputs, &found, error)
    };
    let with = |change: fn(&mut Vec<vouchsafe_types::certificate::CommitSignature>)| {
        let mut list = good.signatures.to_vec();
        change(&mut list);
        let signatures = CommitSignatures::new(list).expect("few");
        CommitCertificate { signatures, ..good.clone() }
    };
    vec![
        bad("two signatures in the wrong order", &with(|list| list.swap(1, 2)), "Order"),
        bad("one validator twice", &with(|list| list[1] = list[0].clone()), "Order"),
        bad(
            "a stranger among all four",
            &certificate(5, 1, block, &[101, 102, 103, 104, 105]),
            "UnknownValidator",
        ),
        bad("half of the power", &certificate(5, 1, block, &[101, 102]), "Power"),
        bad("one bad signature among four", &with(|list| list[3].signature.0[9] ^= 1), "Signature"),
        bad(
            "the precommits are of another round",
            &CommitCertificate { round: 2, ..good.clone() },
            "Signature",
        ),
    ]
}

fn header_refusals() -> Vec<Json> {
    let good = first_block().header;
    let bad = |about: &str, header: &Header, seeds: &[u8], certified: BlockId, error: &str| {
        let certificate = certificate(header.height, 0, certified, seeds).to_bytes();
        let verifier = Verifier::new(chain(), validators());
        let found = verifier.header(&header.to_bytes(), &certificate).expect_err(about);
        let inputs = vec![
            ("chain_id", chain().as_bytes().to_vec()),
            ("validators", validators().to_bytes()),
            ("header", header.to_bytes()),
            ("certificate", certificate),
        ];
        refused("verify a header", about, inputs, &found, error)
    };
    let foreign = Header { chain_id: other_chain(), ..good.clone() };
    let strangers = Header { validators: set(&[(111, 1)]).hash(), ..good.clone() };
    vec![
        bad("another chain", &foreign, &VALIDATOR_SEEDS, foreign.block_id(), "Chain"),
        bad("another validator set", &strangers, &[111], strangers.block_id(), "Validators"),
        bad(
            "a certificate of another block",
            &good,
            &VALIDATOR_SEEDS,
            BlockId(digest(1)),
            "OtherBlock",
        ),
        bad("too little power", &good, &[101], good.block_id(), "Certificate.Power"),
    ]
}

fn evidence_refusals() -> Vec<Json> {
    let bad = |about: &str, evidence: &Evidence, key: u8, error: &str| {
        let found = evidence.verify(&chain(), &public(key)).expect_err(about);
        let inputs = vec![
            ("chain_id", chain().as_bytes().to_vec()),
            ("public_key", public(key).0.to_vec()),
            ("evidence", evidence.to_bytes()),
        ];
        refused("verify evidence", about, inputs, &found, error)
    };
    let (Evidence::Votes(a, b), Evidence::Proposals(p, q)) =
        (evidence_of_votes(), evidence_of_proposals())
    else {
        unreachable!("the samples are of these kinds")
    };
    let mut forged = b.clone();
    forged.signature.0[0] ^= 1;
    vec![
        bad("held against another key", &evidence_of_votes(), 102, "Unrelated"),
        bad("one vote twice", &Evidence::Votes(a.clone(), a.clone()), 101, "Order"),
        bad("the greater vote first", &Evidence::Votes(b, a.clone()), 101, "Order"),
        bad("the greater proposal first", &Evidence::Proposals(q, p), 102, "Order"),
        bad("a forged vote", &Evidence::of_votes(a, forged), 101, "Signature"),
    ]
}

fn log_refusals() -> Vec<Json> {
    let leaves: Vec<_> = (0..5).map(digest).collect();
    let good = InclusionProof::of(&leaves, 2);
    let bad = |about: &str, proof: &InclusionProof, leaf: &Digest, error: &str| {
        let root = root(&leaves);
        let found = proof.verify(leaf, &root).expect_err(about);
        let inputs = vec![
            ("root", root.0.to_vec()),
            ("leaf_hash", leaf.0.to_vec()),
            ("proof", proof.to_bytes()),
        ];
        refused("verify inclusion", about, inputs, &found, error)
    };
    let path = |hashes: &[Digest]| PathHashes::new(hashes.to_vec()).expect("short");
    let longer = [&good.path[..], &[digest(9)]].concat();
    vec![
        bad(
            "the index is the size",
            &InclusionProof { index: 5, ..good.clone() },
            &leaves[2],
            "Index",
        ),
        bad(
            "a hash too few",
            &InclusionProof { path: path(&good.path[1..]), ..good.clone() },
            &leaves[2],
            "PathLength",
        ),
        bad(
            "a hash too many",
            &InclusionProof { path: path(&longer), ..good.clone() },
            &leaves[2],
            "PathLength",
        ),
        bad("another entry", &good, &leaves[3], "Root"),
        bad("another index", &InclusionProof { index: 3, ..good.clone() }, &leaves[2], "Root"),
    ]
}

fn state(about: &str, root: Digest, claims: &[Claim], proof: &StateProof, error: &str) -> Json {
    let found = proof.verify(&root, claims).expect_err(about);
    let told: Vec<_> = claims
        .iter()
        .map(|(key, value_hash)| object! {"key": *key, "value_hash": *value_hash})
        .collect();
    let inputs = vec![("root", root.0.to_vec()), ("proof", proof.to_bytes())];
    let Json::Object(mut fields) = refused("verify a state proof", about, inputs, &found, error)
    else {
        unreachable!("a refusal is an object")
    };
    fields.insert(2, ("claims".to_owned(), Json::from(told)));
    Json::Object(fields)
}

fn forged(shape: u8, leaves: ProofLeaves, hashes: Vec<Digest>) -> StateProof {
    StateProof {
        version: Default::default(),
        shape: ShapeBytes::new(vec![shape]).expect("one"),
        leaves,
        hashes: ProofHashes::new(hashes).expect("few"),
    }
}

fn state_refusals() -> Vec<Json> {
    let tree = sample();
    let (present, absent) = (key(0x20, 0), key(0xff, 0));
    let good = tree.prove(&[present]);
    let claims = tree.claims(&[present]);
    let bad = |about, claims: &[Claim], proof: &StateProof, error| {
        state(about, tree.root(), claims, proof, error)
    };
    let shape = |bytes: Vec<u8>| StateProof {
        shape: ShapeBytes::new(bytes).expect("short"),
        ..good.clone()
    };
    let padded = [&good.shape[..], &[0]].concat();
    let mut last_bit = good.shape.to_vec();
    *last_bit.last_mut().expect("one") |= 1;
    let none = || ProofLeaves::new(vec![]).expect("none");
    let hashes = ProofHashes::new(good.hashes[1..].to_vec()).expect("few");
    vec![
        bad("no claims", &[], &good, "KeyCount"),
        bad("one key twice", &[claims[0], claims[0]], &good, "KeyCount"),
        bad("a present key called absent", &[(present, None)], &good, "Present"),
        bad("another record", &[(present, Some(digest(9)))], &good, "Value"),
        bad(
            "an absent key called present",
            &[(absent, Some(digest(9)))],
            &tree.prove(&[absent]),
            "Absent",
        ),
        bad("a hash is missing", &claims, &StateProof { hashes, ..good.clone() }, "Shape"),
        bad(
            "the leaf is missing",
            &claims,
            &StateProof { leaves: none(), ..good.clone() },
            "Shape",
        ),
        bad("the shape's bits are 11", &claims, &forged(0b1100_0000, none(), vec![]), "Shape"),
        bad("a byte of shape too many", &claims, &shape(padded), "LeftOver"),
        bad("a padding bit is one", &claims, &shape(last_bit), "LeftOver"),
        bad("another key's leaf, off the path", &tree.claims(&[absent]), &good, "Misplaced"),
        bad(
            "a branch with one leaf",
            &[(key(0, 1), tree.0.get(&key(0, 1)).copied())],
            &forged(0b1001_0000, tree.prove(&[key(0, 1)]).leaves, vec![]),
            "NotCanonical",
        ),
        bad(
            "an empty place as a hash",
            &[(key(0x20, 0), claims[0].1)],
            &forged(0b1001_1000, good.leaves.clone(), vec![EMPTY]),
            "NotCanonical",
        ),
        state("another root", digest(9), &claims, &good, "Root"),
    ]
}

fn key_refusals() -> Vec<Json> {
    let bad = |about: &str, line: &str, error: &str| {
        let found = parse_public_key_line(line).expect_err(about);
        let Json::Object(mut fields) = refused("read a public key", about, vec![], &found, error)
        else {
            unreachable!("a refusal is an object")
        };
        fields.insert(2, ("line".to_owned(), Json::from(line)));
        Json::Object(fields)
    };
    vec![
        bad("not a key", "hello", "NotAPublicKey"),
        bad("another type", "ssh-rsa AAAAB3NzaC1yc2E=", "KeyType"),
        bad("a security key", "sk-ssh-ed25519@openssh.com AAAA", "KeyType"),
        bad("damaged base64", "ssh-ed25519 A!", "Base64"),
        bad("a blob that ends early", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "Framing"),
    ]
}

pub(crate) fn all() -> Json {
    let cases = [
        crate::invalid_bytes::all(),
        key_refusals(),
        transaction_refusals(),
        certificate_refusals(),
        header_refusals(),
        evidence_refusals(),
        log_refusals(),
        state_refusals(),
    ]
    .concat();
    object! {
        "about": "What must be refused, and the name of the rule it breaks: the variants of the \
                  error, from the outermost in.",
        "cases": cases,
    }
}
