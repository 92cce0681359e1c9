//! Options of timers.

use tuneup_measure::Clock;

use super::{Grades, Timers};
use crate::error::Error;

/// Options of [`Timers`], from [`Timers::builder`].
///
/// ```
/// use std::time::Duration;
/// use tuneup_profiling::{Grades, Timers};
///
/// let grades = Grades::builder().grade("good", Duration::from_millis(10)).build()?;
/// let timers = Timers::builder().max_names(100).grades(grades).build()?;
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TimersBuilder {
    pub(super) clock: Clock,
    pub(super) max_names: usize,
    pub(super) grades: Option<Grades>,
}

impl Default for TimersBuilder {
    fn default() -> Self {
        Self {
            clock: Clock::new(),
            max_names: 1024,
            grades: None,
        }
    }
}

impl TimersBuilder {
    /// How many names there may be, 1024 by default; each takes 8 KiB. Times of further names are counted together as
    /// `(other)`.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::builder().max_names(1).build()?;
    /// for name in ["first", "second", "third"] {
    ///     timers.start(name).stop();
    /// }
    /// assert_eq!(timers.get("(other)").unwrap().count, 2);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn max_names(mut self, names: usize) -> Self {
        self.max_names = names;
        self
    }

    /// What the mean times are graded by; by default they are not.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_profiling::{Grades, Timers};
    ///
    /// let grades = Grades::builder().grade("good", Duration::from_secs(3_600)).build()?;
    /// let timers = Timers::builder().grades(grades).build()?;
    /// timers.start("load").stop();
    /// assert_eq!(timers.get("load").unwrap().grade.as_deref(), Some("good"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn grades(mut self, grades: Grades) -> Self {
        self.grades = Some(grades);
        self
    }

    /// The clock that is read: a mock in tests.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_measure::Clock;
    /// use tuneup_profiling::Timers;
    ///
    /// let (clock, hand) = Clock::mock();
    /// let timers = Timers::builder().clock(clock).build()?;
    /// let timer = timers.start("load");
    /// hand.advance(Duration::from_millis(3));
    /// assert_eq!(timer.stop(), Duration::from_millis(3));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The timers.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there may be no name at all.
    ///
    /// ```
    /// use tuneup_profiling::{Error, Timers};
    ///
    /// let error = Timers::builder().max_names(0).build().unwrap_err();
    /// assert!(matches!(error, Error::OutOfRange { option: "max_names", .. }));
    /// ```
    pub fn build(self) -> Result<Timers, Error> {
        match self.max_names {
            0 => Err(Error::OutOfRange {
                option: "max_names",
                value: "0".to_owned(),
                allowed: "1 or more",
            }),
            _ => Ok(Timers::with(self)),
        }
    }
}
