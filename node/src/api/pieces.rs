//! Short answers in short frames. The HTTP/2 library copies data frames below 1,024 bytes into its
//! buffer and writes many answers to a connection by one system call; a longer frame is written by
//! calls of its own. An answer with its proof is somewhat longer than that, and a system call costs
//! more than all that this node does to find it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// The longest frame that the library copies, in bytes: below its threshold for connections
/// without vectored writes, which [`crate::connections::Connection`] is.
const PIECE_BYTES_MAX: usize = 1023;
/// Longer answers are few, and are better written as they are, in bytes.
const SHORT_BYTES_MAX: usize = 8 << 10;

/// An answer's body, in pieces where it is short.
pub(super) struct Pieces {
    body: Body,
    rest: Bytes,
}

impl Pieces {
    pub(super) fn new(body: Body) -> Self {
        Self { body, rest: Bytes::new() }
    }

    fn next_piece(&mut self) -> Option<Frame<Bytes>> {
        let piece_bytes = self.rest.len().min(PIECE_BYTES_MAX);
        (piece_bytes > 0).then(|| Frame::data(self.rest.split_to(piece_bytes)))
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(piece) = self.next_piece() {
            return Poll::Ready(Some(Ok(piece)));
        }
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            end => return Poll::Ready(end),
        };
        let short = |data: &Bytes| (PIECE_BYTES_MAX + 1..=SHORT_BYTES_MAX).contains(&data.len());
        if !frame.data_ref().is_some_and(short) {
            return Poll::Ready(Some(Ok(frame)));
        }
        self.rest = frame.into_data().unwrap_or_default();
        Poll::Ready(self.next_piece().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut all = SizeHint::new();
        if let Some(upper) = body.upper() {
            all.set_upper(upper + rest);
        }
        all.set_lower(body.lower() + rest);
        all
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;
    use tonic::codegen::StdError;

    use super::*;

    /// The lengths of the frames of an answer of this length.
    async fn frames(bytes: usize) -> Vec<usize> {
        let mut pieces = Pieces::new(Body::new(Whole(Some(Bytes::from(vec![7; bytes])))));
        let mut lengths = Vec::new();
        let next =
            |pieces: &mut Pieces, context: &mut Context<'_>| Pin::new(pieces).poll_frame(context);
        while let Some(frame) = std::future::poll_fn(|context| next(&mut pieces, context)).await {
            lengths.push(frame.expect("no error").into_data().expect("data").len());
        }
        assert!(pieces.is_end_stream());
        lengths
    }

    /// A body of one frame.
    struct Whole(Option<Bytes>);

    impl http_body::Body for Whole {
        type Data = Bytes;
        type Error = StdError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
            Poll::Ready(self.0.take().map(|whole| Ok(Frame::data(whole))))
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_none()
        }
    }

    #[tokio::test]
    async fn only_short_answers_come_in_pieces() {
        assert_eq!(frames(1_023).await, [1_023]);
        assert_eq!(frames(1_500).await, [1_023, 477]);
        assert_eq!(
            frames(8_192).await,
            [1_023, 1_023, 1_023, 1_023, 1_023, 1_023, 1_023, 1_023, 8]
        );
        assert_eq!(frames(8_193).await, [8_193]);
    }
}
