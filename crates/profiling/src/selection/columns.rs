//! The columns of a table of functions: what each shows, and which go first where there is no room.

use std::time::Duration;

use tuneup_report::{Cell, Style};

use crate::{
    cells,
    function::{Allocations, Distribution, Function, FunctionKind, Polls, Samples, per_call},
};

/// What stands behind functions whose times are mostly those of the recording.
pub(super) const MARK: &str = "*";

/// A name, and what stands below it.
pub(super) type Column = (&'static str, fn(&Shown<'_>) -> Cell);

/// From left to right; a column in which no function has anything is left out.
pub(super) const COLUMNS: [Column; 25] = [
    ("ncalls", |shown| {
        cells::calls(shown.function.calls, shown.function.primitive_calls)
    }),
    ("tottime", |shown| shown.time(|own, _, _| own)),
    ("percall", |shown| {
        shown.time(|own, _, function| per_call(own, function.calls))
    }),
    ("cumtime", |shown| shown.time(|_, cumulative, _| cumulative)),
    ("percall", |shown| {
        shown.time(|_, cumulative, function| per_call(cumulative, function.primitive_calls))
    }),
    (MARK, |shown| match shown.is_doubtful() {
        true => Cell::text(MARK).styled(Style::Warn),
        false => Cell::text(""),
    }),
    ("min", |shown| shown.distribution(|times| times.min)),
    ("p50", |shown| shown.distribution(|times| times.p50)),
    ("p95", |shown| shown.distribution(|times| times.p95)),
    ("p99", |shown| shown.distribution(|times| times.p99)),
    ("max", |shown| shown.distribution(|times| times.max)),
    ("allocs", |shown| {
        shown.allocations(|counts| Cell::count(counts.self_blocks))
    }),
    ("bytes", |shown| {
        shown.allocations(|counts| Cell::bytes(counts.self_bytes))
    }),
    ("cum allocs", |shown| {
        shown.allocations(|counts| Cell::count(counts.cumulative_blocks))
    }),
    ("cum bytes", |shown| {
        shown.allocations(|counts| Cell::bytes(counts.cumulative_bytes))
    }),
    ("self samples", |shown| {
        shown.samples(|samples| samples.self_wall)
    }),
    ("samples", |shown| {
        shown.samples(|samples| samples.cumulative_wall)
    }),
    ("polls", |shown| {
        shown.polls(|polls| Cell::count(polls.polls))
    }),
    ("waiting", |shown| {
        shown.polls(|polls| Cell::duration(polls.waiting))
    }),
    ("longest poll", |shown| {
        shown.polls(|polls| Cell::duration(polls.longest_poll))
    }),
    ("cancelled", |shown| {
        shown.polls(|polls| Cell::count(polls.cancelled))
    }),
    ("repeated", |shown| shown.repeated()),
    ("threads", |shown| shown.threads()),
    ("file:line", |shown| shown.location()),
    ("function", |shown| shown.name()),
];

/// What is left out where there is no room, the first to go first.
pub(super) const SPARE: [&str; 17] = [
    "file:line",
    "threads",
    "cum allocs",
    "p95",
    "min",
    "cancelled",
    "p50",
    "allocs",
    "polls",
    "cum bytes",
    "p99",
    "longest poll",
    "bytes",
    "max",
    "waiting",
    "samples",
    "self samples",
];

/// A function and the times that are shown of it.
pub(super) struct Shown<'a> {
    pub(super) function: &'a Function,
    pub(super) corrected: bool,
    /// Whether the session timed anything.
    pub(super) timed: bool,
}

impl Shown<'_> {
    /// A time worked out of self time and cumulative time.
    fn time(&self, of: impl Fn(Duration, Duration, &Function) -> Duration) -> Cell {
        let function = self.function;
        if function.untimed || !self.timed {
            return Cell::missing();
        }
        let (own, cumulative) = function.times(self.corrected);
        Cell::duration(of(own, cumulative, function)).styled(match self.is_doubtful() {
            true => Style::Warn,
            false => Style::Plain,
        })
    }

    /// Whether its times are mostly those of the recording.
    fn is_doubtful(&self) -> bool {
        self.function.overhead_dominates && self.timed
    }

    fn distribution(&self, of: impl Fn(&Distribution) -> Duration) -> Cell {
        Cell::from(self.function.distribution.as_ref().map(of))
    }

    fn allocations(&self, of: impl Fn(&Allocations) -> Cell) -> Cell {
        Cell::from(self.function.allocations.as_ref().map(of))
    }

    fn samples(&self, of: impl Fn(&Samples) -> u64) -> Cell {
        Cell::from(self.function.samples.as_ref().map(of))
    }

    fn polls(&self, of: impl Fn(&Polls) -> Cell) -> Cell {
        Cell::from(self.function.polls.as_ref().map(of))
    }

    /// The calls with arguments that an earlier one had.
    fn repeated(&self) -> Cell {
        let arguments = self.function.arguments.unwrap_or_default();
        match arguments.repeated_share() {
            Some(share) => Cell::percent(share),
            None => Cell::missing(),
        }
    }

    /// Where one thread did everything, there is nothing to tell.
    fn threads(&self) -> Cell {
        match self.function.threads {
            0 | 1 => Cell::missing(),
            threads => Cell::count(threads),
        }
    }

    fn location(&self) -> Cell {
        match cells::location(self.function) {
            location if location.is_empty() => Cell::missing(),
            location => Cell::text(location).styled(Style::Dim),
        }
    }

    fn name(&self) -> Cell {
        Cell::text(&self.function.name).styled(match self.function.kind {
            FunctionKind::Folded => Style::Dim,
            _ => Style::Plain,
        })
    }
}
