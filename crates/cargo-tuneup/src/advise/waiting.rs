//! Functions whose calls wait one after the other.

use tuneup_profiling::Function;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    recorded::{Edge, Recorded, ns},
    remedy,
};

/// So many calls at a time are what servers and disks bear, without asking.
const AT_A_TIME: f64 = 16.0;

/// Calls whose times add up to more than this part of the run are not one after the other.
const SEQUENTIAL: f64 = 1.1;

/// What waits for less than this part of the run is not worth threads or futures.
const DOMINATES: f64 = 0.3;

/// What computes for more of its time than this does not mainly wait.
const MAINLY: f64 = 0.5;

/// A future whose callees wait more than this part of what it waits is not who waits.
const PASSES_ON: f64 = 0.5;

pub(super) fn findings(recorded: &Recorded) -> Vec<Finding> {
    let edges = recorded.edges();
    recorded
        .functions()
        .filter_map(|function| finding(recorded, function, &edges))
        .collect()
}

fn finding(recorded: &Recorded, function: &Function, edges: &[Edge<'_>]) -> Option<Finding> {
    let run_ns = ns(recorded.profile.duration);
    let waited_ns = waited_by(recorded, function, edges)?;
    let is_sequential = wall_ns(function) <= SEQUENTIAL * run_ns;
    let from = busiest_caller(function, edges)?;
    let together = from.calls as f64 / from.caller.calls.max(1) as f64;
    let dominates = waited_ns >= DOMINATES * run_ns && waited_ns >= MAINLY * wall_ns(function);
    if run_ns <= 0.0 || !dominates || !is_sequential || together < 2.0 {
        return None;
    }
    let at_a_time = together.min(AT_A_TIME).floor();
    let saved_ns = waited_ns * (1.0 - 1.0 / at_a_time);
    let is_async = function.polls.is_some();
    let share = (waited_ns / run_ns).min(1.0);
    Some(Finding {
        rule: "waiting",
        title: format!("the calls of `{}` wait one after the other", function.name),
        place: Place::of(function),
        input: recorded.input.clone(),
        figures: vec![
            Figure::new("calls", function.calls as f64),
            Figure::new("calls_for_each_of_the_caller", together),
            Figure::new("waited_ns", waited_ns),
            Figure::new("waited_share", share),
            Figure::new("run_ns", run_ns),
        ],
        advice: format!(
            "Let those that do not need each other's results wait at the same time, {at_a_time} of them, from where `{}` makes them.",
            caller_name(from.caller)
        ),
        remedy: if is_async {
            &remedy::GATHER
        } else {
            &remedy::THREADS
        },
        gain: Gain {
            share: (saved_ns / run_ns).min(1.0),
            of: "the run",
            is_limit: true,
            derivation: format!(
                "{} of waiting, and {at_a_time} at a time wait {} of that",
                Unit::Nanoseconds.format(waited_ns),
                Unit::Percent.format(1.0 / at_a_time)
            ),
        },
    })
}

/// What a function waited by itself.
fn waited_by(recorded: &Recorded, function: &Function, edges: &[Edge<'_>]) -> Option<f64> {
    let Some(polls) = function.polls else {
        return recorded.waited_itself_ns(function);
    };
    let is_callee = |edge: &&Edge<'_>| {
        std::ptr::eq(edge.caller, function) && !std::ptr::eq(edge.callee, function)
    };
    let below: f64 = edges
        .iter()
        .filter(is_callee)
        .filter_map(|edge| edge.callee.polls)
        .map(|polls| ns(polls.waiting))
        .sum();
    let waited_ns = ns(polls.waiting);
    (below <= PASSES_ON * waited_ns).then_some(waited_ns)
}

/// From the begin to the end of its calls, all of them together.
pub(super) fn wall_ns(function: &Function) -> f64 {
    match function.polls {
        Some(polls) => ns(polls.wall),
        None => ns(function.cumulative),
    }
}

/// Who calls a function most often.
fn busiest_caller<'a>(function: &Function, edges: &[Edge<'a>]) -> Option<Edge<'a>> {
    let others = edges
        .iter()
        .filter(|edge| std::ptr::eq(edge.callee, function) && !std::ptr::eq(edge.caller, function));
    others.max_by_key(|edge| edge.calls).copied()
}

/// The root has no name that somebody wrote.
pub(super) fn caller_name(caller: &Function) -> &str {
    match caller.kind {
        tuneup_profiling::FunctionKind::Root => "the program",
        _ => &caller.name,
    }
}
