//! Lies in proof files: one is checked before it is written, so that no lie comes to lie on a disk.

use vouchsafe_proto::v1::GetProofResponse;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::proof::{AssetSubject, Proof, ProofEvents, Subject};

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
