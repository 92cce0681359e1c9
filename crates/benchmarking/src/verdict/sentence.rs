//! What is said of several that were compared with the first of them.

use tuneup_report::{Cell, Style};

use crate::{Ratio, Verdict};

/// One of those that were compared.
pub(crate) struct Judged<'a> {
    pub(crate) name: &'a str,
    /// Beside the first.
    pub(crate) ratio: Ratio,
    pub(crate) verdict: Verdict,
}

/// The cells of a table for a ratio, its interval and the verdict.
pub(crate) fn judgement(is_reference: bool, ratio: Ratio, verdict: Verdict) -> [Cell; 3] {
    if is_reference {
        return [Cell::ratio(1.0), Cell::missing(), Cell::text("reference")];
    }
    let style = match verdict {
        Verdict::Faster => Style::Good,
        Verdict::Slower => Style::Bad,
        _ => Style::Dim,
    };
    [
        Cell::ratio(ratio.estimate),
        Cell::text(format!("{:.3}–{:.3}", ratio.low, ratio.high)),
        Cell::text(verdict.to_string()).styled(style),
    ]
}

/// Who wins and by how much; or that nobody does, and how small an effect could have been seen.
pub(crate) fn sentence(all: &[Judged<'_>], threshold: f64) -> String {
    let (reference, rivals) = (&all[0], &all[1..]);
    let smallest = |verdict: Verdict| {
        rivals
            .iter()
            .filter(|case| case.verdict == verdict)
            .min_by(|a, b| a.ratio.estimate.total_cmp(&b.ratio.estimate))
    };
    // Not simply the smallest estimate: that one may be undecided beside a larger one that is certain.
    if let Some(winner) = smallest(Verdict::Faster) {
        return format!(
            "`{}` is {:.2} times as fast as `{}` (between {:.2} and {:.2}, {} % confidence){}.",
            winner.name,
            1.0 / winner.ratio.estimate,
            reference.name,
            1.0 / winner.ratio.high,
            1.0 / winner.ratio.low,
            winner.ratio.confidence * 100.0,
            as_fast_as(winner, rivals, threshold),
        );
    }
    if rivals.iter().all(|case| case.verdict == Verdict::Slower)
        && let Some(next) = smallest(Verdict::Slower)
    {
        return format!(
            "`{}` wins; the next, `{}`, takes {:.2} times as long (between {:.2} and {:.2}, {} % confidence).",
            reference.name,
            next.name,
            next.ratio.estimate,
            next.ratio.low,
            next.ratio.high,
            next.ratio.confidence * 100.0,
        );
    }
    let rest: Vec<String> = rivals
        .iter()
        .filter(|case| case.verdict != Verdict::Slower)
        .map(|case| {
            let percent = case.ratio.smallest_visible_effect() * 100.0;
            match case.verdict {
                Verdict::Same => {
                    format!("`{}` takes the same time within {percent:.2} %", case.name)
                }
                _ => format!(
                    "`{}` is undecided (below {percent:.2} % nothing could be seen)",
                    case.name
                ),
            }
        })
        .collect();
    format!(
        "No winner beside `{}`: {}.",
        reference.name,
        rest.join(", ")
    )
}

/// Whoever is within the threshold of the winner, as the end of a sentence.
fn as_fast_as(winner: &Judged<'_>, rivals: &[Judged<'_>], threshold: f64) -> String {
    let limit = winner.ratio.estimate * (1.0 + threshold);
    let tied = |case: &&Judged<'_>| {
        !std::ptr::eq(*case, winner)
            && case.verdict == Verdict::Faster
            && case.ratio.estimate <= limit
    };
    let names: Vec<String> = rivals
        .iter()
        .filter(tied)
        .map(|case| format!("`{}`", case.name))
        .collect();
    match names.len() {
        0 => String::new(),
        1 => format!("; {} is as fast", names[0]),
        _ => format!("; {} are as fast", names.join(", ")),
    }
}
