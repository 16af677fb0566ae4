//! Lies to those who watch: no statement is hidden from them.

use std::fs;
use std::sync::{Arc, Mutex};

use vouchsafe_proto::v1::GetBlockResponse;
use vouchsafe_types::header::{Block, BlockTransactions};

use crate::answers::{LyingScene, change};
use crate::harness::wait_for;
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

#[test]
fn what_was_told_long_ago_is_no_news() {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    let act = |word: &str| drop(scene.scene.vouch.run(&[word, &file]).ends(0));
    act("sign");
    let mut first = None;
    let listen = Arc::new(Mutex::new(None));
    let heard = listen.clone();
    let overhear = followed(move |answer| {
        let first = first.get_or_insert(answer.clone());
        heard.lock().expect("unpoisoned").get_or_insert(first.clone());
    });
    scene.proxy.tell(overhear);
    let liar = scene.scene.vouch.asking(scene.proxy.url());
    liar.run(&["watch", "--since", "2", "--limit", "1", &file]).ends(0);
    act("unsupport");
    let old = listen.lock().expect("unpoisoned").clone().expect("it was told");
    // From now on the node tells of that block only, to whoever wants to know what is new.
    scene.proxy.tell(followed(move |answer| *answer = old.clone()));
    let both = format!("{},{}", scene.proxy.url(), scene.scene.node.url());
    let watching = {
        let (vouch, file) = (scene.scene.vouch.asking(&both), file.clone());
        std::thread::spawn(move || vouch.json(&["watch", "--limit", "1", &file]))
    };
    let mut words = ["sign", "unsupport"].iter().cycle();
    wait_for("news", || {
        act(words.next().expect("endless"));
        watching.is_finished().then_some(())
    });
    scene.proxy.tell(Lies::default());
    let told = watching.join().expect("no panic").ends(0);
    let line = told.stdout.lines().next().expect("one statement");
    let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
    assert!(line["event"]["height"].as_u64().is_some_and(|height| height > 3), "{told:?}");
    assert!(told.stderr.contains("PROOF INVALID"), "{told:?}");
}
