//! A profile, seen by the rules: what its functions took of the whole, and what of that they waited.

use std::{collections::HashMap, time::Duration};

use tuneup_profiling::{Function, FunctionKind, Profile};
use tuneup_report::Unit;

use super::libraries::{Role, role_of};

/// A shorter recording is mostly the begin and the end of a program.
const LEAST_TIME: Duration = Duration::from_millis(10);

/// Fewer samples leave a share open by ten points.
const LEAST_SAMPLES: u64 = 100;

/// Fewer samples do not say whether a function waits.
const LEAST_SAMPLES_TO_WAIT: u64 = 30;

/// From this share on, what others had of the processors makes shares doubtful.
const CROWDED: f64 = 0.2;

/// What the time of a profile is called.
pub(super) const RECORDED_TIME: &str = "the recorded time";

/// A saved profile.
pub(super) struct Recorded {
    pub(super) input: String,
    pub(super) profile: Profile,
    /// The time of all functions, without what recording took of it.
    pub(super) whole_ns: f64,
    /// Nothing was timed, and samples stand for time.
    pub(super) is_sampled: bool,
    /// Samples by function, those in the standard library counted for who called it; empty if calls were timed.
    samples: Vec<u64>,
}

/// The calls of one function by another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge<'a> {
    pub(super) caller: &'a Function,
    pub(super) callee: &'a Function,
    pub(super) calls: u64,
}

impl Recorded {
    pub(super) fn new(input: String, profile: Profile) -> Self {
        let is_sampled = profile.total_time().is_zero() && profile.sampling.is_some();
        let mut recorded = Self {
            input,
            profile,
            whole_ns: 0.0,
            is_sampled,
            samples: Vec::new(),
        };
        if is_sampled {
            recorded.samples = samples_by_owner(&recorded.profile);
        }
        recorded.whole_ns = recorded
            .functions()
            .map(|function| recorded.self_ns(function))
            .sum();
        recorded
    }

    /// Those of the program: not the root, and not what was counted together.
    pub(super) fn functions(&self) -> impl Iterator<Item = &Function> {
        self.profile
            .functions
            .iter()
            .filter(|function| !matches!(function.kind, FunctionKind::Root | FunctionKind::Folded))
    }

    /// Time in a function without those that it called; of samples, with the standard library's.
    pub(super) fn self_ns(&self, function: &Function) -> f64 {
        if self.is_sampled {
            self.samples_of(function) as f64 * self.period_ns()
        } else {
            ns(function.corrected_self)
        }
    }

    /// How often a sampler has found the program in a function, or in what that called of the standard library.
    pub(super) fn samples_of(&self, function: &Function) -> u64 {
        let position = self
            .profile
            .functions
            .iter()
            .position(|other| std::ptr::eq(other, function));
        position
            .and_then(|position| self.samples.get(position))
            .copied()
            .unwrap_or(0)
    }

    /// Between two looks of the sampler.
    fn period_ns(&self) -> f64 {
        let rate = self
            .profile
            .sampling
            .map_or(0.0, |sampling| sampling.rate_hz);
        if rate > 0.0 { 1e9 / rate } else { 1.0 }
    }

    /// A part of the whole, 0 to 1.
    pub(super) fn share(&self, of_ns: f64) -> f64 {
        if self.whole_ns > 0.0 {
            (of_ns / self.whole_ns).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// As [`share`](Self::share), if all that the program waited for processors was in there, and nowhere else.
    pub(super) fn least_share(&self, of_ns: f64) -> f64 {
        let delayed_ns = self.profile.delayed_time.map_or(0.0, ns).min(of_ns);
        let whole_ns = self.whole_ns - delayed_ns;
        if whole_ns > 0.0 {
            ((of_ns - delayed_ns) / whole_ns).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Why too little was recorded to say anything; none if it was enough.
    pub(super) fn shortage(&self) -> Option<String> {
        let input = &self.input;
        if self.is_sampled {
            let samples: u64 = self.samples.iter().sum();
            return (samples < LEAST_SAMPLES).then(|| {
                format!("{input}: {samples} samples say nothing; record for longer, until there are some hundreds")
            });
        }
        let recorded = self.profile.total_time().max(self.profile.duration);
        let is_timed = !self.profile.total_time().is_zero();
        if !is_timed && !self.has_waited() {
            return Some(format!(
                "{input}: no call was timed; record again with times, without `--detail counted`"
            ));
        }
        (recorded < LEAST_TIME).then(|| {
            format!(
                "{input}: {} say nothing; record more work, for a tenth of a second or longer",
                tuneup_measure::format_duration(recorded)
            )
        })
    }

    /// Whether others had the processors, so that times are theirs as well.
    pub(super) fn crowd(&self) -> Option<String> {
        let delayed = self.profile.delayed_time?;
        let all = self.profile.runnable_time?;
        let share = ns(delayed) / ns(all).max(1.0);
        (share >= CROWDED).then(|| {
            format!(
                "{}: the program waited for processors for {} of the time that it could have run; its times are partly those of other programs: record again when these are quiet",
                self.input,
                Unit::Percent.format(share)
            )
        })
    }

    fn has_waited(&self) -> bool {
        self.functions()
            .filter_map(|function| function.polls)
            .any(|polls| !polls.waiting.is_zero())
    }

    /// How long the calls of a function waited at least, by themselves and in what they called; none if that was not recorded.
    ///
    /// Of a future it is the time between its polls. Where a sampler ran, it says. Otherwise it is what the calls took beyond all that
    /// the program computed meanwhile: the calls cannot have computed more than that.
    pub(super) fn waited_ns(&self, function: &Function) -> Option<f64> {
        if let Some(polls) = function.polls {
            return Some(ns(polls.waiting));
        }
        let samples = function.samples.unwrap_or_default();
        let (wall, computed) = (samples.cumulative_wall, samples.cumulative_cpu);
        self.waited_of(ns(function.corrected_cumulative), wall, computed)
    }

    /// As [`waited_ns`](Self::waited_ns), without what the function called; none for futures.
    pub(super) fn waited_itself_ns(&self, function: &Function) -> Option<f64> {
        if function.polls.is_some() {
            return None;
        }
        let samples = function.samples.unwrap_or_default();
        let (wall, computed) = (samples.self_wall, samples.self_cpu);
        self.waited_of(ns(function.corrected_self), wall, computed)
    }

    /// What of a time was waited, by samples of it, of which some were on a processor, or by what the program computed at all.
    fn waited_of(&self, time_ns: f64, wall: u64, computed: u64) -> Option<f64> {
        if self.profile.sampling.is_some() {
            let share = computed as f64 / wall.max(1) as f64;
            return (wall >= LEAST_SAMPLES_TO_WAIT).then(|| time_ns * (1.0 - share.min(1.0)));
        }
        let computed = ns(self.profile.runnable_time?);
        Some((time_ns - computed).max(0.0))
    }

    /// Who calls whom, added up over all paths.
    pub(super) fn edges(&self) -> Vec<Edge<'_>> {
        let profile = &self.profile;
        let mut sums: HashMap<(usize, usize), u64> = HashMap::new();
        for node in &profile.nodes {
            let caller = node.parent.and_then(|parent| profile.nodes.get(parent));
            if let Some(caller) = caller {
                let calls = sums.entry((caller.function, node.function)).or_default();
                *calls = calls.saturating_add(node.calls);
            }
        }
        let edge = |((caller, callee), calls): (&(usize, usize), &u64)| {
            Some(Edge {
                caller: profile.functions.get(*caller)?,
                callee: profile.functions.get(*callee)?,
                calls: *calls,
            })
        };
        let mut edges: Vec<Edge<'_>> = sums.iter().filter_map(edge).collect();
        edges.sort_by(|a, b| {
            (&a.caller.name, &a.callee.name).cmp(&(&b.caller.name, &b.callee.name))
        });
        edges
    }
}

/// The samples of each function. Those of library code are its caller's, as far up as that is library code, too.
fn samples_by_owner(profile: &Profile) -> Vec<u64> {
    let mut samples = vec![0; profile.functions.len()];
    let mut owners: Vec<usize> = Vec::with_capacity(profile.nodes.len());
    // Callers stand before those that they call.
    for node in &profile.nodes {
        let caller = node.parent.and_then(|parent| owners.get(parent)).copied();
        let is_library = role_of(&profile.functions[node.function]) == Role::Library;
        let is_owned = |owner: &usize| profile.functions[*owner].kind != FunctionKind::Root;
        let owner = match caller.filter(is_owned) {
            Some(caller) if is_library => caller,
            _ => node.function,
        };
        owners.push(owner);
        samples[owner] += node.samples.map_or(0, |samples| samples.self_wall);
    }
    samples
}

/// In nanoseconds.
pub(super) fn ns(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}
