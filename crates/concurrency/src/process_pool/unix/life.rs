//! A child process until it is reaped: no signal goes to a number that may be somebody else's by then.

use std::{
    process::{Child, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Pid, Signal, kill_process_group};

pub(crate) struct Life {
    state: Mutex<State>,
}

struct State {
    child: Child,
    /// Whether it was waited for, and how it ended.
    reaped: Option<Option<ExitStatus>>,
}

impl Life {
    /// The child leads a process group of its own.
    pub(super) fn new(child: Child) -> Self {
        Self {
            state: Mutex::new(State {
                child,
                reaped: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills it with all that it has started and that has stayed in its group.
    pub(crate) fn kill(&self) {
        self.state().kill();
    }

    /// Whether it has ended. It is not reaped: until it is, its group has its number, and can be killed.
    pub(super) fn has_ended(&self) -> bool {
        let state = self.state();
        state.reaped.is_some() || state.group().is_some_and(has_ended)
    }

    /// Kills it, and reaps it. How it ended is how it ended by itself if that was before; the kernel knows before the socket is closed.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        let mut state = self.state();
        if let Some(status) = state.reaped {
            return status;
        }
        state.kill();
        let status = state.child.wait().ok();
        state.reaped = Some(status);
        status
    }
}

impl State {
    fn kill(&self) {
        if self.reaped.is_some() {
            return;
        }
        if let Some(group) = self.group() {
            // Whatever fails here has ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// The number of the child, which leads the group.
    fn group(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }
}

/// Whether a child has ended and waits to be reaped, or was reaped by somebody else.
#[cfg(not(any(target_os = "cygwin", target_os = "openbsd", target_os = "redox")))]
fn has_ended(child: Pid) -> bool {
    use rustix::{
        io::Errno,
        process::{WaitId, WaitIdOptions, waitid},
    };

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(child), options) {
        Ok(ended) => ended.is_some(),
        Err(error) => error == Errno::CHILD,
    }
}

/// No system call that is known here tells without reaping: the end of the connection has to be enough.
#[cfg(any(target_os = "cygwin", target_os = "openbsd", target_os = "redox"))]
fn has_ended(_: Pid) -> bool {
    false
}
