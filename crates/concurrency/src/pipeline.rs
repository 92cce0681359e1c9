//! Stages that work at the same time, each with threads or futures of its own, and bounded queues between them.

use std::{convert::Infallible, error::Error, fmt, sync::Arc};

#[cfg(feature = "async")]
mod asynchronous;
mod error;
mod handle;
#[cfg(all(loom, test))]
mod model;
#[cfg(feature = "serde")]
mod nanoseconds;
mod plan;
mod queue;
mod report;
#[cfg(all(test, not(loom)))]
mod tests;
mod window;
mod work;

pub use self::{
    error::{PipelineError, StagePanic},
    handle::PipelineHandle,
    report::{Bottleneck, PipelineEnd, PipelineReport, StageReport},
};
use self::{
    handle::Signal,
    plan::{Kind, Plan, Step},
    queue::Queue,
    work::{Entry, Link, Stage, feed},
};

/// Items that go through stages, each of which has threads or futures of its own, with bounded queues in between.
///
/// For work in steps of different kinds: read, parse, store. Where there is one step that computes, [`ParImap`](crate::ParImap) is simpler and cheaper.
///
/// | | default | by |
/// |---|---|---|
/// | order of the results | of completion | [`ordered`](Self::ordered): of the source |
/// | capacity of a queue | 256 items | [`queue`](Self::queue) |
/// | workers of a stage | none | [`stage`](Self::stage), [`try_stage`](Self::try_stage): threads |
/// | | | `async_stage`, `try_async_stage` (feature `async`): futures in flight |
///
/// # Who does what
/// Nothing happens before [`run`](Self::run) or [`collect`](Self::collect), which return when all threads have ended; so sources and functions may borrow.
/// One thread pulls from the source, each stage has as many as it was given, and the caller's thread takes the results. Threads bear their stage's
/// name. Whoever has nothing to do sleeps.
///
/// # Futures
/// With the feature `async`, the source may be a stream (`from_stream`), and a stage an asynchronous function with so many calls in flight
/// (`async_stage`). One thread for each of them polls; it is a thread of the pipeline's, so that futures may borrow too, and a queue that is
/// full keeps nothing from being polled. Timers, connections and spawned tasks are those of a tokio runtime:
///
/// | call | blocks | runtime |
/// |---|---|---|
/// | [`run`](Self::run), [`collect`](Self::collect) | the calling thread | the one that the thread has [entered](https://docs.rs/tokio/latest/tokio/runtime/struct.Runtime.html#method.enter), if it has several threads; else one for this run, which ends with it |
/// | `run_async`, `collect_async` | nobody: they are awaited | the one of the task that awaits, or one for this run |
///
/// Stages of threads stay threads in both. What is awaited can be dropped at any time and must own what it uses, while what blocks may borrow.
///
/// # Bounds
/// From the pull until the caller's function is done with it, an item is on its way. Never are more items on their way than the queues and
/// the workers can have together ([`most_in_flight`](PipelineReport::most_in_flight)), in order or not: a place is reserved before
/// an item is pulled. That is also why the order cannot cause a deadlock, however late an item is.
///
/// # Failures
/// After the first error or panic of a stage, or panic of the source, nothing more is pulled. The items that were pulled go on through all stages and are
/// handed out, without the failed ones; then [`PipelineError`] says which stage has failed, and at which item. If there are several, it is the first
/// in time, which need not be that of the first item or stage. A panic of the caller's function at the end cancels the pipeline and goes on; so
/// does a panic in the drop of an item or of the source, where nothing else can be done with it.
///
/// # Cost
/// 50 µs to start each thread; for each item and queue two short locks, or less: items that take much less than 200 µs are taken
/// several at a time, so that a result may wait for the others of its batch, and a function must not wait for a later item of its stage. No
/// allocation for each item. Four clock readings for each batch. A thread that finds fewer items than it could use lets others have the
/// processor, once to 16 times, before it takes them: more often where that has brought items the time before.
///
/// # Examples
/// A producer and a consumer are the source and the output, with one queue between them:
/// ```
/// use tuneup_concurrency::Pipeline;
///
/// let mut sum = 0;
/// Pipeline::from_iter(1..=100).queue(8).run(|n| sum += n)?;
/// assert_eq!(sum, 5050);
/// # Ok::<(), tuneup_concurrency::PipelineError>(())
/// ```
/// Stages between them, and what they say of themselves:
/// ```
/// use tuneup_concurrency::Pipeline;
///
/// let texts = ["1", "20", "300"];
/// let mut lengths = Vec::new();
/// let report = Pipeline::from_iter(&texts)
///     .try_stage("parse", 2, |text| text.parse::<u32>())
///     .queue(16)
///     .stage("format", 1, |number| format!("{number:#x}"))
///     .ordered()
///     .run(|text| lengths.push(text))?;
/// assert_eq!(lengths, ["0x1", "0x14", "0x12c"]);
/// assert_eq!(report.stages[0].items, 3);
/// println!("{}", report.bottleneck().unwrap());
/// # Ok::<(), tuneup_concurrency::PipelineError>(())
/// ```
#[doc(alias = "producer")]
#[doc(alias = "consumer")]
#[must_use = "a pipeline does nothing before `run` or `collect`"]
pub struct Pipeline<'a, T> {
    set_up: SetUp<'a, T>,
    /// The source and the stages.
    steps: Vec<Step>,
    is_ordered: bool,
    signal: Arc<Signal>,
}

/// Sets up everything before the queue that it is given.
type SetUp<'a, T> = Box<dyn FnOnce(&mut Plan<'a>, Arc<Results<T>>) + Send + 'a>;

/// What comes out of a stage.
type Results<T> = Queue<Entry<T>>;

impl<'a, T: Send + 'a> Pipeline<'a, T> {
    /// A pipeline without stages. The source is any iterator; a thread of the pipeline pulls from it, lazily.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::Pipeline;
    ///
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// sender.send(1).unwrap();
    /// drop(sender);
    /// assert_eq!(Pipeline::from_iter(receiver).collect()?, [1]);
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// ```
    #[expect(
        clippy::should_implement_trait,
        reason = "the trait allows no bounds on the iterator, which must be Send"
    )]
    pub fn from_iter<I>(items: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'a,
    {
        let items = items.into_iter();
        Self::from_source(Kind::Threads, move |plan, output| {
            let shared = Arc::clone(&plan.shared);
            let gate = Arc::clone(output.gate());
            plan.thread(0, &gate, move || feed(&shared, items, &output));
        })
    }

    fn from_source(
        kind: Kind,
        set_up: impl FnOnce(&mut Plan<'a>, Arc<Results<T>>) + Send + 'a,
    ) -> Self {
        Self {
            set_up: Box::new(set_up),
            steps: vec![Step::new("source".to_owned(), kind, 1)],
            is_ordered: false,
            signal: Arc::new(Signal::new()),
        }
    }

    /// Adds a step that `start` starts between its two queues.
    fn step<R: Send + 'a>(
        self,
        name: String,
        kind: Kind,
        workers: usize,
        start: impl FnOnce(&mut Plan<'a>, Link<T, R>) + Send + 'a,
    ) -> Pipeline<'a, R> {
        let Self {
            set_up,
            mut steps,
            is_ordered,
            signal,
        } = self;
        let number = steps.len();
        steps.push(Step::new(name, kind, workers));
        Pipeline {
            set_up: Box::new(move |plan, output| {
                let input = plan.queue(number - 1);
                set_up(plan, Arc::clone(&input));
                let shared = Arc::clone(&plan.shared);
                start(
                    plan,
                    Link {
                        number,
                        input,
                        output,
                        shared,
                    },
                );
            }),
            steps,
            is_ordered,
            signal,
        }
    }

    /// Adds a stage: `f` is called with each item, by so many threads, 1 to 65536.
    ///
    /// As many workers as there are cores for stages that compute, all of these together; more for stages that wait (files, requests). One worker for
    /// what must happen one after the other, which is then in the order in which items come.
    ///
    /// # Examples
    /// See the type's.
    #[doc(alias = "map")]
    pub fn stage<R, F>(self, name: impl Into<String>, workers: usize, f: F) -> Pipeline<'a, R>
    where
        R: Send + 'a,
        F: Fn(T) -> R + Send + Sync + 'a,
    {
        self.try_stage(name, workers, move |item| Ok::<R, Infallible>(f(item)))
    }

    /// Adds a stage that may fail. The first error ends the pipeline, gracefully: see [Failures](Self#failures).
    ///
    /// To go on after errors, use [`stage`](Self::stage) and let the `Result`s be items.
    ///
    /// # Examples
    /// See [`PipelineError`].
    #[doc(alias = "try_map")]
    pub fn try_stage<R, E, F>(
        self,
        name: impl Into<String>,
        workers: usize,
        f: F,
    ) -> Pipeline<'a, R>
    where
        R: Send + 'a,
        E: Into<Box<dyn Error + Send + Sync>> + 'a,
        F: Fn(T) -> Result<R, E> + Send + Sync + 'a,
    {
        let name = name.into();
        self.step(name, Kind::Threads, workers, move |plan, link| {
            let (number, gate) = (link.number, Arc::clone(link.output.gate()));
            let stage = Arc::new(Stage { link, workers, f });
            for _ in 0..workers {
                let stage = Arc::clone(&stage);
                plan.thread(number, &gate, move || stage.work());
            }
        })
    }

    /// How many items the queue behind what was added last can hold, 1 or more: the source's if no stage was added. The default is 256.
    ///
    /// A longer queue evens out items that take unequally long; it does not make a slow stage faster. See
    /// [`mean_queue_depth`](StageReport::mean_queue_depth) for how much of it is in use.
    ///
    /// # Examples
    /// See the type's.
    #[doc(alias = "buffer")]
    #[doc(alias = "bounded")]
    pub fn queue(mut self, capacity: usize) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.queue = capacity;
        }
        self
    }

    /// Hands the results out in the order of the source. The default is the order of completion.
    ///
    /// What comes before its turn waits, within the [bounds](Self#bounds) of all. Stages before the end still get items in any order.
    ///
    /// # Examples
    /// See the type's.
    pub fn ordered(mut self) -> Self {
        self.is_ordered = true;
        self
    }

    /// What stops it from another thread, or from inside of a stage.
    ///
    /// # Examples
    /// See [`PipelineHandle`].
    #[must_use]
    pub fn handle(&self) -> PipelineHandle {
        PipelineHandle::new(&self.signal)
    }

    /// Runs it to its end, and hands the results to `out`, in the caller's thread.
    ///
    /// # Errors
    /// [`PipelineError`]: the first stage that has failed, or an option that is out of range, or a thread that could not be started.
    ///
    /// # Panics
    /// If `out` does. And if the drop of an item or of the source panics in one of the threads.
    ///
    /// With futures, also if it is called by a task: it would block a thread of the runtime, which may be what the futures wait for. Use
    /// `run_async` there.
    ///
    /// # Examples
    /// See the type's.
    #[doc(alias = "for_each")]
    pub fn run(mut self, out: impl FnMut(T)) -> Result<PipelineReport, PipelineError> {
        let plan = self.plan()?;
        #[cfg(feature = "async")]
        let plan = plan.with_host(asynchronous::Host::of_blocked_thread)?;
        self.run_plan(plan, out)
    }

    /// Runs it to its end and gathers the results. For the figures too, use [`run`](Self::run) with a function that pushes.
    ///
    /// # Errors
    /// As [`run`](Self::run). The results are dropped then.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    ///
    /// # Examples
    /// See [`from_iter`](Self::from_iter).
    pub fn collect(self) -> Result<Vec<T>, PipelineError> {
        let mut results = Vec::new();
        self.run(|result| results.push(result))?;
        Ok(results)
    }

    fn plan(&mut self) -> Result<Plan<'a>, PipelineError> {
        Plan::new(std::mem::take(&mut self.steps), &self.signal)
    }

    fn run_plan(
        self,
        mut plan: Plan<'a>,
        out: impl FnMut(T),
    ) -> Result<PipelineReport, PipelineError> {
        let results = plan.last_queue();
        (self.set_up)(&mut plan, Arc::clone(&results));
        plan.run(&results, self.is_ordered, out)
    }
}

impl<T> fmt::Debug for Pipeline<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.steps.iter().map(|step| step.name.as_str()).collect();
        f.debug_struct("Pipeline")
            .field("steps", &names)
            .field("is_ordered", &self.is_ordered)
            .finish_non_exhaustive()
    }
}
