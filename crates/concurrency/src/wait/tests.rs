use std::{sync::Arc, time::Duration};

use super::{ReturnWhen, as_completed_timeout, wait};
use crate::{
    Task,
    task::{Core, Job},
};

#[test]
fn waits_that_time_out_leave_nothing_behind() {
    let core = Arc::new(Core::of_work(Box::new(|| 1), None));
    let tasks = [Task::new(Arc::clone(&core))];
    for _ in 0..10 {
        let waited = wait(&tasks, ReturnWhen::All, Some(Duration::ZERO));
        assert_eq!(waited.pending, [0]);
    }
    assert_eq!(core.watchers(), 0);
    let mut completed = as_completed_timeout(tasks, Duration::ZERO);
    assert_eq!(core.watchers(), 1);
    let unfinished = completed.next().unwrap().unwrap_err();
    assert_eq!(core.watchers(), 0);
    assert!(core.run());
    let (_, task) = unfinished.tasks.into_iter().next().unwrap();
    assert_eq!(task.result().unwrap(), 1);
}
