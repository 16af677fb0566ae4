//! TLS on the way to nodes: whose certificates are believed, and by which one this client is known.
//!
//! Proofs make an answer true whoever carries it. TLS keeps private what is asked, and a client's
//! own certificate (mutual TLS) lets a node choose whom it serves.
//!
//! ```text
//! --tls-ca FILE ─────────── only these authorities; without it, those of the system
//! --tls-certificate FILE ─┐
//! --tls-key FILE ─────────┴ shown to a node that asks who is calling
//! --tls-server-name NAME ── the name in the node's certificate, if it is not the URL's host
//! ```
//!
//! Every file is read and checked before anything is asked, so that a wrong one has its own error
//! and is not taken for a node that cannot be reached.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use crate::home::read_bounded;

/// The longest PEM file that is read, in bytes: some system bundles have half of it.
pub const PEM_BYTES_MAX: usize = 1 << 20;

/// What the command line, the environment or the settings say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TlsOptions {
    /// The authorities to believe instead of the system's.
    pub ca: Option<PathBuf>,
    /// The client's certificate, and those that lead from it to an authority.
    pub certificate: Option<PathBuf>,
    /// The certificate's private key.
    pub key: Option<PathBuf>,
    /// The name that nodes' certificates must have, instead of the URL's host.
    pub server_name: Option<String>,
}

impl TlsOptions {
    /// These options, and where they say nothing, others. A certificate and its key stay together.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        let own_identity = self.certificate.is_some() || self.key.is_some();
        let identity = if own_identity { &self } else { &others };
        let (certificate, key) = (identity.certificate.clone(), identity.key.clone());
        Self {
            ca: self.ca.or(others.ca),
            certificate,
            key,
            server_name: self.server_name.or(others.server_name),
        }
    }
}

/// Why TLS cannot be spoken as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or not to be read.
    #[error("the TLS file {path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        cause: String,
    },
    /// A file has no certificate.
    #[error("{0} holds no certificate: name a PEM file with a BEGIN CERTIFICATE line")]
    NoCertificate(String),
    /// A certificate is not one.
    #[error("{path} holds a damaged certificate: {cause}")]
    Certificate {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// A file has no private key that can be read.
    #[error(
        "{0} holds no private key: name a PEM file with an unencrypted key (PKCS#8, SEC1 or PKCS#1)"
    )]
    NoKey(String),
    /// A private key is not one.
    #[error("{path} holds a private key that cannot be used: {cause}")]
    Key {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// The key is another certificate's.
    #[error("the private key in {key} does not belong to the certificate in {certificate}")]
    OtherKey {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("{given} is of no use without {missing}: give both, or neither")]
    Half {
        /// The option that is given.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Not a name that a certificate can have.
    #[error("{0:?} is no server's name: give the DNS name or IP address of the node's certificate")]
    ServerName(String),
    /// The system has no authorities.
    #[error(
        "this system's certificate authorities cannot be read ({0}): install them (on Debian the \
         package ca-certificates), or give the node's own with --tls-ca FILE"
    )]
    SystemRoots(String),
}

/// TLS as it will be spoken to every `https://` node.
#[derive(Clone, Debug)]
pub struct Tls(ClientTlsConfig);

/// Names the one cryptography that all TLS of this process uses. Call it first in `main`.
pub fn install_provider() {
    // It fails only when one was named before; there is no other in this program.
    let _ = ring::default_provider().install_default();
}

impl Tls {
    /// Reads and checks what the options name.
    ///
    /// # Errors
    /// One [`TlsError`] for each thing that can be wrong.
    pub fn load(options: &TlsOptions) -> Result<Self, TlsError> {
        let mut config = match &options.ca {
            Some(path) => {
                let pem = read(path)?;
                check_authorities(path, &pem)?;
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem))
            }
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some(identity) = identity(options)? {
            config = config.identity(identity);
        }
        if let Some(name) = &options.server_name {
            let valid = ServerName::try_from(name.as_str());
            valid.map_err(|_| TlsError::ServerName(name.chars().take(80).collect()))?;
            config = config.domain_name(name);
        }
        Ok(Self(config))
    }

    /// The endpoint, spoken to by TLS.
    ///
    /// # Errors
    /// [`TlsError::SystemRoots`]: everything else was checked before.
    pub fn secure(&self, endpoint: Endpoint) -> Result<Endpoint, TlsError> {
        let secured = endpoint.tls_config(self.0.clone());
        secured.map_err(|error| TlsError::SystemRoots(causes(&error)))
    }
}

/// What a TLS handshake failed of, if that is what an error is about.
#[must_use]
pub fn handshake_fault(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(fault) = cause.downcast_ref::<rustls::Error>() {
            return Some(fault.to_string());
        }
        // An I/O error does not name what it wraps as its source.
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(fault) = wrapped.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(fault.to_string());
        }
        next = cause.source();
    }
    None
}

/// An error and what caused it, on one line.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable =
        |cause: String| TlsError::Unreadable { path: path.display().to_string(), cause };
    if path.is_dir() {
        return Err(unreadable("it is a folder".into()));
    }
    match read_bounded(path, PEM_BYTES_MAX) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(unreadable("there is no such file".into())),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// All certificates of a file; at least one.
fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let path = || path.display().to_string();
    let found: Result<Vec<_>, PemError> = CertificateDer::pem_slice_iter(pem).collect();
    let found =
        found.map_err(|error| TlsError::Certificate { path: path(), cause: pem_fault(&error) })?;
    if found.is_empty() { Err(TlsError::NoCertificate(path())) } else { Ok(found) }
}

fn check_authorities(path: &Path, pem: &[u8]) -> Result<(), TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, pem)? {
        roots.add(certificate).map_err(|error| TlsError::Certificate {
            path: path.display().to_string(),
            cause: error.to_string(),
        })?;
    }
    Ok(())
}

/// The client's certificate and key, if they are given and belong together.
fn identity(options: &TlsOptions) -> Result<Option<Identity>, TlsError> {
    let (certificate, key) = match (&options.certificate, &options.key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) => {
            return Err(TlsError::Half { given: "--tls-certificate", missing: "--tls-key" });
        }
        (None, Some(_)) => {
            return Err(TlsError::Half { given: "--tls-key", missing: "--tls-certificate" });
        }
    };
    let certificate_pem = read(certificate)?;
    let chain = certificates(certificate, &certificate_pem)?;
    let key_pem = read(key)?;
    let key_path = || key.display().to_string();
    let private_key = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|error| match error {
        PemError::NoItemsFound => TlsError::NoKey(key_path()),
        other => TlsError::Key { path: key_path(), cause: pem_fault(&other) },
    })?;
    CertifiedKey::from_der(chain, private_key, &ring::default_provider()).map_err(|error| {
        let certificate = certificate.display().to_string();
        match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::OtherKey { certificate, key: key_path() }
            }
            rustls::Error::InvalidCertificate(_) => {
                TlsError::Certificate { path: certificate, cause: error.to_string() }
            }
            _ => TlsError::Key { path: key_path(), cause: error.to_string() },
        }
    })?;
    Ok(Some(Identity::from_pem(certificate_pem, key_pem)))
}

/// What is wrong with a PEM file, without its bytes: they may be of a key.
fn pem_fault(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { .. } => "a BEGIN line has no END line".into(),
        PemError::IllegalSectionStart { .. } => "a BEGIN line is malformed".into(),
        PemError::Base64Decode(_) => "it is not Base64 between its BEGIN and END lines".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().expect("a temporary folder") }
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.folder.path().join(name);
            std::fs::write(&path, text).expect("writes");
            path
        }
    }

    fn pair() -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["node.example".to_owned()]).expect("a name");
        (params.self_signed(&key).expect("signs").pem(), key.serialize_pem())
    }

    fn fails(options: &TlsOptions) -> TlsError {
        Tls::load(options).map(|_| ()).expect_err("something is wrong")
    }

    #[test]
    fn each_wrong_authority_file_has_its_error() {
        let files = Files::new();
        let ca = |path: PathBuf| TlsOptions { ca: Some(path), ..TlsOptions::default() };
        let (certificate, key) = pair();
        assert!(Tls::load(&ca(files.write("good", &certificate))).is_ok());
        let none = fails(&ca("/none.pem".into()));
        assert!(matches!(none, TlsError::Unreadable { .. }), "{none}");
        let folder = fails(&ca(files.folder.path().to_owned()));
        assert!(folder.to_string().contains("folder"), "{folder}");
        for text in ["", "hello", &key] {
            let error = fails(&ca(files.write("none", text)));
            assert!(matches!(error, TlsError::NoCertificate(_)), "{error}");
        }
        let not_x509 = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = &certificate[..certificate.len() - 30];
        for text in [not_x509, cut, &certificate.replacen('M', "!", 1)] {
            let error = fails(&ca(files.write("damaged", text)));
            assert!(matches!(error, TlsError::Certificate { .. }), "{error}");
        }
        let long = "x".repeat(PEM_BYTES_MAX + 1);
        assert!(matches!(fails(&ca(files.write("long", &long))), TlsError::Unreadable { .. }));
    }

    #[test]
    fn each_wrong_certificate_or_key_of_the_client_has_its_error() {
        let files = Files::new();
        let (certificate, key) = pair();
        let (other_certificate, _) = pair();
        let certificate = files.write("certificate", &certificate);
        let key_path = files.write("key", &key);
        let both = |certificate: &Path, key: &Path| TlsOptions {
            certificate: Some(certificate.to_owned()),
            key: Some(key.to_owned()),
            ..TlsOptions::default()
        };
        assert!(Tls::load(&both(&certificate, &key_path)).is_ok());
        let alone = TlsOptions { key: None, ..both(&certificate, &key_path) };
        assert!(matches!(fails(&alone), TlsError::Half { missing: "--tls-key", .. }));
        let alone = TlsOptions { certificate: None, ..both(&certificate, &key_path) };
        assert!(matches!(fails(&alone), TlsError::Half { given: "--tls-key", .. }));
        let other = files.write("other", &other_certificate);
        assert!(matches!(fails(&both(&other, &key_path)), TlsError::OtherKey { .. }));
        assert!(matches!(fails(&both(&certificate, &certificate)), TlsError::NoKey(_)));
        assert!(matches!(fails(&both(&key_path, &key_path)), TlsError::NoCertificate(_)));
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let encrypted = files.write("encrypted", &encrypted);
        assert!(matches!(fails(&both(&certificate, &encrypted)), TlsError::NoKey(_)));
        let damaged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let damaged = files.write("damaged", damaged);
        let error = fails(&both(&certificate, &damaged));
        assert!(matches!(error, TlsError::Key { .. }), "{error}");
        let leaky = files.write("leaky", &key.replacen('M', "!", 1));
        let error = fails(&both(&certificate, &leaky)).to_string();
        assert!(!error.contains(&key[40..60]), "no byte of a key is shown: {error}");
    }

    #[test]
    fn a_certificate_is_not_paired_with_a_key_from_elsewhere() {
        let settings = TlsOptions {
            ca: Some("ca".into()),
            certificate: Some("c1".into()),
            key: Some("k1".into()),
            server_name: None,
        };
        let given = TlsOptions { certificate: Some("c2".into()), ..TlsOptions::default() };
        let merged = given.or(settings.clone());
        assert_eq!(merged.ca, Some("ca".into()));
        assert_eq!((merged.certificate, merged.key), (Some("c2".into()), None));
        assert_eq!(TlsOptions::default().or(settings.clone()), settings);
    }

    #[test]
    fn a_server_name_is_a_name_or_an_address() {
        let named =
            |name: &str| TlsOptions { server_name: Some(name.to_owned()), ..TlsOptions::default() };
        for name in ["node.example", "10.0.0.1", "::1"] {
            assert!(Tls::load(&named(name)).is_ok(), "{name}");
        }
        for name in ["", "a b", "https://node.example"] {
            assert_eq!(fails(&named(name)), TlsError::ServerName(name.to_owned()));
        }
    }
}
