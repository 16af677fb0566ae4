//! Organizations found a chain together with `vouchsafed genesis`.

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use vouchsafe_keys::{PassphraseSource, Protection, SecretKey};

use crate::running::{printed, refusal, vouchsafed};

/// Organizations with a home and an admin's key each.
pub(crate) struct Founders {
    folder: PathBuf,
    organizations: Vec<String>,
    pub(crate) homes: Vec<PathBuf>,
}

impl Founders {
    /// Makes the homes; `protect` says how `init` protects their keys.
    pub(crate) fn new(
        folder: &Path,
        organizations: &[&str],
        protect: impl Fn(&mut Command),
    ) -> Self {
        let home = |organization: &&str| {
            let home = folder.join(organization);
            let mut init = vouchsafed();
            init.arg("init").arg("--home").arg(&home);
            protect(&mut init);
            let text = printed(&mut init);
            assert!(text.contains("12D3KooW") && text.contains("SHA256:"), "{text}");
            let key = SecretKey::generate().expect("random bytes");
            let path = folder.join(format!("{organization}-admin"));
            key.write(&path, Protection::Unencrypted, "").expect("written");
            home
        };
        let homes = organizations.iter().map(home).collect();
        let organizations = organizations.iter().map(|&name| name.to_owned()).collect();
        Self { folder: folder.to_owned(), organizations, homes }
    }

    /// The key that signs in an organization's name.
    pub(crate) fn signer(&self, index: usize) -> SecretKey {
        let path = self.folder.join(format!("{}-admin", self.organizations[index]));
        let source = PassphraseSource::new("UNSET").without_terminal();
        SecretKey::read(&path, &source).expect("an unencrypted key")
    }

    /// The command that makes an organization's member file.
    pub(crate) fn member(&self, index: usize) -> Command {
        let organization = &self.organizations[index];
        let key = self.folder.join(format!("{organization}-admin.pub"));
        let mut command = vouchsafed();
        command.args(["genesis", "member", "--name", "Some Company"]);
        command.args(["--organization", organization]).arg("--home").arg(&self.homes[index]);
        command.arg("--admin-key").arg(&key);
        command.arg("--signer").arg(format!("{}:admin", key.display()));
        command
    }

    /// Makes all member files, the genesis document of them, and puts it into every home.
    pub(crate) fn found(&self, power: &str) -> String {
        self.found_each(|_, member| {
            member.arg(power);
        })
    }

    /// The same; `describe` says what each member brings.
    pub(crate) fn found_each(&self, describe: impl Fn(usize, &mut Command)) -> String {
        let mut new = vouchsafed();
        new.args(["genesis", "new", "--chain-name", "test chain", "--parameter"]);
        new.arg("heartbeat_ms=1000");
        for (index, organization) in self.organizations.iter().enumerate() {
            let file = self.folder.join(format!("{organization}.json"));
            let mut member = self.member(index);
            describe(index, &mut member);
            fs::write(&file, printed(&mut member)).expect("written");
            new.arg(file);
        }
        let document = printed(&mut new);
        for home in &self.homes {
            fs::write(home.join("genesis.json"), &document).expect("written");
        }
        document
    }
}

fn unencrypted(command: &mut Command) {
    command.arg("--unencrypted-keys");
}

#[test]
fn members_found_a_chain_and_agree_on_its_hash() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme", "bolt"], unencrypted);
    let document = founders.found("--power=7");
    assert!(document.contains("\"heartbeat_ms\": \"1000\""), "{document}");
    let genesis = |home: &Path, command: &str| {
        printed(vouchsafed().args(["genesis", command]).arg(home.join("genesis.json")))
    };
    let hash = genesis(&founders.homes[0], "hash");
    assert_eq!(hash, genesis(&founders.homes[1], "hash"));
    assert_eq!(hash.trim().len(), 64);
    assert_eq!(genesis(&founders.homes[0], "show"), document);
    let valid = genesis(&founders.homes[0], "validate");
    assert!(valid.contains("Valid\n") && valid.contains("power 14"), "{valid}");
    assert!(valid.contains(hash.trim()), "{valid}");
}

#[test]
fn init_keeps_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme"], unencrypted);
    let home = &founders.homes[0];
    let key = fs::read(home.join("keys/consensus")).expect("a key");
    fs::write(home.join("config.toml"), "changed").expect("written");
    printed(vouchsafed().arg("init").arg("--home").arg(home));
    assert_eq!(fs::read(home.join("keys/consensus")).expect("a key"), key);
    assert_eq!(fs::read_to_string(home.join("config.toml")).expect("a file"), "changed");
}

#[test]
fn init_wants_a_passphrase_or_to_be_told_otherwise() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = refusal(vouchsafed().arg("init").arg("--home").arg(folder.path().join("home")));
    assert!(text.contains("VOUCHSAFED_KEY_PASSPHRASE"), "{text}");
}

#[test]
fn a_bare_name_is_a_file_in_the_current_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme"], unencrypted);
    printed(founders.member(0).args(["--out", "member.json"]).current_dir(folder.path()));
    let mut new = vouchsafed();
    new.args(["genesis", "new", "--chain-name", "x", "--out", "genesis.json", "member.json"]);
    printed(new.current_dir(folder.path()));
    assert!(folder.path().join("genesis.json").exists());
}

#[test]
fn an_observer_brings_no_vote() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme"], unencrypted);
    let member = printed(founders.member(0).arg("--observer"));
    assert!(member.contains("\"validators\": []"), "{member}");
    let path = folder.path().join("member.json");
    fs::write(&path, member).expect("written");
    let text = refusal(vouchsafed().args(["genesis", "new", "--chain-name", "x"]).arg(path));
    assert!(text.contains("there is no validator"), "{text}");
}

#[test]
fn each_mistake_of_a_founder_has_its_own_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let founders = Founders::new(folder.path(), &["acme"], unencrypted);
    for (argument, expected) in [
        ("--power=0", "no voting power"),
        ("--address=/dns4/example.org/tcp/1", "names and other transports are not supported"),
        ("--address=here", "is not an address"),
        ("--admin-threshold=2", "it could never be met"),
        ("--signer=/nowhere.pub", "there is no file /nowhere.pub"),
    ] {
        let text = refusal(founders.member(0).arg(argument));
        assert!(text.contains(expected), "{argument}: {text}");
    }
    founders.found("--power=1");
    let member = founders.homes[0].join("../acme.json");
    let new = |arguments: &[&str]| {
        refusal(vouchsafed().args(["genesis", "new"]).args(arguments).arg(&member))
    };
    for (arguments, expected) in [
        (["--chain-name", "a/b"].as_slice(), "is not a chain name"),
        (&["--chain-name", "a", "--parameter", "x=1"], "there is no parameter \"x\""),
        (&["--chain-name", "a", "--parameter", "heartbeat_ms=1"], "parameter heartbeat_ms is 1"),
        (&["--chain-name", "a", "--parameter", "heartbeat_ms"], "NAME=VALUE"),
    ] {
        let text = new(arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let text = refusal(vouchsafed().args(["genesis", "validate", "/nowhere.json"]));
    assert!(text.contains("/nowhere.json"), "{text}");
}

/// Free ports, held until they are dropped. They are below those of outgoing connections, of which
/// one could otherwise have a port at the moment when its node wants it.
pub(crate) fn ports(count: usize) -> Vec<TcpListener> {
    let random = || RandomState::new().build_hasher().finish();
    let candidates =
        std::iter::repeat_with(|| 10_240 + u16::try_from(random() % 20_000).expect("small"));
    candidates.filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok()).take(count).collect()
}
