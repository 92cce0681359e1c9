//! The pool's end of the connection, with a time by which everything has to be done.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::AsFd,
};

pub(super) struct Channel {
    stream: UnixStream,
    deadline: Option<Instant>,
    /// Whether the socket has a limit of its own from a deadline before.
    is_limited: bool,
}

impl Channel {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            deadline: None,
            is_limited: false,
        }
    }

    /// Reads and writes fail with `TimedOut` from then on.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Whether the worker is gone.
    pub(super) fn is_hung_up(&self) -> bool {
        is_hung_up(&self.stream, Duration::ZERO)
    }

    fn limit(&mut self) -> io::Result<()> {
        let left = match self.deadline {
            Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => Some(left),
                _ => return Err(io::ErrorKind::TimedOut.into()),
            },
            // A system call less where there is nothing to undo.
            None if !self.is_limited => return Ok(()),
            None => None,
        };
        self.is_limited = left.is_some();
        self.stream.set_read_timeout(left)?;
        self.stream.set_write_timeout(left)
    }
}

/// What a socket says whose limit is over.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.limit()?;
        self.stream.read(buffer).map_err(timed_out)
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.limit()?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until the other end is closed, which nothing that is merely sent ends, and says whether it is.
pub(super) fn is_hung_up(stream: &UnixStream, timeout: Duration) -> bool {
    let mut watched = [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::empty())];
    let timeout = Timespec::try_from(timeout).ok();
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    poll(&mut watched, timeout.as_ref()).is_ok() && watched[0].revents().intersects(gone)
}
