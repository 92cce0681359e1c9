//! Streams, stages of futures, and runs that a task can wait for.

use std::{
    any::Any,
    convert::Infallible,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use futures_core::Stream;
use tokio::sync::oneshot;

mod flight;
mod host;
mod source;
mod stage;

pub(super) use self::host::Host;
use super::{
    Pipeline, PipelineError, PipelineHandle, PipelineReport,
    plan::{Kind, Plan, builder},
};
use crate::{executor::inside, failure::drop_quietly};

impl<'a, T: Send + 'a> Pipeline<'a, T> {
    /// As [`from_iter`](Self::from_iter), with a stream as the source: one thread of the pipeline polls it, as there is room. Feature `async`.
    ///
    /// A pipeline that is stopped drops the stream, also while it waits for the stream's next item. See [Futures](Self#futures) for what they run on.
    ///
    /// # Examples
    /// ```
    /// use futures_util::stream;
    /// use tuneup_concurrency::Pipeline;
    ///
    /// let squares = Pipeline::from_stream(stream::iter(1..=3))
    ///     .stage("square", 2, |n| n * n)
    ///     .ordered()
    ///     .collect()?;
    /// assert_eq!(squares, [1, 4, 9]);
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// ```
    pub fn from_stream<S>(stream: S) -> Self
    where
        S: Stream<Item = T> + Send + 'a,
    {
        Self::from_source(Kind::Stream, move |plan, output| {
            let shared = Arc::clone(&plan.shared);
            let gate = Arc::clone(output.gate());
            plan.task(0, &gate, move || async move {
                source::feed(&shared, stream, &output).await;
            });
        })
    }

    /// Adds a stage of an asynchronous function: at most `limit` of its futures are in flight at a time, 1 to 65536. Feature `async`.
    ///
    /// For what waits: requests, timers. One thread, which bears the stage's name, polls them all: futures that compute hold up the others; computing
    /// belongs into a [`stage`](Self::stage) of threads. Futures need not be `Send` and may borrow what the pipeline may.
    ///
    /// Results that wait for room in the next queue count as in flight; they do not keep the other futures from being polled. Dropped futures,
    /// after a [cancel](PipelineHandle::cancel), are dropped where they wait.
    ///
    /// **Cost:** one allocation, and some 0.3 µs for each item, which is little beside anything that waits.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_concurrency::Pipeline;
    ///
    /// async fn fetch(page: u64) -> String {
    ///     tokio::time::sleep(Duration::from_millis(10 - page)).await;
    ///     "x".repeat(page as usize)
    /// }
    ///
    /// let mut lengths = Vec::new();
    /// let report = Pipeline::from_iter(0..10)
    ///     .async_stage("fetch", 5, fetch)
    ///     .stage("measure", 1, |text| text.len())
    ///     .ordered()
    ///     .run(|length| lengths.push(length))?;
    /// assert!(lengths.into_iter().eq(0..10));
    /// assert!(report.stages[0].is_async);
    /// println!("{}", report.bottleneck().unwrap());
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// ```
    /// ```text
    /// fetch is the bottleneck: 4.8 of at most 5 are in flight on average; 1402 would move it to measure
    /// ```
    #[doc(alias = "buffered")]
    #[doc(alias = "buffer_unordered")]
    pub fn async_stage<R, F, Fut>(
        self,
        name: impl Into<String>,
        limit: usize,
        mut f: F,
    ) -> Pipeline<'a, R>
    where
        R: Send + 'a,
        F: FnMut(T) -> Fut + Send + 'a,
        Fut: Future<Output = R> + 'a,
    {
        self.try_async_stage(name, limit, move |item| {
            let future = f(item);
            async { Ok::<R, Infallible>(future.await) }
        })
    }

    /// Adds a stage of an asynchronous function that may fail. The first error ends the pipeline, gracefully, as with
    /// [`try_stage`](Self::try_stage). Feature `async`.
    ///
    /// All else is as with [`async_stage`](Self::async_stage).
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::Pipeline;
    ///
    /// let error = Pipeline::from_iter(["1", "two"])
    ///     .try_async_stage("parse", 2, |text| async { text.parse::<u32>() })
    ///     .collect()
    ///     .unwrap_err();
    /// assert_eq!(error.to_string(), "stage parse failed at item 1");
    /// ```
    pub fn try_async_stage<R, E, F, Fut>(
        self,
        name: impl Into<String>,
        limit: usize,
        f: F,
    ) -> Pipeline<'a, R>
    where
        R: Send + 'a,
        E: Into<Box<dyn Error + Send + Sync>> + 'a,
        F: FnMut(T) -> Fut + Send + 'a,
        Fut: Future<Output = Result<R, E>> + 'a,
    {
        self.step(name.into(), Kind::Futures, limit, move |plan, link| {
            let (number, gate) = (link.number, Arc::clone(link.output.gate()));
            plan.task(number, &gate, move || stage::work(link, limit, f));
        })
    }
}

impl<T: Send + 'static> Pipeline<'static, T> {
    /// As [`run`](Self::run), for a task to wait for: no thread of the runtime is blocked. Feature `async`.
    ///
    /// Nothing happens before it is polled; then the pipeline runs on threads of its own, one more than with `run`, which calls `out`. Functions must
    /// own what they use: dropped before its end, the future [cancels](PipelineHandle::cancel) the pipeline, whose threads end after the
    /// items that they are working on, and cannot be waited for.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run`](Self::run), but for the place: it may be polled by a runtime.
    ///
    /// # Examples
    /// ```
    /// use std::{future::ready, sync::mpsc::channel};
    /// use tuneup_concurrency::Pipeline;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, receiver) = channel();
    /// let report = Pipeline::from_iter(0..10)
    ///     .async_stage("pass", 4, ready)
    ///     .ordered()
    ///     .run_async(move |n| sender.send(n).unwrap())
    ///     .await?;
    /// assert_eq!(report.output.items, 10);
    /// assert!(receiver.into_iter().eq(0..10));
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn run_async(
        self,
        out: impl FnMut(T) + Send + 'static,
    ) -> Result<PipelineReport, PipelineError> {
        self.in_thread(|pipeline, plan| pipeline.run_plan(plan, out))
            .await
    }

    /// As [`collect`](Self::collect), for a task to wait for. See [`run_async`](Self::run_async). Feature `async`.
    ///
    /// # Errors
    /// As [`run`](Self::run). The results are dropped then.
    ///
    /// # Panics
    /// As [`collect`](Self::collect).
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::Pipeline;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let doubled = Pipeline::from_iter(0..3).stage("double", 2, |n| 2 * n).ordered();
    /// assert_eq!(doubled.collect_async().await?, [0, 2, 4]);
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn collect_async(self) -> Result<Vec<T>, PipelineError> {
        self.in_thread(|pipeline, plan| {
            let mut results = Vec::new();
            pipeline.run_plan(plan, |result| results.push(result))?;
            Ok(results)
        })
        .await
    }

    /// Runs it in a thread; its end can be awaited, and cancels the pipeline if it is not.
    async fn in_thread<R: Send + 'static>(
        mut self,
        run: impl FnOnce(Self, Plan<'static>) -> Result<R, PipelineError> + Send + 'static,
    ) -> Result<R, PipelineError> {
        let mut guard = CancelOnDrop(Some(self.handle()));
        let plan = self.plan()?.with_host(Host::of_task)?;
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            inside::become_helper();
            let outcome = catch_unwind(AssertUnwindSafe(|| run(self, plan)));
            // Nobody may be there any more to take the results or the panic.
            drop_quietly(sender.send(outcome));
        };
        let outcome = match builder("output").spawn(work) {
            Ok(_detached) => receiver.await,
            Err(error) => return Err(PipelineError::of_start("output", error)),
        };
        guard.0 = None;
        let outcome: Result<_, Box<dyn Any + Send>> =
            outcome.expect("the thread sends whatever becomes of it");
        outcome.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

/// Stops what nobody waits for any more.
struct CancelOnDrop(Option<PipelineHandle>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.cancel();
        }
    }
}
