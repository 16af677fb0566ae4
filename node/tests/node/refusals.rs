//! Every way in which a node does not start says what is wrong and what to do.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::write_private;
use crate::founding::Founders;
use crate::running::{Running, printed, refusal, vouchsafed};

const ANY_PORTS: [(&str, &str); 3] = [
    ("VOUCHSAFED_GRPC_LISTEN", "127.0.0.1:0"),
    ("VOUCHSAFED_HTTP_LISTEN", "127.0.0.1:0"),
    ("VOUCHSAFED_P2P_LISTEN", "/ip4/127.0.0.1/tcp/0"),
];

fn start(home: &Path) -> Command {
    let mut command = vouchsafed();
    command.arg("start").arg("--home").arg(home).envs(ANY_PORTS);
    command
}

/// A home whose chain has run and whose node has stopped.
fn stopped_home(folder: &Path) -> PathBuf {
    let home = folder.join("home");
    assert_eq!(Running::dev(&home, &[]).stop().code(), Some(0));
    home
}

#[test]
fn a_second_node_on_the_same_home_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    let text = refusal(&mut start(&node.home));
    assert!(text.contains("another vouchsafed is running") && text.contains("pid "), "{text}");
    for command in ["audit", "compact"] {
        let text = refusal(vouchsafed().arg(command).arg("--home").arg(&node.home));
        assert!(text.contains("another vouchsafed is running"), "{command}: {text}");
    }
}

#[test]
fn a_home_that_is_not_there_or_has_no_genesis_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let text = refusal(&mut start(&home));
    assert!(text.contains("vouchsafed init"), "{text}");
    printed(vouchsafed().args(["init", "--unencrypted-keys", "--home"]).arg(&home));
    let text = refusal(&mut start(&home));
    assert!(text.contains("there is no genesis document"), "{text}");
    let text = refusal(vouchsafed().arg("compact").arg("--home").arg(&home));
    assert!(text.contains("there is no database"), "{text}");
}

#[test]
fn another_chains_genesis_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    let genesis = home.join("genesis.json");
    let text = fs::read_to_string(&genesis).expect("a document");
    fs::write(&genesis, text.replace("\"chain_name\": \"dev-", "\"chain_name\": \"other-"))
        .expect("written");
    let text = refusal(&mut start(&home));
    assert!(text.contains("chain") && text.contains("data/db"), "{text}");
    fs::write(&genesis, "{}").expect("written");
    let text = refusal(&mut start(&home));
    assert!(text.contains("genesis.json is refused"), "{text}");
}

#[test]
fn an_unknown_field_or_variable_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    let text = refusal(start(&home).env("VOUCHSAFED_GRPC_LISTN", "127.0.0.1:1"));
    assert!(text.contains("VOUCHSAFED_GRPC_LISTN"), "{text}");
    let text = refusal(start(&home).env("VOUCHSAFED_GRPC_LISTEN", "0.0.0.0:0"));
    assert!(text.contains("allow_plaintext"), "{text}");
    let config = home.join("config.toml");
    let written = fs::read_to_string(&config).expect("a file");
    fs::write(&config, format!("{written}\ncolour = \"red\"\n")).expect("written");
    let text = refusal(&mut start(&home));
    assert!(text.contains("unknown field `colour`"), "{text}");
}

#[test]
fn a_damaged_log_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    fs::write(home.join("data/wal"), [b'x'; 4096]).expect("written");
    let text = refusal(&mut start(&home));
    assert!(text.contains("data/wal") && text.contains("write-ahead log"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_damaged_sign_record_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    fs::write(home.join("data/sign-record"), [b'x'; 8192]).expect("written");
    let text = refusal(&mut start(&home));
    assert!(text.contains("data/sign-record"), "{text}");
}

#[test]
fn open_modes_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    let open = |path: &str, mode| {
        fs::set_permissions(home.join(path), PermissionsExt::from_mode(mode)).expect("chmod");
    };
    open("keys/consensus", 0o644);
    let text = refusal(&mut start(&home));
    assert!(text.contains("chmod 600"), "{text}");
    open("keys/consensus", 0o600);
    open("data", 0o755);
    let text = refusal(&mut start(&home));
    assert!(text.contains("chmod 700"), "{text}");
}

#[test]
fn a_bad_password_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme"], |command| {
        command.env("VOUCHSAFED_KEY_PASSPHRASE", "correct horse");
    });
    let home = &founders.homes[0];
    founders.found("--power=1");
    let text = refusal(start(home).env("VOUCHSAFED_KEY_PASSPHRASE", "battery staple"));
    assert!(text.contains("bad password"), "{text}");
    let text = refusal(&mut start(home));
    assert!(text.contains("VOUCHSAFED_KEY_PASSPHRASE"), "{text}");
    let mut command = vouchsafed();
    command.arg("start").envs(ANY_PORTS).env("VOUCHSAFED_KEY_PASSPHRASE", "correct horse");
    assert_eq!(Running::start(command, home).stop().code(), Some(0));
}

#[test]
fn a_passphrase_comes_from_a_private_file_or_a_credential() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_private(folder.path(), "key-passphrase", "correct horse\n");
    let founders = Founders::new(folder.path(), &["acme"], |command| {
        command.env("VOUCHSAFED_KEY_PASSPHRASE_FILE", &file);
    });
    let home = &founders.homes[0];
    founders.found("--power=1");
    for (name, value) in [
        ("VOUCHSAFED_KEY_PASSPHRASE_FILE", file.as_path()),
        ("CREDENTIALS_DIRECTORY", folder.path()),
    ] {
        let mut command = vouchsafed();
        command.arg("start").envs(ANY_PORTS).env(name, value);
        assert_eq!(Running::start(command, home).stop().code(), Some(0));
    }
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("chmod");
    let text = refusal(start(home).env("CREDENTIALS_DIRECTORY", folder.path()));
    assert!(text.contains("mode 0644"), "{text}");
}

#[test]
fn a_port_in_use_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let text = refusal(start(&home).env("VOUCHSAFED_GRPC_LISTEN", &address));
    assert!(text.contains(&address) && text.contains("grpc.listen"), "{text}");
}

#[test]
fn keys_that_are_not_the_members_own_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme", "bolt"], |command| {
        command.arg("--unencrypted-keys");
    });
    founders.found("--power=1");
    let [acme, bolt] = founders.homes.as_slice() else { panic!("two homes") };
    let swap = |name: &str| {
        for file in [name.to_owned(), format!("{name}.pub")] {
            fs::copy(bolt.join("keys").join(&file), acme.join("keys").join(&file)).expect("copied");
        }
    };
    swap("node");
    let text = refusal(&mut start(acme));
    assert!(text.contains("put the node key back"), "{text}");
    let stranger = folder.path().join("stranger");
    printed(vouchsafed().args(["init", "--unencrypted-keys", "--home"]).arg(&stranger));
    fs::copy(acme.join("genesis.json"), stranger.join("genesis.json")).expect("copied");
    let text = refusal(&mut start(&stranger));
    assert!(text.contains("is not in the genesis document"), "{text}");
}

#[test]
fn addresses_of_peers_that_mean_nothing_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme", "bolt"], |command| {
        command.arg("--unencrypted-keys");
    });
    founders.found("--power=1");
    let home = &founders.homes[0];
    let stranger = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
    let of_a_stranger = format!("/ip4/127.0.0.1/tcp/1/p2p/{stranger}");
    for (value, expected) in [
        ("/dns4/node.example/tcp/26656", "use an IP address"),
        ("/ip4/127.0.0.1/tcp/1", "add its peer id"),
        (&of_a_stranger, "not in the genesis document"),
    ] {
        let text = refusal(start(home).env("VOUCHSAFED_P2P_PEERS", value));
        assert!(text.contains("p2p.peers") && text.contains(expected), "{value}: {text}");
    }
    let text = refusal(start(home).env("VOUCHSAFED_P2P_LISTEN", "127.0.0.1:26656"));
    assert!(text.contains("p2p.listen"), "{text}");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let address = format!("/ip4/127.0.0.1/tcp/{port}");
    let text = refusal(start(home).env("VOUCHSAFED_P2P_LISTEN", &address));
    assert!(text.contains(&address) && text.contains("another program"), "{text}");
}

#[test]
fn a_trial_chain_keeps_its_signers() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = stopped_home(folder.path());
    let key = home.join("keys/node.pub");
    let text = refusal(
        vouchsafed().args(["dev", "--signer"]).arg(&key).arg("--home").arg(&home).envs(ANY_PORTS),
    );
    assert!(text.contains("made without the signer SHA256:"), "{text}");
    let text = refusal(
        vouchsafed().args(["dev", "--organization", "bolt", "--home"]).arg(&home).envs(ANY_PORTS),
    );
    assert!(text.contains("made without the organization bolt"), "{text}");
}
