//! A lost reply never makes a second statement.

use std::fs;

use crate::harness::Scene;

#[test]
fn what_could_not_be_handed_in_is_sent_again_byte_for_byte() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.node.kill();
    let failed = scene.vouch.json(&["sign", &file]).ends(21).json();
    assert_eq!(failed["error"]["code"], "not-handed-in");
    assert_eq!(failed["results"][0]["status"], serde_json::Value::Null);
    let [waiting] = scene.pending().try_into().expect("one waits");
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    let signed = vouch.json(&["sign", &file]).ends(0).json();
    let id = signed["results"][0]["receipt"]["transaction_id"].as_str().expect("an id").to_owned();
    assert_eq!(waiting, format!("{id}.transaction"), "the stored bytes were sent");
    assert!(scene.pending().is_empty());
    let inspected = vouch.json(&["inspect", &file]).ends(0).json();
    assert_eq!(inspected["results"][0]["event_count"], 1, "nothing was stated twice");
}

#[test]
fn what_waits_is_not_signed_a_second_time() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.node.kill();
    scene.vouch.run(&["sign", &file]).ends(21);
    let waiting = scene.pending();
    let again = scene.vouch.json(&["sign", &file]).ends(21).json();
    assert_eq!(again["error"]["code"], "not-handed-in");
    assert_eq!(scene.pending(), waiting, "the same statement still waits, alone");
}

#[test]
fn what_waits_is_sent_before_something_new_is_signed() {
    let mut scene = Scene::new();
    let (first, second) = (scene.file("1", b"1"), scene.file("2", b"2"));
    scene.node.kill();
    scene.vouch.run(&["sign", &first]).ends(21);
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    let signed = vouch.run(&["sign", &second]).ends(0);
    assert!(signed.stderr.contains("of an earlier run is in block"), "{signed:?}");
    assert!(scene.pending().is_empty());
    vouch.run(&["verify", &first, &second]).ends(0);
}

#[test]
fn an_expired_transaction_is_removed_with_a_note() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.node.kill();
    scene.vouch.run(&["sign", &file, "--expiry", "1ms"]).ends(21);
    assert_eq!(scene.pending().len(), 1);
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    let other = scene.file("o", b"o");
    let signed = vouch.run(&["sign", &other]).ends(0);
    assert!(signed.stderr.contains("expired"), "{signed:?}");
    assert!(scene.pending().is_empty());
    vouch.run(&["verify", &file]).ends(10);
}

#[test]
fn a_refused_transaction_is_not_kept() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["untrust", &file]).ends(0);
    let refused = scene.vouch.json(&["untrust", &file]).ends(2).json();
    assert_eq!(refused["error"]["code"], "refused");
    assert_eq!(refused["error"]["rule"], "AlreadyUntrusted");
    assert!(scene.pending().is_empty());
}

#[test]
fn a_damaged_stored_transaction_is_named_and_stops_nothing() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.node.kill();
    scene.vouch.run(&["sign", &file]).ends(21);
    let folder = fs::read_dir(scene.vouch.home.join("pending")).expect("lists");
    let folder = folder.into_iter().next().expect("one chain").expect("lists").path();
    let path = folder.join(&scene.pending()[0]);
    fs::write(&path, b"damaged").expect("writes");
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    let signed = vouch.run(&["sign", &file]).ends(0);
    assert!(signed.stderr.contains("is damaged"), "{signed:?}");
    assert!(path.exists(), "nothing is thrown away unread");
}
