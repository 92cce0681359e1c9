//! What changed between two profiles.

mod table;
mod verdict;

use std::{collections::BTreeMap, time::Duration};

use crate::{function::Function, profile::Profile};

/// The change from one profile to another, function by function; from [`Profile::diff`].
///
/// Functions are the same if their paths are. Self times are what explains a change: those of all functions add up to
/// the total, so that their changes add up to the change of the total.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("parse", || ());
/// let before = session.finish();
/// let session = Profiler::builder().start()?;
/// profile_fn("parse", || profile_fn("validate", || ()));
/// let after = session.finish();
/// let diff = before.diff(&after);
/// let new = diff.functions.iter().find(|function| function.is_new()).unwrap();
/// assert_eq!(new.name, "validate");
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProfileDiff {
    /// The self times of all functions before.
    pub before: Duration,
    /// The self times of all functions after.
    pub after: Duration,
    /// Every function of the two profiles, those whose self time changed most first.
    pub functions: Vec<FunctionDiff>,
}

/// How one function changed.
///
/// ```
/// # use tuneup_profiling::{Profiler, profile_fn};
/// # let session = Profiler::builder().start()?;
/// # profile_fn("parse", || ());
/// # let before = session.finish();
/// # let session = Profiler::builder().start()?;
/// # let after = session.finish();
/// let diff = before.diff(&after);
/// assert!(diff.functions[0].is_gone());
/// assert!(diff.functions[0].self_delta_ns <= 0);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FunctionDiff {
    /// The full path.
    pub name: String,
    /// What it did before; `None` if it was not in the profile.
    pub before: Option<Figures>,
    /// What it does now; `None` if it is not in the profile.
    pub after: Option<Figures>,
    /// Self time after less self time before, in nanoseconds.
    pub self_delta_ns: i64,
    /// Cumulative time after less cumulative time before, in nanoseconds.
    pub cumulative_delta_ns: i64,
    /// [`self_delta_ns`](Self::self_delta_ns) as a part of the change of the total: the shares of all functions add up
    /// to 1, and one that goes the other way is negative. `None` if the total did not change.
    pub share: Option<f64>,
}

/// The figures of a function that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Figures {
    /// How often it was entered.
    pub calls: u64,
    /// Time in it, without what it called.
    pub self_time: Duration,
    /// Time in it and in what it called.
    pub cumulative: Duration,
}

impl ProfileDiff {
    pub(crate) fn between(before: &Profile, after: &Profile) -> Self {
        let mut figures: BTreeMap<&str, [Option<Figures>; 2]> = BTreeMap::new();
        for (side, profile) in [before, after].into_iter().enumerate() {
            for function in profile.recorded() {
                let sides = figures.entry(&function.name).or_default();
                sides[side].get_or_insert_default().add(function);
            }
        }
        let (before, after) = (before.total_time(), after.total_time());
        let total = delta_ns(before, after);
        let mut functions: Vec<FunctionDiff> = figures
            .into_iter()
            .map(|(name, [before, after])| FunctionDiff::between(name, before, after, total))
            .collect();
        // They are in the order of their names, and of equal changes stay so.
        functions.sort_by_key(|function| {
            let calls = function
                .calls()
                .map(|(before, after)| before.abs_diff(after));
            std::cmp::Reverse((function.self_delta_ns.unsigned_abs(), calls))
        });
        Self {
            before,
            after,
            functions,
        }
    }

    /// The total after less the total before, in nanoseconds.
    ///
    /// ```
    /// # use tuneup_profiling::Profiler;
    /// # let before = Profiler::builder().start()?.finish();
    /// # let after = Profiler::builder().start()?.finish();
    /// assert_eq!(before.diff(&after).delta_ns(), 0);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn delta_ns(&self) -> i64 {
        delta_ns(self.before, self.after)
    }

    /// The same with the first `count` functions; totals and shares stay.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let before = Profiler::builder().start()?.finish();
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("outer", || profile_fn("inner", || ()));
    /// # let after = session.finish();
    /// assert_eq!(before.diff(&after).top(1).table().len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn top(mut self, count: usize) -> Self {
        self.functions.truncate(count);
        self
    }
}

impl FunctionDiff {
    fn between(
        name: &str,
        before: Option<Figures>,
        after: Option<Figures>,
        total_delta_ns: i64,
    ) -> Self {
        let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
        let self_delta_ns = delta_ns(old.self_time, new.self_time);
        Self {
            name: name.to_owned(),
            before,
            after,
            self_delta_ns,
            cumulative_delta_ns: delta_ns(old.cumulative, new.cumulative),
            share: (total_delta_ns != 0).then(|| self_delta_ns as f64 / total_delta_ns as f64),
        }
    }

    /// Whether it is in the later profile only.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let before = Profiler::builder().start()?.finish();
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let after = session.finish();
    /// assert!(before.diff(&after).functions[0].is_new());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether it is in the earlier profile only.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let before = session.finish();
    /// # let after = Profiler::builder().start()?.finish();
    /// assert!(before.diff(&after).functions[0].is_gone());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.after.is_none()
    }

    /// The calls before and after, of a function that is in both profiles.
    fn calls(&self) -> Option<(u64, u64)> {
        Some((self.before?.calls, self.after?.calls))
    }

    /// Whether nothing that is compared is different.
    fn is_unchanged(&self) -> bool {
        self.before == self.after
    }
}

impl Figures {
    /// Adds a function: two that share a path are compared as one.
    fn add(&mut self, function: &Function) {
        self.calls = self.calls.saturating_add(function.calls);
        self.self_time = self.self_time.saturating_add(function.self_time);
        self.cumulative = self.cumulative.saturating_add(function.cumulative);
    }

    /// Self time for each call, in nanoseconds.
    fn self_per_call_ns(&self) -> f64 {
        match self.calls {
            0 => 0.0,
            calls => self.self_time.as_nanos() as f64 / calls as f64,
        }
    }
}

/// `after` less `before` in nanoseconds: exact up to 292 years.
fn delta_ns(before: Duration, after: Duration) -> i64 {
    let ns = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    ns(after).saturating_sub(ns(before))
}

#[cfg(test)]
mod tests;
