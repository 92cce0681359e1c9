//! The figures over time as comma-separated values: a line for each stretch of time.

use std::fmt::Write as _;

use super::{metric::Metric, record::Series};

/// The times, then of each metric the smallest, the mean and the largest value; nothing where it could not be told.
pub(super) fn rows(series: &Series) -> String {
    let mut text = "at_s,for_s".to_owned();
    for metric in Metric::ALL {
        let key = metric.key();
        let _ = write!(text, ",{key}_min,{key}_mean,{key}_max");
    }
    text.push('\n');
    for bucket in series.buckets() {
        let _ = write!(
            text,
            "{},{}",
            bucket.at.as_secs_f64(),
            bucket.span.as_secs_f64()
        );
        for metric in Metric::ALL {
            let _ = match bucket.spread(metric) {
                Some(it) => write!(text, ",{},{},{}", it.min, it.mean, it.max),
                None => write!(text, ",,,"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::monitor::metric::Figures;

    #[test]
    fn every_line_has_a_value_for_each_column() {
        let mut series = Series::default();
        let mut figures = Figures::default();
        series.add(Duration::ZERO, Duration::ZERO, &figures);
        figures.set(Metric::Cpu, Some(0.5));
        series.add(Duration::from_secs(2), Duration::from_secs(2), &figures);
        let text = rows(&series);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() == 2 + 3 * 15), "{text}");
        let column = lines[0].iter().position(|name| *name == "cpu_cores_mean");
        assert_eq!(lines[1][column.unwrap()], "");
        assert_eq!(lines[2][column.unwrap()], "0.5");
        assert_eq!(lines[2][0], "2");
    }
}
