//! Watching a live node: each statement is told, a command is called, and the next run goes on.

use std::fs;

use crate::harness::Scene;

#[test]
fn statements_are_told_in_their_order_and_watching_goes_on_where_it_ended() {
    let scene = Scene::new();
    let (one, other) = (scene.file("one", b"1"), scene.file("other", b"2"));
    scene.vouch.run(&["sign", &one, &other]).ends(0);
    scene.vouch.run(&["unsupport", &one]).ends(0);
    scene.vouch.run(&["untrust", &one]).ends(0);
    let state = scene.folder.path().join("state").display().to_string();
    let told = scene.folder.path().join("told").display().to_string();
    let call = format!("cat >> {told}");
    let watch = |limit: &str| {
        let arguments =
            ["watch", "--since", "1", "--limit", limit, "--state", &state, "--exec", &call, &one];
        scene.vouch.run(&arguments).ends(0)
    };
    let first = watch("2");
    let words: Vec<&str> =
        first.stdout.lines().filter(|line| !line.starts_with(' ')).map(|l| &l[..7]).collect();
    assert_eq!(words, ["TRUSTED", "UNSUPPO"], "{first:?}");
    let second = watch("1");
    assert!(second.stdout.starts_with("UNTRUSTED"), "{second:?}");
    let lines = fs::read_to_string(&told).expect("the command was called");
    let statuses: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"))
        .map(|line| line["event"]["status"].as_str().expect("a status").to_owned())
        .collect();
    assert_eq!(statuses, ["TRUSTED", "UNSUPPORTED", "UNTRUSTED"]);
    // All of an organization, whatever the file.
    let all = scene.vouch.run(&["watch", "--since", "1", "--limit", "4", "--org", "acme"]).ends(0);
    assert_eq!(all.stdout.matches("digest").count(), 4, "{all:?}");
    fs::write(&state, "somewhere").expect("a temporary folder");
    let damaged = scene.vouch.run(&["watch", "--state", &state]).ends(2);
    assert!(damaged.stderr.contains("--since HEIGHT"), "{damaged:?}");
    scene.vouch.run(&["watch", "--signer", "nobody"]).ends(2);
}
