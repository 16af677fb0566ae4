//! The rules of files: modes, kinds, sizes, and never to overwrite.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vouchsafe_keys::{
    COMMENT_BYTES_MAX, KeyError, KeyFile, PRIVATE_FILE_BYTES_MAX, Protection, SecretKey,
    public_key_path, read_public_key,
};

use crate::programs::{folder, write};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
}

#[test]
fn a_key_that_others_can_reach_is_refused() {
    let folder = folder();
    let (_, path) = write(folder.path(), "key", false);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&public_key_path(&path)) & 0o133, 0, "no more than 0644");
    for open in [0o640, 0o604, 0o610, 0o602, 0o644, 0o777] {
        set_mode(&path, open);
        let error = KeyFile::read(&path).expect_err("too open");
        assert!(matches!(error, KeyError::ModeTooOpen { mode, .. } if mode == open), "{error:?}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    for closed in [0o600, 0o400] {
        set_mode(&path, closed);
        assert!(KeyFile::read(&path).is_ok());
    }
}

#[test]
fn a_link_to_a_key_is_followed() {
    let folder = folder();
    let (key, path) = write(folder.path(), "key", false);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).expect("a new name");
    assert_eq!(KeyFile::read(&link).expect("the key").public_key(), key.public_key());
}

#[test]
fn no_file_is_ever_overwritten() {
    let folder = folder();
    let (first, path) = write(folder.path(), "key", false);
    let second = SecretKey::generate().expect("random bytes");
    let error = second.write(&path, Protection::Unencrypted, "").expect_err("taken");
    assert!(matches!(error, KeyError::Exists(_)), "{error:?}");
    assert_eq!(KeyFile::read(&path).expect("kept").public_key(), first.public_key());

    // With only the public half there, nothing is left behind either.
    std::fs::remove_file(&path).expect("ours");
    let error = second.write(&path, Protection::Unencrypted, "").expect_err("taken");
    assert!(matches!(&error, KeyError::Exists(found) if *found == public_key_path(&path)));
    assert!(!path.exists());
    let (kept, _) = read_public_key(&public_key_path(&path)).expect("kept");
    assert_eq!(kept, first.public_key());
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let folder = folder();
    let key = SecretKey::generate().expect("random bytes");
    let path = folder.path().join("missing/key");
    let verdict = key.write(&path, Protection::Unencrypted, "");
    assert!(matches!(verdict, Err(KeyError::Write { .. })));
}

#[test]
fn a_comment_is_one_short_line() {
    let folder = folder();
    let key = SecretKey::generate().expect("random bytes");
    let path = folder.path().join("key");
    let long = "x".repeat(COMMENT_BYTES_MAX + 1);
    for comment in ["two\nlines", "\u{1b}[0m", &long] {
        let verdict = key.write(&path, Protection::Unencrypted, comment);
        assert!(matches!(verdict, Err(KeyError::Comment(_))));
        assert!(!path.exists());
    }
    key.write(&path, Protection::Unencrypted, "").expect("no comment is fine");
    let (_, comment) = read_public_key(&public_key_path(&path)).expect("written");
    assert_eq!(comment, "");
}

#[test]
fn a_missing_file_a_folder_and_a_long_file_are_refused() {
    let folder = folder();
    let missing = folder.path().join("missing");
    assert!(matches!(KeyFile::read(&missing), Err(KeyError::NotFound(_))));
    assert!(matches!(read_public_key(&missing), Err(KeyError::NotFound(_))));
    assert!(matches!(KeyFile::read(folder.path()), Err(KeyError::NotAFile(_))));
    assert!(matches!(KeyFile::read(Path::new("/dev/null")), Err(KeyError::NotAFile(_))));
    let below = folder.path().join("file");
    std::fs::write(&below, vec![b'x'; PRIVATE_FILE_BYTES_MAX + 1]).expect("writable");
    set_mode(&below, 0o600);
    assert!(matches!(KeyFile::read(&below), Err(KeyError::FileTooLong { .. })));
    assert!(matches!(KeyFile::read(&below.join("key")), Err(KeyError::Read { .. })));
}

#[test]
fn a_public_key_file_is_one_line() {
    let folder = folder();
    let (key, path) = write(folder.path(), "key", false);
    let line = std::fs::read_to_string(public_key_path(&path)).expect("written");
    let other = folder.path().join("other.pub");
    for (content, good) in [
        (line.trim_end().to_owned(), true),
        (format!("\n{line}\n"), true),
        (format!("{line}{line}"), false),
        ("nonsense".to_owned(), false),
    ] {
        std::fs::write(&other, content).expect("writable");
        match read_public_key(&other) {
            Ok(read) => assert!(good && read == (key.public_key(), "a comment".to_owned())),
            Err(error) => assert!(!good && matches!(error, KeyError::PublicKey { .. })),
        }
    }
}
