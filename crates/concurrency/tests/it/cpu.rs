//! Work for the processor beside a runtime.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use tuneup_concurrency::{Background, CpuPool, Error, Failure, background, cpu, gather};

use crate::watchdog::Watchdog;

fn pool(threads: usize) -> Arc<CpuPool> {
    Arc::new(CpuPool::new(NonZeroUsize::new(threads).unwrap()).unwrap())
}

#[test]
fn more_threads_than_a_system_has_are_an_error() {
    assert!(matches!(
        CpuPool::new(NonZeroUsize::MAX),
        Err(Error::OutOfRange {
            option: "threads",
            ..
        })
    ));
}

/// A door that closures wait at.
#[derive(Default)]
struct Door {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Door {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let is_open = self.is_open.lock().unwrap();
        drop(
            self.opened
                .wait_while(is_open, |is_open| !*is_open)
                .unwrap(),
        );
    }
}

#[tokio::test]
async fn result_comes_back() {
    let _watchdog = Watchdog::of("result_comes_back");
    let caller = std::thread::current().id();
    let (sum, thread) = cpu(|| ((0..1000_u64).sum::<u64>(), std::thread::current().id()))
        .await
        .unwrap();
    assert_eq!(sum, 499_500);
    assert_ne!(thread, caller);
}

#[tokio::test]
async fn panic_is_an_error_and_costs_no_thread() {
    let _watchdog = Watchdog::of("panic_is_an_error_and_costs_no_thread");
    let pool = pool(1);
    for _ in 0..3 {
        let Err(Failure::Panicked(panic)) = pool.run(|| -> u8 { panic!("cannot") }).await else {
            panic!("it panicked");
        };
        assert_eq!(panic.message(), "cannot");
    }
    assert_eq!(pool.run(|| 1).await.unwrap(), 1);
}

/// Has a thread of the pool wait at a door; returns when it does.
async fn occupied(pool: &Arc<CpuPool>) -> (Arc<Door>, Background<Result<(), Failure>>) {
    let door = Arc::new(Door::default());
    let (began, begun) = mpsc::channel();
    let first = {
        let (pool, door) = (Arc::clone(pool), Arc::clone(&door));
        background(async move {
            pool.run(move || {
                began.send(()).unwrap();
                door.pass();
            })
            .await
        })
    };
    while begun.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    (door, first)
}

#[tokio::test]
async fn dropped_wait_cancels_what_has_not_begun() {
    let _watchdog = Watchdog::of("dropped_wait_cancels_what_has_not_begun");
    let pool = pool(1);
    let (door, first) = occupied(&pool).await;
    let ran = Arc::new(AtomicUsize::new(0));
    // More than the queue holds: some are handed over, some wait for room.
    let waits: Vec<_> = (0..6)
        .map(|_| {
            let (pool, ran) = (Arc::clone(&pool), Arc::clone(&ran));
            background(async move { pool.run(move || ran.fetch_add(1, SeqCst)).await })
        })
        .collect();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    drop(waits);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    door.open();
    first.await.unwrap().unwrap();
    // The queue goes on.
    assert_eq!(pool.run(|| 1).await.unwrap(), 1);
    assert_eq!(ran.load(SeqCst), 0);
}

/// Counts how often it is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Whether a wait is over, after one look at it.
fn is_over(wait: std::pin::Pin<&mut impl Future>, wakes: &Arc<Wakes>) -> bool {
    let waker = Arc::clone(wakes).into();
    wait.poll(&mut std::task::Context::from_waker(&waker))
        .is_ready()
}

/// Neither what the closure owns nor its place in the queue waits for a thread.
#[tokio::test]
async fn dropped_wait_leaves_the_queue_at_once() {
    let _watchdog = Watchdog::of("dropped_wait_leaves_the_queue_at_once");
    let pool = pool(1);
    let (door, first) = occupied(&pool).await;
    let owned = Arc::new(());
    let wait = || {
        let owned = Arc::clone(&owned);
        Box::pin(pool.run(move || drop(owned)))
    };
    let wakes = Arc::<Wakes>::default();
    // The queue holds two.
    let (mut front, mut back, mut outside) = (wait(), wait(), wait());
    for wait in [&mut front, &mut back, &mut outside] {
        assert!(!is_over(wait.as_mut(), &wakes));
    }
    assert_eq!(wakes.0.load(SeqCst), 0);
    drop(front);
    assert_eq!(wakes.0.load(SeqCst), 1, "there is room for the third");
    assert!(!is_over(outside.as_mut(), &wakes));
    assert_eq!(Arc::strong_count(&owned), 3);
    drop(back);
    assert_eq!(Arc::strong_count(&owned), 2);
    // Many more than there is room for.
    for _ in 0..100 {
        assert!(!is_over(wait().as_mut(), &wakes));
        assert_eq!(Arc::strong_count(&owned), 2);
    }
    door.open();
    first.await.unwrap().unwrap();
    outside.await.unwrap();
    assert_eq!(Arc::strong_count(&owned), 1);
}

/// The panic of a drop has nobody to go to, and must not end the task that drops the wait.
#[tokio::test]
async fn what_a_dropped_wait_owns_may_panic_when_it_is_dropped() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("cannot be dropped");
        }
    }
    let _watchdog = Watchdog::of("what_a_dropped_wait_owns_may_panic_when_it_is_dropped");
    let pool = pool(1);
    let door = Arc::new(Door::default());
    let wakes = Arc::<Wakes>::default();
    let mut first = {
        let door = Arc::clone(&door);
        Box::pin(pool.run(move || door.pass()))
    };
    assert!(!is_over(first.as_mut(), &wakes));
    let bad = Bad;
    let mut second = Box::pin(pool.run(move || drop(bad)));
    assert!(!is_over(second.as_mut(), &wakes));
    drop(second);
    door.open();
    first.await.unwrap();
    assert_eq!(pool.run(|| 1).await.unwrap(), 1);
}

#[tokio::test]
async fn no_more_than_its_threads_run_and_all_are_served() {
    let _watchdog = Watchdog::of("no_more_than_its_threads_run_and_all_are_served");
    let pool = pool(3);
    let (running, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let waits: Vec<_> = (0..200_usize)
        .map(|number| {
            let (pool, running, peak) =
                (Arc::clone(&pool), Arc::clone(&running), Arc::clone(&peak));
            background(async move {
                pool.run(move || {
                    peak.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                    std::thread::sleep(Duration::from_micros(50));
                    running.fetch_sub(1, SeqCst);
                    number
                })
                .await
            })
        })
        .collect();
    for (number, wait) in waits.into_iter().enumerate() {
        assert_eq!(wait.await.unwrap().unwrap(), number);
    }
    assert!(peak.load(SeqCst) <= 3);
}

/// On a runtime of one thread, which goes on while the pool is busy and more wait for room.
#[tokio::test]
async fn full_pool_does_not_block_the_runtime() {
    let _watchdog = Watchdog::of("full_pool_does_not_block_the_runtime");
    let pool = pool(1);
    let door = Arc::new(Door::default());
    let waits: Vec<_> = (0..10)
        .map(|_| {
            let (pool, door) = (Arc::clone(&pool), Arc::clone(&door));
            background(async move { pool.run(move || door.pass()).await })
        })
        .collect();
    // Fires only if the runtime goes on.
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(waits.iter().all(|wait| !wait.is_finished()));
    door.open();
    for wait in waits {
        wait.await.unwrap().unwrap();
    }
}

#[test]
fn needs_no_runtime() {
    let _watchdog = Watchdog::of("needs_no_runtime");
    let (sender, receiver) = mpsc::channel();
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut work = std::pin::pin!(cpu(move || sender.send(5)));
    while work.as_mut().poll(&mut context).is_pending() {
        std::thread::park();
    }
    assert_eq!(receiver.recv(), Ok(5));
}

/// Dropping the pool ends its threads: what they share is freed.
#[tokio::test]
async fn threads_end_with_the_pool() {
    let _watchdog = Watchdog::of("threads_end_with_the_pool");
    let pool = pool(2);
    let (sender, receiver) = mpsc::channel();
    struct Last(mpsc::Sender<()>);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    thread_local!(static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) });
    pool.run(move || LAST.set(Some(Last(sender))))
        .await
        .unwrap();
    drop(pool);
    receiver.recv().unwrap();
}

/// Two closures that wait for each other need two threads, however they were handed over.
#[tokio::test]
async fn every_thread_is_woken_for_work() {
    let _watchdog = Watchdog::of("every_thread_is_woken_for_work");
    let pool = pool(2);
    for _ in 0..200 {
        let barrier = Arc::new(std::sync::Barrier::new(2));
        let other = Arc::clone(&barrier);
        let both = gather([
            run(&pool, move || {
                barrier.wait();
            }),
            run(&pool, move || {
                other.wait();
            }),
        ]);
        both.await.unwrap();
    }
}

/// Runs a closure, which the pool is kept for.
fn run(
    pool: &Arc<CpuPool>,
    work: impl FnOnce() + Send + 'static,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    let pool = Arc::clone(pool);
    Box::pin(async move { pool.run(work).await.unwrap() })
}
