//! What is known of the lines of one function.

mod table;

use std::{path::Path, time::Duration};

use crate::{Profile, source::SourceText};

/// The line profile of a function, with `#[profile_lines]` or by `cargo tuneup profile --lines`.
///
/// Time runs on one line at a time, so that the lines add up to [`total`](Self::total) exactly. A line that
/// calls another function contains that function's time; the time of a recursive call is on the lines
/// of that call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LineTable {
    /// The full path of the function.
    pub function: String,
    /// Its file, as the compiler was given it.
    pub file: String,
    /// The line at which the function begins, from 1.
    pub first_line: u32,
    /// How often the function was entered.
    pub calls: u64,
    /// The time of all lines.
    pub total: Duration,
    /// Whether it is an async function, whose lines can wait.
    pub is_async: bool,
    /// The lines that have a statement, in ascending order.
    pub lines: Vec<Line>,
}

impl Profile {
    /// Reads the texts of the lines anew, from files that are named relative to `root`: for a profile of a program that runs elsewhere than
    /// where its sources lie. Where a file is not found, the lines have no text. O(lines + bytes of their files).
    ///
    /// ```
    /// # use tuneup_profiling::Profiler;
    /// # let session = Profiler::builder().start()?;
    /// let profile = session.finish().with_sources_below("../checkout");
    /// # assert!(profile.line_tables.is_empty());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn with_sources_below(mut self, root: impl AsRef<Path>) -> Self {
        let mut source = SourceText::below(root.as_ref());
        for table in &mut self.line_tables {
            for line in &mut table.lines {
                line.source = source.line(&table.file, line.number);
            }
        }
        self
    }
}

/// One line of a [`LineTable`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The line in the file, from 1.
    pub number: u32,
    /// How often a statement that begins on this line was reached.
    pub hits: u64,
    /// Time on this line.
    pub time: Duration,
    /// Time for which the future was suspended on this line.
    pub waiting: Duration,
    /// Bytes allocated on this line; `None` if no allocation counters ran.
    pub allocated_bytes: Option<u64>,
    /// Bytes allocated less bytes freed; `None` if no allocation counters ran.
    pub net_bytes: Option<i64>,
    /// The text of the line; `None` if the source was not found.
    pub source: Option<String>,
}

impl Line {
    /// Time for each hit; zero without a hit.
    #[must_use]
    pub fn time_per_hit(&self) -> Duration {
        match self.hits {
            0 => Duration::ZERO,
            hits => crate::function::nanoseconds(self.time.as_nanos() / u128::from(hits)),
        }
    }
}
