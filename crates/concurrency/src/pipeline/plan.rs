//! What is to run, and the run itself.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    thread,
    time::Instant,
};

#[cfg(feature = "async")]
use super::asynchronous::Host;
use super::{
    error::PipelineError,
    handle::Signal,
    queue::{Gate, Queue},
    report::{PipelineEnd, PipelineReport, StageReport},
    work::{Producer, Shared, Sink},
};
use crate::executor::inside;

/// The capacity of a queue, if nothing else is said.
const QUEUE: usize = 256;

/// What does the work of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Threads that block.
    Threads,
    /// One thread that pulls from a stream.
    #[cfg(feature = "async")]
    Stream,
    /// One thread that polls futures.
    #[cfg(feature = "async")]
    Futures,
}

impl Kind {
    fn is_async(self) -> bool {
        match self {
            Self::Threads => false,
            #[cfg(feature = "async")]
            Self::Stream => false,
            #[cfg(feature = "async")]
            Self::Futures => true,
        }
    }
}

/// The source or a stage, and the queue behind it.
pub(super) struct Step {
    pub(super) name: String,
    kind: Kind,
    /// Threads, or futures in flight.
    workers: usize,
    pub(super) queue: usize,
}

impl Step {
    pub(super) fn new(name: String, kind: Kind, workers: usize) -> Self {
        Self {
            name,
            kind,
            workers,
            queue: QUEUE,
        }
    }

    fn check(&self) -> Result<(), crate::Error> {
        let workers = if self.kind.is_async() {
            "limit"
        } else {
            "workers"
        };
        crate::Error::check_workers(workers, self.workers)?;
        if self.queue == 0 {
            return Err(crate::Error::OutOfRange {
                option: "queue",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        Ok(())
    }
}

/// What is to run, while it is set up from the end to the beginning.
pub(super) struct Plan<'a> {
    steps: Vec<Step>,
    pub(super) shared: Arc<Shared>,
    /// Of the queues, the last one first.
    gates: Vec<Arc<Gate>>,
    threads: Vec<(usize, Box<dyn FnOnce() + Send + 'a>)>,
    /// What futures run on, if there are any.
    #[cfg(feature = "async")]
    pub(super) host: Option<Arc<Host>>,
    /// How many items may be on their way.
    places: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(steps: Vec<Step>, signal: &Arc<Signal>) -> Result<Self, PipelineError> {
        for step in &steps {
            if let Err(error) = step.check() {
                return Err(PipelineError::of_start(&step.name, error));
            }
        }
        Ok(Self {
            shared: Arc::new(Shared::new(Arc::clone(signal), steps.len() - 1)),
            places: most_in_flight(&steps),
            steps,
            gates: Vec::new(),
            threads: Vec::new(),
            #[cfg(feature = "async")]
            host: None,
        })
    }

    /// Makes what futures run on, if there are any.
    #[cfg(feature = "async")]
    pub(super) fn with_host(
        mut self,
        make: fn() -> std::io::Result<Host>,
    ) -> Result<Self, PipelineError> {
        let mut steps = self.steps.iter();
        if let Some(step) = steps.find(|step| step.kind != Kind::Threads) {
            let host = make().map_err(|error| PipelineError::of_start(&step.name, error))?;
            self.host = Some(Arc::new(host));
        }
        Ok(self)
    }

    /// The queue behind a step.
    pub(super) fn queue<T>(&mut self, step: usize) -> Arc<Queue<T>> {
        let Step {
            queue,
            workers,
            kind,
            ..
        } = self.steps[step];
        let producers = if kind == Kind::Threads { workers } else { 1 };
        let queue = Queue::new(queue, producers);
        self.gates.push(Arc::clone(queue.gate()));
        Arc::new(queue)
    }

    /// The queue behind the last step.
    pub(super) fn last_queue<T>(&mut self) -> Arc<Queue<T>> {
        self.queue(self.steps.len() - 1)
    }

    /// A thread of a step that puts what it makes in the queue of this gate.
    pub(super) fn thread(
        &mut self,
        step: usize,
        output: &Arc<Gate>,
        work: impl FnOnce() + Send + 'a,
    ) {
        let producer = Producer::new(output, &self.shared.signal);
        let work = move || {
            inside::become_helper();
            let _producer = producer;
            work();
        };
        self.threads.push((step, Box::new(work)));
    }

    /// As [`thread`](Self::thread), which polls one future to its end.
    #[cfg(feature = "async")]
    pub(super) fn task<F: Future<Output = ()>>(
        &mut self,
        step: usize,
        output: &Arc<Gate>,
        task: impl FnOnce() -> F + Send + 'a,
    ) {
        let host = self.host.clone();
        self.thread(step, output, move || {
            if let Some(host) = host {
                host.block_on(task());
            }
        });
    }

    /// Runs all threads until they have ended, and hands out what comes.
    pub(super) fn run<T>(
        mut self,
        results: &super::Results<T>,
        is_ordered: bool,
        out: impl FnMut(T),
    ) -> Result<PipelineReport, PipelineError> {
        let begun = Instant::now();
        self.gates.reverse();
        let shared = Arc::clone(&self.shared);
        shared.signal.window.release(self.places);
        shared.signal.watch(self.gates.clone());
        let threads = std::mem::take(&mut self.threads);
        thread::scope(|scope| {
            let _guard = CancelOnPanic(&shared.signal);
            for (step, work) in threads {
                let name = &self.steps[step].name;
                if let Err(error) = builder(name).spawn_scoped(scope, work) {
                    shared.fail(step, None, Box::new(error));
                    shared.signal.cancel();
                    break;
                }
            }
            let sink = Sink {
                shared: &shared,
                input: results,
                is_ordered,
                places: self.places,
            };
            sink.consume(out);
        });
        shared.signal.watch(Vec::new());
        self.finish(begun)
    }

    /// What has become of it, after all threads have ended.
    fn finish(self, begun: Instant) -> Result<PipelineReport, PipelineError> {
        let shared = self.shared;
        let tally = |step: usize| {
            shared.reports[step]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let report = |step: usize, name: &str, workers, is_async| {
            let before = step.checked_sub(1).map(|queue| &*self.gates[queue]);
            StageReport {
                is_async,
                ..tally(step).report(name, workers, before)
            }
        };
        let stages = self.steps.len();
        let steps = self.steps.iter().enumerate();
        let mut reports: Vec<StageReport> = steps
            .map(|(number, step)| report(number, &step.name, step.workers, step.kind.is_async()))
            .collect();
        let is_all_out = tally(0).items() == tally(stages).items();
        let end = if shared.has_source_ended.load(Ordering::Relaxed) && is_all_out {
            PipelineEnd::Completed
        } else if shared.signal.is_cancelled() {
            PipelineEnd::Cancelled
        } else {
            PipelineEnd::Drained
        };
        let report = PipelineReport {
            end,
            elapsed: begun.elapsed(),
            most_in_flight: self.places,
            source: reports.remove(0),
            stages: reports,
            output: report(stages, "output", 1, false),
        };
        let failure = shared
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match failure {
            None => Ok(report),
            Some(failure) => Err(PipelineError {
                stage: self.steps[failure.stage].name.clone(),
                index: failure.index,
                source: failure.source,
                report: Box::new(report),
            }),
        }
    }
}

/// The workers of the stages, and what all queues can hold.
fn most_in_flight(steps: &[Step]) -> usize {
    let workers = steps[1..].iter().map(|step| step.workers);
    let queues = steps.iter().map(|step| step.queue);
    workers.chain(queues).fold(0, usize::saturating_add)
}

/// Threads bear the name of their stage, which profilers and debuggers show.
pub(super) fn builder(stage: &str) -> thread::Builder {
    // A name with a zero byte would be a panic.
    thread::Builder::new().name(stage.replace('\0', ""))
}

/// Stops the threads if the caller's function panics, so that they can be waited for.
struct CancelOnPanic<'r>(&'r Signal);

impl Drop for CancelOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.cancel();
        }
    }
}
