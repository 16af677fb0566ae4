//! Watching a live node: each statement is told, a command is called, and the next run goes on.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use crate::harness::Scene;

/// Answers one request with a status, and gives the request line and the body.
fn answer(stream: &TcpStream, status: u16) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length_bytes) = (String::new(), 0);
    reader.read_line(&mut request).expect("a request");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length_bytes = value.trim().parse().expect("a number");
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length_bytes];
    reader.read_exact(&mut body).expect("the body");
    let (close, mut stream) = ("content-length: 0\r\nconnection: close\r\n\r\n", stream);
    write!(stream, "HTTP/1.1 {status} x\r\n{close}").expect("written");
    (request.trim_end().to_owned(), serde_json::from_slice(&body).expect("JSON"))
}

#[test]
fn a_web_service_is_told_until_it_takes_what_it_is_told() {
    let scene = Scene::new();
    let file = scene.file("app", b"app");
    scene.vouch.run(&["sign", &file]).ends(0);
    scene.vouch.run(&["unsupport", &file]).ends(0);
    scene.vouch.run(&["untrust", &file]).ends(0);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    // It fails once, takes the first, refuses the second, and takes the third.
    let service = thread::spawn(move || {
        let told = |status| answer(&listener.accept().expect("a caller").0, status);
        [503, 200, 404, 204].map(told)
    });
    let url = format!("http://127.0.0.1:{port}/hook?token=secret");
    let watch = ["watch", "--since", "1", "--limit", "3", "--webhook", &url, &file];
    let watched = scene.vouch.run(&watch).ends(0);
    let told = service.join().expect("it was called four times");
    assert!(told.iter().all(|(request, _)| request == "POST /hook?token=secret HTTP/1.1"));
    let statuses = told.map(|(_, body)| body["event"]["status"].as_str().map(str::to_owned));
    let expected = ["TRUSTED", "TRUSTED", "UNSUPPORTED", "UNTRUSTED"];
    assert_eq!(statuses, expected.map(|status| Some(status.to_owned())));
    assert!(watched.stderr.contains("HTTP status 503; trying again in 1.0 s"), "{watched:?}");
    assert!(watched.stderr.contains("refused what it was told: HTTP status 404"), "{watched:?}");
    assert!(!watched.stderr.contains("secret"), "{watched:?}");
    for wrong in ["hook", "http://example.org/hook"] {
        let refused = scene.vouch.run(&["watch", "--webhook", wrong]).ends(2);
        assert!(refused.stderr.contains("https://"), "{refused:?}");
    }
}

#[test]
fn nothing_is_missed_between_two_runs_whatever_ended_the_first() {
    let scene = Scene::new();
    let file = scene.file("app", b"app");
    let state = scene.folder.path().join("state").display().to_string();
    // The place is written down before the first block is waited for.
    scene.vouch.run(&["watch", "--state", &state, "--limit", "0", &file]).ends(0);
    scene.vouch.run(&["sign", &file]).ends(0);
    scene.vouch.run(&["revoke", "--reason", "compromised", &file]).ends(0);
    let told = scene.vouch.run(&["watch", "--state", &state, "--limit", "2", &file]).ends(0);
    assert!(told.stdout.starts_with("TRUSTED") && told.stdout.contains("\nUNTRUSTED"), "{told:?}");
    let since = ["watch", "--state", &state, "--since", "1", "--limit", "0", &file];
    let both = scene.vouch.run(&since).ends(0);
    assert!(both.stderr.contains("--since is not used"), "{both:?}");
    let begun = scene.folder.path().join("begun").display().to_string();
    scene.vouch.run(&["watch", "--state", &begun, "--since", "1", "--limit", "0"]).ends(0);
    let told = scene.vouch.run(&["watch", "--state", &begun, "--limit", "2", &file]).ends(0);
    assert!(told.stdout.starts_with("TRUSTED"), "{told:?}");
    // What cannot work is told at once.
    let nowhere = scene.folder.path().join("no/state").display().to_string();
    scene.vouch.run(&["watch", "--state", &nowhere, &file]).ends(1);
    scene.vouch.run(&["watch", "--since", "1000000", &file]).ends(2);
    let stranger = Scene::new();
    let other = scene.vouch.asking(stranger.node.url()).run(&["watch", &file]).ends(20);
    assert!(other.stderr.contains("is of chain"), "{other:?}");
}

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
