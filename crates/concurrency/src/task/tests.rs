use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{
    Task,
    core::{Core, Job, Watch},
    error::TaskError,
    status::TaskStatus,
};

fn task<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> (Arc<Core<T>>, Task<T>) {
    let core = Arc::new(Core::of_work(Box::new(work), None));
    (Arc::clone(&core), Task::new(core))
}

#[test]
fn it_goes_from_waiting_to_done() {
    let (send, receive) = mpsc::channel();
    let (core, task) = task(move || send.send(()).is_ok());
    assert_eq!(task.status(), TaskStatus::Waiting);
    assert!(receive.try_recv().is_err(), "it has not begun");
    assert!(core.run());
    assert_eq!(task.status(), TaskStatus::Succeeded);
    assert!(!core.run(), "not again");
    assert!(!task.cancel(), "too late");
    assert!(task.result().unwrap());
    assert_eq!(core.status(), TaskStatus::Succeeded);
}

#[test]
fn a_result_goes_out_once() {
    let (core, mut task) = task(|| 1);
    core.run();
    assert!(matches!(task.result_timeout(Duration::ZERO), Ok(1)));
    assert!(matches!(
        task.result_timeout(Duration::MAX),
        Err(TaskError::Taken)
    ));
    let mut context = Context::from_waker(Waker::noop());
    let polled = Future::poll(std::pin::Pin::new(&mut task), &mut context);
    assert!(matches!(polled, Poll::Ready(Err(TaskError::Taken))));
    assert!(matches!(task.result(), Err(TaskError::Taken)));
}

#[test]
fn a_cancelled_closure_is_dropped_at_once() {
    let held = Arc::new(());
    let (core, task) = task({
        let held = Arc::clone(&held);
        move || drop(held)
    });
    assert!(task.cancel());
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(!core.run());
    assert!(matches!(task.result(), Err(TaskError::Cancelled)));
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_closure_that_panics_when_dropped_hurts_nobody() {
    let bomb = Bomb;
    let (_, task) = task(move || {
        let _bomb = &bomb;
    });
    assert!(task.cancel());
}

#[test]
fn a_payload_that_panics_when_dropped_hurts_nobody() {
    let (core, task) = task(|| std::panic::panic_any(Bomb));
    assert!(core.run());
    assert_eq!(task.status(), TaskStatus::Panicked);
    drop(task.result());
}

#[test]
fn callbacks_come_in_order_even_beside_one_that_panics() {
    let (send, receive) = mpsc::channel();
    let (core, task) = task(|| ());
    for number in 0..3 {
        let send = send.clone();
        task.on_done(move |status| {
            send.send((number, status)).unwrap();
            assert_ne!(number, 1);
        });
    }
    core.run();
    task.on_done(move |status| send.send((3, status)).unwrap());
    let calls: Vec<_> = receive.iter().collect();
    assert_eq!(
        calls,
        [0, 1, 2, 3].map(|number| (number, TaskStatus::Succeeded))
    );
}

#[test]
fn callbacks_may_ask_the_task_itself() {
    let (core, task) = task(|| 7);
    let task = Arc::new(task);
    let (send, receive) = mpsc::channel();
    task.on_done({
        let task = Arc::clone(&task);
        move |_| {
            send.send(task.result_timeout(Duration::ZERO).unwrap())
                .unwrap();
        }
    });
    core.run();
    assert_eq!(receive.recv().unwrap(), 7);
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Watch for Counter {
    fn done(&self, _: usize) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_watcher_that_is_taken_off_is_not_told() {
    let (core, task) = task(|| ());
    let [stays, goes] = [(), ()].map(|()| Arc::new(Counter::default()));
    let watches: [Arc<dyn Watch>; 2] = [stays.clone(), goes.clone()];
    for watch in &watches {
        assert!(core.watch(watch, 0));
    }
    core.unwatch(&watches[1]);
    assert_eq!(Arc::strong_count(&goes), 2, "nothing is kept");
    core.run();
    assert!(!core.watch(&watches[0], 0), "it is done");
    assert_eq!(stays.0.load(Ordering::Relaxed), 1);
    assert_eq!(goes.0.load(Ordering::Relaxed), 0);
    drop(task);
}

#[test]
fn the_abort_of_a_future_is_dropped_with_its_end() {
    let core = Core::of_future();
    let held = Arc::new(());
    assert!(core.begin());
    core.set_abort({
        let held = Arc::clone(&held);
        move || drop(held)
    });
    core.finish(Ok(1));
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(!core.cancel());
}
