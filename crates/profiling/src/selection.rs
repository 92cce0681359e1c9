//! Functions of a profile, ordered, cut down and filtered.

mod columns;
mod table;

use std::{fmt, io::Write as _};

use regex_lite::Regex;
use tuneup_report::Terminal;

use crate::{cells, error::Error, function::Function, order::SortKey, profile::Profile};

/// A choice of functions of a [`Profile`], which stays as it is.
///
/// Each step works on what the one before left: `filter` then `top` gives the first of those that match. Without a
/// [`sort_by`](Self::sort_by), functions are ordered by self time.
///
/// ```
/// use tuneup_profiling::{Profiler, SortKey, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("shop::cart", || (0..3).for_each(|_| profile_fn("shop::tax", || profile_fn("math::round", || ()))));
/// let profile = session.finish();
/// let names: Vec<&str> =
///     profile.filter("^shop::")?.sort_by(SortKey::Calls).iter().map(|function| &*function.name).collect();
/// assert_eq!(names, ["shop::tax", "shop::cart"]);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is a view: show it with `table` or `print`, or go through it with `iter`"]
pub struct Functions<'a> {
    profile: &'a Profile,
    functions: Vec<&'a Function>,
    order: SortKey,
    corrected: bool,
    /// The expressions that were filtered by.
    patterns: Vec<String>,
}

impl<'a> Functions<'a> {
    /// All functions that were recorded, by self time.
    pub(crate) fn of(profile: &'a Profile) -> Self {
        Self {
            profile,
            functions: profile.recorded().collect(),
            order: SortKey::default(),
            corrected: false,
            patterns: Vec::new(),
        }
        .sorted()
    }

    /// The same functions in this order. O(functions × log functions).
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, SortKey, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("b", || profile_fn("a", || ()));
    /// let profile = session.finish();
    /// assert_eq!(profile.top(2).sort_by(SortKey::Name).as_slice()[0].name, "a");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn sort_by(mut self, key: SortKey) -> Self {
        self.order = key;
        self.sorted()
    }

    /// The first `count` of them.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, SortKey, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("b", || profile_fn("a", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.sort_by(SortKey::Name).top(1).as_slice()[0].name, "a");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn top(mut self, count: usize) -> Self {
        self.functions.truncate(count);
        self
    }

    /// Those whose path or `file:line` matches a regular expression.
    ///
    /// # Errors
    /// [`Error::Filter`] if the pattern is none.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, SortKey, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("shop::cart", || profile_fn("math::round", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.sort_by(SortKey::Calls).filter("^math")?.len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn filter(mut self, pattern: &str) -> Result<Self, Error> {
        let regex = Regex::new(pattern).map_err(|source| Error::Filter {
            pattern: pattern.to_owned(),
            source,
        })?;
        self.functions.retain(|function| {
            regex.is_match(&function.name) || regex.is_match(&cells::location(function))
        });
        self.patterns.push(pattern.to_owned());
        Ok(self)
    }

    /// Orders and shows times without what the recording took of them, as far as that is known.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, SortKey, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let profile = session.finish();
    /// let table = profile.sort_by(SortKey::Cumulative).corrected().table();
    /// assert!(table.to_string().contains("times are corrected"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn corrected(mut self) -> Self {
        self.corrected = true;
        self.sorted()
    }

    /// The functions.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let profile = session.finish();
    /// assert_eq!(profile.top(1).as_slice()[0].calls, 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn as_slice(&self) -> &[&'a Function] {
        &self.functions
    }

    /// Goes through the functions.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let profile = session.finish();
    /// for function in profile.top(10).iter() {
    ///     println!("{}: {} calls", function.name, function.calls);
    /// }
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn iter(&self) -> std::slice::Iter<'_, &'a Function> {
        self.functions.iter()
    }

    /// How many there are.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let profile = session.finish();
    /// assert_eq!(profile.top(10).len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// # use tuneup_profiling::Profiler;
    /// assert!(Profiler::builder().start()?.finish().top(10).is_empty());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Writes the [`table`](Self::table) to standard output, fit for the terminal. What cannot be written is lost.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, SortKey, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let profile = session.finish();
    /// profile.sort_by(SortKey::Cumulative).top(10).print();
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn print(&self) {
        let shown = self.table().render(&Terminal::detect());
        // A reader that went away must not end the program that is measured.
        let _ = std::io::stdout().write_all(shown.as_bytes());
    }

    fn sorted(mut self) -> Self {
        let (order, corrected) = (self.order, self.corrected);
        self.functions
            .sort_by(|left, right| order.compare(left, right, corrected));
        self
    }
}

impl<'a> IntoIterator for Functions<'a> {
    type Item = &'a Function;
    type IntoIter = std::vec::IntoIter<&'a Function>;

    fn into_iter(self) -> Self::IntoIter {
        self.functions.into_iter()
    }
}

impl<'f, 'a> IntoIterator for &'f Functions<'a> {
    type Item = &'f &'a Function;
    type IntoIter = std::slice::Iter<'f, &'a Function>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Functions<'_> {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

#[cfg(test)]
mod tests;
