//! Checkpoints on a live node: written, compared, and a rewritten history noticed.

use std::fs;

use crate::harness::Scene;

fn checkpoint(scene: &Scene, name: &str) -> String {
    let out = scene.folder.path().join(name).display().to_string();
    scene.vouch.run(&["checkpoint", "--out", &out]).ends(0);
    out
}

#[test]
fn a_later_checkpoint_continues_an_earlier_one_and_a_rewritten_one_does_not() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    let old = checkpoint(&scene, "old");
    scene.vouch.run(&["unsupport", &file]).ends(0);
    let new = checkpoint(&scene, "new");
    scene.vouch.run(&["checkpoint", "verify", &old]).ends(0);
    let shown = scene.vouch.run(&["checkpoint", "verify", &old, &new]).ends(0);
    assert!(shown.stdout.contains("continues"), "{shown:?}");
    let wrong = scene.vouch.run(&["checkpoint", "verify", &new, &old]).ends(2);
    assert!(wrong.stderr.contains("earlier checkpoint first"), "{wrong:?}");
    // The same history, seen by a chain that began anew: its keys sign another root.
    let again = Scene::new();
    again.vouch.run(&["sign", &again.file("g", b"g")]).ends(0);
    let other = checkpoint(&again, "other");
    let refused = scene.vouch.run(&["checkpoint", "verify", &old, &other]).ends(20);
    assert!(refused.stderr.contains("is of chain"), "{refused:?}");
    let text = fs::read_to_string(&old).expect("a note is text");
    let printed = scene.vouch.run(&["checkpoint", "--size", "1"]).ends(0);
    assert!(printed.stdout.starts_with("vouchsafe/"), "{printed:?}");
    let altered = scene.file("altered", text.replacen('=', "A", 1).as_bytes());
    scene.vouch.run(&["checkpoint", "verify", &altered]).ends(20);
    scene.vouch.run(&["checkpoint", "verify", "/none"]).ends(2);
    scene.vouch.run(&["checkpoint", "--size", "1000000"]).ends(21);
}
