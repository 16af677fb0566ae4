//! Every wrong input has its named error and its exit code, in text and in JSON.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::{Scene, Vouch, text};

/// Runs a command that must fail as a whole, and holds it to its code.
fn fails(vouch: &Vouch, arguments: &[&str], exit: i32, code: &str) -> String {
    let json = vouch.json(arguments).ends(exit).json();
    assert_eq!(json["error"]["code"], code, "{arguments:?}: {json}");
    assert_eq!(json["error"]["exit_code"], exit, "{json}");
    let text = vouch.run(arguments).ends(exit);
    assert!(!text.stdout.contains("TRUSTED"), "{text:?}");
    json["error"]["message"].as_str().expect("a message").to_owned()
}

#[test]
fn wrong_command_lines_are_2_and_name_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let vouch = Vouch::new(folder.path());
    for arguments in [
        vec!["frobnicate"],
        vec!["verify", "--frobnicate"],
        vec!["revoke", "f"],
        vec!["revoke", "f", "--reason", "bored"],
        vec!["verify", "f", "--max-age", "soon"],
        vec!["verify", "f", "--org", "Not An Id"],
        vec!["sign", "f", "--wait", "2h"],
        vec!["inspect", "--sshsig", "/tmp"],
    ] {
        fails(&vouch, &arguments, 2, "command-line");
    }
    assert_eq!(vouch.run::<&str>(&[]).code, 2, "nothing to do");
    vouch.run(&["--help"]).ends(0);
    vouch.run(&["version"]).ends(0);
}

#[test]
fn without_a_pin_a_node_or_a_key_nothing_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let vouch = Vouch::new(folder.path());
    let file = text(&folder.path().join("f"));
    fs::write(&file, b"f").expect("writes");
    let message = fails(&vouch, &["verify", &file], 2, "genesis-not-pinned");
    assert!(message.contains("vouch init"), "{message}");
    fails(&vouch.with("VOUCH_GENESIS", "/none.json"), &["verify", &file], 2, "genesis-missing");
    let folder = text(folder.path());
    let message = fails(&vouch, &["verify", "--genesis", &folder, &file], 2, "genesis-unreadable");
    assert!(message.contains("it is a folder"), "{message}");
    fails(&vouch, &["init", "-y", "--genesis", &folder], 2, "genesis-unreadable");
    fails(&vouch.with("VOUCH_GENESIS", &file), &["verify", &file], 2, "genesis-invalid");
    fails(&vouch, &["init"], 2, "command-line");
    fails(&vouch, &["key", "show"], 2, "no-key");
    fs::create_dir_all(&vouch.home).expect("creates");
    fs::write(vouch.home.join("config.toml"), "node = 1\n").expect("writes");
    fails(&vouch, &["verify", &file], 2, "config");
    fs::set_permissions(&vouch.home, fs::Permissions::from_mode(0o777)).expect("chmod");
    fails(&vouch, &["verify", &file], 2, "home");
}

#[test]
fn a_genesis_is_pinned_only_when_somebody_confirms_it() {
    let scene = Scene::new();
    let genesis = text(&scene.node.genesis());
    let fresh = Vouch::new(&scene.folder.path().join("fresh"));
    let message = fails(&fresh, &["init", "--genesis", &genesis], 2, "not-confirmed");
    assert!(message.contains("--chain-id"), "{message}");
    let wrong = "ab".repeat(32);
    fails(&fresh, &["init", "--genesis", &genesis, "--chain-id", &wrong], 2, "other-chain");
    fails(&fresh, &["init", "--genesis", &genesis, "--chain-id", "ab"], 2, "command-line");
    assert!(!fresh.home.join("genesis.json").exists());
    let shown = fresh.json(&["init", "--node", scene.node.url(), "-y"]).ends(0).json();
    assert_eq!(shown["results"][0]["pinned"], true);
    assert_eq!(shown["results"][0]["organizations"][0]["id"], "acme");
    let id = shown["results"][0]["chain_id"].as_str().expect("an id").to_owned();
    fresh.run(&["init", "--genesis", &genesis, "--chain-id", &id]).ends(0);
    // The node named at init is asked from then on.
    fresh.run(&["status"]).ends(0);

    let other = Scene::new();
    let theirs = text(&other.node.genesis());
    fails(&fresh, &["init", "--genesis", &theirs, "-y"], 2, "genesis-other-pinned");
    let both = format!("{},{}", scene.node.url(), other.node.url());
    let third = Vouch::new(&scene.folder.path().join("third")).asking(&both);
    fails(&third, &["init", "-y"], 2, "genesis-differs");
    fresh.run(&["init", "--genesis", &theirs, "-y", "--force"]).ends(0);
    // The other chain's answers prove nothing here.
    fresh.run(&["status"]).ends(20);
}

#[test]
fn wrong_nodes_are_refused_or_could_not_be_checked() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let asking = |url: &str| scene.vouch.asking(url);
    fails(&asking("127.0.0.1:1"), &["verify", &file], 2, "node-address");
    fails(&asking("https://127.0.0.1:1"), &["verify", &file], 21, "could-not-check");
    fails(&asking("http://192.0.2.1:1"), &["verify", &file], 2, "node-plaintext");
    fails(&asking("http://127.0.0.1:1"), &["verify", &file], 21, "could-not-check");
    fails(&asking(""), &["verify", &file], 2, "no-node");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("bound"));
    let patient = asking(&url).with("VOUCH_TIMEOUT", "200ms");
    fails(&patient, &["verify", &file], 21, "could-not-check");
}

#[test]
fn wrong_inputs_have_their_own_errors() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let folder = text(scene.folder.path());
    let vouch = &scene.vouch;
    fails(vouch, &["verify"], 2, "input");
    fails(vouch, &["verify", "-", "-"], 2, "input");
    fails(vouch, &["verify", "--hash", "sha256:ab"], 2, "input");
    fails(vouch, &["verify", "--hash", &format!("md5:{}", "ab".repeat(16))], 2, "input");
    fails(vouch, &["sign", &file, "--size", "1"], 2, "input");
    fails(vouch, &["sign", &file, &folder, "--name", "n"], 2, "file-is-directory");
    fails(vouch, &["sign", &file, "-a", "novalue"], 2, "input");
    fails(vouch, &["sign", &file, "-a", "k=1", "-a", "k=2"], 2, "input");
    fails(vouch, &["sign", &file, "-a", &format!("k={}", "v".repeat(1025))], 2, "input");
    fails(vouch, &["sign", &file, "--name", &"n".repeat(256)], 2, "input");
    fails(vouch, &["sign", &file, "--expiry", "1000d"], 2, "transaction");
    fails(vouch, &["sign", &file, "--expiry", "0s"], 2, "transaction");
    fails(vouch, &["sign", "/none"], 2, "file-not-found");
    fails(vouch, &["sign", "/dev/null"], 2, "file-not-regular");
    fails(vouch, &["verify", "/none"], 21, "file-not-found");
    fails(vouch, &["verify", &folder], 21, "file-is-directory");
    fails(vouch, &["verify", "/dev/null"], 21, "file-not-regular");
    fails(vouch, &["verify", &file, "--require", "0"], 2, "policy");
    fails(vouch, &["verify", &file, "--org", "acme", "--require", "2"], 2, "policy");
    fails(vouch, &["verify", &file, "--signer", "me"], 2, "policy");
    fails(vouch, &["inspect", &folder], 2, "file-is-directory");
    fails(vouch, &["inspect", "--sshsig", &folder, "abc"], 2, "command-line");
    fails(vouch, &["inspect", "--sshsig", &folder, &"ab".repeat(32)], 21, "could-not-check");
    let nobody = format!("SHA256:{}", "A".repeat(43));
    fails(vouch, &["list", "--signer", &nobody], 2, "no-such-signer");
    fails(vouch, &["sign", &file, "--key", "/none"], 2, "key");
    assert!(scene.pending().is_empty(), "nothing of all this was signed");
    vouch.run(&["verify", &file]).ends(10);
}

#[test]
fn a_signer_whom_the_chain_does_not_know_is_refused_by_rule() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    let stranger = scene.folder.path().join("stranger");
    scene.vouch.key(&stranger, "acme");
    let refused = scene.vouch.json(&["sign", &file, "--key", &text(&stranger)]).ends(2).json();
    assert_eq!(refused["error"]["code"], "refused");
    assert_eq!(refused["error"]["rule"], "UnknownSigner");
    assert_eq!(refused["results"][0]["receipt"], serde_json::Value::Null);
    scene.vouch.run(&["verify", &file]).ends(10);
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let scene = Scene::new();
    let file = scene.file("f", b"f");
    scene.vouch.run(&["sign", &file]).ends(0);
    for format in ["text", "json"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let arguments = ["verify", &file, "-o", format];
        assert_eq!(scene.vouch.run_into(&arguments, full), 1, "{format}");
    }
}
