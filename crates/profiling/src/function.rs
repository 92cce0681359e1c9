//! What is known of one function.

use std::time::Duration;

use tuneup_measure::Histogram;

/// A function, scope or sampled symbol, with everything that was recorded of it in all threads.
///
/// Times of a running call reach up to the moment at which the profile was taken.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("load", || profile_fn("parse", || 1 + 1));
/// let profile = session.finish();
/// let load = profile.function("load").unwrap();
/// assert_eq!((load.calls, load.primitive_calls), (1, 1));
/// assert!(load.self_time <= load.cumulative);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Function {
    /// The full path, such as `my_crate::parser::Parser::next`, or the name that a scope was given.
    pub name: String,
    /// What it is.
    pub kind: FunctionKind,
    /// The file as the compiler was given it; empty if unknown.
    pub file: String,
    /// The line of its name, from 1; 0 if unknown.
    pub line: u32,
    /// How often it was entered. Futures count once, at their first poll.
    #[doc(alias = "ncalls")]
    pub calls: u64,
    /// The calls that were not made, directly or indirectly, by the function itself.
    #[doc(alias = "primitive calls")]
    pub primitive_calls: u64,
    /// Time in it, without the functions it called that are in the profile. Of futures, while they
    /// were polled.
    #[doc(alias = "tottime")]
    pub self_time: Duration,
    /// Time in it and in everything it called; recursive calls are not counted twice.
    #[doc(alias = "cumtime")]
    pub cumulative: Duration,
    /// [`self_time`](Self::self_time) less what the recording itself took of it, as far as it is known
    /// from [`Overhead`](crate::Overhead).
    pub corrected_self: Duration,
    /// [`cumulative`](Self::cumulative) less what the recording itself took of it.
    pub corrected_cumulative: Duration,
    /// Whether the mean call is shorter than ten times what recording a call costs: the times of
    /// such a function are mostly those of the recording, its counts are right.
    pub overhead_dominates: bool,
    /// Times of single calls; of futures, from the first poll to the end. `None` if none has ended, or
    /// if the session recorded no distribution.
    pub distribution: Option<Distribution>,
    /// What it allocated; `None` if no allocation counters ran.
    pub allocations: Option<Allocations>,
    /// The number of threads that entered it.
    pub threads: u64,
    /// How it fared as a future; `None` for all that is not one.
    pub polls: Option<Polls>,
    /// What the sampler saw; `None` if none ran.
    pub samples: Option<Samples>,
    /// What was counted of the arguments of its calls; `None` if they were not looked at.
    pub arguments: Option<Arguments>,
    /// Whether its calls are counted but not timed, so that its times are known from samples alone.
    pub untimed: bool,
}

impl Function {
    /// A function that was never called.
    pub(crate) fn named(name: impl Into<String>, kind: FunctionKind) -> Self {
        Self {
            name: name.into(),
            kind,
            file: String::new(),
            line: 0,
            calls: 0,
            primitive_calls: 0,
            self_time: Duration::ZERO,
            cumulative: Duration::ZERO,
            corrected_self: Duration::ZERO,
            corrected_cumulative: Duration::ZERO,
            overhead_dominates: false,
            distribution: None,
            allocations: None,
            threads: 0,
            polls: None,
            samples: None,
            arguments: None,
            untimed: false,
        }
    }

    /// Self and cumulative time, without what the recording took of them if `corrected`.
    pub(crate) fn times(&self, corrected: bool) -> (Duration, Duration) {
        match corrected {
            true => (self.corrected_self, self.corrected_cumulative),
            false => (self.self_time, self.cumulative),
        }
    }

    /// Self time for each call; zero if it was never called.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || ());
    /// # let profile = session.finish();
    /// let load = profile.function("load").unwrap();
    /// assert_eq!(load.self_per_call(), load.self_time);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn self_per_call(&self) -> Duration {
        per_call(self.self_time, self.calls)
    }

    /// Cumulative time for each primitive call; zero if it was never called.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || ());
    /// # let profile = session.finish();
    /// let load = profile.function("load").unwrap();
    /// assert_eq!(load.cumulative_per_call(), load.cumulative);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "percall")]
    #[must_use]
    pub fn cumulative_per_call(&self) -> Duration {
        per_call(self.cumulative, self.primitive_calls)
    }
}

/// `time` for each of `calls`; zero without a call.
pub(crate) fn per_call(time: Duration, calls: u64) -> Duration {
    match calls {
        0 => Duration::ZERO,
        calls => nanoseconds(time.as_nanos() / u128::from(calls)),
    }
}

pub(crate) fn nanoseconds(ns: u128) -> Duration {
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

/// What a [`Function`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FunctionKind {
    /// A function, method or closure with `#[profile]`.
    Function,
    /// An `async fn` with `#[profile]`.
    Async,
    /// A part of a function: `scope!` or `profile_fn`.
    Scope,
    /// A symbol that the native sampler saw.
    Native,
    /// All calls that found the call tree of their thread full, counted together.
    Folded,
    /// The top of the call tree: what threads did outside of all functions in the profile.
    Root,
}

/// The times of single calls.
///
/// ```
/// # use tuneup_profiling::{Profiler, profile_fn};
/// # let session = Profiler::builder().start()?;
/// # profile_fn("load", || ());
/// # let profile = session.finish();
/// let times = profile.function("load").unwrap().distribution.as_ref().unwrap();
/// assert!(times.min <= times.max);
/// assert!(times.p50 <= times.p99);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Distribution {
    /// The shortest call; exact.
    pub min: Duration,
    /// The longest call; exact.
    pub max: Duration,
    /// Half of the calls took at most this; within 5 %, as all quantiles.
    #[doc(alias = "median")]
    pub p50: Duration,
    /// 95 of 100 calls took at most this.
    pub p95: Duration,
    /// 99 of 100 calls took at most this.
    pub p99: Duration,
    /// The times in nanoseconds, for other quantiles. Those of calls in progress are not among them.
    pub histogram: Histogram,
}

/// What a function or a place in the call tree allocated, from the counters that an allocator keeps
/// in the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Allocations {
    /// Blocks that it allocated by itself.
    pub self_blocks: u64,
    /// Bytes that it allocated by itself.
    pub self_bytes: u64,
    /// Blocks that it and everything it called allocated; recursion is not counted twice.
    pub cumulative_blocks: u64,
    /// Bytes that it and everything it called allocated.
    pub cumulative_bytes: u64,
}

/// How many calls of a function had arguments that an earlier call had.
///
/// ```
/// use tuneup_profiling::Arguments;
///
/// let mut arguments = Arguments::default();
/// (arguments.hashed, arguments.distinct) = (1_000, 10);
/// assert_eq!(arguments.repeated_share(), Some(0.99));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Arguments {
    /// Calls whose arguments were hashed.
    pub hashed: u64,
    /// Different ones among these; an estimate, which is within 5 % but for one time in a thousand.
    pub distinct: u64,
    /// Whether there were calls with an argument whose type has no hash, which are not counted.
    pub is_unhashable: bool,
}

impl Arguments {
    /// The part of the hashed calls that an earlier one was like, 0 to 1; none if none was hashed.
    #[must_use]
    pub fn repeated_share(&self) -> Option<f64> {
        let distinct = self.distinct.min(self.hashed) as f64;
        (self.hashed > 0).then(|| 1.0 - distinct / self.hashed as f64)
    }
}

/// How an async function fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Polls {
    /// How often its futures were polled.
    pub polls: u64,
    /// Time inside of polls: the function's cumulative time.
    pub busy: Duration,
    /// Time between polls.
    pub waiting: Duration,
    /// The longest single poll: how long other tasks of the executor's thread had to wait.
    pub longest_poll: Duration,
    /// Time from the first poll to the end, of all its futures added up: busy and waiting.
    pub wall: Duration,
    /// Futures that ended with a value.
    pub completed: u64,
    /// Futures that were dropped after their first poll and before their end.
    pub cancelled: u64,
}

/// What a sampler saw. A sample on the processor is one at which the thread had used processor time
/// since the sample before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Samples {
    /// Samples in which it was the innermost.
    pub self_wall: u64,
    /// Those of them on the processor.
    pub self_cpu: u64,
    /// Samples in which it was anywhere in the stack; recursion is not counted twice.
    pub cumulative_wall: u64,
    /// Those of them on the processor.
    pub cumulative_cpu: u64,
}
