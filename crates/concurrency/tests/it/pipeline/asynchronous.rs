//! Streams, stages of futures, and runs that a task waits for.

mod figures;
mod places;
mod properties;
mod stopping;

use std::{
    cell::Cell,
    future::ready,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::Duration,
};

use futures_util::stream;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
    time::sleep,
};
use tuneup_concurrency::{Pipeline, StagePanic};

use super::Refused;
use crate::parallel::within_a_minute;

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn futures_may_borrow_and_need_not_be_send() {
    within_a_minute("futures_may_borrow", || {
        let texts = ["a".to_owned(), "bb".to_owned()];
        let lengths = Pipeline::from_stream(stream::iter(&texts))
            .async_stage("measure", 2, |text| async move {
                let length = Rc::new(Cell::new(0));
                tokio::task::yield_now().await;
                length.set(text.len());
                length.get()
            })
            .ordered()
            .collect()
            .unwrap();
        assert_eq!(lengths, [1, 2]);
    });
}

/// Timers and tasks of a stage live on when another stage, and its thread, has ended.
#[test]
fn all_stages_share_a_runtime_that_lives_to_the_end() {
    within_a_minute("all_stages_share_a_runtime", || {
        let (ask, mut questions) = mpsc::channel::<oneshot::Sender<u32>>(1);
        let server = async move {
            let mut answer = 0;
            while let Some(sender) = questions.recv().await {
                sleep(Duration::from_millis(1)).await;
                answer += 1;
                sender.send(answer).unwrap();
            }
        };
        let mut server = Some(server);
        let answers = Pipeline::from_iter(0..5)
            .async_stage("serve", 1, move |n| {
                if let Some(server) = server.take() {
                    tokio::spawn(server);
                }
                ready(n)
            })
            .async_stage("ask", 1, move |_| {
                let ask = ask.clone();
                async move {
                    let (sender, answer) = oneshot::channel();
                    ask.send(sender).await.unwrap();
                    answer.await.unwrap()
                }
            })
            .ordered()
            .collect()
            .unwrap();
        assert_eq!(answers, [1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_runtime_that_is_there_is_used() {
    within_a_minute("a_runtime_that_is_there", || {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("theirs")
            .build()
            .unwrap();
        let name = |_: ()| async {
            let name = || thread::current().name().map(str::to_owned);
            tokio::spawn(async move { name() }).await.unwrap()
        };
        let _guard = runtime.enter();
        let names = Pipeline::from_iter([()]).async_stage("spawn", 1, name);
        assert_eq!(names.collect().unwrap(), [Some("theirs".to_owned())]);
    });
}

/// Such a runtime is driven by the thread that `run` blocks: its timers would never fire.
#[test]
fn a_runtime_that_nobody_drives_is_not_used() {
    within_a_minute("a_runtime_that_nobody_drives", || {
        let runtime = one_thread();
        let _guard = runtime.enter();
        let slept = |n: u32| async move {
            sleep(Duration::from_millis(1)).await;
            n
        };
        let results = Pipeline::from_iter([1]).async_stage("sleep", 1, slept);
        assert_eq!(results.collect().unwrap(), [1]);
    });
}

#[test]
fn a_task_cannot_run_futures_and_block() {
    within_a_minute("a_task_cannot_run_futures", || {
        one_thread().block_on(async {
            let pipeline = Pipeline::from_iter([1]).async_stage("pass", 1, ready);
            assert!(catch_unwind(AssertUnwindSafe(|| pipeline.collect())).is_err());
            // Threads alone need no runtime.
            let pipeline = Pipeline::from_iter([1]).stage("pass", 1, |n| n);
            assert_eq!(pipeline.collect().unwrap(), [1]);
        });
    });
}

#[test]
fn a_run_that_a_task_waits_for_does_not_block_its_runtime() {
    within_a_minute("a_run_that_a_task_waits_for", || {
        one_thread().block_on(async {
            // Each item needs the task beside, on the same and only thread.
            let (ask, mut questions) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(1);
            let square = async move {
                while let Some((n, sender)) = questions.recv().await {
                    sender.send(n * n).unwrap();
                }
            };
            tokio::spawn(square);
            let results = Pipeline::from_stream(stream::iter(0..100))
                .async_stage("ask", 7, move |n| {
                    let ask = ask.clone();
                    async move {
                        let (sender, answer) = oneshot::channel();
                        ask.send((n, sender)).await.unwrap();
                        answer.await.unwrap()
                    }
                })
                .stage("add", 2, |n| n + 1)
                .ordered()
                .collect_async()
                .await
                .unwrap();
            assert!(results.into_iter().eq((0..100).map(|n| n * n + 1)));
        });
    });
}

#[test]
fn a_panic_of_the_output_goes_on_where_it_is_awaited() {
    within_a_minute("a_panic_goes_on_where_it_is_awaited", || {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            one_thread().block_on(
                Pipeline::from_iter(0..)
                    .stage("pass", 1, |n| n)
                    .run_async(|n| assert!(n != 5, "no five")),
            )
        }));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"no five"));
    });
}

#[test]
fn panics_of_a_stage_of_futures_are_errors_with_their_items() {
    within_a_minute("panics_of_a_stage_of_futures", || {
        let message = |is_in_call: bool| {
            let mut out = Vec::new();
            let error = Pipeline::from_iter(0..100)
                .async_stage("panic", 3, |n| {
                    assert!(n != 4 || !is_in_call, "in the call");
                    async move {
                        tokio::task::yield_now().await;
                        assert!(n != 4, "in the future");
                        n
                    }
                })
                .ordered()
                .run(|n| out.push(n))
                .unwrap_err();
            assert_eq!((error.stage.as_str(), error.index), ("panic", Some(4)));
            assert!(error.report.source.items as usize == out.len() + 1);
            let panic = error.source.downcast::<StagePanic>().unwrap();
            panic.message().unwrap().to_owned()
        };
        assert_eq!(message(true), "in the call");
        assert_eq!(message(false), "in the future");
    });
}

#[test]
fn a_panic_of_the_stream_is_an_error_with_its_item() {
    within_a_minute("a_panic_of_the_stream", || {
        let items = (0..).inspect(|n| assert!(*n != 5, "no five"));
        let mut out = Vec::new();
        let error = Pipeline::from_stream(stream::iter(items))
            .ordered()
            .run(|n| out.push(n))
            .unwrap_err();
        assert_eq!((error.stage.as_str(), error.index), ("source", Some(5)));
        assert_eq!(out, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn the_first_failed_future_in_time_is_reported() {
    within_a_minute("the_first_failed_future", || {
        let (tell, told) = oneshot::channel();
        let (mut tell, mut told) = (Some(tell), Some(told));
        let error = Pipeline::from_iter(0..3)
            .try_async_stage("fail", 3, move |n: usize| {
                let told = (n == 0).then(|| told.take().unwrap());
                let tell = (n == 2).then(|| tell.take().unwrap());
                async move {
                    if let Some(told) = told {
                        told.await.unwrap();
                    }
                    if let Some(tell) = tell {
                        tell.send(()).unwrap();
                    }
                    if n == 1 { Ok(n) } else { Err(Refused(n)) }
                }
            })
            .collect()
            .unwrap_err();
        assert_eq!(error.index, Some(2));
        assert_eq!(error.source.downcast_ref(), Some(&Refused(2)));
    });
}

#[test]
fn a_limit_of_none_is_an_error() {
    let pipeline = Pipeline::from_iter([1]).async_stage("none", 0, ready);
    let error = pipeline.collect().unwrap_err();
    assert_eq!(error.stage, "none");
    assert_eq!(
        error.source.to_string(),
        "limit is 0; allowed is 1 to 65536"
    );
}
