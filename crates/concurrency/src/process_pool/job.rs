//! Functions that another process can be asked to run, by their names.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Serialize, de::DeserializeOwned};

use super::{WorkerProgram, frame, frame::Frame, system};
use crate::PanicInfo;

/// What a panic may say: less than any message may have.
const MOST_WORDS_BYTES: usize = 32 << 10;

/// A function with a name, by which a worker process finds it.
///
/// It is a `static` of the program, registered in [`ProcessJobs`] and named again where work is submitted, so that the types of input and result are
/// checked there. The input and the result travel by serde in the format of postcard, and own what they have: `String`, not `&str`. A type
/// that asks the format what comes next, such as `serde_json::Value` or one with `#[serde(untagged)]` or `#[serde(flatten)]`, does not travel.
/// Serde takes a `Vec<u8>` apart into its bytes, and `serde_bytes::ByteBuf` not: take that for megabytes.
///
/// It is a function, not a closure with captured values: what it needs comes in as the input.
///
/// ```
/// use tuneup_concurrency::ProcessJob;
///
/// static WORDS: ProcessJob<String, usize> = ProcessJob::new("words", |text| text.split_whitespace().count());
/// assert_eq!(WORDS.name(), "words");
/// assert_eq!(WORDS.call("one two".to_owned()), 2, "here, without a worker");
/// ```
///
/// It follows the module-level functions that Python's `multiprocessing` finds by their qualified names.
pub struct ProcessJob<I, O> {
    name: &'static str,
    function: fn(I) -> O,
}

impl<I, O> ProcessJob<I, O> {
    /// The job of a function, under a name that no other job of the program has.
    pub const fn new(name: &'static str, function: fn(I) -> O) -> Self {
        Self { name, function }
    }

    /// Its name.
    ///
    /// See the example of [`ProcessJob`].
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Calls the function in this process.
    ///
    /// See the example of [`ProcessJob`].
    pub fn call(&self, input: I) -> O {
        (self.function)(input)
    }
}

impl<I, O> fmt::Debug for ProcessJob<I, O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProcessJob")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The jobs that a worker process of this program can do.
///
/// The program and its workers are the same executable, and both come along the head of `main`. There
/// [`run_if_worker`](Self::run_if_worker) parts them.
///
/// See the example of [`ProcessPool`](crate::ProcessPool).
#[derive(Debug, Default)]
#[must_use = "call `run_if_worker`, which begins what a worker does"]
pub struct ProcessJobs {
    entries: Vec<Entry>,
    setup: Option<fn()>,
}

impl ProcessJobs {
    /// None yet.
    ///
    /// See the example of [`ProcessPool`](crate::ProcessPool).
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            setup: None,
        }
    }

    /// One more. Two of one name are an error where the pool is built: [`ProcessError::Unfit`](crate::ProcessError::Unfit).
    ///
    /// See the example of [`ProcessPool`](crate::ProcessPool).
    pub fn with<I, O>(mut self, job: &ProcessJob<I, O>) -> Self
    where
        I: DeserializeOwned + 'static,
        O: Serialize + 'static,
    {
        let function = job.function;
        self.entries.push(Entry {
            name: job.name,
            run: Box::new(move |input| answer(function, input)),
        });
        self
    }

    /// What each worker does before its first job, such as loading a model. It counts within
    /// [`start_timeout`](crate::ProcessPoolBuilder::start_timeout); a worker whose setup panics is
    /// [`ProcessError::EndedEarly`](crate::ProcessError::EndedEarly).
    ///
    /// It is the `initializer` of Python.
    ///
    /// ```
    /// use tuneup_concurrency::{ProcessJob, ProcessJobs};
    ///
    /// static LENGTH: ProcessJob<String, usize> = ProcessJob::new("length", |text| text.len());
    ///
    /// let jobs = ProcessJobs::new().with(&LENGTH).with_setup(|| eprintln!("a worker begins"));
    /// let program = jobs.run_if_worker(); // prints nothing here
    /// # let _ = program;
    /// ```
    #[doc(alias = "initializer")]
    pub fn with_setup(mut self, setup: fn()) -> Self {
        self.setup = Some(setup);
        self
    }

    /// In a worker process: does its jobs, and ends the process with code 0 when the pool is done with it. It never returns there.
    /// In any other process: returns at once, with the program that a pool can be built of.
    ///
    /// Call it at the head of `main`: what comes before is done in every worker too, and what comes after in none.
    ///
    /// It is the one function of the crate that reads the environment: the variable `TUNEUP_PROCESS_WORKER`, which a pool sets for its
    /// workers. It names a descriptor and what this is connected to, so that programs that a job starts do not take themselves
    /// for workers, though they have the variable too.
    ///
    /// A job that wants a pool of its own calls it again: in a process that is a worker already it returns, as in any other.
    ///
    /// Jobs run on the thread that called this, one after the other. A second thread watches the pool's end of the connection: if the pool's
    /// process ends, be it by `SIGKILL`, it kills the worker with its process group.
    ///
    /// See the example of [`ProcessPool`](crate::ProcessPool).
    ///
    /// # Panics
    ///
    /// Where the setup does, in a worker.
    #[doc(alias = "freeze_support")]
    pub fn run_if_worker(self) -> WorkerProgram {
        if let Some(pool) = system::pool_of_this_worker() {
            system::serve(pool, &self);
        }
        WorkerProgram::of_this_process()
    }

    pub(super) fn set_up(&self) {
        if let Some(setup) = self.setup {
            setup();
        }
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.entries.iter().map(|entry| entry.name).collect()
    }

    /// Does a job, and says how that went: the kind of the message, and the message.
    pub(super) fn answer(&self, job: u32, input: &[u8]) -> Reply {
        let entry = usize::try_from(job)
            .ok()
            .and_then(|job| self.entries.get(job));
        match entry {
            Some(entry) => (entry.run)(input),
            None => said(frame::BAD_INPUT, "no job has this number"),
        }
    }
}

/// What a worker says: of what kind, and what.
type Reply = (u32, Frame);

/// Does a job without the types of its input and result.
type Run = Box<dyn Fn(&[u8]) -> Reply>;

struct Entry {
    name: &'static str,
    run: Run,
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(out)
    }
}

/// Decodes, calls and encodes; all of it may be the user's code.
fn answer<I, O>(function: fn(I) -> O, input: &[u8]) -> Reply
where
    I: DeserializeOwned,
    O: Serialize,
{
    let answer = catch_unwind(AssertUnwindSafe(|| {
        let input = match frame::decode(input) {
            Ok(input) => input,
            Err(error) => return said(frame::BAD_INPUT, &error.to_string()),
        };
        match Frame::of(&function(input)) {
            Ok(output) => (frame::DONE, output),
            Err(error) => said(frame::BAD_OUTPUT, &error.to_string()),
        }
    }));
    answer.unwrap_or_else(|payload| said(frame::PANICKED, PanicInfo::new(payload).message()))
}

/// A message in words, of which the first count.
fn said(kind: u32, text: &str) -> Reply {
    let words = &text[..text.floor_char_boundary(MOST_WORDS_BYTES)];
    let frame = Frame::of(&words).expect("a text is always encoded, into memory");
    (kind, frame)
}
