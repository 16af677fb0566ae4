//! Keys: encrypted files, ssh-agent, and what is wrong with the others.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::harness::{DevNode, Vouch, text, wait_for};

/// A real ssh-agent on a socket of its own.
struct SshAgent(Child);

impl SshAgent {
    fn start(socket: &Path) -> Self {
        let mut command = Command::new("ssh-agent");
        command.arg("-D").arg("-a").arg(socket).stdout(Stdio::null());
        let agent = Self(command.spawn().expect("ssh-agent is installed"));
        wait_for("the ssh-agent", || socket.exists().then_some(()));
        agent
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_encrypted_key_needs_its_passphrase_and_never_asks_without_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Vouch::new(folder.path());
    let without = home.json(&["key", "new"]).ends(2).json();
    let message = without["error"]["message"].as_str().expect("a message");
    assert!(message.contains("VOUCH_KEY_PASSPHRASE") && message.contains("--no-passphrase"));
    let knowing = home.with("VOUCH_KEY_PASSPHRASE", "correct horse");
    let made = knowing.json(&["key", "new"]).ends(0).json();
    assert_eq!(made["results"][0]["encrypted"], true);
    knowing.run(&["key", "new"]).ends(2);
    let shown = home.json(&["key", "show"]).ends(0).json();
    assert_eq!(shown["results"][0]["fingerprint"], made["results"][0]["fingerprint"]);
    let signer = format!("{}.pub=acme", text(&home.home.join("key")));
    let node = DevNode::start(folder.path(), &[signer]);
    home.pin(&node);
    let file = text(&folder.path().join("f"));
    fs::write(&file, b"f").expect("writes");
    let sign = |vouch: &Vouch, code: i32| {
        vouch.asking(node.url()).json(&["sign", &file]).ends(code).json()
    };
    let message = |json: &serde_json::Value| json["error"]["message"].to_string();
    assert!(message(&sign(&home, 2)).contains("VOUCH_KEY_PASSPHRASE"));
    let wrong = home.with("VOUCH_KEY_PASSPHRASE", "wrong");
    assert!(message(&sign(&wrong, 2)).contains("bad password"));
    sign(&knowing, 0);
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "correct horse\n").expect("writes");
    private(&passphrase);
    sign(&home.with("VOUCH_KEY_PASSPHRASE_FILE", &text(&passphrase)), 0);
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("chmod");
}

#[test]
fn an_ssh_agent_signs_with_a_key_that_ssh_keygen_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("id");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "me", "-f", &text(&key)]);
    assert!(keygen.status().expect("ssh-keygen is installed").success());
    let socket = folder.path().join("agent");
    let _agent = SshAgent::start(&socket);
    let mut add = Command::new("ssh-add");
    add.arg(&key).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
    assert!(add.status().expect("ssh-add is installed").success());
    fs::remove_file(&key).expect("only the agent has it now");

    let home = Vouch::new(folder.path());
    let public = text(&key.with_extension("pub"));
    let node = DevNode::start(folder.path(), &[format!("{public}=acme")]);
    home.pin(&node);
    let vouch = home.asking(node.url()).with("SSH_AUTH_SOCK", &text(&socket));
    let file = text(&folder.path().join("f"));
    fs::write(&file, b"f").expect("writes");
    let signed = vouch.json(&["sign", &file, "--agent", &public]).ends(0).json();
    let fingerprint = signed["results"][0]["receipt"]["signer"].as_str().expect("shown").to_owned();
    vouch.run(&["unsupport", &file, "--agent", &fingerprint]).ends(0);
    vouch.run(&["verify", &file, "--signer", &fingerprint]).ends(12);
    let listed = vouch.json(&["key", "list"]).ends(0).json();
    assert_eq!(listed["results"][0]["fingerprint"], fingerprint.as_str());
    assert_eq!(listed["results"][0]["organization"], "acme");
    let absent = format!("SHA256:{}", "A".repeat(43));
    let refused = vouch.json(&["sign", &file, "--agent", &absent]).ends(2).json();
    assert!(refused["error"]["message"].to_string().contains("does not hold the key"));
}
