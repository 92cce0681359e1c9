//! A profile: plain data, and the questions one asks of it.

use std::time::Duration;

use tuneup_report::Table;

use crate::{
    call_tree::{CallTree, Node},
    diff::ProfileDiff,
    edges::{self, Edges},
    error::Error,
    function::{Function, FunctionKind},
    line_table::LineTable,
    lookup::{self, Match},
    order::SortKey,
    selection::Functions,
};

/// What a session recorded.
///
/// Plain data: every field is public, and everything shown of it is computed from them.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("outer", || profile_fn("inner", || ()));
/// let profile = session.finish();
/// let inner = profile.function("inner").unwrap();
/// assert_eq!(inner.calls, 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// The name of the program that was measured.
    pub program: String,
    /// When the session began, in nanoseconds since 1970-01-01 UTC.
    pub started_unix_ns: u64,
    /// How long it lasted.
    pub duration: Duration,
    /// For how long all threads of the process together ran on processors meanwhile, or were ready to and waited for one; `None`
    /// where the system does not tell, and of native samples. What functions took beyond it, they waited for something else.
    #[doc(alias = "cpu time")]
    pub runnable_time: Option<Duration>,
    /// For how much of that they waited for a processor, because others had it: what makes the times of functions longer, and their
    /// shares doubtful. Of threads that have ended it is not known.
    pub delayed_time: Option<Duration>,
    /// What was recorded, in no particular order: see [`sort_by`](Self::sort_by).
    pub functions: Vec<Function>,
    /// The calling-context tree of all threads; the first is the root.
    pub nodes: Vec<Node>,
    /// The line profiles, as recorded with the longest first.
    pub line_tables: Vec<LineTable>,
    /// The number of threads that recorded something.
    pub threads: u64,
    /// What recording a call cost on this machine.
    pub overhead: Overhead,
    /// How the sampler ran; `None` if none did.
    pub sampling: Option<Sampling>,
    /// Calls that were counted under `(other)` because the call tree of their thread was full.
    pub folded_calls: u64,
    /// Calls that were not recorded: made while their thread was being torn down, or nested deeper than
    /// is kept.
    pub unrecorded_calls: u64,
}

/// What is asked of a profile. Nothing here changes it.
impl Profile {
    /// The function with this full path, or the only one whose path ends in these segments: `next`, `Parser::next`. `None`
    /// if there is none or if several end in them. Of several with the very same path it is the one that was called
    /// most. O(functions).
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("shop::cart::total", || profile_fn("shop::tax::total", || ()));
    /// let profile = session.finish();
    /// assert_eq!(profile.function("shop::tax::total").unwrap().name, "shop::tax::total");
    /// assert_eq!(profile.function("tax::total").unwrap().name, "shop::tax::total");
    /// assert!(profile.function("total").is_none(), "there are two");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        match self.position(name) {
            Match::One(index) => self.functions.get(index),
            Match::Several(_) | Match::None => None,
        }
    }

    /// The line profile of a function, found as in [`function`](Self::function).
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use tuneup_profiling::{Profiler, profile_lines};
    ///
    /// #[profile_lines]
    /// fn double(number: u64) -> u64 {
    ///     number * 2
    /// }
    ///
    /// let session = Profiler::builder().start()?;
    /// double(21);
    /// let profile = session.finish();
    /// assert_eq!(profile.line_table("double").unwrap().calls, 1);
    /// # }
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn line_table(&self, function: &str) -> Option<&LineTable> {
        let paths = self.line_tables.iter().map(|table| table.function.as_str());
        match lookup::find(paths, function, |index| self.line_tables[index].calls) {
            Match::One(index) => self.line_tables.get(index),
            Match::Several(_) | Match::None => None,
        }
    }

    /// All functions in this order, to be cut down, filtered and shown. O(functions × log functions).
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, SortKey, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("outer", || (0..3).for_each(|_| profile_fn("inner", || ())));
    /// let profile = session.finish();
    /// let busiest = profile.sort_by(SortKey::Calls).top(1);
    /// assert_eq!(busiest.as_slice()[0].name, "inner");
    /// println!("{}", profile.sort_by(SortKey::Cumulative).top(10).table());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn sort_by(&self, key: SortKey) -> Functions<'_> {
        Functions::of(self).sort_by(key)
    }

    /// The `count` functions with the most self time.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || profile_fn("inner", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.top(1).len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn top(&self, count: usize) -> Functions<'_> {
        Functions::of(self).top(count)
    }

    /// The functions whose path or `file:line` matches a regular expression, by self time. Totals stay those of the
    /// whole profile.
    ///
    /// # Errors
    /// [`Error::Filter`] if the pattern is none.
    ///
    /// ```
    /// # use tuneup_profiling::{Error, Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("shop::cart", || profile_fn("shop::tax", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.filter("::tax$")?.len(), 1);
    /// assert!(matches!(profile.filter("(").unwrap_err(), Error::Filter { .. }));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn filter(&self, pattern: &str) -> Result<Functions<'_>, Error> {
        Functions::of(self).filter(pattern)
    }

    /// All functions in the columns of pstats, by self time; [`sort_by`](Self::sort_by), [`top`](Self::top) and
    /// [`filter`](Self::filter) choose others.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || profile_fn("inner", || ()));
    /// # let profile = session.finish();
    /// let table = profile.table().to_string();
    /// assert!(table.contains("2 function calls in "));
    /// assert!(table.contains("ncalls"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "print_stats")]
    #[must_use]
    pub fn table(&self) -> Table {
        Functions::of(self).table()
    }

    /// Who calls `function`, and what its calls from there took. The name is found as in [`function`](Self::function).
    /// O(nodes).
    ///
    /// # Errors
    /// [`Error::UnknownFunction`] and [`Error::AmbiguousFunction`], with what could be meant.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// fn parse() {
    ///     profile_fn("parse", || ());
    /// }
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", parse);
    /// profile_fn("reload", || (0..2).for_each(|_| parse()));
    /// let profile = session.finish();
    /// let mut callers: Vec<_> = profile.callers("parse")?.iter().map(|edge| (edge.calls, &*edge.caller.name)).collect();
    /// callers.sort();
    /// assert_eq!(callers, [(1, "load"), (2, "reload")]);
    /// println!("{}", profile.callers("parse")?.table());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "print_callers")]
    pub fn callers(&self, function: &str) -> Result<Edges<'_>, Error> {
        Ok(edges::callers(self, self.position_of(function)?))
    }

    /// What `function` calls, and what those calls took. As [`callers`](Self::callers), in the other direction.
    ///
    /// # Errors
    /// [`Error::UnknownFunction`] and [`Error::AmbiguousFunction`], with what could be meant.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", || profile_fn("parse", || ()));
    /// let profile = session.finish();
    /// let callees = profile.callees("load")?;
    /// assert_eq!(callees.as_slice()[0].callee.name, "parse");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "print_callees")]
    pub fn callees(&self, function: &str) -> Result<Edges<'_>, Error> {
        Ok(edges::callees(self, self.position_of(function)?))
    }

    /// What changed from this profile to `after`, function by function.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("parse", || ());
    /// let before = session.finish();
    /// let session = Profiler::builder().start()?;
    /// (0..2).for_each(|_| profile_fn("parse", || ()));
    /// let after = session.finish();
    /// let diff = before.diff(&after);
    /// assert_eq!(diff.functions[0].after.unwrap().calls, 2);
    /// println!("{}\n{}", diff.verdict(), diff.table());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn diff(&self, after: &Self) -> ProfileDiff {
        ProfileDiff::between(self, after)
    }

    /// The call tree, to be shown to another depth or in other detail than that of [`tree_table`](Self::tree_table).
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || profile_fn("inner", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.tree().depth(1).min_share(0.0).table().len(), 2, "outer, and a line for what is deeper");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn tree(&self) -> CallTree<'_> {
        CallTree::of(self)
    }

    /// The call tree as an indented table: 16 deep, what takes less than 1 % in one line for each caller.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || ());
    /// # let profile = session.finish();
    /// assert!(profile.tree_table().to_string().contains("outer"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn tree_table(&self) -> Table {
        self.tree().table()
    }

    /// The self times of all functions added up: the time that was spent in functions of the profile, in all threads.
    /// Zero if all were sampled only.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || ());
    /// # let profile = session.finish();
    /// assert_eq!(profile.total_time(), profile.function("outer").unwrap().self_time);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn total_time(&self) -> Duration {
        self.recorded().fold(Duration::ZERO, |sum, function| {
            sum.saturating_add(function.self_time)
        })
    }

    /// The calls of all functions added up.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || profile_fn("inner", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.total_calls(), 2);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn total_calls(&self) -> u64 {
        self.recorded()
            .fold(0, |sum, function| sum.saturating_add(function.calls))
    }

    /// The functions that were entered or sampled, without the root, which stands for what is none.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = &Function> {
        let is_sampled = |function: &Function| {
            let samples = function.samples.unwrap_or_default();
            samples.cumulative_wall > 0
        };
        self.functions.iter().filter(move |function| {
            function.kind != FunctionKind::Root && (function.calls > 0 || is_sampled(function))
        })
    }

    /// Whether any function has a time: a session may count and sample alone.
    pub(crate) fn is_timed(&self) -> bool {
        self.recorded()
            .any(|function| !function.cumulative.is_zero())
    }
}

/// What recording one call cost, measured at the start of the session.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Overhead {
    /// Nanoseconds that end up in the function's own time.
    pub inside_ns: f64,
    /// Nanoseconds that end up in the caller's time.
    pub outside_ns: f64,
}

/// How the sampler ran.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Sampling {
    /// Samples per second, as asked for.
    pub rate_hz: f64,
    /// How often the sampler looked.
    pub ticks: u64,
    /// How often it came so late that the next look was due.
    pub missed: u64,
}
