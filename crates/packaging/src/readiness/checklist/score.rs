//! From the states of checks to points.

use serde::{Deserialize, Serialize};

use super::{area::Area, check::State};

/// So many of 100 points are enough, if security is complete.
pub(super) const ENOUGH: f64 = 80.0;

/// How many checks of an area, or of all areas, have passed.
///
/// ```
/// use tuneup_packaging::{Score, State};
///
/// let states = [State::pass("17 tests"), State::unknown("no network"), State::not_applicable("no program")];
/// let score = Score::of(&states);
/// assert_eq!((score.passed, score.applicable), (1, 2));
/// assert_eq!(score.percent(), Some(50.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Score {
    /// Those that passed.
    pub passed: u32,
    /// Those that count: all but those that are not applicable.
    pub applicable: u32,
}

impl Score {
    /// Counts states.
    ///
    /// ```
    /// # use tuneup_packaging::{Score, State};
    /// let score = Score::of(&[State::pass("17 tests"), State::unknown("no network")]);
    /// assert_eq!((score.passed, score.applicable), (1, 2));
    /// ```
    #[must_use]
    pub fn of<'a>(states: impl IntoIterator<Item = &'a State>) -> Self {
        let mut score = Self::default();
        for state in states {
            score.passed += u32::from(state.is_pass());
            score.applicable += u32::from(state.is_applicable());
        }
        score
    }

    /// From 0 to 100; `None` if nothing counts.
    ///
    /// ```
    /// # use tuneup_packaging::{Score, State};
    /// assert_eq!(Score::of(&[State::pass(""), State::unknown("")]).percent(), Some(50.0));
    /// assert_eq!(Score::of(&[]).percent(), None);
    /// ```
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        match self.applicable {
            0 => None,
            applicable => Some(100.0 * f64::from(self.passed) / f64::from(applicable)),
        }
    }

    /// Whether there is something that counts, and all of it has passed.
    ///
    /// ```
    /// # use tuneup_packaging::{Score, State};
    /// assert!(Score::of(&[State::pass("")]).is_complete());
    /// assert!(!Score::of(&[]).is_complete());
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.applicable > 0 && self.passed == self.applicable
    }
}

/// The mean of the areas by their weights, of those in which something counts: from 0 to 100, and 0 if nothing counts anywhere.
///
/// In an area all checks count the same. Turning a fail into a pass never lowers the total, an unknown counts as a fail, and a check
/// that is not applicable changes nothing.
pub(super) fn total(scores: impl IntoIterator<Item = (Area, Score)>) -> f64 {
    let mut points = 0.0;
    let mut weights = 0.0;
    for (area, score) in scores {
        if let Some(percent) = score.percent() {
            let weight = f64::from(area.weight());
            points += weight * percent;
            weights += weight;
        }
    }
    // The sum of rounded products may exceed what it stands for by a hair.
    if weights > 0.0 {
        (points / weights).min(100.0)
    } else {
        0.0
    }
}
