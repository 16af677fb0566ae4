//! Fields of a node's `config.toml`, set in the commented file that `vouchsafed init` writes, so
//! that the file stays one for people.

use std::path::Path;

use crate::error::{TestnetError, storage};

/// A section, a field and its value in TOML.
pub type Setting = (&'static str, &'static str, String);

/// A TOML string.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A TOML list of strings.
#[must_use]
pub fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// Sets fields in a configuration's file.
///
/// # Errors
/// [`TestnetError::NoField`], [`TestnetError::Storage`].
pub fn write(path: &Path, settings: &[Setting]) -> Result<(), TestnetError> {
    let mut text = std::fs::read_to_string(path).map_err(storage("read", path))?;
    for (section, field, value) in settings {
        text = set(&text, section, field, value).ok_or_else(|| TestnetError::NoField {
            path: path.to_owned(),
            section,
            field,
        })?;
    }
    std::fs::write(path, text).map_err(storage("write", path))
}

/// The text with one field set; none if it has no such field.
fn set(text: &str, section: &str, field: &str, value: &str) -> Option<String> {
    let header = format!("[{section}]");
    let mut inside = false;
    let mut found = false;
    let mut changed = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_end() == header;
        }
        let is_field = inside
            && !found
            && line.split_once('=').is_some_and(|(name, _)| name.trim_end() == field);
        if is_field {
            found = true;
            changed.push_str(&format!("{field} = {value}"));
        } else {
            changed.push_str(line);
        }
        changed.push('\n');
    }
    found.then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# listen = 1\n[grpc]\n# Where.\nlisten = \"a\"\n\n[http]\nlisten = \"b\"\n";

    #[test]
    fn a_field_is_set_in_its_section_and_the_rest_stays() {
        let changed = set(FILE, "http", "listen", &quoted("c")).expect("there");
        assert_eq!(changed, FILE.replace("\"b\"", "\"c\""));
        let again = set(&changed, "grpc", "listen", "2").expect("there");
        assert_eq!(again, changed.replace("\"a\"", "2"));
        assert_eq!(list(&["x".to_owned(), "y".to_owned()]), r#"["x", "y"]"#);
    }

    #[test]
    fn a_field_that_the_file_lacks_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, FILE).expect("written");
        let wrong = write(&path, &[("p2p", "listen", "1".to_owned())]).expect_err("absent");
        assert!(matches!(wrong, TestnetError::NoField { section: "p2p", .. }), "{wrong}");
        assert!(set(FILE, "grpc", "colour", "1").is_none());
        assert_eq!(std::fs::read_to_string(&path).expect("unchanged"), FILE);
    }
}
