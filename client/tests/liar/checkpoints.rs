//! Lies about the history: a checkpoint and what it continues.

use vouchsafe_proto::v1::{GetCheckpointResponse, GetConsistencyResponse};
use vouchsafe_types::consistency::{ConsistencyHashes, ConsistencyProof};

use crate::answers::{LyingScene, change};
use crate::proxy::Lies;

fn checkpoint(alter: impl FnMut(&mut GetCheckpointResponse) + Send + Sync + 'static) -> Lies {
    Lies { checkpoint: Some(Box::new(alter)), ..Lies::default() }
}

fn consistency(alter: impl FnMut(&mut GetConsistencyResponse) + Send + Sync + 'static) -> Lies {
    Lies { consistency: Some(Box::new(alter)), ..Lies::default() }
}

#[test]
fn a_node_cannot_sign_for_another_nor_show_another_history() {
    let scene = LyingScene::new();
    for name in ["a", "b", "c"] {
        let file = scene.scene.file(name, name.as_bytes());
        scene.scene.vouch.run(&["sign", &file]).ends(0);
    }
    let folder = scene.scene.folder.path().to_owned();
    let path = |name: &str| folder.join(name).display().to_string();
    let (old, new) = (path("old"), path("new"));
    scene.scene.vouch.run(&["checkpoint", "--size", "1", "--out", &old]).ends(0);
    scene.scene.vouch.run(&["checkpoint", "--size", "3", "--out", &new]).ends(0);
    let collect: &[&str] = &["checkpoint", "--size", "2"];
    scene.control(collect, 0);
    let size = checkpoint(|answer| answer.note = answer.note.replacen("\n2\n", "\n3\n", 1));
    scene.caught("another size", 20, size, collect);
    let root = checkpoint(|answer| {
        let root = answer.note.lines().nth(2).expect("a root").to_owned();
        answer.note = answer.note.replacen(&root, &"A".repeat(43), 1);
    });
    scene.caught("another root", 20, root, collect);
    scene.caught("nothing", 20, checkpoint(|answer| answer.note.clear()), collect);
    scene.caught("no header", 20, checkpoint(|answer| answer.head = None), collect);
    let changes = checkpoint(|answer| answer.changes.push(vec![1]));
    scene.caught("a change of the set", 20, changes, collect);
    let compare: &[&str] = &["checkpoint", "verify", &old, &new];
    scene.control(compare, 0);
    let flipped = consistency(|answer| {
        change::<ConsistencyProof>(&mut answer.proof, |proof| {
            let mut hashes = proof.path.clone().into_inner();
            hashes[0].0[0] ^= 1;
            proof.path = ConsistencyHashes::new(hashes).expect("as many as before");
        });
    });
    scene.caught("another path", 20, flipped, compare);
    let sizes = consistency(|answer| {
        change::<ConsistencyProof>(&mut answer.proof, |proof| proof.first = 2);
    });
    scene.caught("other sizes", 20, sizes, compare);
    scene.caught("nothing", 20, consistency(|answer| answer.proof.clear()), compare);
}
