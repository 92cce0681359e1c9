//! Lending something of the caller's stack to the threads of the pool, for as long as the caller wants and no longer.
//!
//! `rayon::scope` does this too, but waits for all that was spawned, begun or not, and meanwhile runs whatever else the pool has to do: with a
//! lock held, that is how programs deadlock (rayon #592). Here helpers are asked, not owed. A helper that has not come by the end is turned away at the
//! gate when it does come, and the lender waits only for those inside, who are on a thread of their own and get on.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

mod gate;

use self::gate::Gate;
use super::sync::Arc;

/// Invitations of the whole process that no thread of the pool has taken up. Each is a closure in the pool's queue: with a pool that is busy
/// for long, maps in its tasks would fill the memory with them.
static UNANSWERED: AtomicUsize = AtomicUsize::new(0);
const MOST_UNANSWERED: usize = 256;

/// Calls for helpers.
pub(super) struct Invitations<'a> {
    gate: &'a Arc<Gate>,
    left: usize,
}

impl Invitations<'_> {
    /// Sends as many of the invitations as may be sent now. One load if all are sent.
    pub(super) fn send(&mut self) {
        while self.left > 0 && UNANSWERED.load(Relaxed) < MOST_UNANSWERED {
            self.left -= 1;
            UNANSWERED.fetch_add(1, Relaxed);
            let gate = Arc::clone(self.gate);
            rayon::spawn(move || {
                UNANSWERED.fetch_sub(1, Relaxed);
                gate.help();
            });
        }
    }
}

/// Runs `lead` here while up to `helpers` threads of the current rayon pool run `help`, each once. Returns when `lead` has and no
/// thread is inside `help` any more.
///
/// # Panics
/// If `lead` or `help` does.
pub(super) fn lend<R>(
    helpers: usize,
    help: &(dyn Fn() + Sync),
    lead: impl FnOnce(&mut Invitations<'_>) -> R,
) -> R {
    // SAFETY: `closing` closes it, even if `lead` panics, and `help` is borrowed for longer.
    let gate = Arc::new(unsafe { Gate::new(help) });
    let closing = Closing(&gate);
    let mut invitations = Invitations {
        gate: &gate,
        left: helpers,
    };
    let result = lead(&mut invitations);
    drop(closing);
    if let Some(payload) = gate.take_panic() {
        std::panic::resume_unwind(payload);
    }
    result
}

/// Closes the gate, also when `lead` panics.
struct Closing<'a>(&'a Gate);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
