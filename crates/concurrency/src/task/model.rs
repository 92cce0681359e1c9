//! All orders in which those who have to do with one task can meet, tried by loom. Run by `cargo xtask test --only models`.

use std::{
    sync::Arc as StdArc,
    task::{Context, Poll, Wake, Waker},
};

use loom::sync::{
    Arc, Condvar, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    core::{Core, Job, Watch},
    error::TaskError,
    status::TaskStatus,
};
use crate::model_checking::{check, spawn_with};

fn answer() -> Arc<Core<u32>> {
    Arc::new(Core::of_work(Box::new(|| 42), None))
}

#[test]
fn loom_who_waits_gets_the_result() {
    loom::model(|| {
        let core = answer();
        let worker = spawn_with(&core, |core| assert!(core.run()));
        assert!(matches!(core.result(None), Ok(42)));
        worker.join().unwrap();
    });
}

#[test]
fn loom_either_the_worker_or_the_canceller_wins() {
    loom::model(|| {
        let core = answer();
        let worker = spawn_with(&core, |core| core.run());
        let cancelled = core.cancel();
        let result = core.result(None);
        let ran = worker.join().unwrap();
        assert_ne!(ran, cancelled);
        assert_eq!(result.is_ok(), ran);
        assert_eq!(matches!(result, Err(TaskError::Cancelled)), cancelled);
    });
}

#[test]
fn loom_two_workers_and_a_canceller_run_or_cancel_it_once() {
    check(3, || {
        let runs = Arc::new(AtomicUsize::new(0));
        let core = Arc::new(Core::of_work(
            Box::new({
                let runs = Arc::clone(&runs);
                move || runs.fetch_add(1, Ordering::Relaxed)
            }),
            None,
        ));
        let others = [
            spawn_with(&core, |core| core.run()),
            spawn_with(&core, |core| core.cancel()),
        ];
        let mut winners = usize::from(core.run());
        for other in others {
            winners += usize::from(other.join().unwrap());
        }
        assert_eq!(winners, 1);
        let cancelled = core.status() == TaskStatus::Cancelled;
        assert_eq!(runs.load(Ordering::Relaxed), usize::from(!cancelled));
    });
}

#[test]
fn loom_a_callback_is_called_once_whenever_it_comes() {
    check(3, || {
        let calls = Arc::new(AtomicUsize::new(0));
        let core = answer();
        let others = [
            spawn_with(&core, |core| core.run()),
            spawn_with(&core, |core| core.cancel()),
        ];
        core.on_done(Box::new({
            let calls = Arc::clone(&calls);
            move |status| {
                assert!(status.is_done());
                calls.fetch_add(1, Ordering::Relaxed);
            }
        }));
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    });
}

/// Counts its wake-ups, and wakes whoever sleeps for one.
struct Bell {
    rung: Mutex<usize>,
    changed: Condvar,
}

impl Bell {
    fn new() -> StdArc<Self> {
        StdArc::new(Self {
            rung: Mutex::new(0),
            changed: Condvar::new(),
        })
    }

    fn ring(&self) {
        *self.rung.lock().unwrap() += 1;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while *rung == 0 {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = 0;
    }
}

impl Wake for Bell {
    fn wake(self: StdArc<Self>) {
        self.ring();
    }
}

impl Watch for Bell {
    fn done(&self, key: usize) {
        assert_eq!(key, 7);
        self.ring();
    }
}

#[test]
fn loom_who_awaits_it_is_woken() {
    loom::model(|| {
        let core = answer();
        let worker = spawn_with(&core, |core| assert!(core.run()));
        let bell = Bell::new();
        let waker = Waker::from(StdArc::clone(&bell));
        let context = Context::from_waker(&waker);
        loop {
            match core.poll(&context) {
                Poll::Ready(result) => {
                    assert!(matches!(result, Ok(42)));
                    break;
                }
                // Hangs, which loom finds, if the wake-up is lost.
                Poll::Pending => bell.wait(),
            }
        }
        worker.join().unwrap();
    });
}

#[test]
fn loom_the_last_waker_is_the_one_that_is_woken() {
    check(3, || {
        let core = answer();
        let worker = spawn_with(&core, |core| assert!(core.run()));
        let first = Waker::from(Bell::new());
        if core.poll(&Context::from_waker(&first)).is_pending() {
            let bell = Bell::new();
            let second = Waker::from(StdArc::clone(&bell));
            if core.poll(&Context::from_waker(&second)).is_pending() {
                bell.wait();
                assert!(core.poll(&Context::from_waker(&second)).is_ready());
            }
        }
        worker.join().unwrap();
    });
}

#[test]
fn loom_a_watcher_is_told_or_refused() {
    check(3, || {
        let core = answer();
        let worker = spawn_with(&core, |core| assert!(core.run()));
        let bell = Bell::new();
        let watcher: StdArc<dyn Watch> = bell.clone();
        if core.watch(&watcher, 7) {
            bell.wait();
        }
        assert!(core.status().is_done());
        worker.join().unwrap();
    });
}

#[test]
fn loom_a_future_is_finished_or_aborted_and_its_abort_is_called_at_most_once() {
    check(3, || {
        let aborts = Arc::new(AtomicUsize::new(0));
        let core = Arc::new(Core::<u32>::of_future());
        let poller = spawn_with(&core, |core| {
            if core.begin() {
                core.finish(Ok(42));
            }
        });
        let canceller = spawn_with(&core, |core| core.cancel());
        core.set_abort({
            let aborts = Arc::clone(&aborts);
            move || {
                aborts.fetch_add(1, Ordering::Relaxed);
            }
        });
        poller.join().unwrap();
        let cancelled = canceller.join().unwrap();
        assert_eq!(aborts.load(Ordering::Relaxed), usize::from(cancelled));
        assert_eq!(core.result(None).is_err(), cancelled);
    });
}
