//! A thread that saves the profile at regular times.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{Active, ending};
use crate::Error;

#[derive(Debug)]
pub(super) struct Saver {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    pub(super) fn start(active: &Arc<Active>, interval: Duration) -> Result<Self, Error> {
        let ended = Arc::new(AtomicBool::new(false));
        let thread = {
            let (ended, active) = (Arc::clone(&ended), Arc::clone(active));
            thread::Builder::new()
                .name("tuneup-saver".to_owned())
                .spawn(move || run(&ended, &active, interval))
        };
        let thread = thread.map_err(|source| Error::Write {
            path: active.path().cloned().unwrap_or_default(),
            source,
        })?;
        Ok(Self {
            ended,
            thread: Some(thread),
        })
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to say: a panic in there was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Complains once for each run of failures: a full disk is not news every minute.
fn run(ended: &AtomicBool, active: &Active, interval: Duration) {
    let mut deadline = Instant::now() + interval;
    let mut has_failed = false;
    while !ended.load(Ordering::Relaxed) {
        let now = Instant::now();
        if now < deadline {
            thread::park_timeout(deadline - now);
            continue;
        }
        match active.keep_snapshot() {
            Err(error) if !has_failed => {
                has_failed = true;
                ending::complain(&error);
            }
            Err(_) => {}
            Ok(()) => has_failed = false,
        }
        deadline = (deadline + interval).max(Instant::now());
    }
}
