//! What is left when a pool ends: nothing.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use tuneup_concurrency::{ProcessError, Shutdown};

use super::{
    DOUBLE, ID, NEST, SLEEP, builder, exists, is_alone, nested, pool, runs, wait_until_gone,
};
use crate::watchdog::Watchdog;

#[test]
fn draining_does_what_was_submitted() {
    let _watchdog = Watchdog::of("draining_does_what_was_submitted");
    let pool = pool(2);
    let ids: Vec<_> = (0..4).map(|_| pool.submit(&ID, &()).unwrap()).collect();
    let tasks: Vec<_> = (0..20).map(|n| pool.submit(&DOUBLE, &n).unwrap()).collect();
    pool.shutdown(Shutdown::Drain);
    for id in ids {
        assert!(!exists(id.result().unwrap()), "reaped");
    }
    for (task, n) in tasks.into_iter().zip(0..) {
        assert!(task.is_done());
        assert_eq!(task.result().unwrap(), 2 * n);
    }
}

#[test]
fn dropping_kills_what_runs_and_cancels_what_waits() {
    let _watchdog = Watchdog::of("dropping_kills_what_runs_and_cancels_what_waits");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested");
    let pool = builder(1).retries(5).build().unwrap();
    let running = pool
        .submit(&NEST, &path.to_str().unwrap().to_owned())
        .unwrap();
    let waiting = pool.submit(&SLEEP, &0).unwrap();
    let processes = nested(&path);
    drop(pool);
    assert!(!exists(processes[0]), "reaped");
    wait_until_gone(&processes);
    assert!(matches!(running.result(), Err(ProcessError::Cancelled)));
    assert!(matches!(waiting.result(), Err(ProcessError::Cancelled)));
}

#[test]
fn cancelling_overtakes_draining() {
    let _watchdog = Watchdog::of("cancelling_overtakes_draining");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested");
    let pool = pool(1);
    let running = pool
        .submit(&NEST, &path.to_str().unwrap().to_owned())
        .unwrap();
    nested(&path);
    std::thread::scope(|scope| {
        let draining = scope.spawn(|| pool.shutdown(Shutdown::Drain));
        pool.shutdown(Shutdown::Cancel);
        draining.join().unwrap();
    });
    assert!(matches!(running.result(), Err(ProcessError::Cancelled)));
}

#[test]
fn dropping_a_map_kills_what_it_has_begun() {
    let _watchdog = Watchdog::of("dropping_a_map_kills_what_it_has_begun");
    let pool = pool(1);
    let mut map = pool.map(&SLEEP, [0, 1_000_000, 1_000_000]);
    map.next().unwrap().unwrap();
    drop(map);
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

/// The parent of [`no_worker_survives_its_parent`]: tells of its workers, and waits to be killed.
fn parent(path: &str) {
    let pool = pool(2);
    let idle = pool.submit(&ID, &()).unwrap();
    println!("idle {}", idle.result().unwrap());
    let _running = pool.submit(&NEST, &path.to_owned()).unwrap();
    std::thread::sleep(Duration::from_secs(1_000));
}

#[test]
fn no_worker_survives_its_parent() {
    const VARIABLE: &str = "TUNEUP_TEST_PARENT";
    if let Ok(path) = std::env::var(VARIABLE) {
        return parent(&path);
    }
    let _watchdog = Watchdog::of("no_worker_survives_its_parent");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested");
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "process_pool::ends::no_worker_survives_its_parent",
            "--nocapture",
        ])
        .env(VARIABLE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let idle = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("idle ")?.1.parse::<u32>().unwrap()));
    let mut processes = nested(&path);
    processes.push(idle.unwrap());
    assert!(processes.iter().all(|process| runs(*process)));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until_gone(&processes);
}

#[test]
fn a_hundred_pools_leave_no_process_thread_or_descriptor() {
    if !cfg!(target_os = "linux")
        || !is_alone("process_pool::ends::a_hundred_pools_leave_no_process_thread_or_descriptor")
    {
        return;
    }
    let _watchdog = Watchdog::of("a_hundred_pools_leave_no_process_thread_or_descriptor");
    let entries = |folder: &str| fs::read_dir(folder).unwrap().count();
    let left = || {
        let children: usize = fs::read_dir("/proc/self/task")
            .unwrap()
            .map(|task| fs::read_to_string(task.unwrap().path().join("children")))
            .map(|children| children.unwrap_or_default().split_whitespace().count())
            .sum();
        (
            entries("/proc/self/fd"),
            entries("/proc/self/task"),
            children,
        )
    };
    let before = left();
    for round in 0..100 {
        let pool = pool(2);
        assert_eq!(pool.map(&DOUBLE, 0..3).map(Result::unwrap).sum::<u64>(), 6);
        if round % 2 == 0 {
            pool.shutdown(Shutdown::Drain);
        }
    }
    assert_eq!(left(), before);
}
