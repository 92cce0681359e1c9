//! What the futures of a pipeline run on.

use std::io;

use tokio::{
    runtime::{Builder, Handle, Runtime, RuntimeFlavor},
    sync::oneshot,
};

/// A runtime: that of the program, or one for this run alone.
pub(in crate::pipeline) enum Host {
    Theirs(Handle),
    /// Of one thread; the threads that wait on it take turns at its timers.
    Own(Runtime),
}

impl Host {
    /// For a run that blocks the calling thread.
    ///
    /// # Panics
    /// In a thread that polls tasks, which must not be blocked.
    pub(in crate::pipeline) fn of_blocked_thread() -> io::Result<Self> {
        // Does not wait, but panics where it might have to: with tokio's own words.
        let (sender, receiver) = oneshot::channel();
        let _ = sender.send(());
        let _ = receiver.blocking_recv();
        match Handle::try_current() {
            // Nobody but the blocked thread may be there to drive a runtime of one thread.
            Ok(handle) if handle.runtime_flavor() != RuntimeFlavor::CurrentThread => {
                Ok(Self::Theirs(handle))
            }
            _ => Self::own(),
        }
    }

    /// For a run that a task waits for: its runtime, if it is one of tokio's.
    pub(in crate::pipeline) fn of_task() -> io::Result<Self> {
        Handle::try_current().map_or_else(|_| Self::own(), |handle| Ok(Self::Theirs(handle)))
    }

    fn own() -> io::Result<Self> {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(Self::Own)
    }

    pub(in crate::pipeline) fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Theirs(handle) => handle.block_on(future),
            Self::Own(runtime) => runtime.block_on(future),
        }
    }
}
