//! Telling a web service what happened: one POST a statement, tried again until the service has it.
//!
//! ```text
//! line of JSON ─▶ POST ─┬─ 2xx ──────────────────────────▶ told
//!                       ├─ no answer, 408, 429, 5xx ─────▶ later
//!                       └─ any other ────────────────────▶ refused
//! ```
//!
//! The service need not believe it: what it is told is proven by the node, for whoever asks.

use std::time::Duration;

use rustls::crypto::ring;
use tonic::transport::Uri;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::node_url::is_loopback;

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// Why no web service can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not a URL.
    #[error("--webhook is not a web service's address: write https://HOST/PATH")]
    Form,
    /// Unencrypted, across a network.
    #[error(
        "--webhook would tell {0} without encryption, so that anybody on the way could read and \
         alter it: use https://, or allow it with --plaintext"
    )]
    Plaintext(String),
    /// The system names no authorities.
    #[error(
        "--webhook: this system has no certificate authorities to check {0} by: install its CA \
         bundle (ca-certificates), or name one with SSL_CERT_FILE"
    )]
    NoAuthorities(String),
}

/// Why a service was not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// It may be told later.
    #[error("{service} was not told: {cause}")]
    Later {
        /// The service.
        service: String,
        /// Why not.
        cause: String,
    },
    /// It does not want to be told.
    #[error("{service} refused what it was told: HTTP status {status}")]
    Refused {
        /// The service.
        service: String,
        /// Its answer.
        status: u16,
    },
}

/// A web service that wants to know.
#[derive(Clone, Debug)]
pub struct Webhook {
    agent: Agent,
    url: String,
    /// Scheme and host: the rest may be a secret.
    service: String,
}

impl Webhook {
    /// Reads the address; unencrypted ways across a network must be allowed.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn new(url: &str, plaintext: bool, timeout: Duration) -> Result<Self, WebhookError> {
        if url.len() > URL_BYTES_MAX {
            return Err(WebhookError::Form);
        }
        let uri: Uri = url.parse().map_err(|_| WebhookError::Form)?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(WebhookError::Form);
        };
        let port = uri.port_u16().map_or(String::new(), |port| format!(":{port}"));
        let service = format!("{scheme}://{host}{port}");
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("vouch/", env!("CARGO_PKG_VERSION")));
        let config = match scheme {
            "https" => config.tls_config(tls(&service)?),
            "http" if plaintext || is_loopback(host) => config,
            "http" => return Err(WebhookError::Plaintext(service)),
            _ => return Err(WebhookError::Form),
        };
        Ok(Self { agent: config.build().new_agent(), url: url.to_owned(), service })
    }

    /// Tells the service.
    ///
    /// # Errors
    /// [`PostError`].
    pub fn post(&self, line: &str) -> Result<(), PostError> {
        let service = self.service.clone();
        let request = self.agent.post(&self.url).header("content-type", "application/json");
        let status = match request.send(line) {
            Ok(response) => response.status().as_u16(),
            Err(error) => return Err(PostError::Later { service, cause: error.to_string() }),
        };
        match status {
            200..=299 => Ok(()),
            408 | 429 | 500.. => {
                Err(PostError::Later { service, cause: format!("HTTP status {status}") })
            }
            _ => Err(PostError::Refused { service, status }),
        }
    }
}

/// TLS by the system's authorities.
fn tls(service: &str) -> Result<TlsConfig, WebhookError> {
    let found = rustls_native_certs::load_native_certs().certs;
    let certificates: Vec<Certificate<'static>> =
        found.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
    if certificates.is_empty() {
        return Err(WebhookError::NoAuthorities(service.to_owned()));
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(ring::default_provider().into())
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(url: &str, plaintext: bool) -> Result<Webhook, WebhookError> {
        Webhook::new(url, plaintext, Duration::from_secs(1))
    }

    #[test]
    fn an_address_is_a_url_and_encrypted_across_a_network() {
        for wrong in ["", "host", "/path", "ftp://a/b", "http://", "https://a b/"] {
            assert_eq!(new(wrong, true).map(drop), Err(WebhookError::Form), "{wrong}");
        }
        let long = format!("https://a/{}", "x".repeat(URL_BYTES_MAX));
        assert_eq!(new(&long, true).map(drop), Err(WebhookError::Form));
        assert!(new("http://127.0.0.1:1/a?b", false).is_ok());
        let far = "http://example.org:8080/secret";
        let error = WebhookError::Plaintext("http://example.org:8080".to_owned());
        assert_eq!(new(far, false).map(drop), Err(error));
        assert!(new(far, true).is_ok());
    }

    #[test]
    fn a_service_that_is_not_there_is_told_later_and_its_path_is_not_shown() {
        let webhook = new("http://127.0.0.1:1/secret", false).expect("valid");
        let error = webhook.post("{}").expect_err("nobody listens on port 1");
        assert!(matches!(error, PostError::Later { .. }), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
