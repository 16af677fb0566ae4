//! Requests and responses on a stream: a length, then canonical bytes.
//!
//! ```text
//! frame = u32 length, little-endian ‖ RequestEnvelope or ResponseEnvelope
//! ```
//!
//! The length is checked before anything is allocated, and memory grows only as bytes arrive: who
//! announces sixteen megabytes and sends none costs nothing. What cannot be read is handed on as
//! an error of its own, so that its sender can be held to it.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response;
use vouchsafe_replica::peer::{
    REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX, Request, RequestEnvelope, Response, ResponseEnvelope,
};
use vouchsafe_types::canonical::{Canonical, DecodeError};

/// Bytes of the length.
const LENGTH_BYTES: usize = 4;

/// Why a frame cannot be read, by its sender's fault.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// It is longer than anything valid.
    #[error("{length} bytes are announced, more than the {limit_bytes} allowed")]
    TooLong { length: usize, limit_bytes: usize },
    /// It is not what it should be.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// What was read.
pub(crate) type Frame<T> = Result<T, FrameError>;

/// Reads and writes both.
#[derive(Clone, Copy, Default)]
pub(crate) struct Codec;

async fn read_frame(
    stream: &mut (impl AsyncRead + Unpin + Send),
    limit_bytes: usize,
) -> io::Result<Frame<Vec<u8>>> {
    let mut length = [0; LENGTH_BYTES];
    stream.read_exact(&mut length).await?;
    let announced = u32::from_le_bytes(length);
    let length = usize::try_from(announced).unwrap_or(usize::MAX);
    if length > limit_bytes {
        return Ok(Err(FrameError::TooLong { length, limit_bytes }));
    }
    let mut bytes = Vec::new();
    stream.take(announced.into()).read_to_end(&mut bytes).await?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Ok(bytes))
}

async fn write_frame(
    stream: &mut (impl AsyncWrite + Unpin + Send),
    bytes: &[u8],
) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).expect("messages are bounded far below 4 GiB");
    stream.write_all(&length.to_le_bytes()).await?;
    stream.write_all(bytes).await
}

/// Only what could be read is ever written.
fn nothing_to_write(error: &FrameError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error.to_string())
}

#[tonic::async_trait]
impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Frame<Request>;
    type Response = Frame<Response>;

    async fn read_request<T>(
        &mut self,
        _protocol: &StreamProtocol,
        stream: &mut T,
    ) -> io::Result<Frame<Request>>
    where
        T: AsyncRead + Unpin + Send,
    {
        let frame = read_frame(stream, REQUEST_BYTES_MAX).await?;
        Ok(frame.and_then(|bytes| Ok(RequestEnvelope::from_bytes(&bytes)?.request)))
    }

    async fn read_response<T>(
        &mut self,
        _protocol: &StreamProtocol,
        stream: &mut T,
    ) -> io::Result<Frame<Response>>
    where
        T: AsyncRead + Unpin + Send,
    {
        let frame = read_frame(stream, RESPONSE_BYTES_MAX).await?;
        Ok(frame.and_then(|bytes| Ok(ResponseEnvelope::from_bytes(&bytes)?.response)))
    }

    async fn write_request<T>(
        &mut self,
        _protocol: &StreamProtocol,
        stream: &mut T,
        request: Frame<Request>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let request = request.map_err(|error| nothing_to_write(&error))?;
        write_frame(stream, &RequestEnvelope::new(request).to_bytes()).await
    }

    async fn write_response<T>(
        &mut self,
        _protocol: &StreamProtocol,
        stream: &mut T,
        response: Frame<Response>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let response = response.map_err(|error| nothing_to_write(&error))?;
        write_frame(stream, &ResponseEnvelope::new(response).to_bytes()).await
    }
}

#[cfg(test)]
mod tests {
    use futures::io::Cursor;
    use libp2p::request_response::Codec as _;

    use super::*;

    const PROTOCOL: StreamProtocol = StreamProtocol::new("/test/1");

    async fn read_response(bytes: &[u8]) -> io::Result<Frame<Response>> {
        Codec.read_response(&PROTOCOL, &mut Cursor::new(bytes)).await
    }

    async fn written(response: Response) -> Vec<u8> {
        let mut stream = Cursor::new(Vec::new());
        Codec.write_response(&PROTOCOL, &mut stream, Ok(response)).await.expect("memory");
        stream.into_inner()
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let response = Response::Status { height: 7 };
        let bytes = written(response.clone()).await;
        assert_eq!(read_response(&bytes).await.expect("whole"), Ok(response));
        let mut stream = Cursor::new(Vec::new());
        let request = Request::Blocks { from: 1, count: 2 };
        Codec.write_request(&PROTOCOL, &mut stream, Ok(request.clone())).await.expect("memory");
        stream.set_position(0);
        let read = Codec.read_request(&PROTOCOL, &mut stream).await.expect("whole");
        assert_eq!(read, Ok(request));
    }

    #[tokio::test]
    async fn a_length_over_the_bound_is_refused_before_anything_is_read() {
        let too_long = u32::try_from(RESPONSE_BYTES_MAX + 1).expect("fits").to_le_bytes();
        let read = read_response(&too_long).await.expect("a verdict");
        assert!(matches!(read, Err(FrameError::TooLong { .. })));
        let too_long = u32::try_from(REQUEST_BYTES_MAX + 1).expect("fits").to_le_bytes();
        let mut stream = Cursor::new(too_long);
        let read = Codec.read_request(&PROTOCOL, &mut stream).await.expect("a verdict");
        assert!(matches!(read, Err(FrameError::TooLong { .. })));
    }

    #[tokio::test]
    async fn what_is_no_response_is_told_from_what_is_cut() {
        let mut bytes = written(Response::Status { height: 7 }).await;
        bytes[LENGTH_BYTES] = 9;
        let read = read_response(&bytes).await.expect("a verdict");
        assert!(matches!(read, Err(FrameError::Decode(_))));
        bytes.pop();
        let cut = read_response(&bytes).await.expect_err("cut");
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
    }
}
