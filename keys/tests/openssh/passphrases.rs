//! Where passphrases come from.

use std::os::unix::fs::PermissionsExt as _;

use vouchsafe_keys::{KeyError, PassphraseSource, SecretKey};

use crate::programs::{PASSPHRASE, folder, nobody, passphrase, write};

#[test]
fn without_a_terminal_the_error_names_the_variable() {
    let folder = folder();
    let (_, path) = write(folder.path(), "key", true);
    let error = SecretKey::read(&path, &nobody()).expect_err("nobody knows");
    assert!(matches!(error, KeyError::NoTerminal { .. }), "{error:?}");
    assert!(error.to_string().contains("VOUCHSAFE_TEST_UNSET"), "{error}");
    assert!(matches!(nobody().new_passphrase(&path), Err(KeyError::NoTerminal { .. })));
}

#[test]
fn an_environment_variable_is_read() {
    // Cargo sets this one for every test.
    let source = PassphraseSource::new("CARGO_MANIFEST_DIR").without_terminal();
    let expected = passphrase(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(source.passphrase("key".as_ref()).expect("set"), expected);
    assert_eq!(source.new_passphrase("key".as_ref()).expect("set"), expected);
}

#[test]
fn a_file_comes_first_and_loses_its_last_line_end() {
    let folder = folder();
    let (key, path) = write(folder.path(), "key", true);
    let file = folder.path().join("passphrase");
    let source = PassphraseSource::new("CARGO_MANIFEST_DIR").with_file(Some(file.clone()));
    for ending in ["", "\n", "\r\n"] {
        std::fs::write(&file, format!("{PASSPHRASE}{ending}")).expect("writable");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("ours");
        let read = SecretKey::read(&path, &source).expect("the passphrase");
        assert_eq!(read.public_key(), key.public_key());
    }
    std::fs::write(&file, "\n").expect("writable");
    assert!(matches!(source.passphrase(&path), Err(KeyError::PassphraseEmpty)));
}

#[test]
fn a_passphrase_file_that_others_can_reach_is_refused() {
    let folder = folder();
    let file = folder.path().join("passphrase");
    std::fs::write(&file, PASSPHRASE).expect("writable");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("ours");
    let source = nobody().with_file(Some(file));
    let verdict = source.passphrase("key".as_ref());
    assert!(matches!(verdict, Err(KeyError::ModeTooOpen { mode: 0o644, .. })));
}
