//! A stream that gives up when nobody takes what is written.
//!
//! Closing a connection sends what is left first. To a peer that is paused, or behind a cut, that
//! would take as long as the system's TCP is patient: a quarter of an hour, or for ever. Meanwhile
//! the peer would count as connected, take its place among the connections allowed, and hold the
//! questions that were put to it. With this beneath, no write waits longer than a bound.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep};

/// The stream beneath, and how long a write has waited.
pub(crate) struct Patience<S> {
    stream: S,
    most: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patience<S> {
    /// Gives up on a write after waiting this long for any of it to be taken.
    pub(crate) fn new(stream: S, most: Duration) -> Self {
        Self { stream, most, waiting: None }
    }

    fn bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let most = self.most;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(most)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.bounded(context, flushed)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_close(context);
        self.bounded(context, closed)
    }
}

#[cfg(test)]
mod tests {
    use futures::AsyncWriteExt;

    use super::*;

    /// Takes some bytes, then none.
    struct Full(usize);

    impl AsyncWrite for Full {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn what_nobody_takes_is_not_written_for_ever() {
        let mut stream = Patience::new(Full(5), Duration::from_millis(1));
        stream.write_all(b"taken").await.expect("there is room");
        let error = stream.write_all(b"not taken").await.expect_err("full");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut stream = Patience::new(Full(0), Duration::from_millis(1));
        assert_eq!(stream.close().await.expect_err("hung").kind(), io::ErrorKind::TimedOut);
    }
}
