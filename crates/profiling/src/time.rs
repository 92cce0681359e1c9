//! The time of one expression.

/// Evaluates an expression, and tells how long that took.
///
/// - `time!("label", expression)` writes `label: 1.234 ms` to standard error, and what cannot be written is lost;
/// - `time!(timers, "label", expression)` counts it in [`Timers`](crate::Timers) and writes nothing.
///
/// Either has the value of the expression. That stands in the function as it is, not in a closure: `?`, `return` and
/// `break` in it mean what they say. Where they leave the expression early, nothing is written, and `timers` count the
/// time up to there.
///
/// ```
/// use tuneup_profiling::{Timers, time};
///
/// fn parse(text: &str, timers: &Timers) -> Result<u64, std::num::ParseIntError> {
///     let number: u64 = time!(timers, "parse", text.parse()?);
///     Ok(time!("double", number * 2))
/// }
///
/// let timers = Timers::new();
/// assert_eq!(parse("21", &timers), Ok(42));
/// assert!(parse("x", &timers).is_err());
/// assert_eq!(timers.get("parse").unwrap().count, 2);
/// ```
#[doc(alias = "timeit")]
#[doc(alias = "dbg")]
#[macro_export]
macro_rules! time {
    ($label:expr, $expression:expr $(,)?) => {
        // As in `dbg!`: what a match looks at lives as long as its value, and so do temporaries in it.
        match ($label, $crate::Stopwatch::start(), $expression) {
            (label, mut stopwatch, value) => {
                stopwatch.stop();
                stopwatch.print(label);
                value
            }
        }
    };
    ($timers:expr, $label:expr, $expression:expr $(,)?) => {
        match ($timers.start($label), $expression) {
            (timer, value) => {
                ::core::mem::drop(timer);
                value
            }
        }
    };
}

#[cfg(test)]
mod tests;
