//! Work that is handed to threads in pieces so small that handing them over is the work.

use std::collections::HashMap;

use tuneup_concurrency::{PipelineReport, StageReport};
use tuneup_profiling::FunctionKind;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    libraries::{Role, role_of},
    recorded::{Edge, Recorded, ns},
    remedy,
};

/// Handing an item to another thread takes some tens of nanoseconds at best, and some hundreds as a task.
const TINY_NS: f64 = 1_000.0;

/// Fewer items cost nothing together.
const LEAST_ITEMS: u64 = 10_000;

pub(super) fn in_profile(recorded: &Recorded) -> Vec<Finding> {
    if recorded.is_sampled {
        return scheduling(recorded).into_iter().collect();
    }
    let edges = recorded.edges();
    let items = edges.iter().filter(|edge| is_item(recorded, edge));
    items.filter_map(|edge| of_items(recorded, edge)).collect()
}

/// A sampler has seen the threads where work is handed over.
fn scheduling(recorded: &Recorded) -> Option<Finding> {
    let profile = &recorded.profile;
    let mut is_handing_over: Vec<bool> = Vec::with_capacity(profile.nodes.len());
    let mut seen: HashMap<usize, u64> = HashMap::new();
    // Callers stand before those that they call.
    for node in &profile.nodes {
        let of_caller = node.parent.and_then(|parent| is_handing_over.get(parent));
        let is = match role_of(&profile.functions[node.function]) {
            Role::HandsOver => true,
            Role::Library => of_caller.copied().unwrap_or(false),
            Role::Other => false,
        };
        is_handing_over.push(is);
        let samples = node.samples.map_or(0, |samples| samples.self_wall);
        if is && samples > 0 {
            *seen.entry(node.function).or_default() += samples;
        }
    }
    let (busiest, _) = seen
        .iter()
        .max_by_key(|(function, samples)| (**samples, **function))?;
    let all: u64 = recorded
        .functions()
        .map(|function| recorded.samples_of(function))
        .sum();
    let samples: u64 = seen.values().sum();
    let share = samples as f64 / all.max(1) as f64;
    Some(Finding {
        rule: "parallel",
        title: format!(
            "threads spend {} of the time on handing work over",
            Unit::Percent.format(share)
        ),
        place: Place::of(&profile.functions[*busiest]),
        input: recorded.input.clone(),
        figures: vec![
            Figure::new("samples", all as f64),
            Figure::new("samples_handing_over", samples as f64),
            Figure::new("handing_over_share", share),
            Figure::new("threads", profile.threads as f64),
        ],
        advice: "Either the pieces are too small, or there are too few for the threads. Give each more to do at a time: chunks in place of items, a parallel iterator over a slice in place of `par_bridge`, hundreds of items in a message; or do it on fewer threads."
            .to_owned(),
        remedy: &remedy::PARALLEL,
        gain: Gain {
            share,
            of: "the processor time",
            is_limit: true,
            derivation: "what goes to locks, channels and the schedulers of rayon and tokio, and not to the work"
                .to_owned(),
        },
    })
}

/// The first recorded call of threads that others have started, made often, and short.
fn is_item(recorded: &Recorded, edge: &Edge<'_>) -> bool {
    let callee = edge.callee;
    let per_call = ns(callee.corrected_cumulative) / callee.primitive_calls.max(1) as f64;
    edge.caller.kind == FunctionKind::Root
        && callee.kind == FunctionKind::Function
        // Of shorter calls all that is known is what recording them takes.
        && !callee.overhead_dominates
        && callee.threads >= 2
        && recorded.profile.threads >= 2
        && edge.calls >= LEAST_ITEMS
        && per_call < TINY_NS
}

/// What recording hides.
pub(super) fn doubt(recorded: &Recorded) -> Option<String> {
    let is_hidden = |edge: &&Edge<'_>| {
        edge.caller.kind == FunctionKind::Root
            && edge.callee.threads >= 2
            && edge.callee.overhead_dominates
            && edge.calls >= LEAST_ITEMS
    };
    let edges = recorded.edges();
    let busiest = edges
        .iter()
        .filter(is_hidden)
        .max_by_key(|edge| edge.calls)?;
    Some(format!(
        "{}: threads call `{}` {} times, each too short to be timed; whether handing it over takes longer than it does, `cargo tuneup record` says",
        recorded.input,
        busiest.callee.name,
        Unit::Count.format(busiest.calls as f64)
    ))
}

/// What the program computed outside of all recorded functions is what handing over took, at least.
fn of_items(recorded: &Recorded, edge: &Edge<'_>) -> Option<Finding> {
    let profile = &recorded.profile;
    let runnable_ns = ns(profile.runnable_time?);
    let recording_ns =
        profile.total_calls() as f64 * (profile.overhead.inside_ns + profile.overhead.outside_ns);
    let outside_ns = runnable_ns - recorded.whole_ns - recording_ns;
    let callee = edge.callee;
    let per_call = ns(callee.corrected_cumulative) / callee.primitive_calls.max(1) as f64;
    let outside_per_call = outside_ns / edge.calls as f64;
    (outside_per_call > per_call).then(|| Finding {
        rule: "parallel",
        title: format!("handing the calls of `{}` to threads costs more than they do", callee.name),
        place: Place::of(callee),
        input: recorded.input.clone(),
        figures: vec![
            Figure::new("calls", edge.calls as f64),
            Figure::new("threads", callee.threads as f64),
            Figure::new("per_call_ns", per_call),
            Figure::new("outside_per_call_ns", outside_per_call),
            Figure::new("runnable_ns", runnable_ns),
        ],
        advice: "Give each thread more to do at a time: chunks in place of items, an iterator over a slice or a range in place of `par_bridge`, no task for each item; or leave it on one thread."
            .to_owned(),
        remedy: &remedy::PARALLEL,
        gain: Gain {
            share: (outside_ns / runnable_ns).clamp(0.0, 1.0),
            of: "the processor time",
            is_limit: true,
            derivation: format!(
                "{} were computed outside of all recorded functions, and beside the recording",
                Unit::Nanoseconds.format(outside_ns)
            ),
        },
    })
}

/// Of a pipeline: stages that do so little that a loop is faster, or one that all others wait for.
pub(super) fn in_pipeline(input: &str, report: &PipelineReport) -> Vec<Finding> {
    match plain_loop(input, report) {
        Some(finding) => vec![finding],
        None => bottleneck(input, report).into_iter().collect(),
    }
}

fn stages(report: &PipelineReport) -> impl Iterator<Item = &StageReport> + Clone {
    std::iter::once(&report.source)
        .chain(&report.stages)
        .chain([&report.output])
}

fn plain_loop(input: &str, report: &PipelineReport) -> Option<Finding> {
    if stages(report).any(|stage| stage.is_async) || report.source.items < LEAST_ITEMS {
        return None;
    }
    let busy_ns: f64 = stages(report).map(|stage| ns(stage.busy)).sum();
    let elapsed_ns = ns(report.elapsed);
    let items = report.source.items as f64;
    (busy_ns < elapsed_ns && busy_ns / items < TINY_NS).then(|| Finding {
        rule: "parallel",
        title: "the stages of the pipeline do less than handing their items over takes".to_owned(),
        place: Place::named("the pipeline"),
        input: input.to_owned(),
        figures: vec![
            Figure::new("items", items),
            Figure::new("stages", report.stages.len() as f64),
            Figure::new("busy_ns", busy_ns),
            Figure::new("busy_per_item_ns", busy_ns / items),
            Figure::new("elapsed_ns", elapsed_ns),
        ],
        advice: "Write it as a loop, or send hundreds of items at a time.".to_owned(),
        remedy: &remedy::BATCHES,
        gain: Gain {
            share: 1.0 - busy_ns / elapsed_ns,
            of: "the run of the pipeline",
            is_limit: false,
            derivation: "all that the stages did, one after the other on one thread".to_owned(),
        },
    })
}

fn bottleneck(input: &str, report: &PipelineReport) -> Option<Finding> {
    let bottleneck = report.bottleneck()?;
    let needed = bottleneck
        .workers_needed
        .filter(|needed| *needed > bottleneck.workers)?;
    let stage = stages(report).find(|stage| stage.name == bottleneck.stage)?;
    let demand_ns = ns(stage.busy) / bottleneck.workers.max(1) as f64;
    let saved_ns = demand_ns * (1.0 - bottleneck.workers as f64 / needed as f64);
    let elapsed_ns = ns(report.elapsed);
    Some(Finding {
        rule: "pipeline",
        title: format!("all stages of the pipeline wait for `{}`", stage.name),
        place: Place::named(&stage.name),
        input: input.to_owned(),
        figures: vec![
            Figure::new("items", bottleneck.items as f64),
            Figure::new("workers", bottleneck.workers as f64),
            Figure::new("workers_needed", needed as f64),
            Figure::new("busy_share", bottleneck.utilisation),
            Figure::new("elapsed_ns", elapsed_ns),
        ],
        advice: format!(
            "Give it more workers, if it waits for others, or up to as many as there are processors, if it computes: {bottleneck}."
        ),
        remedy: &remedy::PIPELINE,
        gain: Gain {
            share: if elapsed_ns > 0.0 {
                (saved_ns / elapsed_ns).min(1.0)
            } else {
                0.0
            },
            of: "the run of the pipeline",
            is_limit: true,
            derivation: format!(
                "each of {} workers was busy for {}, and {needed} would share that",
                bottleneck.workers,
                Unit::Nanoseconds.format(demand_ns)
            ),
        },
    })
}
