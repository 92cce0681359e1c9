//! Splitting one window again and again where the energy distance is largest.

use std::ops::Range;

use super::t_test::TTest;

/// The indices, ascending, at which `values` splits into levels whose t-tests reach `max_p_value`.
///
/// O(points found × length²) time, O(length) memory.
pub(super) fn split(values: &[f64], max_p_value: f64) -> Vec<usize> {
    let mut bounds = vec![0, values.len()];
    let mut best: Vec<Option<Candidate>> = vec![candidate(values, 0..values.len())];
    loop {
        let strongest = (0..best.len())
            .rev()
            .filter(|&at| best[at].is_some())
            .max_by(|&a, &b| {
                let distance = |at: usize| {
                    best[at]
                        .as_ref()
                        .map_or(0.0, |candidate| candidate.distance)
                };
                distance(a).total_cmp(&distance(b))
            });
        let Some((at, found)) =
            strongest.and_then(|at| best[at].as_ref().map(|found| (at, found.index)))
        else {
            break;
        };
        let (start, end) = (bounds[at], bounds[at + 1]);
        if TTest::between(&values[start..found], &values[found..end]).p_value > max_p_value {
            break;
        }
        bounds.insert(at + 1, found);
        best[at] = candidate(values, start..found);
        best.insert(at + 1, candidate(values, found..end));
    }
    bounds[1..bounds.len() - 1].to_vec()
}

/// The best place to split a range.
pub(super) struct Candidate {
    pub(super) index: usize,
    pub(super) distance: f64,
}

/// The split (τ, κ) with the largest energy distance between `values[start..τ]` and `values[τ..κ]`.
///
/// The right part may end before the range does, so that a later change does not hide this one. Sums over pairs grow
/// by one column of distances as κ moves, which makes the whole search O(length²).
pub(super) fn candidate(values: &[f64], range: Range<usize>) -> Option<Candidate> {
    let part = &values[range.clone()];
    // For each τ: Σ|x − y| across, and within the right part, up to the present κ; within the left part.
    let mut across = vec![0.0; part.len()];
    let mut within_right = vec![0.0; part.len()];
    let mut within_left = vec![0.0; part.len() + 1];
    let mut best: Option<(f64, usize)> = None;
    for (last, &value) in part.iter().enumerate() {
        let total: f64 = part[..last].iter().map(|x| (x - value).abs()).sum();
        within_left[last + 1] = within_left[last] + total;
        let mut to_left = 0.0;
        for tau in 1..=last {
            to_left += (part[tau - 1] - value).abs();
            across[tau] += to_left;
            within_right[tau] += total - to_left;
            let distance = energy(
                across[tau],
                within_left[tau],
                within_right[tau],
                tau,
                last + 1 - tau,
            );
            // The first of equal splits wins, as in Otava.
            if best.is_none_or(|(most, at)| distance > most || (distance == most && tau < at)) {
                best = Some((distance, tau));
            }
        }
    }
    best.map(|(distance, tau)| Candidate {
        index: range.start + tau,
        distance,
    })
}

/// Q of Matteson & James with α = 1, from sums over pairs: n values on the left, m on the right.
fn energy(across: f64, within_left: f64, within_right: f64, n: usize, m: usize) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let left = if n > 1.0 {
        m / (n - 1.0) * within_left
    } else {
        0.0
    };
    let right = if m > 1.0 {
        n / (m - 1.0) * within_right
    } else {
        0.0
    };
    2.0 / (n + m) * (across - left - right)
}
