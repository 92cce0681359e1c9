//! One call for each item, where one for many would do.

use tuneup_profiling::FunctionKind;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    recorded::{Edge, Recorded, ns},
    remedy,
    waiting::{caller_name, wall_ns},
};

/// Fewer calls from one are no loop over items.
const LEAST_CALLS: f64 = 10.0;

/// Where more of the calls than this have arguments that an earlier one had, remembering the answers helps more.
const REPEATED: f64 = 0.5;

/// What computes for more of its time than this is not asking somebody else.
const ASKS: f64 = 0.5;

pub(super) fn findings(recorded: &Recorded) -> Vec<Finding> {
    let edges = recorded.edges();
    edges
        .iter()
        .filter_map(|edge| finding(recorded, edge))
        .collect()
}

fn finding(recorded: &Recorded, edge: &Edge<'_>) -> Option<Finding> {
    let Edge {
        caller,
        callee,
        calls,
    } = *edge;
    // The root is entered once.
    let by = caller.calls.max(1) as f64;
    let for_each = calls as f64 / by;
    let is_loop = for_each >= LEAST_CALLS && !std::ptr::eq(caller, callee);
    let times = callee.distribution.as_ref()?;
    let run_ns = ns(recorded.profile.duration);
    let waited_share = recorded.waited_ns(callee)? / wall_ns(callee).max(1.0);
    let is_program = callee.kind != FunctionKind::Folded && run_ns > 0.0;
    let is_sequential = wall_ns(callee) <= 1.1 * run_ns;
    if !is_loop || !is_program || !is_sequential || waited_share < ASKS {
        return None;
    }
    let repeated = callee
        .arguments
        .and_then(|arguments| arguments.repeated_share());
    if repeated.is_some_and(|share| share > REPEATED) {
        return None;
    }
    // Whatever an item costs beside, the shortest call has cost all that any of them has to.
    let fixed_ns = ns(times.min);
    let saved_ns = (calls as f64 - by) * fixed_ns;
    let mut figures = vec![
        Figure::new("calls", calls as f64),
        Figure::new("calls_for_each_of_the_caller", for_each),
        Figure::new("shortest_ns", fixed_ns),
        Figure::new("median_ns", ns(times.p50)),
        Figure::new("waited_share", waited_share.min(1.0)),
        Figure::new("run_ns", run_ns),
    ];
    figures.extend(repeated.map(|share| Figure::new("repeated_share", share)));
    Some(Finding {
        rule: "batch",
        title: format!(
            "`{}` calls `{}` {} times, and waits for each",
            caller_name(caller),
            callee.name,
            Unit::Plain.format(for_each)
        ),
        place: Place::of(callee),
        input: recorded.input.clone(),
        figures,
        advice: "Ask for all items in one call, or for some hundreds at a time: one request with all keys, one transaction, one write.".to_owned(),
        remedy: &remedy::BATCHES,
        gain: Gain {
            share: (saved_ns / run_ns).min(1.0),
            of: "the run",
            is_limit: true,
            derivation: format!(
                "{} calls less, each of which takes {} at least, whatever it is asked for",
                Unit::Count.format(calls as f64 - by),
                Unit::Nanoseconds.format(fixed_ns)
            ),
        },
    })
}
