//! Caches that keep too little, for too short, or for nothing: from what they tell, and from a record of the requests.

use std::time::Duration;

use anyhow::Result;
use tuneup_caching::{Advisor, Candidate, Info, Policy, Replacement, Trace};
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    recorded::ns,
    remedy,
};

/// Fewer lookups say nothing of those that come.
const LEAST_LOOKUPS: u64 = 1_000;

/// A bounded cache is full from this share of its capacity on.
const FULL: f64 = 0.9;

/// What a record of requests shows by less than this is not worth a change, in points of the hit ratio.
const WORTH_A_POLICY: f64 = 0.02;

/// What a cache has told.
pub(super) struct Told {
    pub(super) input: String,
    /// Its name in the file, if that has several.
    pub(super) name: String,
    pub(super) info: Info,
}

/// What hits and misses cost.
#[derive(Clone, Copy)]
pub(super) struct Costs {
    pub(super) hit: Duration,
    pub(super) miss: Duration,
}

/// Why nothing can be said of a cache; none if something can.
pub(super) fn shortage(told: &Told) -> Option<String> {
    let lookups = told.info.hits + told.info.misses;
    (lookups < LEAST_LOOKUPS).then(|| {
        format!(
            "{}: {lookups} lookups say nothing; save it after {LEAST_LOOKUPS} or more",
            told.input
        )
    })
}

/// From the counts alone.
pub(super) fn findings(told: &Told, costs: Costs) -> Vec<Finding> {
    [
        too_small(told, costs),
        too_short(told, costs),
        useless(told, costs),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Told {
    fn place(&self) -> Place {
        Place::named(if self.name.is_empty() {
            "the cache"
        } else {
            &self.name
        })
    }

    fn figures(&self) -> Vec<Figure> {
        let info = &self.info;
        let mut figures = vec![
            Figure::new("lookups", (info.hits + info.misses) as f64),
            Figure::new("hits_share", info.hit_ratio().unwrap_or(0.0)),
            Figure::new("loads", info.loads as f64),
            Figure::new("load_ns", info.mean_load_time().map_or(0.0, ns)),
            Figure::new("evicted", info.evicted as f64),
            Figure::new("expired", info.expired as f64),
            Figure::new("entries", info.len as f64),
        ];
        if let Some(capacity) = info.capacity {
            figures.push(Figure::new("capacity", capacity as f64));
        }
        figures
    }

    /// What all lookups took: the loads, and a hit each.
    fn whole_ns(&self, costs: Costs) -> f64 {
        let lookups = (self.info.hits + self.info.misses) as f64;
        ns(self.info.load_time) + lookups * ns(costs.hit)
    }

    fn finding(&self, rule: &'static str, title: String, advice: &str, gain: Gain) -> Finding {
        Finding {
            rule,
            title,
            place: self.place(),
            input: self.input.clone(),
            figures: self.figures(),
            advice: advice.to_owned(),
            remedy: &remedy::MISS_RATIOS,
            gain,
        }
    }
}

/// It is full, and what is loaded makes room for by what may be asked for again.
fn too_small(told: &Told, costs: Costs) -> Option<Finding> {
    let info = &told.info;
    let capacity = info.capacity?;
    let is_full = info.weight as f64 >= FULL * capacity as f64;
    if !is_full || info.evicted == 0 {
        return None;
    }
    // Each entry that is there, or went for another reason, had to be loaded once.
    let avoidable = info.evicted.min(info.loads);
    let saved_ns = avoidable as f64 * info.mean_load_time().map_or(0.0, ns);
    Some(told.finding(
        "cache-size",
        format!("{} is full, and has let {} entries go", told.place().name, Unit::Count.format(info.evicted as f64)),
        "Have the program write down the keys that it looks up, one a line, and pass that file with `--requests`: it says which size and which policy hit how much.",
        Gain {
            share: share(saved_ns, told.whole_ns(costs)),
            of: "the time of the lookups",
            is_limit: true,
            derivation: format!(
                "{} loads of {} each, if all that went was asked for again",
                Unit::Count.format(avoidable as f64),
                Unit::Nanoseconds.format(info.mean_load_time().map_or(0.0, ns))
            ),
        },
    ))
}

/// Entries go because their time is over, and are loaded again.
fn too_short(told: &Told, costs: Costs) -> Option<Finding> {
    let info = &told.info;
    let avoidable = info.expired.min(info.loads);
    if avoidable == 0 {
        return None;
    }
    let load_ns = info.mean_load_time().map_or(0.0, ns);
    Some(told.finding(
        "cache-time-to-live",
        format!("{} entries of {} were over before they were asked for again", Unit::Count.format(info.expired as f64), told.place().name),
        "If the values are good for longer, let them live longer; if not, have those that are asked for loaded anew before they are over, by `early_refresh`, or served while that happens, by `stale_while_revalidate`.",
        Gain {
            share: share(avoidable as f64 * load_ns, told.whole_ns(costs)),
            of: "the time of the lookups",
            is_limit: true,
            derivation: format!(
                "{} loads of {} each, if all of them were asked for again",
                Unit::Count.format(avoidable as f64),
                Unit::Nanoseconds.format(load_ns)
            ),
        },
    ))
}

/// What the hits have saved is less than what all the lookups took.
fn useless(told: &Told, costs: Costs) -> Option<Finding> {
    let info = &told.info;
    let lookups = (info.hits + info.misses) as f64;
    let cost_ns = lookups * ns(costs.hit);
    let lost_ns = cost_ns - ns(info.time_saved);
    (lost_ns > 0.0 && info.loads > 0).then(|| {
        told.finding(
            "cache-cost",
            format!("{} costs more than it saves", told.place().name),
            "Leave it out, or put something dearer into it.",
            Gain {
                share: share(lost_ns, told.whole_ns(costs)),
                of: "the time of the lookups",
                is_limit: false,
                derivation: format!(
                    "{} lookups of {} each, less the {} that hits have saved",
                    Unit::Count.format(lookups),
                    Unit::Nanoseconds.format(ns(costs.hit)),
                    Unit::Nanoseconds.format(ns(info.time_saved))
                ),
            },
        )
    })
}

/// What a cache would hit of these requests; beside what the one that is there does, if that has told.
pub(super) fn of_requests(
    input: &str,
    trace: &Trace,
    told: Option<&Told>,
    costs: Costs,
) -> Result<Option<Finding>> {
    let Costs { hit, mut miss } = costs;
    if let Some(load) = told.and_then(|told| told.info.mean_load_time()) {
        miss = load;
    }
    let mut advisor = Advisor::builder(trace).hit_cost(hit).miss_cost(miss);
    let present = told.and_then(|told| told.info.capacity);
    if let Some(capacity) = present {
        let sizes = (0..6).map(|doublings| capacity << doublings);
        let most = u64::from(trace.distinct()).max(capacity);
        advisor = advisor.sizes(sizes.filter(|size| *size <= most));
    }
    let advice = advisor.build()?.advise();
    let best = advice.recommended;
    let at_present = told.map_or(0.0, |told| told.info.hit_ratio().unwrap_or(0.0));
    let gained = best.hit_ratio - at_present;
    if trace.len() < LEAST_LOOKUPS as usize || gained < WORTH_A_POLICY {
        return Ok(None);
    }
    let name = Replacement::Policy(best.policy);
    let before_ns = mean_ns(at_present, hit, miss, told.is_some());
    let after_ns = mean_ns(best.hit_ratio, hit, miss, true);
    let mut figures = vec![
        Figure::new("requests", advice.requests as f64),
        Figure::new("keys", advice.distinct as f64),
        Figure::new("hits_share", best.hit_ratio),
        Figure::new("size", best.size as f64),
        Figure::new("hit_ns", ns(hit)),
        Figure::new("miss_ns", ns(miss)),
    ];
    if told.is_some() {
        figures.push(Figure::new("hits_at_present_share", at_present));
    }
    let is_policy = present == Some(best.size);
    Ok(Some(Finding {
        rule: if is_policy {
            "cache-policy"
        } else {
            "cache-size"
        },
        title: format!(
            "a cache with {} entries and the policy {name} would hit {} of the requests",
            Unit::Count.format(best.size as f64),
            Unit::Percent.format(best.hit_ratio)
        ),
        place: told.map_or_else(|| Place::named("the requests"), Told::place),
        input: input.to_owned(),
        figures,
        advice: format!(
            "{}{}",
            advice.sentence(),
            present_sizes(&advice.candidates, present)
        ),
        remedy: &remedy::CACHE,
        gain: Gain {
            share: share(before_ns - after_ns, before_ns),
            of: "the time of the requests",
            is_limit: false,
            derivation: format!(
                "a request would take {} on average, and {} {}",
                Unit::Nanoseconds.format(after_ns),
                if told.is_some() {
                    "takes"
                } else {
                    "without a cache takes"
                },
                Unit::Nanoseconds.format(before_ns)
            ),
        },
    }))
}

/// What the policies would hit at the size that the cache has.
fn present_sizes(candidates: &[Candidate], present: Option<u64>) -> String {
    let at_present: Vec<String> = candidates
        .iter()
        .filter(|candidate| Some(candidate.size) == present)
        .map(|candidate| {
            let policy: Policy = candidate.policy;
            format!(
                "{} {}",
                Replacement::Policy(policy),
                Unit::Percent.format(candidate.hit_ratio)
            )
        })
        .collect();
    match &at_present[..] {
        [] => String::new(),
        policies => format!(" At the present size: {}.", policies.join(", ")),
    }
}

fn mean_ns(hit_ratio: f64, hit: Duration, miss: Duration, has_cache: bool) -> f64 {
    if has_cache {
        hit_ratio * ns(hit) + (1.0 - hit_ratio) * ns(miss)
    } else {
        ns(miss)
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
