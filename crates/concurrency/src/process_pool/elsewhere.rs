//! Where there are no worker processes.

use std::{convert::Infallible, io, process::ExitStatus, sync::Arc, time::Instant};

use super::{Launch, ProcessError, ProcessJobs, Slot, frame::Frame};

pub(super) enum Life {}

impl Life {
    pub(super) fn kill(&self) {
        match *self {}
    }
}

pub(super) enum WorkerProcess {}

impl WorkerProcess {
    pub(super) fn start(_: &Launch, _: &Slot) -> Result<Self, ProcessError> {
        Err(ProcessError::Unsupported)
    }

    pub(super) fn number_of(&self, _: &str) -> Option<u32> {
        match *self {}
    }

    pub(super) fn life(&self) -> &Arc<Life> {
        match *self {}
    }

    pub(super) fn jobs_done(&self) -> u64 {
        match *self {}
    }

    pub(super) fn is_alive(&self) -> bool {
        match *self {}
    }

    pub(super) fn call(
        &mut self,
        _: u32,
        _: &mut Frame,
        _: Option<Instant>,
        _: usize,
    ) -> io::Result<(u32, Vec<u8>)> {
        match *self {}
    }

    pub(super) fn dismiss(&mut self) {
        match *self {}
    }

    pub(super) fn wait(self) {
        match self {}
    }

    pub(super) fn end(self) -> Option<ExitStatus> {
        match self {}
    }
}

pub(super) fn pool_of_this_worker() -> Option<Infallible> {
    None
}

pub(super) fn serve(pool: Infallible, _: &ProcessJobs) -> ! {
    match pool {}
}
