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
    assert!(waiting.ends_with(&format!("-{id}.transaction")), "the stored bytes were sent");
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
    // Until the chain's own time has passed it, it may still come into a block.
    let signed = vouch.run(&["sign", &scene.file("o", b"o")]).ends(0);
    assert!(signed.stderr.contains("it is kept"), "{signed:?}");
    assert_eq!(scene.pending().len(), 1);
    let signed = vouch.run(&["sign", &scene.file("p", b"p")]).ends(0);
    assert!(signed.stderr.contains("it is removed"), "{signed:?}");
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

/// What an organization says of a file in the end, when it was signed and then revoked while no node
/// could be reached.
fn said_while_nobody_listened(admin: bool, reason: &str, code: i32, end: i32) {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    let admin_key = scene.node.admin_key("acme");
    let by = |words: &[&str]| -> Vec<String> {
        let key: &[&str] = if admin { &["--key", &admin_key] } else { &[] };
        [words, key, &[&file]].concat().into_iter().map(str::to_owned).collect()
    };
    let revoke = ["revoke", "--reason", reason];
    scene.node.kill();
    scene.vouch.run(&by(&["sign"])).ends(21);
    let held = scene.vouch.json(&by(&revoke)).ends(21).json();
    assert_eq!(held["error"]["code"], if code == 0 { "not-handed-in" } else { "behind-earlier" });
    assert_eq!(scene.pending().len(), 2);
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    // Both reach the ledger, in their order, before anything else does.
    vouch.run(&["sign", &scene.file("other", b"other")]).ends(0);
    assert!(scene.pending().is_empty());
    vouch.run(&["verify", &file]).ends(end);
    // To trust it again is a new statement, and not the one of before.
    let again = vouch.json(&by(&["sign"])).json();
    if end == 12 || admin {
        assert_eq!(again["results"][0]["status"], "TRUSTED");
        vouch.run(&["verify", &file]).ends(0);
    } else {
        assert_eq!(again["error"]["rule"], "TrustNeedsAdmin", "{again}");
        vouch.run(&["verify", &file]).ends(end);
    }
}

#[test]
fn what_was_said_last_is_what_counts_in_the_end() {
    said_while_nobody_listened(true, "compromised", 21, 11);
    said_while_nobody_listened(false, "deprecated", 21, 12);
    // Nothing can undo this one: it need not wait.
    said_while_nobody_listened(false, "compromised", 0, 11);
}

#[test]
fn an_earlier_receipt_does_not_answer_for_what_was_revoked_since() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.node.kill();
    scene.vouch.run(&["sign", &file]).ends(21);
    scene.vouch.run(&["revoke", "--reason", "compromised", &file]).ends(21);
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    let refused = vouch.json(&["sign", &file]).ends(2).json();
    assert_eq!(refused["error"]["rule"], "TrustNeedsAdmin", "{refused}");
    vouch.run(&["verify", &file]).ends(11);
}

#[test]
fn what_is_refused_now_undoes_nothing_later() {
    let mut scene = Scene::new();
    let file = scene.file("f", b"f");
    let admin = scene.node.admin_key("acme");
    scene.vouch.run(&["revoke", "--reason", "compromised", &file]).ends(0);
    scene.node.kill();
    scene.vouch.run(&["unsupport", &file]).ends(21);
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    // It is refused, and would not be once an admin trusts the file again: so that waits.
    let held = vouch.json(&["sign", "--key", &admin, &file]).ends(21).json();
    assert_eq!(held["error"]["code"], "behind-earlier", "{held}");
    let shown = vouch.run(&["sign", "--key", &admin, &file]).ends(21);
    assert!(shown.stdout.starts_with("NOT SENT"), "{shown:?}");
    vouch.run(&["verify", &file]).ends(11);
    assert_eq!(scene.pending().len(), 2);
}

#[test]
fn what_overtook_an_older_statement_is_remembered_until_that_is_in_a_block() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let folder = scene.vouch.home.join("pending");
    // As if the reply to an older statement had been lost, and it could not be asked for again.
    scene.vouch.asking("http://127.0.0.1:1").run(&["sign", &file]).ends(21);
    let chain = fs::read_dir(&folder).expect("lists").next().expect("one").expect("lists").path();
    let older = chain.join(&scene.pending()[0]);
    let bytes = fs::read(&older).expect("stored");
    scene.vouch.run(&["sign", &file]).ends(0);
    fs::write(&older, &bytes).expect("it waits again");
    scene
        .vouch
        .asking("http://127.0.0.1:1")
        .run(&["revoke", "--reason", "compromised", &file])
        .ends(21);
    assert_eq!(scene.pending().len(), 2);
    // Both stand in blocks now; the older one's receipt is no answer to who signs once more.
    let refused = scene.vouch.json(&["sign", &file]).ends(2).json();
    assert_eq!(refused["error"]["rule"], "TrustNeedsAdmin", "{refused}");
    assert!(scene.pending().is_empty());
}
