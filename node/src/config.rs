//! What an operator may choose: `config.toml`, with the environment above it.
//!
//! ```text
//! config.toml ──▶ table ◀── VOUCHSAFED_<SECTION>_<FIELD> ──▶ Config (unknown fields refused)
//! ```
//!
//! What all nodes must agree on is in the genesis document instead.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use libp2p::Multiaddr;
use serde::Deserialize;

use crate::network::{P2pAddressError, PeerAddress, parse_listen, parse_peer};

/// The commented file that `init` writes: every field with its default.
pub(crate) const TEMPLATE: &str = include_str!("config_template.toml");
/// The longest configuration file, in bytes.
pub(crate) const CONFIG_BYTES_MAX: u64 = 64 << 10;
/// What the names of environment variables begin with.
pub(crate) const ENVIRONMENT_PREFIX: &str = "VOUCHSAFED_";
/// Variables with the prefix that are not fields of the file.
const OTHER_VARIABLES: [&str; 3] =
    ["VOUCHSAFED_HOME", "VOUCHSAFED_KEY_PASSPHRASE", "VOUCHSAFED_KEY_PASSPHRASE_FILE"];

/// A configuration.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) grpc: GrpcConfig,
    pub(crate) http: HttpConfig,
    pub(crate) p2p: P2pConfig,
    pub(crate) mempool: MempoolConfig,
    pub(crate) log: LogConfig,
}

/// The API's listener.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrpcConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) allow_plaintext: bool,
    pub(crate) tls_certificate: PathBuf,
    pub(crate) tls_key: PathBuf,
    pub(crate) tls_client_ca: PathBuf,
}

impl GrpcConfig {
    /// Is the API served over TLS?
    pub(crate) fn encrypts(&self) -> bool {
        is_set(&self.tls_certificate)
    }

    /// Must clients show a certificate?
    pub(crate) fn asks_clients(&self) -> bool {
        is_set(&self.tls_client_ca)
    }

    /// Checks that what belongs together is there, and that nothing is readable by accident.
    fn check(&self) -> Result<(), ConfigError> {
        match (self.encrypts(), is_set(&self.tls_key)) {
            (true, false) => Err(ConfigError::TlsHalf { given: "certificate", missing: "key" }),
            (false, true) => Err(ConfigError::TlsHalf { given: "key", missing: "certificate" }),
            (false, false) if self.asks_clients() => Err(ConfigError::TlsClientCaAlone),
            (false, false) if !self.listen.ip().is_loopback() && !self.allow_plaintext => {
                Err(ConfigError::Plaintext(self.listen))
            }
            _ => Ok(()),
        }
    }
}

/// A path that is empty names nothing.
fn is_set(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

/// The listener for probes and metrics.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpConfig {
    pub(crate) listen: SocketAddr,
}

/// Where other members reach this node, and where it reaches them.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct P2pConfig {
    pub(crate) listen: String,
    pub(crate) peers: Vec<String>,
}

/// The same, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct P2pAddresses {
    pub(crate) listen: Option<Multiaddr>,
    pub(crate) peers: Vec<PeerAddress>,
}

/// Bounds of the pool of waiting transactions.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MempoolConfig {
    pub(crate) transactions_max: usize,
    pub(crate) bytes_max: usize,
}

/// What is logged, and how.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogConfig {
    pub(crate) filter: String,
    pub(crate) format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}; run 'vouchsafed init' to write it")]
    Read { path: PathBuf, cause: std::io::Error },
    /// The file is larger than any configuration.
    #[error("{path} has more than {CONFIG_BYTES_MAX} bytes: it is not a configuration; replace it")]
    TooLong { path: PathBuf },
    /// The file is not TOML, lacks a field, has an unknown one, or a value of another type.
    #[error("{path}: {cause}")]
    File { path: PathBuf, cause: toml::de::Error },
    /// The file with the environment's values is no configuration.
    #[error("the configuration with its VOUCHSAFED_* variables is not valid: {0}")]
    Merged(toml::de::Error),
    /// A variable is not a field's.
    #[error("the environment variable {0} names no field of config.toml; unset it or correct it")]
    UnknownVariable(String),
    /// A variable's value is not of its field's type.
    #[error("the environment variable {name} is {value:?}, which is not {expected}; correct it")]
    VariableValue { name: String, value: String, expected: &'static str },
    /// The API would be readable on the network.
    #[error(
        "grpc.listen is {0}, which other machines can reach, and the API is not encrypted; set \
         grpc.tls_certificate and grpc.tls_key, or listen on 127.0.0.1, or set \
         grpc.allow_plaintext = true on a network you trust"
    )]
    Plaintext(SocketAddr),
    /// A certificate without its key, or a key without its certificate.
    #[error(
        "grpc.tls_{given} is set and grpc.tls_{missing} is not: TLS takes both; set \
         grpc.tls_{missing}, or leave both empty"
    )]
    TlsHalf { given: &'static str, missing: &'static str },
    /// Clients' certificates are asked for where nothing is encrypted.
    #[error(
        "grpc.tls_client_ca is set without TLS, so no client could show a certificate; set \
         grpc.tls_certificate and grpc.tls_key too, or leave it empty"
    )]
    TlsClientCaAlone,
    /// An address of the peer network.
    #[error(transparent)]
    P2p(#[from] P2pAddressError),
    /// More addresses of peers than could be dialed.
    #[error("p2p.peers has {0} addresses, more than the {P2P_PEERS_MAX} allowed; leave some out")]
    P2pPeers(usize),
    /// A pool that could hold no transaction.
    #[error("mempool.{field} is {actual}; it must be {least} to {most}")]
    Mempool { field: &'static str, actual: usize, least: usize, most: usize },
}

/// The most addresses in `p2p.peers`.
pub(crate) const P2P_PEERS_MAX: usize = 1024;
/// The bounds of `mempool.transactions_max`.
const MEMPOOL_TRANSACTIONS: (usize, usize) = (1, 1_000_000);
/// The bounds of `mempool.bytes_max`: at least one transaction, at most 4 GiB.
const MEMPOOL_BYTES: (usize, usize) =
    (vouchsafe_types::transaction::TRANSACTION_BYTES_MAX, 4 << 30);

/// The process's environment. What is not UTF-8 can be no field's value, and says so there.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (lossy(name), lossy(value)))
}

impl Config {
    /// Reads the file and puts the environment's values over it.
    ///
    /// # Errors
    /// A [`ConfigError`] names file, field or variable.
    pub(crate) fn load(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let read = |cause| ConfigError::Read { path: path.to_owned(), cause };
        if std::fs::metadata(path).map_err(read)?.len() > CONFIG_BYTES_MAX {
            return Err(ConfigError::TooLong { path: path.to_owned() });
        }
        let text = std::fs::read_to_string(path).map_err(read)?;
        let file = |cause| ConfigError::File { path: path.to_owned(), cause };
        // Parsed alone first, so that an error shows its line in the file.
        toml::from_str::<Self>(&text).map_err(file)?;
        let mut table: toml::Table = text.parse().map_err(file)?;
        override_from(&mut table, environment)?;
        let config: Self = table.try_into().map_err(ConfigError::Merged)?;
        config.check()?;
        Ok(config)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// [`ConfigError::Plaintext`], those of TLS, [`ConfigError::P2p`], [`ConfigError::P2pPeers`],
    /// [`ConfigError::Mempool`].
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.grpc.check()?;
        self.p2p.read()?;
        for (field, actual, (least, most)) in [
            ("transactions_max", self.mempool.transactions_max, MEMPOOL_TRANSACTIONS),
            ("bytes_max", self.mempool.bytes_max, MEMPOOL_BYTES),
        ] {
            if !(least..=most).contains(&actual) {
                return Err(ConfigError::Mempool { field, actual, least, most });
            }
        }
        Ok(())
    }
}

impl P2pConfig {
    /// Reads the addresses.
    ///
    /// # Errors
    /// [`ConfigError::P2p`], [`ConfigError::P2pPeers`].
    pub(crate) fn read(&self) -> Result<P2pAddresses, ConfigError> {
        if self.peers.len() > P2P_PEERS_MAX {
            return Err(ConfigError::P2pPeers(self.peers.len()));
        }
        let listen = parse_listen(&self.listen)?;
        let peers = self.peers.iter().map(|text| parse_peer(text)).collect::<Result<_, _>>()?;
        Ok(P2pAddresses { listen, peers })
    }
}

/// The fields are those of the file itself: each has a value there, whose type a variable keeps.
fn override_from(
    table: &mut toml::Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        if OTHER_VARIABLES.contains(&name.as_str()) {
            continue;
        }
        let path = rest.to_ascii_lowercase();
        let field = path
            .split_once('_')
            .and_then(|(section, field)| table.get_mut(section)?.as_table_mut()?.get_mut(field))
            .ok_or_else(|| ConfigError::UnknownVariable(name.clone()))?;
        let expected = match field {
            toml::Value::Boolean(_) => "true or false",
            _ => "a number",
        };
        *field = typed_like(field, &value).ok_or(ConfigError::VariableValue {
            name,
            value,
            expected,
        })?;
    }
    Ok(())
}

fn typed_like(field: &toml::Value, text: &str) -> Option<toml::Value> {
    match field {
        toml::Value::Boolean(_) => text.parse().ok().map(toml::Value::Boolean),
        toml::Value::Integer(_) => text.parse().ok().map(toml::Value::Integer),
        // A list of texts, with commas between them.
        toml::Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(toml::Value::Array(items.map(|item| item.to_owned().into()).collect()))
        }
        _ => Some(toml::Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).expect("written");
        Config::load(&path, variables.iter().map(|(n, v)| (n.to_string(), v.to_string())))
    }

    #[test]
    fn the_template_is_a_valid_configuration_on_loopback() {
        let config = load(TEMPLATE, &[]).expect("the template is valid");
        assert!(config.grpc.listen.ip().is_loopback() && config.http.listen.ip().is_loopback());
        assert!(!config.grpc.allow_plaintext);
    }

    #[test]
    fn a_file_that_is_absent_or_too_long_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        let load = || Config::load(&path, std::iter::empty());
        assert!(matches!(load(), Err(ConfigError::Read { .. })));
        let most = usize::try_from(CONFIG_BYTES_MAX).expect("small");
        let comment =
            |bytes: usize| format!("{TEMPLATE}#{}", "x".repeat(bytes - TEMPLATE.len() - 1));
        std::fs::write(&path, comment(most)).expect("written");
        assert!(load().is_ok());
        std::fs::write(&path, comment(most + 1)).expect("written");
        assert!(matches!(load(), Err(ConfigError::TooLong { .. })));
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        for text in ["\n[grpc2]\nlisten = 1\n", "\ncolour = \"red\"\n"] {
            let error = load(&format!("{TEMPLATE}{text}"), &[]).expect_err("refused").to_string();
            assert!(error.contains("unknown field"), "{error}");
        }
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let config = load(
            TEMPLATE,
            &[
                ("VOUCHSAFED_GRPC_LISTEN", "127.0.0.1:0"),
                ("VOUCHSAFED_MEMPOOL_TRANSACTIONS_MAX", "7"),
                ("VOUCHSAFED_LOG_FORMAT", "json"),
                ("VOUCHSAFED_HOME", "/elsewhere"),
                ("PATH", "/bin"),
            ],
        )
        .expect("valid");
        assert_eq!(config.grpc.listen.port(), 0);
        assert_eq!(config.mempool.transactions_max, 7);
        assert_eq!(config.log.format, LogFormat::Json);
    }

    #[test]
    fn a_variable_of_no_field_or_type_is_refused() {
        let unknown = load(TEMPLATE, &[("VOUCHSAFED_GRPC_LISTN", "127.0.0.1:1")]);
        assert!(matches!(unknown, Err(ConfigError::UnknownVariable(_))));
        let value = load(TEMPLATE, &[("VOUCHSAFED_GRPC_ALLOW_PLAINTEXT", "perhaps")]);
        assert!(matches!(value, Err(ConfigError::VariableValue { .. })));
        let merged = load(TEMPLATE, &[("VOUCHSAFED_GRPC_LISTEN", "here")]);
        assert!(matches!(merged, Err(ConfigError::Merged(_))));
    }

    #[test]
    fn a_plaintext_listener_for_other_machines_must_be_allowed() {
        let outside = [("VOUCHSAFED_GRPC_LISTEN", "0.0.0.0:1")];
        assert!(matches!(load(TEMPLATE, &outside), Err(ConfigError::Plaintext(_))));
        let allowed = [outside[0], ("VOUCHSAFED_GRPC_ALLOW_PLAINTEXT", "true")];
        assert!(load(TEMPLATE, &allowed).is_ok());
        let encrypted = [
            outside[0],
            ("VOUCHSAFED_GRPC_TLS_CERTIFICATE", "tls/certificate.pem"),
            ("VOUCHSAFED_GRPC_TLS_KEY", "tls/key.pem"),
        ];
        assert!(load(TEMPLATE, &encrypted).expect("encrypted").grpc.encrypts());
    }

    #[test]
    fn tls_takes_certificate_and_key_and_a_client_ca_takes_tls() {
        for (name, expected) in [("CERTIFICATE", "grpc.tls_key"), ("KEY", "grpc.tls_certificate")] {
            let half = [(format!("VOUCHSAFED_GRPC_TLS_{name}"), "a.pem")];
            let error = load(TEMPLATE, &[(half[0].0.as_str(), half[0].1)]).expect_err("half");
            assert!(matches!(error, ConfigError::TlsHalf { .. }));
            assert!(error.to_string().contains(&format!("set {expected}")), "{error}");
        }
        let alone = load(TEMPLATE, &[("VOUCHSAFED_GRPC_TLS_CLIENT_CA", "ca.pem")]);
        assert!(matches!(alone, Err(ConfigError::TlsClientCaAlone)));
    }

    #[test]
    fn addresses_of_peers_are_read_and_wrong_ones_refused() {
        let peer = "/ip4/192.0.2.1/tcp/1/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
        let both = format!("{peer}, {}", peer.replace("/tcp/1/", "/tcp/2/"));
        let config = load(TEMPLATE, &[("VOUCHSAFED_P2P_PEERS", &both)]).expect("valid");
        assert_eq!(config.p2p.read().expect("checked").peers.len(), 2);
        let none = load(TEMPLATE, &[("VOUCHSAFED_P2P_LISTEN", "")]).expect("valid");
        assert_eq!(none.p2p.read().expect("checked").listen, None);
        for (name, value) in [
            ("VOUCHSAFED_P2P_LISTEN", "127.0.0.1:26656"),
            ("VOUCHSAFED_P2P_PEERS", "/dns4/node.example/tcp/1"),
        ] {
            let refused = load(TEMPLATE, &[(name, value)]);
            assert!(matches!(refused, Err(ConfigError::P2p(_))), "{value}");
        }
        let many = vec![peer; P2P_PEERS_MAX + 1].join(",");
        let refused = load(TEMPLATE, &[("VOUCHSAFED_P2P_PEERS", &many)]);
        assert!(matches!(refused, Err(ConfigError::P2pPeers(_))));
    }

    #[test]
    fn a_mempool_that_holds_nothing_is_refused() {
        for name in ["VOUCHSAFED_MEMPOOL_TRANSACTIONS_MAX", "VOUCHSAFED_MEMPOOL_BYTES_MAX"] {
            assert!(matches!(load(TEMPLATE, &[(name, "0")]), Err(ConfigError::Mempool { .. })));
        }
    }
}
