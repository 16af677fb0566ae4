//! What a newcomer does.

use std::fs;
use std::process::{Command, Stdio};

use crate::harness::{Scene, text};

#[test]
fn a_file_is_signed_verified_copied_changed_revoked_and_survives_kill_9() {
    let mut scene = Scene::new();
    let file = scene.file("report.pdf", b"quarterly figures");
    let unknown = scene.vouch.run(&["verify", &file]).ends(10);
    assert!(unknown.stdout.starts_with("UNKNOWN"), "{unknown:?}");
    let signed = scene.vouch.run(&["sign", &file]).ends(0);
    for part in ["TRUSTED  ", "sha256:", "SHA256:", "acme", "height", "block", "time"] {
        assert!(signed.stdout.contains(part), "{part}: {signed:?}");
    }
    assert!(scene.pending().is_empty(), "a receipt is in hand");

    let trusted = scene.vouch.run(&["verify", &file]).ends(0);
    for part in ["TRUSTED  ", "acme says TRUSTED", "height", "old"] {
        assert!(trusted.stdout.contains(part), "{part}: {trusted:?}");
    }
    let copy = scene.file("elsewhere/other-name.bin", b"quarterly figures");
    scene.vouch.run(&["verify", &copy]).ends(0);
    let changed = scene.file("changed.pdf", b"quarterly figurez");
    scene.vouch.run(&["verify", &changed]).ends(10);

    scene.vouch.run(&["revoke", "--reason", "compromised", &file]).ends(0);
    let revoked = scene.vouch.run(&["verify", &copy]).ends(11);
    for part in ["UNTRUSTED  ", "COMPROMISED", "since height"] {
        assert!(revoked.stdout.contains(part), "{part}: {revoked:?}");
    }

    scene.node.kill();
    let silent = scene.vouch.run(&["verify", &file]).ends(21);
    assert!(silent.stdout.starts_with("COULD NOT CHECK"), "{silent:?}");
    scene.node.restart();
    let vouch = scene.vouch.asking(scene.node.url());
    vouch.run(&["verify", &file]).ends(11);
    vouch.run(&["verify", &changed]).ends(10);
}

#[test]
fn vcns_names_do_the_same() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let signed = scene.vouch.json(&["notarize", &file]).ends(0).json();
    assert_eq!(signed["command"], "sign");
    scene.vouch.run(&["unsupport", &file]).ends(0);
    let verified = scene.vouch.json(&["authenticate", &file]).ends(12).json();
    assert_eq!(verified["command"], "verify");
    assert_eq!(verified["results"][0]["relied_on"][0]["reason"], "DEPRECATED");
    scene.vouch.run(&["untrust", &file]).ends(0);
    scene.vouch.run(&["authenticate", &file]).ends(11);
}

#[test]
fn inspect_shows_the_whole_history_and_list_the_whole_activity() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let hostile = "evil\u{1b}[2J\u{202e}";
    let attribute = format!("note={hostile}");
    scene.vouch.run(&["sign", &file, "--name", hostile, "-a", &attribute]).ends(0);
    scene.vouch.run(&["unsupport", &file]).ends(0);
    let inspected = scene.vouch.json(&["inspect", &file]).ends(12).json();
    let entry = &inspected["results"][0];
    assert_eq!(entry["event_count"], 2);
    assert_eq!(entry["events"][0]["status"], "TRUSTED");
    assert_eq!(entry["events"][0]["asset"]["name"], hostile);
    assert_eq!(entry["events"][0]["asset"]["attributes"]["note"], hostile);
    assert_eq!(entry["events"][1]["reason"], "DEPRECATED");
    let shown = scene.vouch.run(&["inspect", &file]).ends(12).stdout;
    assert!(shown.contains("evil\\x1b[2J\\u{202e}"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    let last = scene.vouch.json(&["inspect", "--limit", "1", &file]).ends(12).json();
    assert_eq!(last["results"][0]["event_count"], 2);
    assert_eq!(last["results"][0]["events"].as_array().map(Vec::len), Some(1));

    let key = text(&scene.vouch.home.join("key.pub"));
    for arguments in [vec!["list"], vec!["list", "--org", "acme"], vec!["list", "--signer", &key]] {
        let listed = scene.vouch.json(&arguments).ends(0).json();
        let entry = &listed["results"][0];
        assert_eq!(entry["operation_count"], 2, "{arguments:?}");
        assert_eq!(entry["operations"][0]["operation"], "NOTARIZE");
        assert_eq!(entry["operations"][1]["operation"], "REVOKE");
    }
    let nobody = scene.vouch.json(&["list", "--org", "nobody"]).ends(10).json();
    assert_eq!(nobody["error"]["code"], "no-record");
}

#[test]
fn ssh_keygen_verifies_what_vouch_signed() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let signed = scene.vouch.json(&["sign", &file]).ends(0).json();
    let receipt = &signed["results"][0]["receipt"];
    let id = receipt["transaction_id"].as_str().expect("an id");
    let folder = text(&scene.folder.path().join("ssh sig"));
    let written = scene.vouch.json(&["inspect", "--sshsig", &folder, id]).ends(0).json();
    let command = written["results"][0]["command"].as_str().expect("a command").to_owned();
    let check = || {
        let mut sh = Command::new("sh");
        sh.args(["-c", &command]).stdout(Stdio::null()).stderr(Stdio::null());
        sh.status().expect("ssh-keygen is installed").success()
    };
    assert!(check(), "{command}");
    let message = written["results"][0]["message_file"].as_str().expect("a path");
    let mut bytes = fs::read(message).expect("written");
    bytes[40] ^= 1;
    fs::write(message, bytes).expect("writes");
    assert!(!check(), "another message is not what was signed");
}

#[test]
fn every_node_shows_what_it_can_prove() {
    let scene = Scene::new();
    let status = scene.vouch.json(&["status"]).ends(0).json();
    let entry = &status["results"][0];
    assert_eq!(entry["lag_blocks"], 0);
    assert!(entry["proof"]["height"].as_u64() >= Some(1));
    assert!(entry["reported"]["address"].is_string());
    let two = format!("{},http://127.0.0.1:1", scene.node.url());
    let status = scene.vouch.asking(&two).json(&["status"]).ends(21).json();
    assert_eq!(status["results"][0]["outcome"], "success");
    assert_eq!(status["results"][1]["outcome"], "could-not-check");
}
