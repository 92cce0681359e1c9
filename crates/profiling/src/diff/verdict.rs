//! A difference in a sentence.

use std::time::Duration;

use tuneup_measure::{format_duration, format_ns};
use tuneup_report::Cell;

use super::{Figures, FunctionDiff, ProfileDiff};

/// How many functions a sentence names.
const NAMED: usize = 3;
/// What part of the change the functions that are named need to explain.
const ENOUGH: f64 = 0.8;
/// What part of the change a function has to go against it to be named.
const NOTABLE: f64 = 0.2;
/// Two numbers that differ by less are called the same.
const SAME: f64 = 0.05;

impl ProfileDiff {
    /// How the total changed, and which functions explain that, in one sentence.
    ///
    /// The functions are those that went the way of the total, at most three, as many as it takes to explain 80 % of its
    /// change. Of the first it is said whether it is called more often or takes longer. The largest that goes the other
    /// way is named, too, if it is at least 20 %.
    ///
    /// ```
    /// # use tuneup_profiling::Profiler;
    /// # let before = Profiler::builder().start()?.finish();
    /// # let after = Profiler::builder().start()?.finish();
    /// assert_eq!(before.diff(&after).verdict(), "no time was recorded in either profile");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn verdict(&self) -> String {
        if self.before.is_zero() && self.after.is_zero() {
            return "no time was recorded in either profile".to_owned();
        }
        if let Some(side) = self.untimed_side() {
            return format!(
                "the {side} profile has calls and no times; the calls are all that can be compared"
            );
        }
        let mut text = self.total();
        text += &self.explanation();
        for (word, count) in [
            ("new", self.functions.iter().filter(|f| f.is_new()).count()),
            (
                "gone",
                self.functions.iter().filter(|f| f.is_gone()).count(),
            ),
        ] {
            match count {
                0 => {}
                1 => text += &format!("; 1 function is {word}"),
                count => text += &format!("; {count} functions are {word}"),
            }
        }
        text
    }

    /// Which of the two profiles counted calls and did not time them.
    fn untimed_side(&self) -> Option<&'static str> {
        let counts = |side: fn(&FunctionDiff) -> Option<Figures>| {
            let mut figures = self.functions.iter().filter_map(side);
            figures.any(|figures| figures.calls > 0)
        };
        if self.before.is_zero() && counts(|function| function.before) {
            Some("earlier")
        } else if self.after.is_zero() && counts(|function| function.after) {
            Some("later")
        } else {
            None
        }
    }

    fn total(&self) -> String {
        let (before, after) = (format_duration(self.before), format_duration(self.after));
        let verb = match self.delta_ns() {
            0 => return format!("the total stayed at {after}"),
            ..0 => "fell",
            _ => "rose",
        };
        match percent(self.before, self.after) {
            Some(percent) => format!("the total {verb} by {percent} from {before} to {after}"),
            None => format!("the total {verb} from {before} to {after}"),
        }
    }

    /// The functions that went the way of the total; where that stayed, those that moved most.
    fn explanation(&self) -> String {
        let Some(total) = Some(self.delta_ns()).filter(|&delta| delta != 0) else {
            return match self.functions.first() {
                Some(first) if first.self_delta_ns != 0 => format!(
                    "; the largest change is that of `{}`, {}",
                    first.name,
                    first.words()
                ),
                _ => String::new(),
            };
        };
        let mut explained = 0.0;
        let mut named: Vec<&FunctionDiff> = Vec::new();
        for function in &self.functions {
            if named.len() == NAMED || explained >= ENOUGH {
                break;
            }
            if function.self_delta_ns.signum() == total.signum() {
                explained += function.share.unwrap_or(0.0);
                named.push(function);
            }
        }
        let [first, others @ ..] = &named[..] else {
            return String::new();
        };
        let mut text = format!("; `{}` ({})", first.name, first.words());
        for other in others {
            text += &format!(", `{}` ({})", other.name, signed(other.self_delta_ns));
        }
        let verb = if others.is_empty() {
            "explains"
        } else {
            "explain"
        };
        text += &format!(" {verb} {:.0} % of it", explained * 100.0);
        let against = self
            .functions
            .iter()
            .find(|function| function.share.is_some_and(|share| share <= -NOTABLE));
        if let Some(against) = against {
            text += &format!(
                "; against it goes `{}` ({})",
                against.name,
                signed(against.self_delta_ns)
            );
        }
        text
    }
}

impl FunctionDiff {
    /// Its change and, if it is in both profiles, what changed: the calls, or the time of each.
    fn words(&self) -> String {
        let delta = signed(self.self_delta_ns);
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return format!("{delta}, {}", if self.is_new() { "new" } else { "gone" });
        };
        let calls = ratio(before.calls as f64, after.calls as f64);
        let each = ratio(before.self_per_call_ns(), after.self_per_call_ns());
        match (calls, each) {
            (Some(calls), Some(each)) => {
                format!("{delta}, {calls} the calls, each {each} as long")
            }
            (Some(calls), None) => format!("{delta}, {calls} the calls"),
            (None, Some(each)) => format!("{delta}, each call {each} as long"),
            (None, None) => delta,
        }
    }
}

/// How many times `before` `after` is, if that is not about the same.
fn ratio(before: f64, after: f64) -> Option<Cell> {
    (before > 0.0)
        .then(|| after / before)
        .filter(|ratio| (ratio - 1.0).abs() > SAME)
        .map(Cell::ratio)
}

/// By how much `after` is off `before`; `None` where there was nothing before.
fn percent(before: Duration, after: Duration) -> Option<String> {
    (!before.is_zero()).then(|| {
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        format!("{:.1} %", (ratio - 1.0).abs() * 100.0)
    })
}

fn signed(ns: i64) -> String {
    let sign = if ns > 0 { "+" } else { "" };
    format!("{sign}{}", format_ns(ns as f64))
}
