//! What happens to the files, and what must be said about each.
//!
//! ```text
//! file number mod 5   0 compromised, by a colleague      UNTRUSTED      11
//!                     1 deprecated, by its signer        UNSUPPORTED    12
//!                     2 distrusted by the other one      UNTRUSTED      11, or 0 with --org
//!                     3 signed by the other one as well  TRUSTED         0, with --require 2 too
//!                     4 left alone                       TRUSTED         0, with --require 2 13
//! ```

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::files::Files;
use crate::network::Network;
use crate::people::{People, Person, ssh_keygen, text};

/// The actors.
pub(crate) struct Story<'a> {
    pub(crate) files: &'a Files,
    pub(crate) people: &'a People,
    pub(crate) network: &'a Network,
}

impl Story<'_> {
    /// The files of a share, by number.
    fn share(&self, share: usize) -> Vec<usize> {
        (0..self.files.len()).filter(|file| file % 5 == share).collect()
    }

    fn paths(&self, files: &[usize]) -> Vec<&str> {
        files.iter().map(|file| self.files.path(*file)).collect()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.files.len()).collect()
    }

    /// Runs a command of one signer on many files, and checks every result's receipt.
    fn act(&self, command: &[&str], person: &Person, status: &str, files: &[usize]) -> Vec<Value> {
        let mut arguments = command.to_vec();
        arguments.extend(["--key", text(&person.key), "--"]);
        arguments.extend(self.paths(files));
        let answer = self.network.vouch_ends(0, &arguments);
        let results = answer.results(files.len());
        for (file, result) in files.iter().zip(results) {
            assert_eq!(result["input"], self.files.path(*file));
            assert_eq!(result["status"], status);
            assert_eq!(result["size_bytes"], self.files.size_bytes(*file));
            let receipt = &result["receipt"];
            assert_eq!(receipt["signer"], person.fingerprint.as_str());
            assert_eq!(receipt["organization"], person.organization);
            assert!(receipt["height"].as_u64().expect("a height") > 0);
            assert_eq!(receipt["block_id"].as_str().expect("an id").len(), 64);
        }
        results.to_vec()
    }

    /// Everyone acts on those of the files that `who` gives them.
    fn each(&self, command: &[&str], status: &str, files: &[usize], who: Who) {
        for person in self.people.iter() {
            let theirs = |file: &usize| std::ptr::eq(who(self.people, *file), person);
            let theirs: Vec<_> = files.iter().copied().filter(theirs).collect();
            if !theirs.is_empty() {
                self.act(command, person, status, &theirs);
            }
        }
    }

    /// Verifies files with options, and returns the results.
    fn verify(&self, code: i32, options: &[&str], files: &[usize]) -> Vec<Value> {
        let mut arguments = vec!["verify"];
        arguments.extend(options);
        arguments.push("--");
        arguments.extend(self.paths(files));
        self.network.vouch_ends(code, &arguments).results(files.len()).to_vec()
    }

    pub(crate) fn nothing_is_known_at_first(&self) {
        for result in self.verify(10, &[], &self.all()) {
            assert_eq!(result["status"], "UNKNOWN");
            assert_eq!(result["exit_code"], 10);
            assert!(result["proof"]["height"].as_u64().expect("a height") > 0);
        }
    }

    pub(crate) fn everyone_signs_their_share(&self) {
        self.each(&["sign"], "TRUSTED", &self.all(), People::owner);
    }

    pub(crate) fn everything_is_trusted_and_every_digest_is_right(&self) {
        let all = self.all();
        let results = self.verify(0, &[], &all);
        let digests = sha256sum(&self.paths(&all));
        for (file, result) in all.iter().zip(&results) {
            let owner = self.people.owner(*file);
            assert_eq!(result["status"], "TRUSTED");
            assert_eq!(result["exit_code"], 0);
            assert_eq!(result["size_bytes"], self.files.size_bytes(*file));
            assert_eq!(result["digest"], format!("sha256:{}", digests[self.files.path(*file)]));
            assert_eq!(result["relied_on"][0]["organization"], owner.organization);
            assert_eq!(result["relied_on"][0]["signer"], owner.fingerprint.as_str());
        }
        let stranger = text(&self.files.stranger);
        self.network.vouch_ends(10, &["verify", stranger]);
        let missing = format!("{stranger}-is-missing");
        self.network.vouch_ends(21, &["verify", self.files.path(0), &missing]);
    }

    /// One transaction of each signer, as `ssh-keygen -Y verify` sees it.
    pub(crate) fn ssh_keygen_agrees_about_keys_and_signatures(&self) {
        for file in 0..self.people.len() {
            let owner = self.people.owner(file);
            let result = &self.verify(0, &[], &[file])[0];
            let transaction = result["relied_on"][0]["transaction_id"].as_str().expect("an id");
            let folder = self.files.stranger.with_file_name(format!("sshsig-{file}"));
            let arguments = ["inspect", transaction, "--sshsig", text(&folder)];
            let answer = self.network.vouch_ends(0, &arguments);
            let written = &answer.results(1)[0];
            assert_eq!(written["signer"], owner.fingerprint.as_str());
            let command = written["command"].as_str().expect("a command");
            let message = written["message_file"].as_str().expect("a file");
            let says = |command: &str| {
                Command::new("sh").args(["-c", command]).output().expect("sh").status.success()
            };
            assert!(says(command), "ssh-keygen refuses {transaction}");
            let altered = format!("{command}-altered");
            std::fs::write(format!("{message}-altered"), b"another message").expect("written");
            assert!(!says(&altered), "ssh-keygen accepts any message for {transaction}");
            let shown = self.network.vouch_ends(0, &["key", "show", text(&owner.key)]);
            let listed = ssh_keygen(&["-l", "-f", text(&owner.key)]);
            let shown = shown.results(1)[0]["fingerprint"].as_str().expect("text").to_owned();
            assert!(listed.contains(&shown) && shown == owner.fingerprint, "{listed} {shown}");
        }
    }

    pub(crate) fn shares_are_revoked_distrusted_and_trusted_again(&self) {
        let compromised = &["revoke", "--reason", "compromised"];
        self.each(compromised, "UNTRUSTED", &self.share(0), People::colleague);
        self.each(&["unsupport"], "UNSUPPORTED", &self.share(1), People::owner);
        self.each(&["untrust"], "UNTRUSTED", &self.share(2), People::outsider);
        self.each(&["notarize"], "TRUSTED", &self.share(3), People::outsider);
    }

    pub(crate) fn each_share_has_its_status_and_exit_code(&self) {
        let expected = [
            ("UNTRUSTED", 11),
            ("UNSUPPORTED", 12),
            ("UNTRUSTED", 11),
            ("TRUSTED", 0),
            ("TRUSTED", 0),
        ];
        for (share, (status, code)) in expected.into_iter().enumerate() {
            let files = self.share(share);
            for result in self.verify(code, &[], &files) {
                assert_eq!(result["status"], status);
                assert_eq!(result["exit_code"], code);
            }
        }
        for result in self.verify(11, &[], &self.share(0)) {
            assert_eq!(result["relied_on"][0]["reason"], "COMPROMISED");
            assert!(result["relied_on"][0]["since_time_ms"].as_u64().expect("a time") > 0);
        }
        // The worst of many.
        for (file, result) in self.verify(11, &[], &self.all()).iter().enumerate() {
            assert_eq!(result["exit_code"], expected[file % 5].1);
        }
    }

    pub(crate) fn policies_narrow_who_counts(&self) {
        for file in self.share(2).into_iter().take(self.people.len()) {
            let (owner, outsider) = (self.people.owner(file), self.people.outsider(file));
            let result = &self.verify(0, &["--org", owner.organization], &[file])[0];
            assert_eq!(result["distrusted_by_others"][0], outsider.organization);
            self.verify(11, &["--org", outsider.organization], &[file]);
            self.verify(0, &["--signer", &owner.fingerprint], &[file]);
        }
        self.verify(0, &["--require", "2"], &self.share(3));
        for result in self.verify(13, &["--require", "2"], &self.share(4)) {
            assert_eq!((&result["status"], &result["exit_code"]), (&"TRUSTED".into(), &13.into()));
        }
        for file in self.share(4).into_iter().take(self.people.len()) {
            self.verify(0, &["--signer", &self.people.owner(file).fingerprint], &[file]);
            self.verify(10, &["--signer", &self.people.colleague(file).fingerprint], &[file]);
        }
    }

    /// From UNTRUSTED only an admin's trust leads away.
    pub(crate) fn the_ledger_refuses_what_its_rules_forbid(&self) {
        let file = self.share(0)[0];
        let (owner, path) = (self.people.owner(file), self.files.path(file));
        let key = text(&owner.key);
        let refused = self.network.vouch_ends(2, &["sign", "--key", key, path]);
        assert!(refused.json["error"]["message"].to_string().contains("admin"), "{}", refused.json);
        self.network.vouch_ends(2, &["unsupport", "--key", key, path]);
        let admin = self.network.admin_key(owner.organization);
        self.network.vouch_ends(0, &["sign", "--key", text(&admin), path]);
        self.verify(0, &[], &[file]);
        let unknown = self.files.stranger.with_file_name("nobody");
        ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", text(&unknown)]);
        self.network.vouch_ends(2, &["sign", "--key", text(&unknown), path]);
    }
}

/// Who acts on a file.
type Who = fn(&People, usize) -> &Person;

/// Digests by path, as coreutils sees them.
fn sha256sum(paths: &[&str]) -> BTreeMap<String, String> {
    let output = Command::new("sha256sum").args(paths).output().expect("coreutils");
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).expect("text");
    let pairs = lines.lines().map(|line| line.split_once("  ").expect("digest and path"));
    pairs.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect()
}
