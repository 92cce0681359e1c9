//! Native stacks of a whole process, taken by the kernel.

#[cfg(not(all(
    target_os = "linux",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod elsewhere;
#[cfg(all(
    target_os = "linux",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod linux;

use std::ops::RangeInclusive;

#[cfg(not(all(
    target_os = "linux",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
use self::elsewhere::Engine;
#[cfg(all(
    target_os = "linux",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
use self::linux::Engine;
use crate::{Error, Profile};

const RATES_HZ: RangeInclusive<u32> = 1..=10_000;
const DEPTHS: RangeInclusive<usize> = 1..=1024;
const STACK_BYTES: RangeInclusive<u32> = 0..=61_440;

/// Samples the native stacks of a process: of all its threads, those too that are started later, and of all
/// functions, whether they are instrumented or not.
///
/// The kernel interrupts each thread after so much time *on the processor* in the program's own code, and
/// copies where it is and the innermost part of its stack. A thread of the sampler, which is not sampled itself,
/// follows frame pointers or, where there are none, the unwind tables that every Rust program has, and counts
/// stacks as addresses. Names are looked up when a profile is asked for.
///
/// Time in the kernel and time spent waiting are not in the profile, and a thread is seen for the first time
/// after it has used as much time as lies between two samples.
///
/// Needs Linux on x86-64 or AArch64 and the kernel's permission; the error of
/// [`start`](NativeSamplerBuilder::start) names the setting to change.
///
/// ```
/// use tuneup_profiling::NativeSampler;
///
/// match NativeSampler::builder().rate_hz(499).start() {
///     Ok(sampler) => {
///         let sum = (0..100_000_u64).fold(0, |sum, i| sum ^ i);
///         let profile = sampler.finish();
///         println!("{sum}: {} samples", profile.sampling.unwrap().ticks);
///     }
///     Err(error) => println!("{error}"),
/// }
/// ```
#[doc(alias = "perf")]
#[doc(alias = "py-spy")]
#[derive(Debug)]
#[non_exhaustive]
pub struct NativeSampler;

impl NativeSampler {
    /// A sampler of this process that looks 999 times a second.
    ///
    /// ```
    /// # use tuneup_profiling::NativeSampler;
    /// let builder = NativeSampler::builder().rate_hz(99);
    /// # let _ = builder;
    /// ```
    pub fn builder() -> NativeSamplerBuilder {
        NativeSamplerBuilder {
            options: Options {
                process: std::process::id(),
                rate_hz: 999,
                max_depth: 127,
                user_stack_bytes: 16 << 10,
            },
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Options {
    process: u32,
    rate_hz: u32,
    max_depth: usize,
    user_stack_bytes: u32,
}

/// Says how to sample; [`start`](Self::start) begins.
#[must_use = "nothing is sampled before `start`"]
#[derive(Debug, Clone)]
pub struct NativeSamplerBuilder {
    options: Options,
}

impl NativeSamplerBuilder {
    /// How often each thread is looked at in a second of its time on a processor: from 1 to 10,000, by
    /// default 999, which does not beat in time with what happens every millisecond.
    pub fn rate_hz(mut self, rate_hz: u32) -> Self {
        self.options.rate_hz = rate_hz;
        self
    }

    /// Samples another process instead of this one, by its process id. It must belong to the same user, or
    /// the sampler needs CAP_PERFMON and CAP_SYS_PTRACE. Processes that it starts are not sampled.
    ///
    /// ```
    /// use std::process::{Command, Stdio};
    /// use tuneup_profiling::NativeSampler;
    ///
    /// let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    /// match NativeSampler::builder().pid(child.id()).start() {
    ///     Ok(sampler) => println!("{:?}", sampler.finish().program),
    ///     Err(error) => println!("{error}"),
    /// }
    /// drop(child.stdin.take());
    /// child.wait()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pid(mut self, pid: u32) -> Self {
        self.options.process = pid;
        self
    }

    /// How many frames of a stack are kept, the innermost ones: from 1 to 1024, by default 127. Following frame
    /// pointers alone, the kernel gives at most as many as `kernel.perf_event_max_stack` says, usually 127.
    #[doc(alias = "stack depth")]
    pub fn max_depth(mut self, frames: usize) -> Self {
        self.options.max_depth = frames;
        self
    }

    /// How much of a stack is copied in each sample, for unwinding without frame pointers: from 0 to 61,440
    /// bytes, by default 16 KiB. What lies further out is found through frame pointers or not at all. With
    /// 0 only frame pointers are followed, which is cheaper, and right if everything was compiled with
    /// `-C force-frame-pointers=yes`.
    pub fn user_stack_bytes(mut self, bytes: u32) -> Self {
        self.options.user_stack_bytes = bytes;
        self
    }

    /// Begins to sample. Reads the unwind tables of the program and its libraries first, which takes some
    /// milliseconds, and starts a thread.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if an option is outside of its range, and [`Error::Sampler`] if the kernel
    /// refuses: it names the setting and its value.
    pub fn start(self) -> Result<RunningNativeSampler, Error> {
        let Options {
            rate_hz,
            max_depth,
            user_stack_bytes,
            ..
        } = self.options;
        within("rate_hz", rate_hz, &RATES_HZ, "1 to 10000")?;
        within("max_depth", max_depth, &DEPTHS, "1 to 1024")?;
        within(
            "user_stack_bytes",
            user_stack_bytes,
            &STACK_BYTES,
            "0 to 61440",
        )?;
        let engine = Engine::start(Options {
            // The kernel copies whole words.
            user_stack_bytes: user_stack_bytes.next_multiple_of(8),
            ..self.options
        })?;
        Ok(RunningNativeSampler { engine })
    }
}

fn within<T: PartialOrd + ToString>(
    option: &'static str,
    value: T,
    range: &RangeInclusive<T>,
    allowed: &'static str,
) -> Result<(), Error> {
    match range.contains(&value) {
        true => Ok(()),
        false => Err(Error::OutOfRange {
            option,
            value: value.to_string(),
            allowed,
        }),
    }
}

/// A sampler at work. Dropped without [`finish`](Self::finish) it stops, and what it saw is gone.
///
/// Its memory has a bound: at most 2 MiB for each processor (64 MiB in all), about 20 MB for stacks, and the
/// unwind tables. Stacks that would go beyond are counted under `(other)` where they leave the known ones.
#[must_use = "sampling stops when this is dropped; call `finish` for the profile"]
#[derive(Debug)]
pub struct RunningNativeSampler {
    engine: Engine,
}

impl RunningNativeSampler {
    /// The profile up to now, from any thread, while sampling goes on. Looks names up in the debug
    /// information, which takes up to some seconds for large programs, on a thread that is not sampled.
    ///
    /// What [`finish`](Self::finish) says of the profile is true of this one.
    ///
    /// ```
    /// # use tuneup_profiling::NativeSampler;
    /// if let Ok(sampler) = NativeSampler::builder().start() {
    ///     let first = sampler.snapshot().sampling.unwrap().ticks;
    ///     assert!(sampler.finish().sampling.unwrap().ticks >= first);
    /// }
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Profile {
        self.engine.snapshot()
    }

    /// Stops and gives the profile: functions of the kind
    /// [`Native`](crate::FunctionKind::Native), and the tree of their stacks. They have samples and no calls or times; as
    /// the clock runs on processors only, samples by wall and by processor are the same. Functions that were inlined are
    /// there where debug information names them; the program's own file is read, not files beside it
    /// (`split-debuginfo`), and nothing that is compressed. Code without a name is called by its file and where its
    /// function begins, `libx.so+0x1234`, and `[unknown]` if it is in no file.
    ///
    /// [`Sampling::ticks`](crate::Sampling::ticks) counts the samples, [`missed`](crate::Sampling::missed) those that were
    /// lost because the reader was too slow. `threads` counts those that were seen, up to some ten thousand.
    ///
    /// ```
    /// # use tuneup_profiling::NativeSampler;
    /// if let Ok(sampler) = NativeSampler::builder().start() {
    ///     let profile = sampler.finish();
    ///     let all = profile.nodes[0].samples.unwrap().cumulative_cpu;
    ///     assert_eq!(all, profile.sampling.unwrap().ticks);
    /// }
    /// ```
    #[must_use]
    pub fn finish(self) -> Profile {
        self.engine.finish()
    }
}
