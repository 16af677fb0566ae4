//! Which node: `https://HOST:PORT`, or `http://HOST:PORT` on this machine, and elsewhere only if that
//! is allowed.
//!
//! Every answer is proven, so nobody on the way can forge one; but without encryption they can see
//! what is asked, and who signs it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use tonic::transport::Uri;

/// The most nodes that are asked.
pub const NODES_MAX: usize = 16;
/// The longest address that is read, in bytes.
const URL_BYTES_MAX: usize = 512;

/// Why a text is not a node's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeUrlError {
    /// Neither `https://HOST:PORT` nor `http://HOST:PORT`.
    #[error(
        "{0:?} is not a node's address: write https://HOST:PORT, or http://HOST:PORT for one on \
         this machine, such as http://127.0.0.1:26657"
    )]
    Form(String),
    /// Unencrypted, across a network.
    #[error(
        "{0} would be asked without encryption: whoever is on the way sees which files you check. \
         Ask it over https://, use a tunnel to a loopback address, or allow it with --plaintext"
    )]
    Plaintext(String),
    /// More than [`NODES_MAX`].
    #[error("{0} nodes are more than the {NODES_MAX} that are asked: name fewer")]
    TooMany(usize),
}

/// A node's address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeUrl {
    text: String,
    encrypted: bool,
    loopback: bool,
}

impl NodeUrl {
    /// The address as tonic takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Is it asked over TLS?
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Refuses an unencrypted way across a network unless it is allowed.
    ///
    /// # Errors
    /// [`NodeUrlError::Plaintext`].
    pub fn check_plaintext(&self, allowed: bool) -> Result<(), NodeUrlError> {
        if self.encrypted || self.loopback || allowed {
            Ok(())
        } else {
            Err(NodeUrlError::Plaintext(self.text.clone()))
        }
    }
}

impl FromStr for NodeUrl {
    type Err = NodeUrlError;

    fn from_str(text: &str) -> Result<Self, NodeUrlError> {
        let form = || NodeUrlError::Form(text.chars().take(80).collect());
        if text.len() > URL_BYTES_MAX || !text.is_ascii() {
            return Err(form());
        }
        let uri: Uri = text.parse().map_err(|_| form())?;
        let encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(form()),
        };
        let authority = uri.authority().ok_or_else(form)?;
        let extra = uri.query().is_some() || !matches!(uri.path(), "" | "/");
        let port = uri.port_u16().filter(|port| *port != 0);
        if extra || authority.as_str().contains('@') || port.is_none() {
            return Err(form());
        }
        let loopback = is_loopback(authority.host());
        let scheme = if encrypted { "https" } else { "http" };
        Ok(Self { text: format!("{scheme}://{authority}"), encrypted, loopback })
    }
}

/// Does a URL's host name this machine?
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    }
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Reads a list of nodes, checks each, and drops repetitions.
///
/// # Errors
/// [`NodeUrlError`].
pub fn parse_all(texts: &[String], plaintext: bool) -> Result<Vec<NodeUrl>, NodeUrlError> {
    let mut urls: Vec<NodeUrl> = Vec::new();
    for text in texts {
        let url: NodeUrl = text.trim().parse()?;
        url.check_plaintext(plaintext)?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    if urls.len() > NODES_MAX {
        return Err(NodeUrlError::TooMany(urls.len()));
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        let url: NodeUrl = "http://127.0.0.1:26657/".parse().expect("valid");
        assert_eq!(url.as_str(), "http://127.0.0.1:26657");
        for wrong in [
            "",
            "127.0.0.1:1",
            "http://127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:99999",
            "http://a:1/x",
            "http://a:1?x",
            "http://u:p@127.0.0.1:1",
            "ftp://a:1",
            "unix:/tmp/s",
        ] {
            assert!(matches!(wrong.parse::<NodeUrl>(), Err(NodeUrlError::Form(_))), "{wrong}");
        }
        let url: NodeUrl = "https://node.example:1/".parse().expect("valid");
        assert_eq!((url.as_str(), url.is_encrypted()), ("https://node.example:1", true));
    }

    #[test]
    fn unencrypted_ways_stay_on_this_machine_unless_allowed() {
        for near in
            ["http://127.0.0.1:1", "http://127.9.9.9:1", "http://[::1]:1", "http://LOCALHOST:1"]
        {
            let url: NodeUrl = near.parse().expect(near);
            assert!(url.check_plaintext(false).is_ok(), "{near}");
        }
        for far in [
            "http://10.0.0.1:1",
            "http://example.org:1",
            "http://localhost.example.org:1",
            "http://[2001:db8::1]:1",
            "http://127.0.0.1.example.org:1",
        ] {
            let url: NodeUrl = far.parse().expect(far);
            assert!(matches!(url.check_plaintext(false), Err(NodeUrlError::Plaintext(_))), "{far}");
            assert!(url.check_plaintext(true).is_ok());
            let encrypted: NodeUrl = far.replace("http:", "https:").parse().expect(far);
            assert!(encrypted.check_plaintext(false).is_ok());
        }
    }

    #[test]
    fn nodes_are_few_and_distinct() {
        let two = vec!["http://127.0.0.1:1".to_owned(), "http://127.0.0.1:1/".to_owned()];
        assert_eq!(parse_all(&two, false).expect("valid").len(), 1);
        let many: Vec<_> = (1..=17).map(|port| format!("http://127.0.0.1:{port}")).collect();
        assert_eq!(parse_all(&many, false), Err(NodeUrlError::TooMany(17)));
    }
}
