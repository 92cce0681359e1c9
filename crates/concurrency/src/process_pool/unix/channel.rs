//! The pool's end of the connection, with a time by which everything has to be done, and an end when the worker has ended.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::AsFd,
    io::Errno,
};

use super::life::Life;

/// How often it is looked whether the worker still lives: the end of the connection says so at once, but where a process that the worker has
/// forked has a copy of it.
const LOOK: Duration = Duration::from_millis(100);

pub(super) struct Channel {
    /// Does not block: what is waited for is more than the stream.
    stream: UnixStream,
    worker: Arc<Life>,
    deadline: Option<Instant>,
}

impl Channel {
    /// Of a stream that does not block.
    pub(super) fn new(stream: UnixStream, worker: Arc<Life>) -> Self {
        Self {
            stream,
            worker,
            deadline: None,
        }
    }

    /// Reads and writes fail with `TimedOut` from then on.
    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Whether the worker is gone.
    pub(super) fn is_hung_up(&self) -> bool {
        is_hung_up(&self.stream, Duration::ZERO) || self.worker.has_ended()
    }

    /// Waits until the stream is ready, at most until the deadline, and not beyond the end of the worker.
    fn wait(&self, ready: PollFlags) -> io::Result<()> {
        loop {
            let left = match self.deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => LOOK,
            };
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            if is_ready(&self.stream, ready, left.min(LOOK))? {
                return Ok(());
            }
            if self.worker.has_ended() {
                // What it had said before is here by now.
                if is_ready(&self.stream, ready, Duration::ZERO)? {
                    return Ok(());
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

impl Read for Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // An answer is never there at once.
            self.wait(PollFlags::IN)?;
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            // There is room, but for a message that is large.
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait(PollFlags::OUT)?;
                }
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the stream is ready, or has ended, within the time. A signal may make the time shorter.
fn is_ready(stream: &UnixStream, ready: PollFlags, timeout: Duration) -> io::Result<bool> {
    let mut watched = [PollFd::from_borrowed_fd(stream.as_fd(), ready)];
    let timeout = Timespec::try_from(timeout).ok();
    match poll(&mut watched, timeout.as_ref()) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Waits until the other end is closed, which nothing that is merely sent ends, and says whether it is.
pub(super) fn is_hung_up(stream: &UnixStream, timeout: Duration) -> bool {
    let mut watched = [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::empty())];
    let timeout = Timespec::try_from(timeout).ok();
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    poll(&mut watched, timeout.as_ref()).is_ok() && watched[0].revents().intersects(gone)
}
