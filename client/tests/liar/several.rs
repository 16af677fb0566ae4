//! A liar among several nodes: named, and not believed.

use crate::answers::{LyingScene, header, overheard, replay, status};
use crate::proxy::Lies;

#[test]
fn a_liar_beside_an_honest_node_is_named_and_the_honest_one_is_used() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    let liar = scene.proxy.url().to_owned();
    let honest = scene.scene.node.url();
    let dead = "http://127.0.0.1:1";
    let ask = |nodes: &[&str]| scene.scene.vouch.asking(&nodes.join(",")).run(&["verify", &file]);
    scene.proxy.tell(header(|header| header.height += 5));
    for nodes in [[liar.as_str(), honest], [honest, liar.as_str()]] {
        let ran = ask(&nodes).ends(0);
        assert!(ran.stdout.starts_with("TRUSTED"), "{ran:?}");
        let warned = ran.stderr.lines().any(|l| l.contains(&liar) && l.contains("PROOF INVALID"));
        assert!(warned, "{ran:?}");
    }
    // Silence does not hide a lie, and a dead node no honest one.
    ask(&[&liar, dead]).ends(20);
    ask(&[dead, &liar]).ends(20);
    ask(&[dead]).ends(21);
    ask(&[dead, honest]).ends(0);
    scene.proxy.tell(status(|answer| answer.proof.clear()));
    ask(&[&liar]).ends(20);
}

#[test]
fn the_newest_of_several_proven_answers_is_used() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    let trusted = overheard(&scene, &["verify", &file]);
    scene.scene.vouch.run(&["untrust", &file]).ends(0);
    // A client that has seen nothing yet: the old answer alone would deceive it for a minute.
    let mut fresh = scene.scene.vouch.clone();
    fresh.home = scene.scene.folder.path().join("fresh");
    let genesis = scene.scene.node.genesis().display().to_string();
    let fresh = fresh.with("VOUCH_GENESIS", &genesis);
    scene.proxy.tell(replay(trusted));
    for nodes in [
        format!("{},{}", scene.proxy.url(), scene.scene.node.url()),
        format!("{},{}", scene.scene.node.url(), scene.proxy.url()),
    ] {
        fresh.asking(&nodes).run(&["verify", &file]).ends(11);
    }
    scene.proxy.tell(Lies::default());
}

#[test]
fn a_receipt_is_taken_from_the_next_node_when_the_first_one_lies() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    let lie = Lies { receipt: Some(Box::new(|r| r.inclusion_proof.clear())), ..Lies::default() };
    scene.proxy.tell(lie);
    let nodes = format!("{},{}", scene.proxy.url(), scene.scene.node.url());
    let ran = scene.scene.vouch.asking(&nodes).run(&["sign", &file]).ends(0);
    assert!(ran.stderr.contains("PROOF INVALID"), "{ran:?}");
    assert!(scene.scene.pending().is_empty());
}
