//! Functions that are called with the same arguments again and again.

use tuneup_profiling::Function;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    recorded::{RECORDED_TIME, Recorded, ns},
    remedy,
};

/// What it takes to find an answer that is remembered: hashing short arguments and looking them up takes 5 to 17 ns in the recorded results.
const HIT_NS: f64 = 20.0;

/// Fewer calls say nothing of the next ones.
const LEAST_CALLS: u64 = 100;

/// The number of different arguments is an estimate; that fewer repeat may be its error.
const LEAST_REPEATED: f64 = 0.1;

pub(super) fn findings(recorded: &Recorded) -> Vec<Finding> {
    recorded
        .functions()
        .filter_map(|function| finding(recorded, function))
        .collect()
}

/// Functions whose arguments should have been counted, and have a type without a hash.
pub(super) fn doubt(recorded: &Recorded) -> Option<String> {
    let is_unhashable = |function: &&Function| {
        function
            .arguments
            .is_some_and(|arguments| arguments.is_unhashable)
    };
    let names: Vec<&str> = recorded
        .functions()
        .filter(is_unhashable)
        .map(|function| &function.name[..])
        .collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!names.is_empty()).then(|| {
        format!(
            "{}: whether arguments repeat is not known of `{}`{more}: they have a type that is not `Hash`",
            recorded.input,
            names[..names.len().min(NAMED)].join("`, `")
        )
    })
}

/// So many functions are named in a note.
const NAMED: usize = 3;

fn finding(recorded: &Recorded, function: &Function) -> Option<Finding> {
    let arguments = function.arguments?;
    let repeated = arguments.repeated_share()?;
    if arguments.hashed < LEAST_CALLS || repeated < LEAST_REPEATED || arguments.is_unhashable {
        return None;
    }
    // A future may wait for longer than it computes; what is saved of that is not of this whole.
    let took_ns = ns(function.corrected_cumulative);
    let left_ns = took_ns * (1.0 - repeated);
    // Each body that still runs makes its own calls of the function; those from elsewhere come as before.
    let calls = function.calls.max(1) as f64;
    let from_elsewhere = function.primitive_calls as f64;
    let from_itself = (calls - from_elsewhere).max(0.0) * (1.0 - repeated);
    let hits_ns = (from_elsewhere + from_itself) * HIT_NS;
    let saved_ns = took_ns - left_ns - hits_ns;
    let distinct = Unit::Count.format(arguments.distinct as f64);
    Some(Finding {
        rule: "repeats",
        title: format!(
            "{} of the calls of `{}` have arguments that an earlier one had",
            Unit::Percent.format(repeated),
            function.name
        ),
        place: Place::of(function),
        input: recorded.input.clone(),
        figures: vec![
            Figure::new("calls", calls),
            Figure::new("hashed", arguments.hashed as f64),
            Figure::new("distinct", arguments.distinct as f64),
            Figure::new("repeated_share", repeated),
            Figure::new("cumulative_ns", took_ns),
        ],
        advice: format!(
            "Remember its answers, if they depend on nothing but its arguments: not on the time, a file, a server, or what something else has changed. {distinct} answers is what a cache without a bound would have kept here; give it one where arguments come from outside."
        ),
        remedy: &remedy::MEMOIZE,
        gain: Gain {
            share: recorded.share(saved_ns.max(0.0)),
            of: RECORDED_TIME,
            is_limit: false,
            derivation: format!(
                "{} instead of {}: the body runs for {distinct} arguments, and what calls it looks the others up in {} each",
                Unit::Nanoseconds.format(left_ns + hits_ns),
                Unit::Nanoseconds.format(took_ns),
                Unit::Nanoseconds.format(HIT_NS)
            ),
        },
    })
}
