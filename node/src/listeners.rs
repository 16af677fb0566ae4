//! The sockets, and the file that tells scripts where they are.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::net::TcpListener;

/// Why a socket or its file cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// The address is in use, not this machine's, or not allowed.
    #[error("cannot listen on {address} ({field}): {cause}; {}", remedy(cause))]
    Bind { address: SocketAddr, field: &'static str, cause: io::Error },
    /// The file cannot be written.
    #[error("cannot write {path}: {cause}; free space or correct the folder's mode")]
    File { path: PathBuf, cause: io::Error },
}

/// What to do about a socket that cannot be bound.
pub(crate) fn remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses the port: stop it, choose another, or port 0 for any"
        }
        io::ErrorKind::AddrNotAvailable => "use an address of this machine",
        io::ErrorKind::PermissionDenied => "use a port from 1024 on",
        _ => "choose another address",
    }
}

/// Both listeners, bound.
pub(crate) struct Listeners {
    pub(crate) grpc: TcpListener,
    pub(crate) http: TcpListener,
    pub(crate) addresses: Addresses,
}

/// Where they listen, with the ports that the system chose.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Addresses {
    pub(crate) grpc: SocketAddr,
    /// What a URL of the API begins with: "http", or "https" with TLS.
    pub(crate) grpc_scheme: &'static str,
    pub(crate) http: SocketAddr,
    /// The multiaddr for peers; none if this node does not listen for any.
    pub(crate) p2p: Option<String>,
    pid: u32,
}

impl Addresses {
    /// The API's URL.
    pub(crate) fn grpc_url(&self) -> String {
        format!("{}://{}", self.grpc_scheme, self.grpc)
    }
}

impl Listeners {
    /// Binds both. `encrypts` says whether the API is served over TLS.
    ///
    /// # Errors
    /// [`ListenError::Bind`] names address and field.
    pub(crate) async fn bind(
        grpc: SocketAddr,
        encrypts: bool,
        http: SocketAddr,
    ) -> Result<Self, ListenError> {
        let (grpc, grpc_address) = bind(grpc, "grpc.listen").await?;
        let (http, http_address) = bind(http, "http.listen").await?;
        let pid = std::process::id();
        let grpc_scheme = if encrypts { "https" } else { "http" };
        let addresses =
            Addresses { grpc: grpc_address, grpc_scheme, http: http_address, p2p: None, pid };
        Ok(Self { grpc, http, addresses })
    }
}

async fn bind(
    address: SocketAddr,
    field: &'static str,
) -> Result<(TcpListener, SocketAddr), ListenError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let actual = listener.local_addr()?;
        Ok((listener, actual))
    };
    bound.await.map_err(|cause| ListenError::Bind { address, field, cause })
}

/// `listeners.json`, there while the node listens.
pub(crate) struct ListenersFile(PathBuf);

impl ListenersFile {
    /// Writes the file whole: whoever finds it can read it.
    ///
    /// # Errors
    /// [`ListenError::File`].
    pub(crate) fn write(path: PathBuf, addresses: &Addresses) -> Result<Self, ListenError> {
        let mut text = serde_json::to_string(addresses).expect("addresses are plain strings");
        text.push('\n');
        let beside = path.with_extension("json.new");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|cause| ListenError::File { path: path.clone(), cause })?;
        Ok(Self(path))
    }

    /// Removes what a node that was killed left behind.
    pub(crate) fn remove_stale(path: &Path) {
        // Absent in the usual case; one that cannot be removed is overwritten later or reported.
        let _ = fs::remove_file(path);
    }
}

impl Drop for ListenersFile {
    fn drop(&mut self) {
        Self::remove_stale(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_field() {
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let first = Listeners::bind(any, false, any).await.expect("free ports");
        let again = Listeners::bind(any, true, first.addresses.http).await.err().expect("in use");
        let text = again.to_string();
        assert!(text.contains("http.listen") && text.contains("another program"), "{text}");
    }

    #[tokio::test]
    async fn the_file_is_there_while_the_node_listens() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("listeners.json");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let listeners = Listeners::bind(any, false, any).await.expect("free ports");
        let file = ListenersFile::write(path.clone(), &listeners.addresses).expect("written");
        let text = fs::read_to_string(&path).expect("there");
        assert!(text.contains(&listeners.addresses.grpc.to_string()), "{text}");
        drop(file);
        assert!(!path.exists());
    }
}
