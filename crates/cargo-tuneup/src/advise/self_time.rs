//! A function that takes most of the time by itself.

use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    libraries::{Role, role_of},
    recorded::{RECORDED_TIME, Recorded},
    remedy,
};

/// Its findings are the most general ones.
pub(super) const RULE: &str = "self-time";

/// From this share on nothing else is worth as much.
const DOMINATES: f64 = 0.3;

/// Shorter calls are worth more if there are fewer of them than if each is faster.
const SHORT_NS: f64 = 200.0;

pub(super) fn findings(recorded: &Recorded) -> Vec<Finding> {
    let dominates = |function: &&tuneup_profiling::Function| {
        recorded.least_share(recorded.self_ns(function)) >= DOMINATES
            && role_of(function) != Role::HandsOver
    };
    let finding = |function: &tuneup_profiling::Function| {
        let self_ns = recorded.self_ns(function);
        let share = recorded.share(self_ns);
        let calls = function.calls as f64;
        let mut figures = vec![
            Figure::new("self_ns", self_ns),
            Figure::new("self_share", share),
        ];
        if recorded.is_sampled {
            let samples = recorded.samples_of(function) as f64;
            figures.push(Figure::new("samples", samples));
        } else {
            figures.push(Figure::new("calls", calls));
            figures.push(Figure::new("self_per_call_ns", self_ns / calls.max(1.0)));
        }
        let is_short = !recorded.is_sampled && self_ns / calls.max(1.0) < SHORT_NS;
        let percent = Unit::Percent.format(share);
        let limit = match share < 0.99 {
            true => format!(
                "the program would be {:.1} times as fast",
                1.0 / (1.0 - share)
            ),
            false => "hardly anything would be left".to_owned(),
        };
        Finding {
            rule: RULE,
            title: format!("`{}` takes {percent} of the time by itself", function.name),
            place: Place::of(function),
            input: recorded.input.clone(),
            figures,
            advice: if recorded.is_sampled && function.file.is_empty() {
                "Build with `debug = \"line-tables-only\"` in the profile of Cargo and record again: what is inside of it gets names and lines. Work on nothing else before.".to_owned()
            } else if is_short {
                "Its calls are short: fewer of them, or several items in one, bring more than faster ones. Work on nothing else before.".to_owned()
            } else {
                "See which of its lines take the time, and whether all of that has to be done. Work on nothing else before.".to_owned()
            },
            remedy: &remedy::LINES,
            gain: Gain {
                share: share / 2.0,
                of: RECORDED_TIME,
                is_limit: false,
                derivation: format!(
                    "half of its {percent}, if it took half as long; if it took no time, {limit}"
                ),
            },
        }
    };
    recorded
        .functions()
        .filter(dominates)
        .map(finding)
        .collect()
}
