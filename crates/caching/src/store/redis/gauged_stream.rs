//! A stream whose answers are gauged, for the connection of asynchronous calls.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use redis::ConnectionAddr;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
    time,
};

#[cfg(unix)]
use tokio::net::UnixStream;

use super::gauge::Gauge;

/// Ends with an error where an answer is too large.
pub(super) struct GaugedStream {
    stream: Pin<Box<dyn Stream>>,
    gauge: Gauge,
}

trait Stream: AsyncRead + AsyncWrite + Send {}

impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

impl GaugedStream {
    /// Connects within so long after the name of the host is resolved.
    pub(super) async fn connect(address: &ConnectionAddr, timeout: Duration) -> io::Result<Self> {
        let stream: Pin<Box<dyn Stream>> = match address {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                Box::pin(connect_to_host(host, *port, timeout).await?)
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => Box::pin(UnixStream::connect(path).await?),
            #[cfg(not(unix))]
            ConnectionAddr::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self {
            stream,
            gauge: Gauge::new(),
        })
    }
}

async fn connect_to_host(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
    let begun = Instant::now();
    let mut failure = io::Error::new(
        io::ErrorKind::NotFound,
        "the name of the server has no address",
    );
    for (others, address) in (0..addresses.len() as u32).rev().zip(addresses) {
        // One that does not answer leaves time for the others.
        let share = timeout.saturating_sub(begun.elapsed()) / (others + 1);
        match time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Nothing comes that a command could wait for.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => failure = error,
            Err(time::error::Elapsed { .. }) => failure = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failure)
}

impl AsyncRead for GaugedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.stream.as_mut().poll_read(context, buffer))?;
        Poll::Ready(self.gauge.feed(&buffer.filled()[before..]))
    }
}

impl AsyncWrite for GaugedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}
