//! Lies to those who watch: no statement is hidden from them.

use std::fs;

use vouchsafe_proto::v1::GetBlockResponse;
use vouchsafe_types::header::{Block, BlockTransactions};

use crate::answers::{LyingScene, change};
use crate::proxy::Lies;

fn followed(alter: impl FnMut(&mut GetBlockResponse) + Send + Sync + 'static) -> Lies {
    Lies { followed: Some(Box::new(alter)), ..Lies::default() }
}

#[test]
fn a_node_that_hides_a_statement_from_those_who_watch_is_caught() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    let state = scene.scene.folder.path().join("state").display().to_string();
    let emptied = followed(|answer| {
        change::<Block>(&mut answer.block, |block| {
            block.transactions = BlockTransactions::new(Vec::new()).expect("none");
        });
    });
    let without_body = followed(|answer| answer.block.clear());
    let mut first = None;
    let repeated = followed(move |answer| *answer = first.get_or_insert(answer.clone()).clone());
    let both = format!("{},{}", scene.proxy.url(), scene.scene.node.url());
    for lies in [emptied, without_body, repeated] {
        let _ = fs::remove_file(&state);
        scene.proxy.tell(lies);
        // The lie is named, and the next node tells what was hidden.
        let vouch = scene.scene.vouch.asking(&both);
        let watch = ["watch", "--since", "1", "--limit", "1", "--state", &state, &file];
        let told = vouch.run(&watch).ends(0);
        scene.proxy.tell(Lies::default());
        assert!(told.stderr.contains("PROOF INVALID"), "{told:?}");
        assert!(told.stdout.starts_with("TRUSTED"), "{told:?}");
        assert!(fs::read_to_string(&state).is_ok_and(|text| text.contains(' ')));
    }
}
