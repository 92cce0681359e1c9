//! Grades for times.

use std::time::Duration;

use tuneup_measure::format_duration;
use tuneup_report::Style;

use crate::error::Error;

/// Names for how good a time is, from thresholds of your own.
///
/// ```
/// use std::time::Duration;
/// use tuneup_profiling::Grades;
///
/// let grades = Grades::builder()
///     .grade("excellent", Duration::from_millis(10))
///     .grade("good", Duration::from_millis(100))
///     .otherwise("slow")
///     .build()?;
/// assert_eq!(grades.of(Duration::from_millis(10)), "excellent");
/// assert_eq!(grades.of(Duration::from_millis(11)), "good");
/// assert_eq!(grades.of(Duration::from_secs(1)), "slow");
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grades {
    /// Up to which time each is given, the best first.
    steps: Vec<(String, Duration)>,
    otherwise: String,
}

impl Grades {
    /// Grades, the best first.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_profiling::Grades;
    ///
    /// assert!(Grades::builder().grade("A", Duration::from_millis(1)).build().is_ok());
    /// ```
    pub fn builder() -> GradesBuilder {
        GradesBuilder {
            steps: Vec::new(),
            otherwise: "poor".to_owned(),
        }
    }

    /// The grade of a time: the first whose threshold it does not pass.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_profiling::Grades;
    /// let grades = Grades::builder().grade("fine", Duration::from_millis(5)).build()?;
    /// assert_eq!(grades.of(Duration::from_millis(5)), "fine");
    /// assert_eq!(grades.of(Duration::from_millis(6)), "poor");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn of(&self, time: Duration) -> &str {
        self.steps
            .get(self.step(time))
            .map_or(&self.otherwise, |(name, _)| name)
    }

    /// The best grade is good, what is beyond the last one is bad.
    pub(super) fn style(&self, time: Duration) -> Style {
        match self.step(time) {
            0 => Style::Good,
            step if step == self.steps.len() => Style::Bad,
            _ => Style::Plain,
        }
    }

    /// The grades with their thresholds.
    pub(super) fn legend(&self) -> String {
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|(name, up_to)| format!("{name} up to {}", format_duration(*up_to)))
            .collect();
        format!("{}, else {}", steps.join(", "), self.otherwise)
    }

    fn step(&self, time: Duration) -> usize {
        self.steps.partition_point(|&(_, up_to)| up_to < time)
    }
}

/// Options of [`Grades`], from [`Grades::builder`].
///
/// ```
/// use std::time::Duration;
/// use tuneup_profiling::Grades;
///
/// let grades = Grades::builder().grade("fast", Duration::from_millis(1)).otherwise("slow").build()?;
/// assert_eq!(grades.of(Duration::ZERO), "fast");
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GradesBuilder {
    steps: Vec<(String, Duration)>,
    otherwise: String,
}

impl GradesBuilder {
    /// Adds a grade for times of at most `up_to` that no grade before it is for.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_profiling::Grades;
    /// let grades = Grades::builder().grade("A", Duration::from_millis(1)).grade("B", Duration::from_millis(2)).build()?;
    /// assert_eq!(grades.of(Duration::from_millis(2)), "B");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn grade(mut self, name: impl Into<String>, up_to: Duration) -> Self {
        self.steps.push((name.into(), up_to));
        self
    }

    /// What times beyond the last threshold are called, `poor` by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_profiling::Grades;
    /// let grades = Grades::builder().grade("fast", Duration::from_millis(1)).otherwise("slow").build()?;
    /// assert_eq!(grades.of(Duration::MAX), "slow");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn otherwise(mut self, name: impl Into<String>) -> Self {
        self.otherwise = name.into();
        self
    }

    /// The grades.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there is no grade, or if a threshold is not above the one before it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_profiling::{Error, Grades};
    ///
    /// let falling = Grades::builder().grade("A", Duration::from_millis(2)).grade("B", Duration::from_millis(1));
    /// assert_eq!(
    ///     falling.build().unwrap_err().to_string(),
    ///     "threshold of a grade is 1.000 ms for `B`; allowed is more than that of the grade before it"
    /// );
    /// ```
    pub fn build(self) -> Result<Grades, Error> {
        if self.steps.is_empty() {
            return Err(Error::OutOfRange {
                option: "number of grades",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        let falling = self.steps.windows(2).find(|pair| pair[1].1 <= pair[0].1);
        if let Some([_, (name, up_to)]) = falling {
            return Err(Error::OutOfRange {
                option: "threshold of a grade",
                value: format!("{} for `{name}`", format_duration(*up_to)),
                allowed: "more than that of the grade before it",
            });
        }
        Ok(Grades {
            steps: self.steps,
            otherwise: self.otherwise,
        })
    }
}
