//! Snapshots of some stacks alone.

use regex_lite::Regex;

use super::{LiveSample, Snapshot};
use crate::Error;

/// Says which stacks to keep: those with, or those without a call whose function, or whose `file:line`, a regular
/// expression matches.
///
/// ```
/// use tuneup_memory::Filter;
///
/// let parsing = Filter::include("^serde_json::")?;
/// let no_tests = Filter::exclude("tests/")?;
/// assert!(Filter::include("(").is_err());
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Filter {
    pattern: Regex,
    keeps_matching: bool,
}

impl Filter {
    /// Keeps stacks that have a call which matches.
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] if it is no regular expression, as the crate `regex` has them.
    pub fn include(pattern: &str) -> Result<Self, Error> {
        Self::new(pattern, true)
    }

    /// Keeps stacks that have no call which matches.
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] if it is no regular expression, as the crate `regex` has them.
    pub fn exclude(pattern: &str) -> Result<Self, Error> {
        Self::new(pattern, false)
    }

    fn new(pattern: &str, keeps_matching: bool) -> Result<Self, Error> {
        let compiled = Regex::new(pattern).map_err(|source| Error::Filter {
            pattern: pattern.to_owned(),
            source,
        })?;
        Ok(Self {
            pattern: compiled,
            keeps_matching,
        })
    }
}

impl Snapshot {
    /// A snapshot of the stacks that all filters keep. The numbers of the trace itself stay. Looks names up, if that has not been
    /// done; O(frames).
    ///
    /// ```
    /// use tuneup_memory::{Filter, Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// #[inline(never)]
    /// fn load() -> Vec<u8> {
    ///     vec![0; 1000]
    /// }
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// let kept = (load(), vec![0_u8; 50]);
    /// let loaded = trace.snapshot().filter(&[Filter::include("::load$")?]);
    /// # if cfg!(target_os = "linux") {
    /// assert_eq!(loaded.total().live.bytes, 1000.0);
    /// # }
    /// # drop(kept);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "filter_traces")]
    #[must_use]
    pub fn filter(&self, filters: &[Filter]) -> Self {
        let names = self.names();
        let matches = |filter: &Filter, calls: &[u64]| {
            names.of(calls).any(|frame| {
                let function = &names.functions[frame.function];
                let place = format!("{}:{}", function.file, frame.line);
                filter.pattern.is_match(&function.name) || filter.pattern.is_match(&place)
            })
        };
        let mut kept = 0;
        let places = self.stacks.iter().map(|stack| {
            let stays = filters
                .iter()
                .all(|filter| matches(filter, &stack.calls) == filter.keeps_matching);
            kept += usize::from(stays);
            stays.then(|| kept - 1)
        });
        let places = places.collect::<Vec<_>>();
        let stacks = self.stacks.iter().zip(&places);
        let stacks = stacks.filter_map(|(stack, place)| place.map(|_| stack.clone()));
        let live = self
            .live
            .iter()
            .filter_map(|sample| places[sample.stack].map(|stack| LiveSample { stack, ..*sample }));
        Self {
            stacks: stacks.collect(),
            live: live.collect(),
            ..self.clone()
        }
    }
}
