//! Which process does a job just now, for whoever cancels the job.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::system::Life;

/// Between a job and its worker: a worker is killed for the job that it does, and for no other.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    life: Option<Arc<Life>>,
    is_cancelled: bool,
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the worker that is attached, and each that will be.
    pub(super) fn cancel(&self) {
        let mut state = self.state();
        state.is_cancelled = true;
        if let Some(life) = &state.life {
            life.kill();
        }
    }

    /// This process is the job's from now on.
    pub(super) fn attach(&self, life: &Arc<Life>) {
        let mut state = self.state();
        if state.is_cancelled {
            life.kill();
        }
        state.life = Some(Arc::clone(life));
    }

    /// It is so no more. Says whether it was killed because of the job.
    pub(super) fn detach(&self) -> bool {
        let mut state = self.state();
        state.life = None;
        state.is_cancelled
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state().is_cancelled
    }
}
