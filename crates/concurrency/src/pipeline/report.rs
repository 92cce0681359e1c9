//! Where the time went, and what would help.

use std::{fmt, time::Duration};

/// How much faster more futures in flight should at least make a stage before their thread is the limit. With less, that is the limit already.
const WORTH_IT: f64 = 1.1;

/// What a [`Pipeline`](crate::Pipeline) has done.
///
/// With the feature `serde` it is written and read by serde, its times in nanoseconds (`elapsed_ns`): as JSON, `cargo tuneup advise`
/// reads it.
///
/// # Examples
/// ```
/// use tuneup_concurrency::{Pipeline, PipelineEnd};
///
/// let report = Pipeline::from_iter(0..9).stage("add", 2, |n| n + 1).run(drop)?;
/// assert_eq!(report.end, PipelineEnd::Completed);
/// assert_eq!((report.source.items, report.output.items), (9, 9));
/// assert_eq!((report.stages[0].name.as_str(), report.stages[0].workers), ("add", 2));
/// assert!((0.0..=1.0).contains(&report.stages[0].utilisation()));
/// # Ok::<(), tuneup_concurrency::PipelineError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PipelineReport {
    /// How it came to its end.
    pub end: PipelineEnd,
    /// From the first thread's start to the last one's end.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "elapsed_ns", with = "super::nanoseconds")
    )]
    pub elapsed: Duration,
    /// The most items that may have been on their way at a time: the queues' capacities and the stages' workers, all together.
    pub most_in_flight: usize,
    /// The iterator at the beginning, as a stage named `source` of one worker.
    pub source: StageReport,
    /// The stages, in their order.
    pub stages: Vec<StageReport>,
    /// The caller's function at the end, as a stage named `output` of one worker.
    pub output: StageReport,
}

/// How a pipeline came to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PipelineEnd {
    /// The source had no more items.
    #[default]
    Completed,
    /// The source was not asked for more, because of [`drain`](crate::PipelineHandle::drain) or a failure; what it had given was done.
    Drained,
    /// It was [cancelled](crate::PipelineHandle::cancel); items may have been dropped.
    Cancelled,
}

/// What one stage has done, its workers together.
///
/// The names of the figures are those of simulations of production lines, where a machine is busy, starved or blocked.
///
/// For each worker, `busy`, `starved` and `blocked` together are the time from its start to its end.
///
/// The workers of a stage of futures are the futures that may be in flight: `busy` is how long they were, all of them together, so that
/// `utilisation() * workers` is how many were in flight on average ([Little 1961](https://doi.org/10.1287/opre.9.3.383)). One whose result
/// waits for room is `blocked`, one more that could be in flight but for want of an item `starved`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StageReport {
    /// Its name.
    pub name: String,
    /// Whether it is of futures, by `async_stage` or `try_async_stage`.
    pub is_async: bool,
    /// Its threads, or the most futures that may be in flight.
    pub workers: usize,
    /// Items that came in, and were worked on or had failed before.
    pub items: u64,
    /// Time at work, or ready to work while other threads had the processors. Of futures: time in flight.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "busy_ns", with = "super::nanoseconds")
    )]
    pub busy: Duration,
    /// Time without work, because nothing was in the queue before it.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "starved_ns", with = "super::nanoseconds")
    )]
    pub starved: Duration,
    /// Time without work, because the queue behind it was full.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "blocked_ns", with = "super::nanoseconds")
    )]
    pub blocked: Duration,
    /// How long the one thread of a stage of futures was polling them, which is about what they computed; the rest of its time they all
    /// waited. 0 for threads.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "polling_ns", with = "super::nanoseconds")
    )]
    pub polling: Duration,
    /// Items in the queue before it, on average over the moments at which a worker came for some. 0 for the source.
    pub mean_queue_depth: f64,
    /// The most items that were ever in the queue before it. 0 for the source.
    pub most_queue_depth: usize,
}

impl StageReport {
    /// The part of their time that the workers were busy, 0 to 1; 0 if there was no time.
    ///
    /// # Examples
    /// See [`PipelineReport`].
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        let all = (self.busy + self.starved + self.blocked).as_secs_f64();
        if all > 0.0 {
            self.busy.as_secs_f64() / all
        } else {
            0.0
        }
    }

    /// How long it would take for all of its items if it never had to wait.
    fn demand_s(&self) -> f64 {
        // A worker without an item of its own is no help.
        let workers = (self.workers as u64).min(self.items).max(1);
        let workers_s = self.busy.as_secs_f64() / workers as f64;
        // All futures share one thread.
        workers_s.max(self.polling.as_secs_f64())
    }
}

/// The stage that sets the pace of all others, and what would make another one do so.
///
/// It is the one whose workers were busy longest each (the utilisation law, Lazowska et al. 1984: the throughput of a chain is at most that of the
/// stage with the highest demand). That more workers are as fast as those before is assumed: of a stage that computes, no more of them help than
/// there are processors. And no more of them help than there are items,
/// so that a short run says little of a long one.
///
/// For a stage of futures the same holds of how many are in flight: more of them help as long as what they wait for answers more at a time, and the
/// one thread that polls them is not busy throughout.
///
/// Its [`Display`](fmt::Display) is a line such as *parse is the bottleneck: 4 workers are busy 98 % of the time; 7 would move it to store*, or
/// *fetch is the bottleneck: 31.4 of at most 32 are in flight on average; 60 would move it to parse*.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bottleneck {
    /// The name of the stage; `source` or `output` for the ends.
    pub stage: String,
    /// Whether it is of futures.
    pub is_async: bool,
    /// Its threads, or the most futures that may be in flight.
    pub workers: usize,
    /// The part of their time that they were busy, or in flight, 0 to 1.
    pub utilisation: f64,
    /// The part of its time that the thread of a stage of futures was polling, 0 to 1. 0 for threads.
    pub polling: f64,
    /// Items that came in. A worker for each of them is the most that help.
    pub items: u64,
    /// The fewest workers with which it would be no slower than the next slowest; if even a worker for each item would be slower, that many.
    /// `None` for the ends, which cannot have more than one; if nothing else took any time; if there are as many as items; and for a stage of
    /// futures whose thread is what is too slow, however many are in flight.
    pub workers_needed: Option<usize>,
    /// The name of the next slowest; the stage's own if that is the one thread that polls its futures.
    pub next: String,
}

impl PipelineReport {
    /// What to work at first, if it is to be faster. `None` if there were no items.
    ///
    /// Where two are equally slow, the first of them.
    ///
    /// # Examples
    /// ```
    /// use std::{thread, time::Duration};
    /// use tuneup_concurrency::Pipeline;
    ///
    /// let report = Pipeline::from_iter(0..20)
    ///     .stage("fetch", 1, |n| {
    ///         thread::sleep(Duration::from_millis(2));
    ///         n
    ///     })
    ///     .stage("count", 1, |n| n + 1)
    ///     .run(drop)?;
    /// let bottleneck = report.bottleneck().unwrap();
    /// assert_eq!(bottleneck.stage, "fetch");
    /// assert!(bottleneck.workers_needed > Some(1));
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// ```
    #[must_use]
    pub fn bottleneck(&self) -> Option<Bottleneck> {
        if self.source.items == 0 {
            return None;
        }
        let mut all: Vec<&StageReport> = std::iter::once(&self.source)
            .chain(&self.stages)
            .chain([&self.output])
            .collect();
        all.sort_by(|a, b| b.demand_s().total_cmp(&a.demand_s()));
        let (slowest, next) = (all[0], all[1]);
        let is_stage = self.stages.iter().any(|stage| std::ptr::eq(stage, slowest));
        // The thread that polls a stage of futures is a limit of its own, whatever the number in flight.
        let polling_s = slowest.polling.as_secs_f64();
        let is_thread_next = polling_s > next.demand_s();
        let next_s = polling_s.max(next.demand_s());
        let needed = slowest.busy.as_secs_f64() / next_s;
        let most = usize::try_from(slowest.items).unwrap_or(usize::MAX);
        let can_help = is_stage
            && next_s > 0.0
            && slowest.workers < most
            && slowest.demand_s() > polling_s * WORTH_IT;
        // A cast of a float saturates.
        let workers_needed =
            can_help.then(|| (needed.ceil() as usize).clamp(slowest.workers, most));
        let elapsed_s = self.elapsed.as_secs_f64();
        let polling = if elapsed_s > 0.0 {
            (polling_s / elapsed_s).min(1.0)
        } else {
            0.0
        };
        let next = if is_thread_next { slowest } else { next };
        Some(Bottleneck {
            stage: slowest.name.clone(),
            is_async: slowest.is_async,
            workers: slowest.workers,
            utilisation: slowest.utilisation(),
            polling,
            items: slowest.items,
            workers_needed,
            next: next.name.clone(),
        })
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, workers, .. } = self;
        write!(f, "{stage} is the bottleneck: ")?;
        let percent = self.utilisation * 100.0;
        if self.is_async {
            let mean = self.utilisation * *workers as f64;
            write!(f, "{mean:.1} of at most {workers} are in flight on average")?;
        } else if *workers == 1 {
            write!(f, "1 worker is busy {percent:.0} % of the time")?;
        } else {
            write!(f, "{workers} workers are busy {percent:.0} % of the time")?;
        }
        match self.workers_needed {
            Some(needed) if needed as u64 == self.items => {
                write!(f, "; up to {needed} would help, one for each item")
            }
            Some(needed) if self.next == self.stage => {
                write!(f, "; {needed} would keep their thread busy")
            }
            Some(needed) => write!(f, "; {needed} would move it to {}", self.next),
            None if self.polling > 0.5 => {
                let percent = self.polling * 100.0;
                write!(
                    f,
                    ", and their thread computes {percent:.0} % of the time: \
                     that belongs into a stage of threads"
                )
            }
            None if *workers as u64 >= self.items => {
                write!(f, "; more of them would find no items")
            }
            None => Ok(()),
        }
    }
}
