//! Checkpoints on a live node: written, compared, and a rewritten history noticed.

use std::fs;

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::checkpoint::SignedCheckpoint;
use vouchsafe_types::consistency::ConsistencyProof;

use crate::harness::{DevNode, Scene, Vouch};

fn checkpoint(scene: &Scene, name: &str) -> String {
    let out = scene.folder.path().join(name).display().to_string();
    scene.vouch.run(&["checkpoint", "--out", &out]).ends(0);
    out
}

#[test]
fn a_later_checkpoint_continues_an_earlier_one_and_another_chains_does_not() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    let old = checkpoint(&scene, "old");
    scene.vouch.run(&["unsupport", &file]).ends(0);
    let new = checkpoint(&scene, "new");
    scene.vouch.run(&["checkpoint", "verify", &old]).ends(0);
    let shown = scene.vouch.run(&["checkpoint", "verify", &old, &new]).ends(0);
    assert!(shown.stdout.contains("continues"), "{shown:?}");
    let proof = scene.folder.path().join("consistency").display().to_string();
    let save = ["checkpoint", "verify", &old, &new, "--save-proof", &proof];
    scene.vouch.run(&save).ends(0);
    scene.vouch.run(&save).ends(0);
    scene.vouch.run(&["checkpoint", "verify", &old, &new, "--save-proof", &file]).ends(2);
    let saved = ConsistencyProof::from_bytes(&fs::read(&proof).expect("written")).expect("a proof");
    let root = |path: &str| {
        let note = fs::read(path).expect("written");
        SignedCheckpoint::parse(&note).expect("a checkpoint").checkpoint.root
    };
    assert_eq!(saved.verify(&root(&old), &root(&new)), Ok(()));
    let wrong = scene.vouch.run(&["checkpoint", "verify", &new, &old]).ends(2);
    assert!(wrong.stderr.contains("earlier checkpoint first"), "{wrong:?}");
    // Another chain's.
    let again = Scene::new();
    again.vouch.run(&["sign", &again.file("g", b"g")]).ends(0);
    let other = checkpoint(&again, "other");
    let refused = scene.vouch.run(&["checkpoint", "verify", &old, &other]).ends(20);
    assert!(refused.stderr.contains("is of chain"), "{refused:?}");
    // An older checkpoint makes room, and nothing else does.
    scene.vouch.run(&["checkpoint", "--out", &new]).ends(0);
    let key = scene.file("key", b"a key of mine");
    let kept = scene.vouch.json(&["checkpoint", "--out", &key]).ends(2).json();
    assert_eq!(kept["error"]["code"], "file-in-the-way");
    assert_eq!(fs::read(&key).expect("it is there"), b"a key of mine");
    let folder = scene.folder.path().display().to_string();
    for no_file in [&folder, "/dev/stdout"] {
        scene.vouch.run(&["checkpoint", "--out", no_file]).ends(2);
    }
    scene.vouch.run(&["checkpoint", "verify", &folder]).ends(2);
    let text = fs::read_to_string(&old).expect("a note is text");
    let printed = scene.vouch.run(&["checkpoint", "--size", "1"]).ends(0);
    assert!(printed.stdout.starts_with("vouchsafe/"), "{printed:?}");
    let altered = scene.file("altered", text.replacen('=', "A", 1).as_bytes());
    scene.vouch.run(&["checkpoint", "verify", &altered]).ends(20);
    scene.vouch.run(&["checkpoint", "verify", "/none"]).ends(2);
    scene.vouch.run(&["checkpoint", "--size", "1000000"]).ends(21);
}

#[test]
fn validators_who_begin_anew_cannot_continue_what_they_signed_before() {
    let mut scene = Scene::new();
    scene.node.kill();
    let mut anew = scene.node.copied(&scene.folder.path().join("anew"));
    anew.kill();
    scene.node.restart();
    let asking = |node: &DevNode| scene.vouch.asking(node.url());
    let sign = |vouch: &Vouch, name: &str| {
        vouch.run(&["sign", &scene.file(name, name.as_bytes())]).ends(0);
    };
    let keep = |vouch: &Vouch, name: &str| {
        let out = scene.folder.path().join(name).display().to_string();
        vouch.run(&["checkpoint", "--out", &out]).ends(0);
        out
    };
    sign(&asking(&scene.node), "one");
    let old = keep(&asking(&scene.node), "old");
    // The same genesis and the same keys, and a past in which that never happened. Whoever looks
    // for the first time cannot tell.
    anew.restart();
    let stranger = Vouch::new(&scene.folder.path().join("stranger")).asking(anew.url());
    let genesis = anew.genesis().display().to_string();
    stranger.run(&["init", "-y", "--genesis", &genesis]).ends(0);
    let key = scene.vouch.home.join("key").display().to_string();
    for name in ["two", "three"] {
        let file = scene.file(name, name.as_bytes());
        stranger.run(&["sign", "--key", &key, &file]).ends(0);
    }
    let new = keep(&stranger, "new");
    stranger.run(&["checkpoint", "verify", &new]).ends(0);
    // Whoever kept a checkpoint can.
    let ran = stranger.json(&["checkpoint", "verify", &old, &new]).ends(20).json();
    assert_eq!(ran["error"]["code"], "history-rewritten", "{ran}");
    // And so can whoever was there: the blocks contradict each other.
    let ran = scene.vouch.asking(anew.url()).json(&["status"]);
    assert_ne!(ran.code, 0, "{ran:?}");
}
