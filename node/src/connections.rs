//! Connections, counted: whoever opens many and says nothing must not take the files that the
//! database needs, nor delay the node's end.
//!
//! ```text
//! accept ─▶ a permit of the listener ─▶ the first byte within 10 s ─▶ the server
//!                  └ held through TLS's handshake, of 10 s at most (tls.rs), to the end
//! ```

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::shutdown::Stopping;

/// The most gRPC connections at a time. One more waits to be accepted.
pub(crate) const GRPC_CONNECTIONS_MAX: usize = 512;
/// The most HTTP connections at a time: probes and scrapers are few.
pub(crate) const HTTP_CONNECTIONS_MAX: usize = 64;
/// Who connects and sends nothing for this long is let go.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long accepting rests after it failed, for want of files as a rule.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections that wait for the server to take them.
const HANDED_OVER_MAX: usize = 16;

/// A connection; its place is free again once it is dropped.
pub(crate) struct Connection {
    stream: TcpStream,
    _place: Place,
}

/// A place among a server's connections, and in its metric.
struct Place {
    _permit: OwnedSemaphorePermit,
    taken: Gauge,
}

impl Place {
    fn take(permit: OwnedSemaphorePermit, taken: Gauge) -> Self {
        taken.inc();
        Self { _permit: permit, taken }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.dec();
    }
}

/// Accepts until the node stops. `taken` shows how many connections there are.
pub(crate) fn accept(
    listener: TcpListener,
    connections_max: usize,
    taken: Gauge,
    stopping: &Stopping,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(HANDED_OVER_MAX);
    let stop = stopping.clone().begun();
    tokio::spawn(async move {
        tokio::select! {
            () = stop => {}
            () = accept_each(listener, connections_max, taken, sender) => {}
        }
    });
    ReceiverStream::new(receiver)
}

async fn accept_each(
    listener: TcpListener,
    connections_max: usize,
    taken: Gauge,
    sender: mpsc::Sender<io::Result<Connection>>,
) {
    let permits = Arc::new(Semaphore::new(connections_max));
    loop {
        // The semaphore is never closed; if it were, there would be nothing left to accept.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let sender = sender.clone();
        let place = Place::take(permit, taken.clone());
        tokio::spawn(async move {
            let spoke = tokio::time::timeout(FIRST_BYTE_TIMEOUT, stream.readable()).await;
            if matches!(spoke, Ok(Ok(()))) && stream.set_nodelay(true).is_ok() {
                // A server that has ended takes no more.
                let _ = sender.send(Ok(Connection { stream, _place: place })).await;
            }
        });
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The same for the HTTP server, which asks for connections one by one.
pub(crate) struct HttpListener {
    connections: ReceiverStream<io::Result<Connection>>,
    address: SocketAddr,
}

impl HttpListener {
    /// Accepts until the node stops.
    ///
    /// # Errors
    /// When the listener has no address.
    pub(crate) fn new(
        listener: TcpListener,
        taken: Gauge,
        stopping: &Stopping,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let connections = accept(listener, HTTP_CONNECTIONS_MAX, taken, stopping);
        Ok(Self { connections, address })
    }
}

impl axum::serve::Listener for HttpListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.connections.as_mut().recv().await {
                Some(Ok(connection)) => return (connection, self.address),
                Some(Err(_)) => {}
                // The node stops, and so does the server: there is nothing more to hand out.
                None => std::future::pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
