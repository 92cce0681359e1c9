//! Jobs that crash, hang, and take too much.

use std::{num::NonZeroU64, os::unix::process::ExitStatusExt as _, time::Duration};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tuneup_concurrency::ProcessError;

use super::{
    BYTES, CRASH, Crash, DOUBLE, FLAKY, GARBLE, ID, LEAVE, NEST, SLEEP, builder, exists, nested,
    pool, runs, wait_until_gone,
};
use crate::watchdog::Watchdog;

#[test]
fn a_crash_costs_the_job_that_crashed() {
    let _watchdog = Watchdog::of("a_crash_costs_the_job_that_crashed");
    let pool = pool(2);
    let mut neighbours = Vec::new();
    for (how, signal, code) in [
        (Crash::Segfault, Some(11), None),
        (Crash::Abort, Some(6), None),
        (Crash::Exit, None, Some(3)),
        (Crash::Overflow, Some(6), None),
    ] {
        neighbours.push(pool.submit(&SLEEP, &20).unwrap());
        let crash = pool.submit(&CRASH, &how).unwrap();
        neighbours.push(pool.submit(&SLEEP, &1).unwrap());
        let error = crash.result().unwrap_err();
        let ProcessError::Crashed {
            job,
            status: Some(status),
            attempts: 1,
            ..
        } = &error
        else {
            panic!("{how:?}: {error}");
        };
        assert_eq!(job, "crash");
        assert_eq!((status.signal(), status.code()), (signal, code), "{how:?}");
    }
    for neighbour in neighbours {
        neighbour.result().unwrap();
    }
}

#[test]
fn a_crash_is_tried_again_so_often() {
    let _watchdog = Watchdog::of("a_crash_is_tried_again_so_often");
    let folder = tempfile::tempdir().unwrap();
    let pool = builder(1).retries(2).build().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let third = pool.submit(&FLAKY, &(path("third"), 3)).unwrap();
    assert_eq!(third.result().unwrap(), 3);
    let fourth = pool.submit(&FLAKY, &(path("fourth"), 4)).unwrap();
    let error = fourth.result().unwrap_err();
    assert!(
        matches!(error, ProcessError::Crashed { attempts: 3, .. }),
        "{error}"
    );
    assert_eq!(std::fs::read(path("fourth")).unwrap(), b"xxx");
}

#[test]
fn a_worker_that_dies_idle_costs_nothing() {
    let _watchdog = Watchdog::of("a_worker_that_dies_idle_costs_nothing");
    let pool = pool(1);
    let before = pool.submit(&ID, &()).unwrap().result().unwrap();
    let process = Pid::from_raw(i32::try_from(before).unwrap()).unwrap();
    kill_process(process, Signal::KILL).unwrap();
    // It is a zombie, as nobody has looked; what counts is that it is gone.
    wait_until_gone(&[before]);
    let after = pool.submit(&ID, &()).unwrap().result().unwrap();
    assert_ne!(before, after);
    assert!(!exists(before), "reaped");
}

/// The process that is left has the worker's connection, which does not end with the worker then.
#[test]
fn a_crash_is_noticed_though_a_forked_process_goes_on() {
    let _watchdog = Watchdog::of("a_crash_is_noticed_though_a_forked_process_goes_on");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left");
    let pool = pool(1);
    let leave = (path.to_str().unwrap().to_owned(), true);
    let error = pool.submit(&LEAVE, &leave).unwrap().result().unwrap_err();
    assert!(
        matches!(&error, ProcessError::Crashed { status: Some(status), attempts: 1, .. } if status.signal() == Some(6)),
        "{error}"
    );
    wait_until_gone(&nested(&path));
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

#[test]
fn a_worker_that_dies_idle_costs_nothing_though_a_forked_process_goes_on() {
    let _watchdog =
        Watchdog::of("a_worker_that_dies_idle_costs_nothing_though_a_forked_process_goes_on");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left");
    let pool = pool(1);
    let leave = (path.to_str().unwrap().to_owned(), false);
    pool.submit(&LEAVE, &leave).unwrap().result().unwrap();
    let processes = nested(&path);
    let worker = Pid::from_raw(i32::try_from(processes[0]).unwrap()).unwrap();
    kill_process(worker, Signal::KILL).unwrap();
    // A zombie is not gone while one of its threads is: then a job might be what it died of.
    waitid(
        WaitId::Pid(worker),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )
    .unwrap();
    assert!(runs(processes[1]));
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
    wait_until_gone(&processes);
}

#[test]
fn the_time_limit_kills_the_job_and_what_it_has_started() {
    let _watchdog = Watchdog::of("the_time_limit_kills_the_job_and_what_it_has_started");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested");
    let limit = Duration::from_secs(5);
    let pool = builder(1).time_limit(limit).retries(5).build().unwrap();
    let nest = pool
        .submit(&NEST, &path.to_str().unwrap().to_owned())
        .unwrap();
    let error = nest.result().unwrap_err();
    assert!(
        matches!(error, ProcessError::TimeLimit { limit: l, .. } if l == limit),
        "{error}"
    );
    let processes = nested(&path);
    assert_eq!(processes.len(), 2);
    assert!(!exists(processes[0]), "reaped");
    wait_until_gone(&processes);
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

#[test]
fn a_job_that_runs_is_cancelled_by_killing_it() {
    let _watchdog = Watchdog::of("a_job_that_runs_is_cancelled_by_killing_it");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested");
    let pool = builder(1).retries(5).build().unwrap();
    let nest = pool
        .submit(&NEST, &path.to_str().unwrap().to_owned())
        .unwrap();
    let waiting = pool.submit(&NEST, &"/never".to_owned()).unwrap();
    assert!(waiting.cancel());
    let processes = nested(&path);
    assert!(nest.cancel());
    assert!(!nest.cancel(), "it was already");
    assert!(nest.is_done());
    assert!(matches!(nest.result(), Err(ProcessError::Cancelled)));
    assert!(matches!(waiting.result(), Err(ProcessError::Cancelled)));
    wait_until_gone(&processes);
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

#[test]
fn a_worker_is_replaced_after_its_jobs() {
    let _watchdog = Watchdog::of("a_worker_is_replaced_after_its_jobs");
    let three = NonZeroU64::new(3).unwrap();
    let pool = builder(1).jobs_per_worker(three).build().unwrap();
    let ids: Vec<u32> = pool.map(&ID, [(); 10]).collect::<Result<_, _>>().unwrap();
    let mut kinds = ids.clone();
    kinds.dedup();
    assert_eq!(kinds.len(), 4, "{ids:?}");
    assert_eq!(ids.iter().filter(|id| **id == ids[0]).count(), 3);
    drop(pool);
    assert!(!ids.iter().any(|id| exists(*id)));
}

#[test]
fn memory_beyond_the_limit_costs_the_job_that_takes_it() {
    let _watchdog = Watchdog::of("memory_beyond_the_limit_costs_the_job_that_takes_it");
    if !cfg!(target_os = "linux") {
        return;
    }
    let pool = builder(1).memory_limit_bytes(1 << 30).build().unwrap();
    let much = pool.submit(&BYTES, &(2 << 30)).unwrap();
    assert!(matches!(much.result(), Err(ProcessError::Crashed { .. })));
    assert_eq!(pool.submit(&BYTES, &9).unwrap().result().unwrap(), [7; 9]);
}

#[test]
fn bytes_on_the_descriptor_of_the_pool_cost_one_job() {
    let _watchdog = Watchdog::of("bytes_on_the_descriptor_of_the_pool_cost_one_job");
    let pool = pool(1);
    for garbage in [&[255; 100][..], &[0; 100]] {
        let garbled = pool.submit(&GARBLE, &garbage.to_vec()).unwrap();
        let error = garbled.result().unwrap_err();
        assert!(matches!(error, ProcessError::Garbled { .. }), "{error}");
        assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
    }
}
