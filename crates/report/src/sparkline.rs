//! A course of values in one line of text.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws values over time as one line of at most `width` block characters, from none (`▁`) to the largest (`█`). Where there are more values than
/// characters, each stands for the largest of its own. Values below 0 and those that are no numbers are drawn as 0; no values, or a
/// width of 0, are an empty line.
///
/// ```
/// assert_eq!(tuneup_report::sparkline(&[0.0, 1.0, 4.0, 8.0, 6.0], 10), "▁▂▅█▆");
/// assert_eq!(tuneup_report::sparkline(&[1.0, 8.0, 2.0, 4.0], 2), "█▅");
/// ```
#[must_use]
pub fn sparkline(values: &[f64], width: usize) -> String {
    let width = width.min(values.len());
    let of_character = |place: usize| {
        let range = place * values.len() / width..(place + 1) * values.len() / width;
        values[range].iter().copied().fold(0.0, f64::max)
    };
    let heights: Vec<f64> = (0..width).map(of_character).collect();
    let largest = heights.iter().copied().fold(0.0, f64::max);
    let level = |height: f64| match largest > 0.0 {
        // The share of the largest is within 0 and 1.
        true => LEVELS[(height / largest * (LEVELS.len() - 1) as f64).round() as usize],
        false => LEVELS[0],
    };
    heights.into_iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_an_empty_line() {
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[1.0], 0), "");
        assert_eq!(sparkline(&[0.0, f64::NAN, -1.0], 3), "▁▁▁");
    }

    proptest! {
        #[test]
        fn the_largest_value_is_always_seen(
            values in prop::collection::vec(0.0..1e300_f64, 1..200),
            width in 1..100_usize,
        ) {
            let line = sparkline(&values, width);
            prop_assert_eq!(line.chars().count(), width.min(values.len()));
            prop_assert!(line.contains('█') || values.iter().all(|value| *value == 0.0));
        }
    }
}
