//! OpenSSH's formats, against the real `ssh-keygen`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use vouchsafe_types::identity::PublicKeyError;
use vouchsafe_types::openssh::{
    ARMOR_BYTES_MAX, OpensshError, PUBLIC_KEY_LINE_BYTES_MAX, TRANSACTION_NAMESPACE, armor,
    fingerprint, parse_armor, parse_public_key_blob, parse_public_key_line, public_key_blob,
    public_key_line, signed_data,
};
use vouchsafe_types::signature::verify;

use crate::sample::crafted::{Crafter, small_order_encodings};
use crate::sample::ssh_keygen::{accepts, ssh_keygen};
use crate::sample::{public, sign};

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// A key of a type, made by `ssh-keygen`: its public line.
fn generate(folder: &Path, arguments: &[&str]) -> String {
    let all = [&["-q", "-N", "", "-C", "a comment", "-f", "key"], arguments].concat();
    let output = ssh_keygen(folder, &all, b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.join("key.pub")).expect("the public key")
}

#[test]
fn a_signature_by_ssh_keygen_verifies_here() {
    let folder = folder();
    let line = generate(folder.path(), &["-t", "ed25519"]);
    let key = parse_public_key_line(&line).expect("an ordinary key");
    for message in [&b""[..], b"message", &[0xff; 5000]] {
        let arguments = ["-Y", "sign", "-q", "-f", "key", "-n", TRANSACTION_NAMESPACE];
        let output = ssh_keygen(folder.path(), &arguments, message);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let armored = String::from_utf8(output.stdout).expect("text");
        let (signer, signature) = parse_armor(&armored, TRANSACTION_NAMESPACE).expect("readable");
        assert_eq!(signer, key);
        assert!(verify(&key, &signed_data(TRANSACTION_NAMESPACE, message), &signature));
        assert!(!verify(&key, &signed_data("git", message), &signature));
        assert_eq!(armor(&key, TRANSACTION_NAMESPACE, &signature), armored);
    }
}

#[test]
fn a_signature_made_here_is_accepted_by_ssh_keygen_and_an_altered_one_is_not() {
    let message = b"what was signed";
    let mut signature = sign(1, &signed_data(TRANSACTION_NAMESPACE, message));
    let armored = armor(&public(1), TRANSACTION_NAMESPACE, &signature);
    assert!(accepts(&public(1), &armored, message));
    assert!(!accepts(&public(1), &armored, b"what was sighed"));
    assert!(!accepts(&public(2), &armored, message));
    signature.0[5] ^= 1;
    let altered = armor(&public(1), TRANSACTION_NAMESPACE, &signature);
    assert!(!accepts(&public(1), &altered, message));
}

#[test]
fn signatures_with_torsion_in_r_are_refused_by_ssh_keygen() {
    let crafter = Crafter::new(7, 0);
    let data = signed_data(TRANSACTION_NAMESPACE, b"crafted");
    for torsion in 0..8 {
        let signature = crafter.sign(&data, torsion);
        assert!(verify(&crafter.public_key(), &data, &signature));
        let armored = armor(&crafter.public_key(), TRANSACTION_NAMESPACE, &signature);
        assert_eq!(accepts(&crafter.public_key(), &armored, b"crafted"), torsion == 0);
    }
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    let folder = folder();
    for seed in 1..4 {
        let line = format!("{}\n", public_key_line(&public(seed)));
        fs::write(folder.path().join("key.pub"), line).expect("written");
        let output = ssh_keygen(folder.path(), &["-l", "-f", "key.pub"], b"");
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(text.split(' ').nth(1), Some(&*fingerprint(&public(seed))), "{text}");
    }
}

#[test]
fn keys_of_other_types_are_refused_by_name() {
    for (arguments, name) in
        [(&["-t", "rsa", "-b", "2048"][..], "ssh-rsa"), (&["-t", "ecdsa"], "ecdsa-sha2-nistp256")]
    {
        let folder = folder();
        let refused = parse_public_key_line(&generate(folder.path(), arguments));
        assert_eq!(refused, Err(OpensshError::KeyType(name.into())));
    }
    for name in ["sk-ssh-ed25519@openssh.com", "ssh-ed25519-cert-v01@openssh.com", "ssh-dss"] {
        let refused = parse_public_key_line(&format!("{name} AAAA comment"));
        assert_eq!(refused, Err(OpensshError::KeyType(name.into())));
    }
    let disguised = [&7u32.to_be_bytes()[..], b"ssh-rsa"].concat();
    assert_eq!(parse_public_key_blob(&disguised), Err(OpensshError::KeyType("ssh-rsa".into())));
}

#[test]
fn a_signature_by_a_key_of_another_type_is_refused_by_name() {
    let folder = folder();
    generate(folder.path(), &["-t", "ecdsa"]);
    let arguments = ["-Y", "sign", "-q", "-f", "key", "-n", TRANSACTION_NAMESPACE];
    let output = ssh_keygen(folder.path(), &arguments, b"message");
    let armored = String::from_utf8(output.stdout).expect("text");
    let refused = parse_armor(&armored, TRANSACTION_NAMESPACE);
    assert_eq!(refused, Err(OpensshError::KeyType("ecdsa-sha2-nistp256".into())));
}

#[test]
fn a_signature_for_another_purpose_or_hash_is_refused_by_name() {
    let folder = folder();
    generate(folder.path(), &["-t", "ed25519"]);
    let made = |arguments: &[&str]| {
        let all = [&["-Y", "sign", "-q", "-f", "key"], arguments].concat();
        let output = ssh_keygen(folder.path(), &all, b"message");
        let armored = String::from_utf8(output.stdout).expect("text");
        parse_armor(&armored, TRANSACTION_NAMESPACE)
    };
    assert_eq!(made(&["-n", "git"]), Err(OpensshError::Namespace("git".into())));
    let other_hash = made(&["-n", TRANSACTION_NAMESPACE, "-O", "hashalg=sha256"]);
    assert_eq!(other_hash, Err(OpensshError::HashAlgorithm("sha256".into())));
}

#[test]
fn what_is_not_one_public_key_line_is_refused() {
    let line = public_key_line(&public(1));
    assert_eq!(parse_public_key_line(&line), Ok(public(1)));
    assert_eq!(parse_public_key_line(&format!("  {line} me@home two words\r\n")), Ok(public(1)));
    for bad in ["", "ssh-ed25519", "hello world", &format!("no-pty {line}")] {
        assert_eq!(parse_public_key_line(bad), Err(OpensshError::NotAPublicKey), "{bad}");
    }
    let two = format!("{line}\n{line}\n");
    assert_eq!(parse_public_key_line(&two), Err(OpensshError::OneKey));
    assert_eq!(parse_public_key_line(&two.replace('\n', "\r")), Err(OpensshError::OneKey));
    assert_eq!(parse_public_key_line("ssh-ed25519 ****"), Err(OpensshError::Base64));
    let longest = format!("{line} {}", "c".repeat(PUBLIC_KEY_LINE_BYTES_MAX - line.len() - 1));
    assert_eq!(parse_public_key_line(&longest), Ok(public(1)));
    assert!(matches!(
        parse_public_key_line(&format!("{longest}c")),
        Err(OpensshError::TooLong { actual_bytes: 8193, .. })
    ));
}

#[test]
fn a_damaged_key_blob_is_refused() {
    let blob = public_key_blob(&public(1));
    assert_eq!(parse_public_key_blob(&blob), Ok(public(1)));
    for length in 0..blob.len() {
        let cut = parse_public_key_blob(&blob[..length]);
        assert!(matches!(cut, Err(OpensshError::Framing(_))), "{length}: {cut:?}");
    }
    let longer = [&blob[..], &[0]].concat();
    assert_eq!(parse_public_key_blob(&longer), Err(OpensshError::Framing("end of the key")));
    let mut short_key = blob[..50].to_vec();
    short_key[18] = 31;
    assert_eq!(parse_public_key_blob(&short_key), Err(OpensshError::Framing("key length")));
    let mut weak = blob;
    weak[19..].copy_from_slice(&small_order_encodings()[0]);
    let refused = OpensshError::PublicKey(PublicKeyError::SmallOrder);
    assert_eq!(parse_public_key_blob(&weak), Err(refused));
}

/// The armor of a blob that may be damaged.
fn armored(blob: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(blob);
    format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n")
}

fn unarmored(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    let lines: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(lines).expect("our own armor")
}

#[test]
fn damaged_armor_is_refused_at_its_part() {
    let good = armor(&public(1), TRANSACTION_NAMESPACE, &sign(1, b""));
    let blob = unarmored(&good);
    let read = |text: &str| parse_armor(text, TRANSACTION_NAMESPACE);
    assert_eq!(read(&armored(&blob)), Ok((public(1), sign(1, b""))));
    assert_eq!(read(&good.replace("BEGIN", "BEGUN")), Err(OpensshError::Armor));
    assert_eq!(read(&good.replace("END", "AND")), Err(OpensshError::Armor));
    assert_eq!(read(&good.replacen("U1NI", "U1N*", 1)), Err(OpensshError::Base64));
    let padding = "\n".repeat(ARMOR_BYTES_MAX - good.len() + 1);
    let longest = good.replacen('\n', &padding, 1);
    assert_eq!(longest.len(), ARMOR_BYTES_MAX);
    assert_eq!(read(&longest), Ok((public(1), sign(1, b""))));
    let long = longest.replacen('\n', "\n\n", 1);
    assert!(matches!(read(&long), Err(OpensshError::TooLong { limit_bytes: 16_384, .. })));
    for length in 0..blob.len() {
        let cut = read(&armored(&blob[..length]));
        assert!(matches!(cut, Err(OpensshError::Framing(_))), "{length}: {cut:?}");
    }
    for (at, part) in [(0, "magic"), (9, "version")] {
        let mut bad = blob.clone();
        bad[at] ^= 1;
        assert_eq!(read(&armored(&bad)), Err(OpensshError::Framing(part)));
    }
    assert_eq!(read(&armored(&[&blob[..], &[0]].concat())), Err(OpensshError::Framing("end")));
    let mut inner = [&blob[..], &[0]].concat();
    let length_at = blob.len() - 83 - 1;
    inner[length_at] += 1;
    assert_eq!(read(&armored(&inner)), Err(OpensshError::Framing("end")));
}

#[test]
fn a_signature_field_of_another_type_or_length_is_refused() {
    let blob = unarmored(&armor(&public(1), TRANSACTION_NAMESPACE, &sign(1, b"")));
    let read = |blob: &[u8]| parse_armor(&armored(blob), TRANSACTION_NAMESPACE);
    let mut other_type = blob.clone();
    let type_at = blob.len() - 64 - 4 - 1;
    assert_eq!(other_type[type_at], b'9');
    other_type[type_at] = b'8';
    assert_eq!(read(&other_type), Err(OpensshError::KeyType("ssh-ed25518".into())));
    let mut shorter = blob[..blob.len() - 1].to_vec();
    shorter[blob.len() - 83 - 1] -= 1;
    shorter[blob.len() - 64 - 1] -= 1;
    assert_eq!(read(&shorter), Err(OpensshError::Framing("signature length")));
}

#[test]
fn armor_breaks_its_lines_as_ssh_keygen_does() {
    let text = armor(&public(1), TRANSACTION_NAMESPACE, &sign(1, b""));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"-----BEGIN SSH SIGNATURE-----"));
    assert_eq!(lines.last(), Some(&"-----END SSH SIGNATURE-----"));
    assert!(lines[1..lines.len() - 2].iter().all(|line| line.len() == 70));
    assert!(text.ends_with('\n'));
}
