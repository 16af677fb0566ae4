//! Key files in both directions, and each file that is refused.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::{Kdf, LineEnding, PrivateKey};
use vouchsafe_keys::{KeyError, KeyFile, SecretKey, read_public_key};
use vouchsafe_types::openssh::{fingerprint, public_key_line};

use crate::programs::{PASSPHRASE, folder, keygen, nobody, passphrase, ssh_keygen, text, write};

/// Writes a file that only its owner can read.
fn private(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::write(path, bytes).expect("writable");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("ours");
}

#[test]
fn ssh_keygen_reads_our_files() {
    let folder = folder();
    for (name, encrypted) in [("plain", false), ("encrypted", true)] {
        let (key, path) = write(folder.path(), name, encrypted);
        let used = if encrypted { PASSPHRASE } else { "" };
        let line = format!("{} a comment", public_key_line(&key.public_key()));
        assert_eq!(ssh_keygen(&["-y", "-P", used, "-f", text(&path)]).trim(), line);
        let listed = ssh_keygen(&["-l", "-f", text(&path)]);
        assert!(listed.contains(&fingerprint(&key.public_key())), "{listed}");
        let public = std::fs::read_to_string(format!("{}.pub", text(&path))).expect("written");
        assert_eq!(public, format!("{line}\n"));
        assert_eq!(KeyFile::read(&path).expect("ours").is_encrypted(), encrypted);
    }
}

#[test]
fn we_read_the_files_of_ssh_keygen() {
    let folder = folder();
    for (name, used) in [("plain", ""), ("encrypted", PASSPHRASE)] {
        let path = keygen(folder.path(), name, "ed25519", used);
        let file = KeyFile::read(&path).expect("OpenSSH's");
        let (public, comment) =
            read_public_key(&folder.path().join(format!("{name}.pub"))).expect("OpenSSH's");
        assert_eq!((file.public_key(), comment.as_str()), (public, "a comment"));
        let key = if used.is_empty() {
            file.open(&nobody()).expect("not encrypted")
        } else {
            file.unlock(&passphrase(used)).expect("the right passphrase")
        };
        assert_eq!(key.public_key(), public);
    }
}

#[test]
fn we_read_every_cipher_of_ssh_keygen() {
    let folder = folder();
    for cipher in
        ["aes128-ctr", "aes256-cbc", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
    {
        let path = folder.path().join(cipher);
        ssh_keygen(&[
            "-q",
            "-t",
            "ed25519",
            "-a",
            "1",
            "-Z",
            cipher,
            "-N",
            PASSPHRASE,
            "-f",
            text(&path),
        ]);
        let file = KeyFile::read(&path).expect("OpenSSH's");
        let key = file.unlock(&passphrase(PASSPHRASE)).expect("the right passphrase");
        assert_eq!(key.public_key(), file.public_key());
        assert!(matches!(file.unlock(&passphrase("wrong")), Err(KeyError::BadPassphrase(_))));
    }
}

#[test]
fn a_file_without_a_last_newline_or_from_windows_is_read() {
    let folder = folder();
    let (key, path) = write(folder.path(), "key", false);
    let pem = std::fs::read_to_string(&path).expect("written");
    for (name, changed) in
        [("bare", pem.trim_end().to_owned()), ("windows", pem.replace('\n', "\r\n"))]
    {
        let changed_path = folder.path().join(name);
        private(&changed_path, changed);
        let read = SecretKey::read(&changed_path, &nobody()).expect("the same key");
        assert_eq!(read.public_key(), key.public_key());
    }
}

#[test]
fn a_bad_passphrase_is_refused_as_bad_password() {
    let folder = folder();
    let (key, path) = write(folder.path(), "key", true);
    let file = KeyFile::read(&path).expect("ours");
    let error = file.unlock(&passphrase("wrong")).expect_err("another passphrase");
    assert!(matches!(error, KeyError::BadPassphrase(_)));
    assert!(error.to_string().starts_with("bad password"), "{error}");
    let opened = file.unlock(&passphrase(PASSPHRASE)).expect("the right passphrase");
    assert_eq!(opened.public_key(), key.public_key());
}

#[test]
fn an_unencrypted_file_takes_no_passphrase() {
    let folder = folder();
    let (_, path) = write(folder.path(), "key", false);
    let file = KeyFile::read(&path).expect("ours");
    assert!(matches!(file.unlock(&passphrase("any")), Err(KeyError::NotEncrypted(_))));
    assert!(file.open(&nobody()).is_ok(), "nobody is asked");
}

#[test]
fn keys_of_other_types_are_refused_by_name() {
    let folder = folder();
    for (name, key_type, used, found) in [
        ("rsa", "rsa", "", "ssh-rsa"),
        ("rsa-encrypted", "rsa", PASSPHRASE, "ssh-rsa"),
        ("ecdsa", "ecdsa", "", "ecdsa-sha2-nistp256"),
        ("ecdsa-encrypted", "ecdsa", PASSPHRASE, "ecdsa-sha2-nistp256"),
    ] {
        let path = keygen(folder.path(), name, key_type, used);
        let error = KeyFile::read(&path).expect_err("not Ed25519");
        assert!(
            matches!(&error, KeyError::KeyType { key_type, .. } if key_type == found),
            "{name}: {error:?}"
        );
        let error = read_public_key(&folder.path().join(format!("{name}.pub")));
        assert!(matches!(error, Err(KeyError::PublicKey { .. })));
    }
}

#[test]
fn other_formats_are_refused_with_their_conversion() {
    let folder = folder();
    for format in ["PEM", "PKCS8"] {
        let path = folder.path().join(format);
        ssh_keygen(&["-q", "-t", "ecdsa", "-m", format, "-N", "", "-f", text(&path)]);
        let error = KeyFile::read(&path).expect_err("another format");
        assert!(matches!(error, KeyError::OtherFormat { .. }), "{format}: {error:?}");
        assert!(error.to_string().contains("ssh-keygen -p -f"), "{error}");
    }
}

#[test]
fn what_is_no_private_key_is_refused() {
    let folder = folder();
    let (_, path) = write(folder.path(), "key", false);
    let public = folder.path().join("public");
    private(&public, std::fs::read(format!("{}.pub", text(&path))).expect("written"));
    assert!(matches!(KeyFile::read(&public), Err(KeyError::PublicKeyInstead(_))));
    for (name, content) in [
        ("empty", &b""[..]),
        ("text", b"hello"),
        ("binary", b"\xff\xfe\x00"),
        ("certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ] {
        let path = folder.path().join(name);
        private(&path, content);
        let error = KeyFile::read(&path).expect_err(name);
        assert!(matches!(error, KeyError::NotAPrivateKey(_)), "{name}: {error:?}");
    }
}

#[test]
fn a_damaged_file_is_refused_wherever_it_is_cut() {
    let folder = folder();
    for (name, encrypted) in [("plain", false), ("encrypted", true)] {
        let (_, path) = write(folder.path(), name, encrypted);
        let pem = std::fs::read_to_string(&path).expect("written");
        let lines: Vec<_> = pem.lines().collect();
        for missing in 1..lines.len() - 1 {
            let mut kept = lines.clone();
            kept.remove(missing);
            let cut = folder.path().join("cut");
            private(&cut, kept.join("\n"));
            let error = KeyFile::read(&cut).and_then(|file| file.open(&nobody()));
            assert!(error.is_err(), "without line {missing}");
            assert!(
                !matches!(error, Err(KeyError::NotAPrivateKey(_))),
                "without line {missing}: {error:?}"
            );
        }
        private(&path, pem.replace("AAAA", "A!AA"));
        assert!(matches!(KeyFile::read(&path), Err(KeyError::Damaged { .. })));
    }
}

fn pair(public: u8, secret: u8) -> PrivateKey {
    let public = SecretKey::from_seed(&[public; 32]).public_key().0;
    let pair = Ed25519Keypair {
        public: ssh_key::public::Ed25519PublicKey(public),
        private: Ed25519PrivateKey::from_bytes(&[secret; 32]),
    };
    PrivateKey::new(KeypairData::Ed25519(pair), "").expect("not encrypted")
}

#[test]
fn two_halves_that_differ_are_refused() {
    let folder = folder();
    let path = folder.path().join("key");
    for (secret, belongs) in [(1, true), (2, false)] {
        let pem = pair(1, secret).to_openssh(LineEnding::LF).expect("encodes");
        private(&path, &*pem);
        match SecretKey::read(&path, &nobody()) {
            Ok(_) => assert!(belongs),
            Err(error) => assert!(!belongs && matches!(error, KeyError::HalvesDiffer(_))),
        }
    }
}

#[test]
fn a_file_that_asks_for_too_many_rounds_is_refused_before_any() {
    let folder = folder();
    let path = folder.path().join("key");
    let derivation = Kdf::Bcrypt { salt: vec![7; 16], rounds: 1 };
    let encrypted = pair(1, 1)
        .encrypt_with(ssh_key::Cipher::Aes256Ctr, derivation, 0, PASSPHRASE)
        .expect("encrypts");
    let mut bytes = encrypted.to_bytes().expect("encodes").to_vec();
    let salt = bytes.windows(16).position(|part| part == [7; 16]).expect("the salt is there");
    bytes[salt + 16..salt + 20].copy_from_slice(&4097u32.to_be_bytes());
    let changed = PrivateKey::from_bytes(&bytes).expect("decodes");
    private(&path, &*changed.to_openssh(LineEnding::LF).expect("encodes"));
    assert!(matches!(KeyFile::read(&path), Err(KeyError::TooManyRounds { rounds: 4097, .. })));
}
