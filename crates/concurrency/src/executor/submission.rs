//! From work to a task in a queue.

use std::sync::Arc;

use super::{
    Refusal, inside,
    queue::{Queue, WhenFull},
};
use crate::{
    Task,
    task::{Core, Home, Job, Work},
};

/// Puts the work that `work_of` makes of `input` into the queue. Where that has to wait for room and must not, on a worker, the work is
/// done on the spot.
pub(super) fn submit<I, T: Send + 'static>(
    queue: &Arc<Queue>,
    input: I,
    when_full: WhenFull,
    work_of: impl Fn(I) -> Work<T>,
) -> Result<Task<T>, (I, Refusal)> {
    let on_worker = when_full == WhenFull::Wait && inside::is_worker();
    let core_of = |input| {
        let home: Arc<dyn Home> = queue.clone();
        Arc::new(Core::of_work(work_of(input), Some(Arc::downgrade(&home))))
    };
    let mut task = None;
    let patience = if on_worker {
        WhenFull::Refuse
    } else {
        when_full
    };
    let pushed = queue.push(input, patience, |input| -> Arc<dyn Job> {
        let core = core_of(input);
        task = Some(Task::new(Arc::clone(&core)));
        core
    });
    match pushed {
        Err((input, Refusal::Full)) if on_worker => {
            let core = core_of(input);
            core.help();
            Ok(Task::new(core))
        }
        Err(refused) => Err(refused),
        Ok(()) => Ok(task.expect("what was pushed was made")),
    }
}
