//! The promises, each asked of an executor with so many workers and places.

use super::*;

pub(super) fn a_panic_is_an_error_of_its_task_alone(executor: impl Executor) {
    let tasks = [0, 1, 2].map(|number| {
        executor
            .submit(move || {
                assert_ne!(number, 1, "one of them");
                number
            })
            .unwrap()
    });
    let [first, second, third] = tasks.map(Task::result);
    assert_eq!((first.unwrap(), third.unwrap()), (0, 2));
    match second {
        Err(TaskError::Panicked(panic)) => assert!(panic.message().contains("one of them")),
        other => unreachable!("{other:?}"),
    }
}

pub(super) fn a_task_that_was_dropped_is_done_all_the_same(executor: impl Executor) {
    let (send, receive) = mpsc::channel();
    drop(
        executor
            .submit(|| panic!("told by the hook alone"))
            .unwrap(),
    );
    drop(executor.submit(move || send.send(7)).unwrap());
    assert_eq!(receive.recv().unwrap(), 7);
}

pub(super) fn a_full_queue_gives_the_closure_back(executor: impl Executor) {
    let (release, running) = occupy(&executor);
    let waiting = [1, 2].map(|number| executor.try_submit(move || number).unwrap());
    let Err(rejected) = executor.try_submit(|| 3) else {
        unreachable!("there are two places")
    };
    assert_eq!(rejected.refusal(), Refusal::Full);
    assert_eq!(rejected.into_inner()(), 3);
    drop(release);
    running.result().unwrap();
    assert_eq!(waiting.map(|task| task.result().unwrap()), [1, 2]);
}

pub(super) fn submit_waits_for_room(executor: impl Executor + Sync) {
    let (release, running) = occupy(&executor);
    let waiting = executor.submit(|| 1).unwrap();
    let submitted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let submitter = scope.spawn(|| {
            let task = executor.submit(|| 2).unwrap();
            submitted.fetch_add(1, Ordering::SeqCst);
            task.result().unwrap()
        });
        // Time for it to get in where it should not.
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(submitted.load(Ordering::SeqCst), 0);
        drop(release);
        assert_eq!(submitter.join().unwrap(), 2);
    });
    running.result().unwrap();
    assert_eq!(waiting.result().unwrap(), 1);
}

pub(super) fn a_cancelled_task_makes_room(executor: impl Executor + Sync) {
    let (release, running) = occupy(&executor);
    let waiting = executor.submit(|| 1).unwrap();
    std::thread::scope(|scope| {
        let submitter = scope.spawn(|| executor.submit(|| 2).unwrap());
        // Time for it to wait for room, which nobody can see from here.
        std::thread::sleep(Duration::from_millis(2));
        assert!(waiting.cancel());
        // While the only worker is taken: the place alone makes it return.
        let second = submitter.join().unwrap();
        drop(release);
        assert_eq!(second.result().unwrap(), 2);
    });
    running.result().unwrap();
}

pub(super) fn cancelled_tasks_do_not_pile_up(executor: impl Executor) {
    let (release, running) = occupy(&executor);
    let held = Arc::new(());
    for _ in 0..100 {
        let held = Arc::clone(&held);
        let task = executor.try_submit(move || drop(held)).unwrap();
        assert!(task.cancel());
    }
    assert_eq!(Arc::strong_count(&held), 1, "the closures are gone");
    drop(release);
    running.result().unwrap();
}

/// Fifty tasks that count themselves when they run.
fn submit_counted(executor: &impl Executor, done: &Arc<AtomicUsize>) -> Vec<Task<usize>> {
    (0..50)
        .map(|_| {
            let done = Arc::clone(done);
            executor
                .submit(move || done.fetch_add(1, Ordering::SeqCst))
                .unwrap()
        })
        .collect()
}

pub(super) fn a_shutdown_drains(executor: impl Executor) {
    let done = Arc::new(AtomicUsize::new(0));
    let tasks = submit_counted(&executor, &done);
    executor.shutdown(Shutdown::Drain);
    assert_eq!(done.load(Ordering::SeqCst), 50);
    assert!(
        tasks
            .iter()
            .all(|task| task.status() == TaskStatus::Succeeded)
    );
}

pub(super) fn a_shutdown_cancels(executor: impl Executor) {
    let (release, running) = occupy(&executor);
    let done = Arc::new(AtomicUsize::new(0));
    let tasks = submit_counted(&executor, &done);
    // The one that runs is let go by the first that is told of its cancellation, so nothing can begin before.
    tasks[0].on_done(move |_| drop(release));
    executor.shutdown(Shutdown::Cancel);
    assert!(running.is_done(), "it is waited for");
    assert!(tasks.iter().all(Task::is_cancelled));
    assert_eq!(done.load(Ordering::SeqCst), 0);
}

pub(super) fn a_drop_drains(executor: impl Executor) {
    let done = Arc::new(AtomicUsize::new(0));
    drop(submit_counted(&executor, &done));
    drop(executor);
    assert_eq!(done.load(Ordering::SeqCst), 50);
}

pub(super) fn who_waits_for_room_is_refused_by_a_shutdown(executor: impl Executor + Sync) {
    let (release, running) = occupy(&executor);
    let waiting = executor.submit(|| ()).unwrap();
    std::thread::scope(|scope| {
        let submitter = scope.spawn(|| executor.submit(|| 2));
        // Time for it to wait for room, which nobody can see from here.
        std::thread::sleep(Duration::from_millis(2));
        waiting.on_done(move |_| drop(release));
        executor.shutdown(Shutdown::Cancel);
        let rejected = submitter.join().unwrap();
        // Or it came so late that the place was free: then it ran, or was cancelled.
        if let Err(rejected) = rejected {
            assert_eq!(rejected.refusal(), Refusal::ShutDown);
            assert_eq!(rejected.into_inner()(), 2);
        }
    });
    running.result().unwrap();
}

pub(super) fn nothing_is_taken_after_a_shutdown(executor: impl Executor) {
    executor.shutdown(Shutdown::Drain);
    executor.shutdown(Shutdown::Cancel);
    let work: fn() -> u32 = || 1;
    for rejected in [executor.submit(work), executor.try_submit(work)] {
        assert_eq!(rejected.unwrap_err().refusal(), Refusal::ShutDown);
    }
    let results: Vec<_> = executor.map(0..3, |x| x).collect();
    assert!(matches!(
        results[..],
        [Err(TaskError::Cancelled), Err(_), Err(_)]
    ));
}

pub(super) fn a_task_may_shut_its_executor_down(executor: impl Executor + Send + Sync + 'static) {
    let executor = Arc::new(executor);
    let task = executor
        .submit({
            let executor = Arc::clone(&executor);
            move || executor.shutdown(Shutdown::Drain)
        })
        .unwrap();
    task.result().unwrap();
    assert!(executor.submit(|| ()).is_err());
    executor.shutdown(Shutdown::Drain);
}

pub(super) fn a_task_may_drop_its_executor(executor: impl Executor + Send + Sync + 'static) {
    let executor = Arc::new(executor);
    let (handed_over, receive) = mpsc::channel();
    let dropping = executor
        .submit(move || drop::<Arc<_>>(receive.recv().unwrap()))
        .unwrap();
    let last = executor.submit(|| 7).unwrap();
    handed_over.send(executor).unwrap();
    dropping.result().unwrap();
    assert_eq!(last.result().unwrap(), 7);
}

pub(super) fn map_keeps_the_order_and_the_window(executor: impl Executor) {
    let pulled = Arc::new(AtomicUsize::new(0));
    let items = (0..100).inspect({
        let pulled = Arc::clone(&pulled);
        move |_| {
            pulled.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut results = executor.map(items, |x| x * 2).with_window(count(5));
    assert_eq!(results.size_hint(), (100, Some(100)));
    assert_eq!(pulled.load(Ordering::SeqCst), 0, "it is lazy");
    for yielded in 0..100 {
        assert_eq!(results.next().unwrap().unwrap(), yielded * 2);
        let ahead = pulled.load(Ordering::SeqCst) - (yielded + 1);
        assert!(ahead < 5, "{ahead}");
    }
    assert!(results.next().is_none());
}

pub(super) fn map_goes_on_after_a_panic(executor: impl Executor) {
    let results = executor.map(0..20, |x| {
        assert_ne!(x % 5, 3);
        x
    });
    for (x, result) in results.enumerate() {
        assert_eq!(result.ok(), (x % 5 != 3).then_some(x));
    }
}

pub(super) fn map_that_is_dropped_cancels(executor: impl Executor) {
    let done = Arc::new(AtomicUsize::new(0));
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let mut results = executor.map(0..8, {
        let done = Arc::clone(&done);
        move |x| {
            if x == 1 {
                begun.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
            }
            done.fetch_add(1, Ordering::SeqCst)
        }
    });
    results.next().unwrap().unwrap();
    begins.recv().unwrap();
    drop(results);
    drop(release);
    executor.shutdown(Shutdown::Drain);
    assert_eq!(done.load(Ordering::SeqCst), 2, "what had begun");
}

pub(super) fn map_through_a_queue_that_others_fill(executor: impl Executor + Sync) {
    let ends = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while ends.load(Ordering::SeqCst) == 0 {
                drop(executor.submit(|| ()));
            }
        });
        let results: Vec<_> = executor.map(0..50, |x| x).map(Result::unwrap).collect();
        ends.store(1, Ordering::SeqCst);
        assert!(results.into_iter().eq(0..50));
    });
}

/// What a task of the executor returns that uses the executor itself.
fn from_inside<E, R>(executor: E, task: impl FnOnce(&E) -> R + Send + 'static) -> R
where
    E: Executor + Send + Sync + 'static,
    R: Send + 'static,
{
    let executor = Arc::new(executor);
    let parent = executor.submit({
        let executor = Arc::clone(&executor);
        move || task(&executor)
    });
    parent.unwrap().result().unwrap()
}

fn submit_numbers(executor: &impl Executor, len: usize) -> Vec<Task<usize>> {
    (0..len)
        .map(|number| executor.submit(move || number).unwrap())
        .collect()
}

pub(super) fn tasks_submit_to_their_own_full_executor(
    executor: impl Executor + Send + Sync + 'static,
) {
    let done = from_inside(executor, |executor| {
        let children = submit_numbers(executor, 10);
        // With one worker, which is here, and one place in the queue, those behind the first ran inline.
        children.iter().filter(|child| child.is_done()).count()
    });
    assert_eq!(done, 9);
}

pub(super) fn tasks_wait_for_their_children(executor: impl Executor + Send + Sync + 'static) {
    fn count_leaves<E: Executor + Send + Sync + 'static>(executor: &Arc<E>, depth: u32) -> u32 {
        if depth == 0 {
            return 1;
        }
        let children = [(), (), ()].map(|()| {
            let executor = Arc::clone(executor);
            let child = move |executor: Arc<E>| count_leaves(&executor, depth - 1);
            let shared = Arc::clone(&executor);
            executor.submit(move || child(shared)).unwrap()
        });
        children
            .into_iter()
            .map(|child| child.result().unwrap())
            .sum()
    }
    assert_eq!(count_leaves(&Arc::new(executor), 4), 81);
}

pub(super) fn tasks_wait_for_any_of_their_children(
    executor: impl Executor + Send + Sync + 'static,
) {
    let first_and_sum = from_inside(executor, |executor| {
        let children = submit_numbers(executor, 4);
        let waited = wait(&children, ReturnWhen::FirstCompleted, None);
        let first = waited.done.len();
        assert_eq!(wait(&children, ReturnWhen::All, None).pending, [0; 0]);
        let sum: usize = as_completed(children)
            .map(|(_, task)| task.result().unwrap())
            .sum();
        (first, sum)
    });
    assert_eq!(first_and_sum, (1, 6));
}

pub(super) fn tasks_begin_in_order(executor: impl Executor) {
    let (send, receive) = mpsc::channel();
    for number in 0..100 {
        let send = send.clone();
        drop(executor.submit(move || send.send(number)));
    }
    drop(send);
    assert!(receive.iter().eq(0..100));
}

pub(super) fn no_more_run_at_once_than_workers(executor: impl Executor) {
    let running = Arc::new(AtomicUsize::new(0));
    // Two meet: so two do run at once.
    let meeting = Arc::new(Barrier::new(2));
    let results = executor.map(0..40, move |_| {
        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
        meeting.wait();
        running.fetch_sub(1, Ordering::SeqCst);
        now
    });
    let most = results.with_window(count(40)).map(Result::unwrap).max();
    assert_eq!(most, Some(executor.workers().get()));
}

pub(super) fn a_task_is_a_future(executor: impl Executor) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (release, running) = occupy(&executor);
    let waiting = executor.submit(|| 7).unwrap();
    let results =
        runtime.block_on(async { tokio::join!(running, waiting, async { drop(release) }) });
    assert!(matches!(results, (Ok(()), Ok(7), ())));
}
