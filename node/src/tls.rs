//! The API's encryption: what the configured files hold, checked one by one before anything
//! listens, so that a wrong file has a name instead of a handshake that fails later.
//!
//! ```text
//! grpc.tls_certificate ─▶ certificates ─┬─ one key? ─▶ ServerTlsConfig ─▶ api::serve
//! grpc.tls_key ─▶ key (the owner's) ────┘                   ▲
//! grpc.tls_client_ca ─▶ authorities ────────────────────────┘ clients must show theirs
//! ```

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use vouchsafe_keys::exposed_mode;

use crate::config::GrpcConfig;

/// The longest PEM file, in bytes.
pub(crate) const PEM_BYTES_MAX: u64 = 1 << 20;
/// How long a handshake may take. Its connection counts among the others meanwhile.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the files for TLS are refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file is missing or cannot be read.
    #[error("cannot read {path} ({field}): {cause}; correct the path or the file's mode")]
    Read { field: &'static str, path: PathBuf, cause: io::Error },
    /// A file is longer than any of its kind.
    #[error("{path} ({field}) has more than {PEM_BYTES_MAX} bytes: it is not a PEM file")]
    TooLong { field: &'static str, path: PathBuf },
    /// Others may read the private key.
    #[error(
        "{path} (grpc.tls_key) has mode {mode:04o}: others on this machine can read the private \
         key; run 'chmod 600 {path}'"
    )]
    KeyMode { path: PathBuf, mode: u32 },
    /// The file has not what it should have, or not in PEM.
    #[error(
        "{path} ({field}) holds no {wanted} in PEM; convert it with openssl, or correct the path"
    )]
    NotPem { field: &'static str, path: PathBuf, wanted: &'static str },
    /// A certificate that cannot be used.
    #[error("{path} ({field}) holds a certificate that cannot be used: {cause}; make another")]
    Certificate { field: &'static str, path: PathBuf, cause: rustls::Error },
    /// A private key of an unknown kind, or damaged.
    #[error(
        "{path} (grpc.tls_key) holds a private key that cannot be used: {cause}; use an ECDSA \
         (P-256, P-384), Ed25519 or RSA key"
    )]
    Key { path: PathBuf, cause: rustls::Error },
    /// The private key belongs to another certificate.
    #[error(
        "the private key in {key} (grpc.tls_key) is not that of the first certificate in \
         {certificate} (grpc.tls_certificate); put the server's own certificate first, or name \
         the files that belong together"
    )]
    KeyOfAnother { certificate: PathBuf, key: PathBuf },
}

/// Names the one provider of cryptography for TLS, for the whole process.
pub(crate) fn install_provider() {
    // An error means that it was named before; there is no other in this program.
    let _ = ring::default_provider().install_default();
}

/// Reads what the configuration names; nothing without TLS. Relative paths begin at `folder`.
///
/// # Errors
/// A [`TlsError`] names the file and its field.
pub(crate) fn server(
    folder: &Path,
    config: &GrpcConfig,
) -> Result<Option<ServerTlsConfig>, TlsError> {
    if !config.encrypts() {
        return Ok(None);
    }
    let certificate = PemFile::read("grpc.tls_certificate", folder, &config.tls_certificate)?;
    let key = PemFile::read_private("grpc.tls_key", folder, &config.tls_key)?;
    check_pair(&certificate, &key)?;
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(&certificate.bytes, &key.bytes))
        .timeout(HANDSHAKE_TIMEOUT);
    if !config.asks_clients() {
        return Ok(Some(tls));
    }
    let authorities = PemFile::read("grpc.tls_client_ca", folder, &config.tls_client_ca)?;
    authorities.check_authorities()?;
    Ok(Some(tls.client_ca_root(Certificate::from_pem(&authorities.bytes))))
}

/// The server's own certificate, as it is shown in handshakes.
///
/// # Errors
/// A [`TlsError`] names the file.
pub(crate) fn own_certificate(
    folder: &Path,
    config: &GrpcConfig,
) -> Result<CertificateDer<'static>, TlsError> {
    let file = PemFile::read("grpc.tls_certificate", folder, &config.tls_certificate)?;
    Ok(file.certificates()?.swap_remove(0))
}

/// A file for TLS, named by the field that it comes from.
pub(crate) struct PemFile {
    field: &'static str,
    path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl PemFile {
    /// Reads a file that is no secret.
    ///
    /// # Errors
    /// [`TlsError::Read`], [`TlsError::TooLong`].
    pub(crate) fn read(field: &'static str, folder: &Path, path: &Path) -> Result<Self, TlsError> {
        Self::read_if(field, folder.join(path), |_, _| Ok(()))
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    /// [`TlsError::Read`], [`TlsError::TooLong`], [`TlsError::KeyMode`].
    pub(crate) fn read_private(
        field: &'static str,
        folder: &Path,
        path: &Path,
    ) -> Result<Self, TlsError> {
        Self::read_if(field, folder.join(path), |path, file| match exposed_mode(path, file) {
            Some(mode) => Err(TlsError::KeyMode { path: path.to_owned(), mode }),
            None => Ok(()),
        })
    }

    fn read_if(
        field: &'static str,
        path: PathBuf,
        check: impl Fn(&Path, &std::fs::Metadata) -> Result<(), TlsError>,
    ) -> Result<Self, TlsError> {
        let failed = |cause| TlsError::Read { field, path: path.clone(), cause };
        // A pipe without a writer would block in `open`, so the path is looked at first.
        if !std::fs::metadata(&path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("it is not a regular file")));
        }
        let file = File::open(&path).map_err(failed)?;
        check(&path, &file.metadata().map_err(failed)?)?;
        let mut bytes = Vec::new();
        file.take(PEM_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > PEM_BYTES_MAX {
            return Err(TlsError::TooLong { field, path });
        }
        Ok(Self { field, path, bytes })
    }

    /// The certificates, at least one.
    ///
    /// # Errors
    /// [`TlsError::NotPem`].
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let all: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        all.ok().filter(|all| !all.is_empty()).ok_or_else(|| self.holds_no("certificate"))
    }

    /// The first private key that is not encrypted.
    fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.bytes)
            .map_err(|_| self.holds_no("private key without a passphrase"))
    }

    /// Checks that every certificate can be an authority.
    ///
    /// # Errors
    /// [`TlsError::NotPem`], [`TlsError::Certificate`].
    pub(crate) fn check_authorities(&self) -> Result<(), TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates()? {
            roots.add(certificate).map_err(|cause| self.unusable(cause))?;
        }
        Ok(())
    }

    fn holds_no(&self, wanted: &'static str) -> TlsError {
        TlsError::NotPem { field: self.field, path: self.path.clone(), wanted }
    }

    fn unusable(&self, cause: rustls::Error) -> TlsError {
        TlsError::Certificate { field: self.field, path: self.path.clone(), cause }
    }
}

/// Checks that the key is usable and that it is the first certificate's.
///
/// # Errors
/// [`TlsError::NotPem`], [`TlsError::Certificate`], [`TlsError::Key`], [`TlsError::KeyOfAnother`].
pub(crate) fn check_pair(certificate: &PemFile, key: &PemFile) -> Result<(), TlsError> {
    let certificates = certificate.certificates()?;
    let provider = CryptoProvider::get_default()
        .map_or_else(ring::default_provider, |provider| CryptoProvider::clone(provider));
    let signing = provider
        .key_provider
        .load_private_key(key.private_key()?)
        .map_err(|cause| TlsError::Key { path: key.path.clone(), cause })?;
    match CertifiedKey::new(certificates, signing).keys_match() {
        // An unknown one is a key that does not show its public half: the handshake would tell.
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::KeyOfAnother {
            certificate: certificate.path.clone(),
            key: key.path.clone(),
        }),
        Err(cause) => Err(certificate.unusable(cause)),
    }
}
