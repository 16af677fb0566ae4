//! Proof files: made on a live node, checked when it is gone, with the genesis document alone.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::proof::Proof;

use crate::harness::{Scene, wait_for};

/// A scene whose node is dead, with a file that was trusted and then revoked, and its three proofs:
/// before, between and after.
struct Past {
    scene: Scene,
    file: String,
    proofs: [String; 3],
    heights: [u64; 3],
}

fn prove(scene: &Scene, file: &str, name: &str) -> (String, u64) {
    let out = scene.folder.path().join(name).display().to_string();
    let made = scene.vouch.json(&["proof", "--events", "--out", &out, file]).ends(0).json();
    let height = made["results"][0]["proof"]["height"].as_u64().expect("shown");
    (out, height)
}

fn past() -> Past {
    let mut scene = Scene::new();
    let file = scene.file("app.tar.gz", b"release one");
    scene.vouch.run(&["sign", &scene.file("another", b"another")]).ends(0);
    let before = prove(&scene, &file, "before");
    scene.vouch.run(&["sign", &file]).ends(0);
    let between = prove(&scene, &file, "between");
    scene.vouch.run(&["revoke", "--reason", "compromised", &file]).ends(0);
    let after = prove(&scene, &file, "after");
    scene.node.kill();
    let heights = [before.1, between.1, after.1];
    Past { scene, file, proofs: [before.0, between.0, after.0], heights }
}

/// `vouch` without a home, a pin or a node.
fn offline(past: &Past, more: &[&str]) -> crate::harness::Ran {
    let genesis = past.scene.node.genesis().display().to_string();
    let empty = past.scene.folder.path().join("nothing").display().to_string();
    let base = ["--home", &empty, "--genesis", &genesis, "verify", "--offline"];
    past.scene.vouch.run(&[&base[..], more].concat())
}

#[test]
fn a_proof_shows_its_own_height_for_ever_and_max_age_refuses_it() {
    let past = past();
    for (proof, code, word) in [
        (&past.proofs[0], 10, "UNKNOWN"),
        (&past.proofs[1], 0, "TRUSTED"),
        (&past.proofs[2], 11, "UNTRUSTED"),
    ] {
        let shown = offline(&past, &["--proof", proof, &past.file]).ends(code);
        assert!(shown.stdout.starts_with(word), "{shown:?}");
        assert!(shown.stdout.contains("is not seen"), "{shown:?}");
        let old = offline(&past, &["--proof", proof, "--max-age", "1ms", &past.file]).ends(21);
        assert!(old.stdout.contains("older than the 1 ms allowed"), "{old:?}");
        // Whoever pinned the chain and saw more is told so.
        let seen = past.scene.vouch.run(&["verify", "--proof", proof, &past.file]).ends(code);
        assert_eq!(seen.stderr.contains("was seen here before"), code != 11, "{seen:?}");
    }
    // Without the network nothing else is possible.
    past.scene.vouch.run(&["verify", &past.file]).ends(21);
}

#[test]
fn the_status_of_an_earlier_moment_follows_from_all_events() {
    let past = past();
    let last = &past.proofs[2];
    for (height, code) in past.heights.iter().zip([10, 0, 11]) {
        let at = height.to_string();
        let shown = offline(&past, &["--proof", last, "--at", &at, &past.file]).ends(code);
        assert!(shown.stdout.contains(&format!("height {at}")), "{shown:?}");
    }
    offline(&past, &["--proof", last, "--at", "2026-01-01", &past.file]).ends(10);
    let later = (past.heights[2] + 1).to_string();
    let none = offline(&past, &["--proof", last, "--at", &later, &past.file]).ends(21);
    assert!(none.stdout.contains("says nothing of"), "{none:?}");
    offline(&past, &["--at", "yesterday", &past.file]).ends(2);
}

#[test]
fn every_altered_byte_of_a_proof_is_refused() {
    let past = past();
    let genuine = fs::read(&past.proofs[1]).expect("it was written");
    let altered = past.scene.folder.path().join("altered");
    for place in (0..genuine.len()).step_by(23) {
        let mut bytes = genuine.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(&altered, bytes).expect("a temporary folder");
        let proof = altered.display().to_string();
        let refused = offline(&past, &["--proof", &proof, &past.file]).ends(20);
        assert!(refused.stdout.starts_with("PROOF INVALID"), "byte {place}: {refused:?}");
    }
    let other = past.scene.file("other", b"another file");
    let refused = offline(&past, &["--proof", &past.proofs[1], &other]).ends(20);
    assert!(refused.stdout.contains("not about the asset"), "{refused:?}");
}

#[test]
fn what_is_missing_or_in_the_way_is_named() {
    let past = past();
    let missing = offline(&past, &[&past.file]).ends(21);
    assert!(missing.stdout.contains("vouch proof"), "{missing:?}");
    let rubbish = past.scene.file("rubbish", b"trust me");
    let refused = offline(&past, &["--proof", &rubbish, &past.file]).ends(20);
    assert!(refused.stdout.contains("neither binary nor the JSON"), "{refused:?}");
    let endless = past.scene.folder.path().join("endless");
    let sparse = fs::File::create(&endless).expect("a temporary folder");
    sparse.set_len(64 << 20).expect("holes take no room");
    let endless = endless.display().to_string();
    let refused = offline(&past, &["--proof", &endless, &past.file]).ends(20);
    assert!(refused.stdout.contains("longer than the"), "{refused:?}");
    past.scene.vouch.run(&["checkpoint", "verify", &endless]).ends(20);
    offline(&past, &["--proof", &past.proofs[0], &past.file, &rubbish]).ends(2);
    offline(&past, &["--hash", &format!("sha256:{}", "0".repeat(64))]).ends(2);
}

#[test]
fn a_proof_that_was_checked_offline_is_remembered() {
    let past = past();
    // In this order each is newer than the one before, and then none is.
    for (proof, is_old) in
        past.proofs.iter().chain([&past.proofs[0]]).zip([false, false, false, true])
    {
        let shown = offline(&past, &["--proof", proof, &past.file]);
        assert_eq!(shown.stderr.contains("was seen here before"), is_old, "{shown:?}");
    }
}

#[test]
fn a_proof_that_cannot_be_written_is_not_one_that_cannot_be_checked() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let nowhere = scene.folder.path().join("no/such/folder/p").display().to_string();
    let failed = scene.vouch.json(&["proof", "--out", &nowhere, &file]).ends(1).json();
    assert_eq!(failed["results"][0]["error"]["code"], "write", "{failed}");
}

#[test]
fn signing_writes_a_proof_beside_each_file_and_never_over_something_else() {
    let scene = Scene::new();
    let (one, two) = (scene.file("one", b"1"), scene.file("two", b"2"));
    let in_the_way = scene.file("two.vouch", b"my vouchers");
    let signed = scene.vouch.json(&["sign", "--proof", &one, &two]).ends(2).json();
    assert_eq!(signed["results"][0]["proof_file"], format!("{one}.vouch"));
    assert_eq!(signed["results"][1]["error"]["code"], "file-in-the-way");
    assert_eq!(signed["results"][1]["status"], "TRUSTED", "it is signed all the same");
    assert_eq!(fs::read(&in_the_way).expect("it is there"), b"my vouchers");
    scene.vouch.run(&["verify", "--offline", &one]).ends(0);
    // A younger proof takes an older one's place, in either form.
    scene.vouch.run(&["proof", "--format", "json", &one]).ends(0);
    let text = fs::read_to_string(format!("{one}.vouch")).expect("JSON is text");
    assert!(text.starts_with('{'), "{text}");
    scene.vouch.run(&["verify", "--offline", &one]).ends(0);
    // Names that are no text keep their proofs apart, and proofs are not signed in their turn.
    let folder = scene.folder.path().join("odd");
    fs::create_dir(&folder).expect("creates");
    let names = [b"a\xff", b"a\xfe"].map(|name| folder.join(OsStr::from_bytes(name)));
    for (name, content) in names.iter().zip(["A", "B"]) {
        fs::write(name, content).expect("writes");
    }
    for _ in 0..2 {
        let all = fs::read_dir(&folder).expect("lists").map(|entry| entry.expect("lists").path());
        let all: Vec<_> = all.map(OsString::from).collect();
        let sign = ["sign", "--proof"].map(OsString::from);
        scene.vouch.run(&[&sign[..], &all[..]].concat()).ends(0);
        let offline = ["verify", "--offline"].map(OsString::from);
        let names = names.clone().map(OsString::from);
        scene.vouch.run(&[&offline[..], &names[..]].concat()).ends(0);
    }
    assert_eq!(fs::read_dir(&folder).expect("lists").count(), 4);
    let piped = scene.vouch.run_with(&["sign", "--proof", "-"], b"piped").ends(2);
    assert!(piped.stderr.contains("vouch proof --out FILE"), "{piped:?}");
}

#[test]
fn a_receipt_is_a_proof_too_and_shows_no_status() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let signed = scene.vouch.json(&["sign", &file]).ends(0).json();
    let id = signed["results"][0]["receipt"]["transaction_id"].as_str().expect("an id").to_owned();
    let out = scene.folder.path().join("receipt").display().to_string();
    scene.vouch.run(&["proof", "--transaction", &id, "--out", &out]).ends(0);
    let shown = scene.vouch.run(&["verify", "--proof", &out, &file]).ends(21);
    assert!(shown.stdout.contains("no status"), "{shown:?}");
    // The same block, from the newest header, which is no longer its own.
    scene.vouch.run(&["unsupport", &file]).ends(0);
    let newest = scene.folder.path().join("from-newest").display().to_string();
    let made = ["proof", "--transaction", &id, "--newest", "--out", &newest];
    scene.vouch.run(&made).ends(0);
    let read = |path: &str| Proof::from_bytes(&fs::read(path).expect("written")).expect("a proof");
    let (own, hung) = (read(&out), read(&newest));
    assert_eq!((own.older, hung.older.map(|older| older.header)), (None, Some(own.header)));
    scene.vouch.run(&["verify", "--proof", &newest, &file]).ends(21);
    let old = [&made[..], &["--max-age", "1ms"]].concat();
    scene.vouch.run(&old).ends(21);
    scene.vouch.run(&["proof", "--newest", &file]).ends(2);
    let unknown = "0".repeat(64);
    let none = scene.vouch.run(&["proof", "--transaction", &unknown]).ends(21);
    assert!(none.stderr.contains("no transaction"), "{none:?}");
}

#[test]
fn a_proof_is_made_of_what_was_not_signed_just_now_too() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    // The node may need a moment for the next block.
    let proof = wait_for("a proof", || {
        let made = scene.vouch.run(&["proof", &file]);
        made.stdout.starts_with("TRUSTED").then_some(made)
    });
    proof.ends(0);
    scene.vouch.run(&["verify", "--offline", "--org", "nobody", &file]).ends(10);
    scene.vouch.run(&["verify", "--offline", "--require", "2", &file]).ends(13);
    let signer = format!("SHA256:{}", "A".repeat(43));
    let without = scene.vouch.run(&["verify", "--offline", "--signer", &signer, &file]).ends(21);
    assert!(without.stdout.contains("--events"), "{without:?}");
    scene.vouch.run(&["proof", "--events", &file]).ends(0);
    scene.vouch.run(&["verify", "--offline", "--signer", &signer, &file]).ends(10);
}
