//! Lies in proof files: one is checked before it is written, so that no lie comes to lie on a disk.

use vouchsafe_proto::v1::GetProofResponse;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::log::{InclusionProof, leaf_hash};
use vouchsafe_types::proof::{AssetSubject, Older, Proof, ProofEvents, Subject};

use crate::answers::LyingScene;
use crate::proxy::Lies;

fn proof(alter: impl FnMut(&mut GetProofResponse) + Send + Sync + 'static) -> Lies {
    Lies { proof: Some(Box::new(alter)), ..Lies::default() }
}

fn asset(alter: impl Fn(&mut AssetSubject) + Send + Sync + 'static) -> Lies {
    proof(move |answer| {
        let mut proof = Proof::from_bytes(&answer.proof).expect("genuine");
        let Subject::Asset(asset) = &mut proof.subject else { panic!("asked for an asset") };
        alter(asset);
        answer.proof = proof.to_bytes();
    })
}

fn events(
    alter: impl Fn(&mut Vec<vouchsafe_types::record::Event>) + Send + Sync + 'static,
) -> Lies {
    asset(move |asset| {
        let mut list = asset.events.clone().expect("asked for").into_inner();
        alter(&mut list);
        asset.events = Some(ProofEvents::new(list).expect("few"));
    })
}

#[test]
fn a_node_that_alters_a_proof_or_hides_an_event_is_caught() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    scene.scene.vouch.run(&["unsupport", &file]).ends(0);
    let written = format!("{file}.vouch");
    let prove: &[&str] = &["proof", "--events", &file];
    let at: &[&str] = &["verify", "--at", "1", &file];
    for (arguments, code) in [(prove, 0), (at, 10)] {
        scene.control(arguments, code);
        let _ = std::fs::remove_file(&written);
        scene.caught("an event hidden", 20, events(|list| list.truncate(1)), arguments);
        scene.caught("the first event hidden", 20, events(|list| drop(list.remove(0))), arguments);
        scene.caught("events swapped", 20, events(|list| list.swap(0, 1)), arguments);
        scene.caught("no events", 20, asset(|asset| asset.events = None), arguments);
        scene.caught("called absent", 20, asset(|asset| asset.record = None), arguments);
        scene.caught("a flipped bit", 20, proof(|answer| answer.proof[300] ^= 1), arguments);
        scene.caught("a byte too many", 20, proof(|answer| answer.proof.push(0)), arguments);
        scene.caught("nothing", 20, proof(|answer| answer.proof.clear()), arguments);
        scene.caught("another asset", 20, asset(|asset| asset.key.digest.0[0] ^= 1), arguments);
        assert!(!std::path::Path::new(&written).exists(), "no lie is written");
        scene.control(arguments, code);
    }
}

#[test]
fn an_old_status_under_the_newest_block_is_not_taken_for_its_own() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    let read = |out: &str| {
        scene.scene.vouch.run(&["proof", "--out", out, &file]).ends(0);
        Proof::from_bytes(&std::fs::read(out).expect("it was written")).expect("a proof")
    };
    let path = |name: &str| scene.scene.folder.path().join(name).display().to_string();
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    let trusted = read(&path("trusted"));
    scene.scene.vouch.run(&["untrust", &file]).ends(0);
    let mut old = read(&path("untrusted"));
    assert_eq!((trusted.header.height, old.header.height), (2, 3), "a block for each statement");
    let blocks = [trusted.header.parent, trusted.header.block_id()];
    let inclusion = InclusionProof::of(&blocks.map(|block| leaf_hash(block.as_bytes())), 1);
    old.older = Some(Older { header: trusted.header, inclusion });
    old.subject = trusted.subject;
    // All of it is true: it was trusted at height 2, which the newest block commits to.
    let lie = path("lie");
    std::fs::write(&lie, old.to_bytes()).expect("a temporary folder");
    let offline = scene.scene.vouch.run(&["verify", "--offline", "--proof", &lie, &file]).ends(0);
    assert!(offline.stderr.contains("was seen here before"), "{offline:?}");
    let lies = || {
        let old = old.to_bytes();
        proof(move |answer| answer.proof = old.clone())
    };
    let written = path("written");
    scene.caught("an old status", 20, lies(), &["proof", "--out", &written, &file]);
    assert!(!std::path::Path::new(&written).exists(), "no lie is written");
}
