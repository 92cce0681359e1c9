//! The ways to work, in turns on parts of a sample.

use std::time::{Duration, Instant};

use tuneup_measure::quantile_in_place;

use super::{
    Model, Trial,
    sample::{Lap, Sample},
};

/// A turn: long against waking threads, short against the pauses that other programs leave on a machine that is busy.
const TURN: Duration = Duration::from_millis(2);

/// From shorter turns nothing can be learned.
const LEAST_TURN: Duration = Duration::from_micros(100);

/// More turns tell nothing new.
const MOST_ROUNDS: usize = 100;

/// Of the turns the fast ones count, a tenth from the fastest: what disturbs can only make them slower.
const FAST: f64 = 0.1;

/// The part of the time that is left that a turn may take if it is no faster than is known.
const RISK: u32 = 4;

/// By how many times more threads get items than have shown to be of use, if that is more than may be risked.
const GROWTH: f64 = 4.0;

/// The part of the time that is left from which on an item is not worked on serially again.
const LONG: u32 = 16;

/// What items take one after the other, as it was measured before.
pub(super) struct Serial<'a> {
    /// On average, without the time that others had the processor.
    pub(super) item: Duration,
    /// Averages of blocks, in nanoseconds.
    pub(super) item_ns: &'a [f64],
}

/// A way that is tried.
struct Candidate {
    model: Model,
    workers: usize,
    /// As it is known until now; `None` before the first turn.
    speedup: Option<f64>,
    laps: Vec<Ran>,
}

/// A lap, and by how many threads.
struct Ran {
    lap: Lap,
    workers: usize,
}

impl Candidate {
    /// `None` if it never had a turn. Of the laps those count that had the most threads: with few there is less to gain.
    fn into_trial(self, serial_ns: f64) -> Option<Trial> {
        let workers = self.laps.iter().map(|ran| ran.workers).max()?;
        let laps: Vec<Lap> = self
            .laps
            .iter()
            .filter(|ran| ran.workers == workers)
            .map(|ran| ran.lap)
            .collect();
        let mut item_ns: Vec<f64> = laps.iter().map(Lap::item_ns).collect();
        let item_ns = quantile_in_place(&mut item_ns, FAST);
        let all = laps.into_iter().reduce(Lap::and)?;
        Some(Trial {
            model: match self.model {
                Model::Threads { .. } => Model::Threads { workers },
                model => model,
            },
            items: all.items,
            item: Duration::from_nanos(item_ns as u64),
            processor: all.item_processor(),
            // Threads do not do more than each does alone: what is above that was a disturbed turn of the loop.
            speedup: (serial_ns / item_ns).min(workers as f64),
        })
    }
}

/// How the sample is divided.
struct Plan {
    rounds: usize,
    /// Items of a turn, for each thread; below 1 if the sample does not suffice for one item a thread.
    items: f64,
}

impl Plan {
    /// `None` if no turn would be long enough.
    fn new(left: usize, workers: usize, item: Duration) -> Option<Self> {
        let item_s = item.as_secs_f64().max(1e-9);
        let wanted = (TURN.as_secs_f64() / item_s).floor().max(1.0);
        let rounds = left as f64 / (wanted * workers as f64);
        let items = wanted * rounds.min(1.0);
        if items * item_s < LEAST_TURN.as_secs_f64() && wanted > 1.0 {
            return None;
        }
        Some(Self {
            // A cast of a float saturates.
            rounds: (rounds as usize).clamp(1, MOST_ROUNDS),
            items,
        })
    }

    fn items(&self, workers: usize) -> usize {
        ((self.items * workers as f64) as usize).max(workers.min(2))
    }
}

/// Tries models, each of which has so many workers, until the items or the time are used up.
///
/// Empty if nothing could be tried; else the serial loop comes first.
#[track_caller]
pub(super) fn run<I, R, F>(
    sample: &mut Sample<'_, I, R, F>,
    models: &[(Model, usize)],
    serial: &Serial<'_>,
    until: Instant,
) -> Vec<Trial>
where
    I: Iterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    let workers = 1 + models.iter().map(|(_, workers)| workers).sum::<usize>();
    let Some(plan) = Plan::new(sample.left(), workers, serial.item) else {
        return Vec::new();
    };
    let mut candidates: Vec<Candidate> = models
        .iter()
        .map(|(model, workers)| Candidate {
            model: *model,
            workers: *workers,
            speedup: None,
            laps: Vec::new(),
        })
        .collect();
    let time = until.saturating_duration_since(Instant::now());
    let mut laps = Vec::new();
    // The first round is had in any case: without it there is no proof.
    let is_over = |round| round > 0 && Instant::now() >= until;
    for round in (0..plan.rounds).take_while(|round| !is_over(*round)) {
        if serial.item <= time / LONG {
            laps.extend(sample.serially(plan.items(1)));
        }
        for turn in 0..candidates.len() {
            if is_over(round) {
                break;
            }
            let turn = (turn + round) % candidates.len();
            take_turn(sample, &mut candidates[turn], &plan, serial.item, time);
        }
    }
    finish(candidates, &laps, serial)
}

#[track_caller]
fn take_turn<I, R, F>(
    sample: &mut Sample<'_, I, R, F>,
    candidate: &mut Candidate,
    plan: &Plan,
    item: Duration,
    time: Duration,
) where
    I: Iterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    // Many threads get their items only when fewer have shown that they are faster: behind a lock all would take as long as one after
    // the other. Where an item takes a good part of the time, that bounds a turn to a few of them. A cast of a float saturates.
    let risk = (time / RISK).as_secs_f64() / item.as_secs_f64().max(1e-9);
    let most = match candidate.speedup {
        None => risk.max(2.0),
        Some(speedup) => risk.max(GROWTH) * speedup,
    };
    let items = plan
        .items(candidate.workers)
        .min(most.ceil() as usize)
        .min(sample.left());
    if items < 2 {
        return;
    }
    let workers = candidate.workers.min(items);
    let items = items / workers * workers;
    let model = match candidate.model {
        Model::Threads { .. } => Model::Threads { workers },
        model => model,
    };
    if let Some(lap) = sample.on_threads(items, model, item) {
        let speedup = item.as_nanos() as f64 / lap.item_ns();
        candidate.speedup = Some(speedup.clamp(1.0, workers as f64));
        candidate.laps.push(Ran { lap, workers });
    }
}

fn finish(candidates: Vec<Candidate>, laps: &[Lap], serial: &Serial<'_>) -> Vec<Trial> {
    let mut item_ns: Vec<f64> = laps.iter().map(Lap::item_ns).collect();
    if item_ns.is_empty() {
        item_ns = serial.item_ns.to_vec();
    }
    let serial_ns = quantile_in_place(&mut item_ns, FAST);
    let all = laps.iter().copied().reduce(Lap::and);
    let mut trials = vec![Trial {
        model: Model::Serial,
        items: all.map_or(0, |all| all.items),
        item: Duration::from_nanos(serial_ns as u64),
        processor: all.and_then(|all| all.item_processor()),
        speedup: 1.0,
    }];
    let tried = candidates
        .into_iter()
        .filter_map(|candidate| candidate.into_trial(serial_ns));
    trials.extend(tried);
    if trials.len() > 1 { trials } else { Vec::new() }
}
