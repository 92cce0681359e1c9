//! Programs that are ended when their time is over, with all that they have started.

#[cfg(unix)]
mod family;

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use crate::Runner;

#[cfg(test)]
mod tests;

/// So much of what a program writes is kept, of each of its two streams. Cargo's longest answer is a tenth of it.
const MOST_BYTES: usize = 256 << 20;

/// What a program has left running may hold its streams open; one waits no longer for it than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs programs of this machine, as [`System`](crate::System) does, until a point in time; who runs then is ended.
///
/// All programs that are run by one limit share its time. On Unix a program is ended with those that it has started; elsewhere it is
/// ended alone; so is what its parents have left behind. Who interrupts this process at a terminal interrupts them too. A program that writes more than 256 MiB is ended too.
///
/// ```
/// use std::{io, process::Command, time::Duration};
/// use tuneup_packaging::{Runner, TimeLimit};
///
/// let limit = TimeLimit::new(Duration::from_millis(50));
/// let error = limit.run(Command::new("sleep").arg("60")).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::TimedOut);
/// assert_eq!(error.to_string(), "it took longer than 0.05 s");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TimeLimit {
    limit: Duration,
    /// `None` if it is so far away that the clock cannot tell it.
    end: Option<Instant>,
}

impl TimeLimit {
    /// The time begins now.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_packaging::TimeLimit;
    /// let limit = TimeLimit::new(Duration::from_secs(60));
    /// assert!(limit.remaining() > Duration::from_secs(50));
    /// ```
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        let end = Instant::now().checked_add(limit);
        Self { limit, end }
    }

    /// What is left; zero when the time is over.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_packaging::TimeLimit;
    /// assert_eq!(TimeLimit::new(Duration::ZERO).remaining(), Duration::ZERO);
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// For loops that are no program.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.remaining().is_zero() {
            true => Err(self.is_over()),
            false => Ok(()),
        }
    }

    fn is_over(&self) -> io::Error {
        let seconds = self.limit.as_secs_f64();
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("it took longer than {seconds} s"),
        )
    }
}

impl Runner for TimeLimit {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        self.check()?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = Running {
            child: command.spawn()?,
            is_reaped: false,
        };
        let (ended, ends) = mpsc::channel();
        let stdout = Stream::read(running.child.stdout.take(), &ended);
        let stderr = Stream::read(running.child.stderr.take(), &ended);
        // From here on only the two threads hold a sender.
        drop(ended);
        let status = self.wait(&mut running, &ends)?;
        Ok(Output {
            status,
            stdout: stdout.taken(),
            stderr: stderr.taken(),
        })
    }
}

impl TimeLimit {
    /// Waits for the end of both streams and of the program. Where this returns an error, the program is ended by its owner.
    fn wait(
        &self,
        running: &mut Running,
        ends: &mpsc::Receiver<io::Result<()>>,
    ) -> io::Result<ExitStatus> {
        let mut pause = Duration::from_millis(1);
        let mut streams_are_open = true;
        let mut exited: Option<(ExitStatus, Instant)> = None;
        loop {
            if exited.is_none() {
                exited = running.try_wait()?.map(|status| (status, Instant::now()));
            }
            match exited {
                Some((status, _)) if !streams_are_open => return Ok(status),
                Some((status, at)) if at.elapsed() > PATIENCE => return Ok(status),
                _ => {}
            }
            self.check()?;
            pause = (pause * 2).min(Duration::from_millis(50));
            let pause = pause.min(self.remaining());
            if !streams_are_open {
                thread::sleep(pause);
                continue;
            }
            match ends.recv_timeout(pause) {
                Ok(end) => end?,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => streams_are_open = false,
            }
        }
    }
}

/// A program that is ended if its owner leaves it before it has ended by itself.
struct Running {
    child: Child,
    is_reaped: bool,
}

impl Running {
    fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        self.is_reaped = status.is_some();
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_reaped {
            return;
        }
        // Until it is waited for, its number belongs to nobody else.
        #[cfg(unix)]
        family::end(self.child.id());
        // It may have ended meanwhile, and then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program has written so far to one of its streams; a thread reads it.
struct Stream(Arc<Mutex<Vec<u8>>>);

impl Stream {
    fn read<R: Read + Send + 'static>(
        pipe: Option<R>,
        ended: &mpsc::Sender<io::Result<()>>,
    ) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        if let Some(pipe) = pipe {
            let (bytes, ended) = (bytes.clone(), ended.clone());
            thread::spawn(move || {
                // Nobody listens any more when the program was ended.
                let _ = ended.send(copy(pipe, &bytes));
            });
        }
        Self(bytes)
    }

    fn taken(&self) -> Vec<u8> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes)
    }
}

fn copy(mut pipe: impl Read, bytes: &Mutex<Vec<u8>>) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match pipe.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut kept = bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + count > MOST_BYTES {
            let said = format!("it has written more than {} MiB", MOST_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::TimedOut, said));
        }
        kept.extend_from_slice(&buffer[..count]);
    }
}
