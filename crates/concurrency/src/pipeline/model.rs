//! All orders in which threads can meet at a queue and at the window, tried by loom. Run by `cargo xtask test --only models`.
//!
//! That nobody sleeps for ever is checked too: loom reports a deadlock.

use std::time::Duration;

use loom::{sync::Arc, thread};

use super::{
    handle::Signal,
    queue::{Queue, Seen},
    window::Window,
};
use crate::model_checking::{check, spawn_with};

fn put(queue: &Arc<Queue<u32>>, mut items: Vec<u32>) -> thread::JoinHandle<()> {
    spawn_with(queue, move |queue| {
        queue.put_all(&mut items, &mut Seen::default());
        queue.gate().end_producer();
    })
}

fn take(queue: &Queue<u32>, most: usize, takers: usize) -> Vec<u32> {
    let mut all = Vec::new();
    while queue.take(&mut all, most, takers, &mut Seen::default()) {}
    all
}

/// Two threads put three items through one place; whoever takes them gets them all.
fn check_taker_of_two_producers(take: impl Fn(&Queue<u32>) -> Vec<u32> + Send + Sync + 'static) {
    check(2, move || {
        let queue = Arc::new(Queue::new(1, 2));
        let threads = [put(&queue, vec![1, 2]), put(&queue, vec![3])];
        let mut all = take(&queue);
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// What two threads take, up to `most` items at a time, sorted.
fn take_in_two_threads(queue: &Arc<Queue<u32>>, most: usize) -> Vec<u32> {
    let other = spawn_with(queue, move |queue| take(queue, most, 2));
    let mut all = take(queue, most, 2);
    all.extend(other.join().unwrap());
    all.sort_unstable();
    all
}

#[test]
fn loom_two_producers_and_one_place() {
    check_taker_of_two_producers(|queue| {
        let all = take(queue, 1, 1);
        assert_eq!(queue.gate().most_len(), 1);
        all
    });
}

#[test]
fn loom_two_takers_share_without_loss() {
    check(2, || {
        let queue = Arc::new(Queue::new(2, 1));
        let producer = put(&queue, vec![1, 2, 3]);
        assert_eq!(take_in_two_threads(&queue, 2), [1, 2, 3]);
        producer.join().unwrap();
    });
}

#[test]
fn loom_single_items_wake_the_taker() {
    check(3, || {
        let queue = Arc::new(Queue::new(1, 1));
        let producer = spawn_with(&queue, |queue| {
            for item in 0..3 {
                assert!(queue.put(item, &mut Seen::default()));
            }
            queue.gate().end_producer();
        });
        assert_eq!(take(&queue, 2, 1), [0, 1, 2]);
        producer.join().unwrap();
    });
}

#[test]
fn loom_stop_wakes_both_sides() {
    check(3, || {
        let queue = Arc::new(Queue::new(1, 2));
        let producer = put(&queue, vec![1, 2]);
        let taker = spawn_with(&queue, |queue| take(queue, 1, 1));
        queue.gate().stop();
        producer.join().unwrap();
        assert!(taker.join().unwrap().len() <= 2);
    });
}

#[test]
fn loom_places_come_back() {
    check(3, || {
        let window = Arc::new(Window::new(0));
        let giver = spawn_with(&window, |window| {
            window.release(1);
            window.release(2);
        });
        let mut places = 0;
        while places < 3 {
            places += window.reserve(&mut Duration::default()).unwrap();
        }
        assert_eq!(places, 3);
        giver.join().unwrap();
    });
}

#[test]
fn loom_a_closed_window_wakes_who_waits() {
    check(3, || {
        let window = Arc::new(Window::new(0));
        let closer = spawn_with(&window, |window| window.close());
        assert_eq!(window.reserve(&mut Duration::default()), None);
        closer.join().unwrap();
    });
}

#[test]
fn loom_who_is_cancelled_while_it_begins_is_stopped() {
    check(3, || {
        let signal = Arc::new(Signal::new());
        let canceller = spawn_with(&signal, |signal| signal.cancel());
        let queue = Queue::<u32>::new(1, 1);
        signal.watch(vec![std::sync::Arc::clone(queue.gate())]);
        // The producer never ends: only the signal can.
        assert_eq!(take(&queue, 1, 1), []);
        assert_eq!(signal.window.reserve(&mut Duration::default()), None);
        canceller.join().unwrap();
    });
}

/// A stage that polls, beside threads.
mod polled {
    use std::{
        sync::Arc as StdArc,
        task::{Poll, Wake, Waker},
    };

    use loom::thread::Thread;

    use super::*;

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: StdArc<Self>) {
            self.0.unpark();
        }
    }

    /// Polls until it is ready, and sleeps in between until it is woken.
    fn block_on<T>(mut poll: impl FnMut(&Waker) -> Poll<T>) -> T {
        let waker = Waker::from(StdArc::new(Unpark(thread::current())));
        loop {
            match poll(&waker) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }

    fn take_polled(queue: &Queue<u32>) -> Vec<u32> {
        let (mut all, mut is_waiting, mut seen) = (Vec::new(), false, Seen::default());
        while block_on(|waker| queue.poll_take(&mut all, 2, &mut is_waiting, &mut seen, waker)) {}
        all
    }

    fn put_polled(queue: &Arc<Queue<u32>>, mut items: Vec<u32>) -> thread::JoinHandle<bool> {
        spawn_with(queue, move |queue| {
            let is_in = block_on(|waker| queue.poll_put_all(&mut items, waker));
            queue.gate().end_producer();
            is_in
        })
    }

    #[test]
    fn loom_a_task_takes_what_two_threads_put() {
        check_taker_of_two_producers(take_polled);
    }

    #[test]
    fn loom_two_threads_take_what_a_task_puts() {
        check(2, || {
            let queue = Arc::new(Queue::new(2, 1));
            let producer = put_polled(&queue, vec![1, 2, 3]);
            assert_eq!(take_in_two_threads(&queue, 1), [1, 2, 3]);
            assert!(producer.join().unwrap());
        });
    }

    #[test]
    fn loom_stop_wakes_tasks() {
        check(3, || {
            let queue = Arc::new(Queue::new(1, 2));
            let producer = put_polled(&queue, vec![1, 2]);
            let watcher = spawn_with(&queue, |queue| {
                block_on(|waker| queue.gate().poll_stopped(waker))
            });
            queue.gate().stop();
            assert!(!producer.join().unwrap());
            watcher.join().unwrap();
            assert_eq!(take_polled(&queue), []);
        });
    }

    #[test]
    fn loom_places_come_back_to_a_task_until_it_is_closed() {
        check(3, || {
            let window = Arc::new(Window::new(0));
            let giver = spawn_with(&window, |window| {
                window.release(1);
                window.release(2);
                window.close();
            });
            let mut places = 0;
            while let Some(free) = block_on(|waker| window.poll_reserve(waker)) {
                places += free;
            }
            assert!(places <= 3);
            block_on(|waker| window.poll_closed(waker));
            giver.join().unwrap();
        });
    }

    #[test]
    fn loom_all_places_come_back_to_a_task() {
        check(3, || {
            let window = Arc::new(Window::new(0));
            let giver = spawn_with(&window, |window| {
                window.release(1);
                window.release(2);
            });
            let mut places = 0;
            while places < 3 {
                places += block_on(|waker| window.poll_reserve(waker)).unwrap();
            }
            assert_eq!(places, 3);
            giver.join().unwrap();
        });
    }
}
