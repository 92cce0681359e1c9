//! What a worker process does.

use std::{
    io::{self, BufReader, Write as _},
    os::unix::net::UnixStream,
    process::{abort, exit},
    time::Duration,
};

use rustix::process::{Signal, getppid, kill_current_process_group};

use super::channel::is_hung_up;
use crate::process_pool::{
    ProcessJobs,
    frame::{self, Frame},
};

/// How often it is looked whether the parent is still the same: the end of the connection says so at once, but where somebody else has a copy of it.
const LOOK: Duration = Duration::from_secs(2);

/// Does jobs until the pool says that it is enough.
pub(crate) fn serve(pool: UnixStream, jobs: &ProcessJobs) -> ! {
    exit(match work(&pool, jobs) {
        Ok(()) => 0,
        // The pool is gone, or no pool: there is nobody to tell.
        Err(_) => 1,
    })
}

fn work(mut pool: &UnixStream, jobs: &ProcessJobs) -> io::Result<()> {
    let garbled = |_| io::Error::from(io::ErrorKind::InvalidData);
    watch(pool.try_clone()?)?;
    let mut from = BufReader::new(pool);
    let mut body = Vec::new();
    if frame::read(&mut from, 16, &mut body)? != frame::BEGIN {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let max_bytes: usize = frame::decode(&body).map_err(garbled)?;
    jobs.set_up();
    let mut names = Frame::of(&jobs.names()).map_err(garbled)?;
    pool.write_all(names.seal(frame::READY))?;
    loop {
        let job = frame::read(&mut from, max_bytes, &mut body)?;
        if job == frame::END {
            return Ok(());
        }
        let (mut kind, mut answer) = jobs.answer(job, &body);
        let bytes = answer.body_bytes();
        if kind == frame::DONE && bytes > max_bytes {
            kind = frame::LARGE_OUTPUT;
            answer = Frame::of(&bytes).map_err(garbled)?;
        }
        pool.write_all(answer.seal(kind))?;
    }
}

/// Ends this process, and what it has started, when the pool's process has ended, whatever a job does at the time.
fn watch(pool: UnixStream) -> io::Result<()> {
    let parent = getppid();
    let watching = move || {
        while !is_hung_up(&pool, LOOK) && getppid() == parent {}
        let _ = kill_current_process_group(Signal::KILL);
        abort();
    };
    std::thread::Builder::new()
        .name("tuneup-watch".to_owned())
        .spawn(watching)?;
    Ok(())
}
