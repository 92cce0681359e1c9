//! Benchmarks that have become slower and stayed so.

use std::path::Path;

use anyhow::Result;
use tuneup_benchmarking::{ChangePointOptions, History, HistorySeries};

use super::{
    finding::{Figure, Finding, Gain, Place},
    remedy,
};

/// The unit of times.
const TIME: &str = "ns";

/// A step of less than this is not worth a search.
const LEAST_STEP: f64 = 0.02;

/// Series with fewer results have no levels.
const FEWEST: usize = 6;

/// The findings, and how many series were looked at.
pub(super) fn findings(input: &str, path: &Path) -> Result<(Vec<Finding>, usize)> {
    let history = History::open(path)?;
    let options = ChangePointOptions::builder()
        .min_magnitude(LEAST_STEP)
        .build()?;
    let (mut found, mut looked_at) = (Vec::new(), 0);
    for machine in history.machines()? {
        for bench in history.benches(&machine.id())? {
            if bench.unit != TIME || bench.runs < FEWEST {
                continue;
            }
            looked_at += 1;
            let series = history.series(&machine.id(), &bench.bench, TIME)?;
            found.extend(regression(input, &series, &options)?);
        }
    }
    Ok((found, looked_at))
}

/// The last step, if it is one upwards.
fn regression(
    input: &str,
    series: &HistorySeries,
    options: &ChangePointOptions,
) -> Result<Option<Finding>> {
    let steps = series.change_points(options)?;
    let Some(step) = steps.last().filter(|step| step.after > step.before) else {
        return Ok(None);
    };
    let Some(point) = series.points.get(step.index) else {
        return Ok(None);
    };
    let since = match &point.commit {
        Some(commit) => format!("commit {commit}"),
        None => format!("run {}", point.run),
    };
    let before_commit = step
        .index
        .checked_sub(1)
        .and_then(|index| series.points[index].commit.as_ref());
    let between = match (before_commit, &point.commit) {
        (Some(before), Some(after)) if before != after => {
            format!(" See what has changed: `git log {before}..{after}`.")
        }
        _ => String::new(),
    };
    Ok(Some(Finding {
        rule: "regression",
        title: format!(
            "`{}` takes {:.2} times as long since {since}",
            series.bench,
            step.after / step.before
        ),
        place: Place::named(&series.bench),
        input: input.to_owned(),
        figures: vec![
            Figure::new("before_ns", step.before),
            Figure::new("after_ns", step.after),
            Figure::new("runs_before", step.index as f64),
            Figure::new("runs_since", (series.points.len() - step.index) as f64),
            Figure::new("p_value", step.p_value),
        ],
        advice: format!(
            "Compare the two versions side by side, so that it is no change of the machine.{between}"
        ),
        remedy: &remedy::COMPARISON,
        gain: Gain {
            share: 1.0 - step.before / step.after,
            of: "the time of this bench",
            is_limit: false,
            derivation: "what it took before".to_owned(),
        },
    }))
}
