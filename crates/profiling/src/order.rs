//! What functions can be ordered by.

use std::{cmp::Ordering, fmt, str::FromStr, time::Duration};

use crate::{
    error::Error,
    function::{Function, per_call},
};

/// What functions are ordered by: numbers from the largest down, names from A to Z. Functions for which a number was
/// not recorded come last, and equal ones are ordered by name.
///
/// Parses from its name and from what pstats calls it; case does not matter, and `-` and spaces stand for `_`.
///
/// ```
/// use tuneup_profiling::SortKey;
///
/// assert_eq!("per_call".parse::<SortKey>()?, SortKey::PerCall);
/// assert_eq!("tottime".parse::<SortKey>()?, SortKey::SelfTime);
/// assert_eq!(SortKey::SelfTime.to_string(), "self");
/// let error = "speed".parse::<SortKey>().unwrap_err();
/// assert!(error.to_string().contains("calls, primitive_calls, self, cumulative"));
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SortKey {
    /// How often it was entered.
    #[doc(alias = "ncalls")]
    Calls,
    /// Calls that it did not make itself.
    #[doc(alias = "pcalls")]
    PrimitiveCalls,
    /// Time in it, without what it called.
    #[default]
    #[doc(alias = "tottime")]
    SelfTime,
    /// Time in it and in what it called.
    #[doc(alias = "cumtime")]
    Cumulative,
    /// Cumulative time for each primitive call.
    PerCall,
    /// Self time for each call.
    SelfPerCall,
    /// The longest call.
    Max,
    /// What 99 of 100 calls stayed below.
    P99,
    /// Blocks that it allocated by itself.
    Allocations,
    /// Bytes that it allocated by itself.
    AllocatedBytes,
    /// Samples in which it was the innermost.
    Samples,
    /// Time between the polls of its futures.
    Waiting,
    /// Its longest single poll.
    LongestPoll,
    /// Its path.
    Name,
}

/// The names of each order, the one that it is written with first.
const NAMES: [(SortKey, &[&str]); 14] = [
    (SortKey::Calls, &["calls", "ncalls"]),
    (SortKey::PrimitiveCalls, &["primitive_calls", "pcalls"]),
    (SortKey::SelfTime, &["self", "self_time", "tottime", "time"]),
    (
        SortKey::Cumulative,
        &["cumulative", "cumtime", "cumulative_time", "total"],
    ),
    (SortKey::PerCall, &["per_call", "percall"]),
    (SortKey::SelfPerCall, &["self_per_call", "self_percall"]),
    (SortKey::Max, &["max"]),
    (SortKey::P99, &["p99"]),
    (SortKey::Allocations, &["allocations", "allocs", "blocks"]),
    (SortKey::AllocatedBytes, &["bytes", "allocated_bytes"]),
    (SortKey::Samples, &["samples", "self_samples"]),
    (SortKey::Waiting, &["waiting"]),
    (SortKey::LongestPoll, &["longest_poll"]),
    (SortKey::Name, &["name", "stdname", "nfl"]),
];

impl SortKey {
    /// All orders, for the help of a command line.
    ///
    /// ```
    /// use tuneup_profiling::SortKey;
    ///
    /// let names: Vec<String> = SortKey::ALL.iter().map(ToString::to_string).collect();
    /// assert_eq!(names[..3], ["calls", "primitive_calls", "self"]);
    /// ```
    pub const ALL: [Self; NAMES.len()] = {
        let mut all = [Self::Calls; NAMES.len()];
        let mut index = 0;
        while index < NAMES.len() {
            all[index] = NAMES[index].0;
            index += 1;
        }
        all
    };

    /// How `left` and `right` follow each other, by corrected times if `corrected`.
    pub(crate) fn compare(self, left: &Function, right: &Function, corrected: bool) -> Ordering {
        let number = |function| self.number(function, corrected);
        number(right)
            .cmp(&number(left))
            .then_with(|| left.name.cmp(&right.name))
            .then_with(|| left.file.cmp(&right.file))
            .then_with(|| left.line.cmp(&right.line))
    }

    /// The number that is ordered by; `None` if it was not recorded, and for names.
    fn number(self, function: &Function, corrected: bool) -> Option<u128> {
        let (self_time, cumulative) = function.times(corrected);
        let ns = |duration: Duration| duration.as_nanos();
        let timed = |duration: Duration| (!function.untimed).then(|| ns(duration));
        let distribution = function.distribution.as_ref();
        let allocations = function.allocations.as_ref();
        let polls = function.polls.as_ref();
        match self {
            Self::Calls => Some(function.calls.into()),
            Self::PrimitiveCalls => Some(function.primitive_calls.into()),
            Self::SelfTime => timed(self_time),
            Self::Cumulative => timed(cumulative),
            Self::PerCall => timed(per_call(cumulative, function.primitive_calls)),
            Self::SelfPerCall => timed(per_call(self_time, function.calls)),
            Self::Max => distribution.map(|times| ns(times.max)),
            Self::P99 => distribution.map(|times| ns(times.p99)),
            Self::Allocations => allocations.map(|counts| counts.self_blocks.into()),
            Self::AllocatedBytes => allocations.map(|counts| counts.self_bytes.into()),
            Self::Samples => function.samples.map(|samples| samples.self_wall.into()),
            Self::Waiting => polls.map(|polls| ns(polls.waiting)),
            Self::LongestPoll => polls.map(|polls| ns(polls.longest_poll)),
            Self::Name => None,
        }
    }

    /// The order in words, for a note below a table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::PrimitiveCalls => "primitive calls",
            Self::SelfTime => "self time",
            Self::Cumulative => "cumulative time",
            Self::PerCall => "cumulative time per call",
            Self::SelfPerCall => "self time per call",
            Self::Max => "longest call",
            Self::P99 => "99th percentile",
            Self::Allocations => "allocations",
            Self::AllocatedBytes => "allocated bytes",
            Self::Samples => "samples",
            Self::Waiting => "time waiting",
            Self::LongestPoll => "longest poll",
            Self::Name => "name",
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().find(|(key, _)| key == self);
        f.pad(names.map_or("", |(_, names)| names[0]))
    }
}

impl FromStr for SortKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.trim().to_lowercase().replace(['-', ' '], "_");
        NAMES
            .iter()
            .find(|(_, names)| names.contains(&name.as_str()))
            .map(|&(key, _)| key)
            .ok_or_else(|| Error::UnknownOrder {
                found: text.to_owned(),
                known: NAMES.map(|(_, names)| names[0]).join(", "),
            })
    }
}

#[cfg(test)]
mod tests;
