//! `config.toml`: nodes, key and TLS that are used unless the command line or the environment
//! names others.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::home::{Home, HomeError, read_bounded, write_synced};
use crate::tls::TlsOptions;

/// The longest settings file that is read, in bytes.
pub const CONFIG_BYTES_MAX: usize = 64 << 10;

/// The settings. A field that is not known is refused: a misspelt one must not be ignored.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The nodes to ask.
    #[serde(default)]
    pub nodes: Vec<String>,
    /// The private key that signs; relative to the home.
    pub key: Option<PathBuf>,
    /// Unencrypted ways across a network are allowed.
    #[serde(default)]
    pub plaintext: bool,
    /// The authorities whose certificates nodes may have; relative to the home.
    pub tls_ca: Option<PathBuf>,
    /// The client's certificate; relative to the home.
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key; relative to the home.
    pub tls_key: Option<PathBuf>,
    /// The name that nodes' certificates have.
    pub tls_server_name: Option<String>,
}

/// Why the settings are not used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is not UTF-8.
    #[error("{0} is not UTF-8 text: write it anew")]
    NotText(String),
    /// The file is not what it must be.
    #[error("{path}: {cause}")]
    Form {
        /// The file.
        path: String,
        /// What is wrong, and where.
        cause: String,
    },
}

impl Config {
    /// Reads the home's settings; none are none.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(home: &Home) -> Result<Self, ConfigError> {
        let path = home.config();
        let Some(bytes) = read_bounded(&path, CONFIG_BYTES_MAX)? else {
            return Ok(Self::default());
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| ConfigError::NotText(path.display().to_string()))?;
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            let cause = format!("line {line}: {}", error.message().replace('\n', "; "));
            ConfigError::Form { path: path.display().to_string(), cause }
        })
    }

    /// Writes the first settings of a home, with comments; settings that exist stay as they are.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn write_first(&self, home: &Home) -> Result<bool, ConfigError> {
        let path = home.config();
        if path.exists() {
            return Ok(false);
        }
        write_synced(&path, self.commented().as_bytes())?;
        Ok(true)
    }

    fn commented(&self) -> String {
        let quote = |text: &str| toml::Value::from(text).to_string();
        let nodes: Vec<_> = self.nodes.iter().map(|node| quote(node)).collect();
        // A setting that is not made stands there as a comment that shows how to make it.
        let line = |name: &str, value: Option<String>, example: &str| match value {
            Some(value) => format!("{name} = {}\n", quote(&value)),
            None => format!("# {name} = {}\n", quote(example)),
        };
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        [
            "# The settings of vouch. The command line and the environment come first.\n\n",
            "# The nodes to ask (--node, VOUCH_NODES); the newest proven answer counts.\n",
            &format!("nodes = [{}]\n\n", nodes.join(", ")),
            "# The private key that signs (--key, VOUCH_KEY); otherwise the file 'key' beside this.\n",
            &line("key", path(&self.key), "/path/to/id_ed25519"),
            "\n# TLS to https:// nodes (--tls-ca, VOUCH_TLS_CA and so on). Without tls_ca the system's\n\
             # authorities are believed; certificate and key are for nodes that ask who is calling.\n",
            &line("tls_ca", path(&self.tls_ca), "ca.pem"),
            &line("tls_certificate", path(&self.tls_certificate), "client.pem"),
            &line("tls_key", path(&self.tls_key), "client.key"),
            &line("tls_server_name", self.tls_server_name.clone(), "node.example"),
            "\n# Allow unencrypted http:// to other machines (--plaintext, VOUCH_PLAINTEXT).\n",
            if self.plaintext { "plaintext = true\n" } else { "# plaintext = true\n" },
        ]
        .concat()
    }

    /// The key's path, if the settings name one.
    #[must_use]
    pub fn key_path(&self, home: &Path) -> Option<PathBuf> {
        self.key.as_ref().map(|key| home.join(key))
    }

    /// What the settings say of TLS.
    #[must_use]
    pub fn tls(&self, home: &Path) -> TlsOptions {
        let lying_in = |path: &Option<PathBuf>| path.as_ref().map(|path| home.join(path));
        TlsOptions {
            ca: lying_in(&self.tls_ca),
            certificate: lying_in(&self.tls_certificate),
            key: lying_in(&self.tls_key),
            server_name: self.tls_server_name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> (tempfile::TempDir, Result<Config, ConfigError>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        std::fs::write(home.config(), text).expect("writes");
        let config = Config::load(&home);
        (folder, config)
    }

    #[test]
    fn unknown_settings_are_refused_by_line() {
        let (_folder, config) = with("nodes = []\nnode = \"http://127.0.0.1:1\"\n");
        let text = config.expect_err("unknown").to_string();
        assert!(text.contains("line 2") && text.contains("node"), "{text}");
    }

    #[test]
    fn settings_that_are_no_text_are_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        std::fs::write(home.config(), [b'#', 0xff, 0xfe]).expect("writes");
        assert!(matches!(Config::load(&home), Err(ConfigError::NotText(_))));
    }

    #[test]
    fn absent_settings_are_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        assert_eq!(Config::load(&home).expect("none"), Config::default());
    }

    #[test]
    fn first_settings_read_back_and_are_never_overwritten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::at(Some(folder.path().to_owned())).expect("given");
        assert!(Config::default().commented().lines().count() > 10, "it explains itself");
        let config = Config {
            nodes: vec!["http://127.0.0.1:1".into(), "http://[::1]:2".into()],
            key: Some("/a \"b\"/key".into()),
            plaintext: true,
            tls_ca: Some("/c\\d/ca.pem".into()),
            tls_certificate: Some("client.pem".into()),
            tls_key: Some("client.key".into()),
            tls_server_name: Some("node.example".into()),
        };
        assert!(config.write_first(&home).expect("writes"));
        assert_eq!(Config::load(&home).expect("reads"), config);
        assert!(!Config::default().write_first(&home).expect("leaves"));
        assert_eq!(Config::load(&home).expect("reads"), config);
    }

    #[test]
    fn a_relative_path_lies_in_the_home() {
        let config = Config {
            key: Some("key2".into()),
            tls_ca: Some("ca.pem".into()),
            tls_key: Some("/elsewhere/client.key".into()),
            ..Config::default()
        };
        assert_eq!(config.key_path(Path::new("/h")), Some("/h/key2".into()));
        let tls = config.tls(Path::new("/h"));
        assert_eq!(tls.ca, Some("/h/ca.pem".into()));
        assert_eq!(tls.key, Some("/elsewhere/client.key".into()));
    }
}
