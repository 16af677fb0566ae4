//! Several inputs, whom to rely on, and how old a proof may be.

use std::fs;

use serde_json::Value;

use crate::harness::{DevNode, Scene, Vouch, text};

#[test]
fn of_several_inputs_the_worst_code_wins_and_each_has_its_own() {
    let scene = Scene::new();
    let files: Vec<_> =
        ["t", "d", "c", "u"].iter().map(|name| scene.file(name, name.as_bytes())).collect();
    scene.vouch.run(&["sign", &files[0], &files[1], &files[2]]).ends(0);
    scene.vouch.run(&["unsupport", &files[1]]).ends(0);
    let verify = |files: &[&str], code: i32| {
        let mut arguments = vec!["verify"];
        arguments.extend(files);
        let json = scene.vouch.json(&arguments).ends(code).json();
        let results = json["results"].as_array().expect("a list").clone();
        let codes = results.iter().map(|entry| entry["exit_code"].as_i64().expect("a code"));
        codes.collect::<Vec<_>>()
    };
    let [trusted, unsupported, compromised, unknown] = [0, 1, 2, 3].map(|i| files[i].as_str());
    assert_eq!(verify(&[trusted, unsupported], 12), [0, 12]);
    assert_eq!(verify(&[unknown, trusted, unsupported], 10), [10, 0, 12]);
    assert_eq!(verify(&[trusted, "/none", unknown], 21), [0, 21, 10]);
    scene.vouch.run(&["untrust", compromised]).ends(0);
    assert_eq!(verify(&["/none", compromised, trusted], 11), [21, 11, 0]);
    assert_eq!(verify(&[trusted, trusted], 0), [0, 0]);
}

#[test]
fn standard_input_and_digests_are_inputs_like_files() {
    let scene = Scene::new();
    let signed = scene.vouch.with("VOUCH_OUTPUT", "json");
    let signed = signed.run_with(&["sign", "-", "--name", "stream"], b"streamed").ends(0).json();
    let digest = signed["results"][0]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(signed["results"][0]["size_bytes"], 8);
    scene.vouch.run(&["verify", "--hash", &digest]).ends(0);
    let bare = digest.strip_prefix("sha256:").expect("named");
    scene.vouch.run(&["verify", "--hash", bare]).ends(0);
    scene.vouch.run_with(&["verify", "-"], b"streamed").ends(0);
    scene.vouch.run_with(&["verify", "-"], b"").ends(10);
    let file = scene.file("f", b"streamed");
    scene.vouch.run(&["verify", &file, "--hash", &digest]).ends(0);
    let other = format!("sha256:{}", "ab".repeat(32));
    scene.vouch.run(&["sign", "--hash", &other, "--name", "n", "--size", "7"]).ends(0);
    let shown = scene.vouch.json(&["inspect", "--hash", &other]).ends(0).json();
    assert_eq!(shown["results"][0]["events"][0]["asset"]["size_bytes"], 7);
}

#[test]
fn many_files_are_one_transaction_and_equal_content_is_named_once() {
    let scene = Scene::new();
    let mut arguments = vec!["sign".to_owned()];
    arguments.extend(
        (0..300)
            .map(|i| scene.file(&format!("many/{i}"), &[u8::try_from(i % 250).expect("small")])),
    );
    let signed = scene.vouch.json(&arguments).ends(0).json();
    let results = signed["results"].as_array().expect("a list");
    assert_eq!(results.len(), 300);
    let id = |entry: &Value| entry["receipt"]["transaction_id"].clone();
    assert!(results.iter().all(|entry| id(entry) == id(&results[0])));
    let listed = scene.vouch.json(&["list"]).ends(0).json();
    assert_eq!(listed["results"][0]["operations"][0]["asset_count"], 250);
}

fn fingerprint(vouch: &Vouch, key: &str) -> String {
    let shown = vouch.json(&["key", "show", key]).ends(0).json();
    shown["results"][0]["fingerprint"].as_str().expect("shown").to_owned()
}

#[test]
fn policies_narrow_who_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Vouch::new(folder.path());
    let keys: Vec<_> = ["a1", "a2", "b1"].iter().map(|name| folder.path().join(name)).collect();
    let signers: Vec<_> =
        keys.iter().zip(["acme", "acme", "bolt"]).map(|(key, org)| home.key(key, org)).collect();
    let node = DevNode::start(folder.path(), &signers);
    home.pin(&node);
    let vouch = home.asking(node.url());
    let [a1, a2, b1] = [0, 1, 2].map(|i| text(&keys[i]));
    let file = text(&folder.path().join("f"));
    fs::write(&file, b"f").expect("writes");
    let verify = |arguments: &[&str]| {
        let mut all = vec!["verify", file.as_str()];
        all.extend(arguments);
        vouch.json(&all)
    };
    vouch.run(&["sign", &file, "--key", &a1]).ends(0);
    verify(&["--require", "2"]).ends(13);
    verify(&["--org", "bolt"]).ends(10);
    vouch.run(&["sign", &file, "--key", &b1]).ends(0);
    let both = verify(&["--require", "2"]).ends(0).json();
    assert_eq!(both["results"][0]["relied_on"].as_array().map(Vec::len), Some(2));
    // Distrust by another signer of acme: acme's word, but not a1's.
    vouch.run(&["untrust", &file, "--key", &a2]).ends(0);
    verify(&[]).ends(11);
    let bolt = verify(&["--org", "bolt"]).ends(0).json();
    assert_eq!(bolt["results"][0]["distrusted_by_others"], serde_json::json!(["acme"]));
    let by_a1 = verify(&["--signer", &fingerprint(&vouch, &a1)]).ends(0).json();
    assert_eq!(by_a1["results"][0]["distrusted_by_others"], serde_json::json!(["acme"]));
    verify(&["--signer", &fingerprint(&vouch, &a2)]).ends(11);
    verify(&["--signer", &fingerprint(&vouch, &b1), "--org", "acme"]).ends(10);
    // Only an admin leads away from UNTRUSTED.
    let refused = vouch.json(&["sign", &file, "--key", &a1]).ends(2).json();
    assert_eq!(refused["error"]["rule"], "TrustNeedsAdmin");
    vouch.run(&["sign", &file, "--key", &node.admin_key("acme")]).ends(0);
    verify(&[]).ends(0);
    verify(&["--signer", &fingerprint(&vouch, &a2)]).ends(11);
}

#[test]
fn an_old_proof_or_one_older_than_seen_is_not_used() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    scene.vouch.run(&["verify", &file, "--max-age", "1h"]).ends(0);
    let stale = scene.vouch.json(&["verify", &file, "--max-age", "0s"]).ends(21).json();
    let message = stale["error"]["message"].as_str().expect("a message");
    assert!(message.contains("older than"), "{message}");
    assert_eq!(stale["results"][0]["status"], Value::Null);

    let seen = fs::read_dir(scene.vouch.home.join("seen")).expect("lists");
    let seen = seen.map(|entry| entry.expect("lists").path());
    let seen = seen.into_iter().find(|path| path.extension().is_some()).expect("remembered");
    let genuine = fs::read_to_string(&seen).expect("reads");
    let mut newer: Value = serde_json::from_str(&genuine).expect("JSON");
    newer["height"] = 1_000_000.into();
    fs::write(&seen, newer.to_string()).expect("writes");
    let rolled_back = scene.vouch.json(&["verify", &file]).ends(21).json();
    let message = rolled_back["error"]["message"].as_str().expect("a message");
    assert!(message.contains("1000000 was seen before"), "{message}");

    fs::write(&seen, "{}").expect("writes");
    let damaged = scene.vouch.json(&["verify", &file]).ends(21).json();
    assert_eq!(damaged["error"]["code"], "seen-unreadable");
    fs::write(&seen, genuine).expect("writes");
    scene.vouch.run(&["verify", &file]).ends(0);
}

#[test]
fn for_ci_everything_comes_from_the_environment_and_nothing_needs_a_home() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    let ci = Vouch::new(&scene.folder.path().join("nowhere"))
        .with("VOUCH_GENESIS", &text(&scene.node.genesis()))
        .with("VOUCH_NODES", scene.node.url());
    ci.run(&["verify", &file]).ends(0);
    let key = text(&scene.vouch.home.join("key"));
    ci.with("VOUCH_KEY", &key).run(&["unsupport", &file]).ends(0);
    ci.run(&["verify", &file]).ends(12);
}

#[test]
fn more_names_than_one_request_takes_are_asked_for_in_parts() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    let mut arguments = vec!["verify".to_owned(), file];
    for number in 0..1_500 {
        arguments.extend(["--hash".to_owned(), format!("{number:064x}")]);
    }
    let json = scene.vouch.json(&arguments).ends(10).json();
    let results = json["results"].as_array().expect("a list");
    assert_eq!(results.len(), 1_501);
    assert_eq!(results[0]["status"], "TRUSTED");
    assert!(results[1..].iter().all(|entry| entry["status"] == "UNKNOWN"));
}
