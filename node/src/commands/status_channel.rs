//! The way to a node that `status` asks: plain, or over TLS with the right thing to trust.
//!
//! ```text
//! the home's own node ─▶ trusts the certificate that config.toml names, whatever it is called
//! --node https://…    ─▶ trusts --tls-ca, or the system's authorities, and checks the name
//! ```

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::cli::StatusArguments;
use crate::config::{Config, environment};
use crate::home::{Home, read_bounded};
use crate::tls::{self, PemFile};

/// How long connecting and answering may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest listeners file, in bytes.
const LISTENERS_BYTES_MAX: usize = 1024;
/// The name asked for in a handshake where the certificate itself is known.
const ANY_NAME: &str = "localhost";

/// The node to ask, and how.
pub(super) struct Target {
    pub(super) url: String,
    endpoint: Endpoint,
}

impl Target {
    /// The node that the options name, or else the one that runs on the home.
    ///
    /// # Errors
    /// What is wrong with options, home or files.
    pub(super) fn find(home: &Home, arguments: &StatusArguments) -> Result<Self> {
        match &arguments.node {
            Some(url) => Self::named(url, arguments),
            None => Self::own(home, arguments),
        }
    }

    /// Connects.
    ///
    /// # Errors
    /// Why nobody answers.
    pub(super) async fn connect(&self) -> Result<Channel> {
        let url = &self.url;
        self.endpoint.connect().await.with_context(|| {
            format!("no node answers at {url} as it should; is it running, and is it that one?")
        })
    }

    fn named(url: &str, arguments: &StatusArguments) -> Result<Self> {
        let endpoint = endpoint(url)?;
        if !url.starts_with("https:") {
            if arguments.names_tls_files() {
                bail!("--tls-… options need a URL that begins with https://");
            }
            return Ok(Self { url: url.to_owned(), endpoint });
        }
        let tls = match &arguments.tls_ca {
            Some(path) => {
                let file = PemFile::read("--tls-ca", Path::new(""), path)?;
                file.check_authorities()?;
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&file.bytes))
            }
            None => ClientTlsConfig::new().with_native_roots(),
        };
        let endpoint = endpoint.tls_config(identified(tls, arguments)?)?;
        Ok(Self { url: url.to_owned(), endpoint })
    }

    fn own(home: &Home, arguments: &StatusArguments) -> Result<Self> {
        let url = url_of(home)?;
        let endpoint = endpoint(&url)?;
        if !url.starts_with("https:") {
            return Ok(Self { url, endpoint });
        }
        let grpc = Config::load(&home.config(), environment())?.grpc;
        if !grpc.encrypts() {
            bail!(
                "the node at {url} uses TLS, which {} does not name; name the node with --node \
                 and its authority with --tls-ca",
                home.config().display()
            );
        }
        if grpc.asks_clients() && arguments.tls_certificate.is_none() {
            bail!(
                "the node at {url} serves only clients with a certificate (grpc.tls_client_ca); \
                 give --tls-certificate and --tls-key"
            );
        }
        let known = KnownCertificate::new(tls::own_certificate(home.path(), &grpc)?);
        let tls = identified(ClientTlsConfig::new().domain_name(ANY_NAME), arguments)?;
        let endpoint = endpoint.tls_config_with_verifier(tls, Arc::new(known))?;
        Ok(Self { url, endpoint })
    }
}

fn endpoint(url: &str) -> Result<Endpoint> {
    let endpoint = Endpoint::from_shared(url.to_owned())
        .with_context(|| format!("{url:?} is not a URL like http://127.0.0.1:26657"))?;
    Ok(endpoint.connect_timeout(TIMEOUT).timeout(TIMEOUT))
}

/// Adds the client's own certificate, if one is given.
fn identified(tls: ClientTlsConfig, arguments: &StatusArguments) -> Result<ClientTlsConfig> {
    let (Some(certificate), Some(key)) = (&arguments.tls_certificate, &arguments.tls_key) else {
        return Ok(tls);
    };
    let here = Path::new("");
    let certificate = PemFile::read("--tls-certificate", here, certificate)?;
    let key = PemFile::read_private("--tls-key", here, key)?;
    tls::check_pair(&certificate, &key)?;
    Ok(tls.identity(Identity::from_pem(certificate.bytes, key.bytes)))
}

/// The API's URL, from the file that a running node keeps.
fn url_of(home: &Home) -> Result<String> {
    let path = home.listeners();
    let text = read_bounded(&path, LISTENERS_BYTES_MAX).map_err(|_| {
        anyhow!(
            "no node runs on {}; start one, name its --home (that of 'vouchsafed dev' is \
             ~/.vouchsafed-dev), or give --node http://HOST:PORT",
            home.path().display()
        )
    })?;
    let damaged = || format!("{} is damaged; name the node with --node", path.display());
    let addresses: serde_json::Value = serde_json::from_slice(&text).with_context(damaged)?;
    let field = |name: &str| addresses[name].as_str().with_context(damaged);
    Ok(format!("{}://{}", field("grpc_scheme")?, field("grpc")?))
}

/// Trusts one certificate and no other, whatever name and authority it has.
#[derive(Debug)]
struct KnownCertificate {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl KnownCertificate {
    fn new(certificate: CertificateDer<'static>) -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Self { certificate, algorithms }
    }
}

impl ServerCertVerifier for KnownCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            // As when the file was renewed and the node not started again.
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
