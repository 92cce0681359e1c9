//! From figures to advice. Nothing here measures, so that every case can be tested.

use std::{num::NonZeroUsize, time::Duration};

use tuneup_measure::{Percent, format_duration};

use super::{Measured, Model, Trial};

/// What is faster by less is not worth a thread: the figures are not exact to more than that.
const LEAST_SPEEDUP: f64 = 1.1;

/// All of the work, if it takes less, is done before another thread is awake.
const LEAST_WORK: Duration = Duration::from_micros(30);

/// Who waits for less of the time is called computing.
const WAITS: f64 = 0.1;

/// From how many times the processor time of a serial item on threads are said to get into each other's way.
const SLOWED_DOWN: f64 = 1.3;

/// From how much time without a processor on the machine is called busy.
const BUSY: f64 = 0.1;

/// To rewrite functions that block is only advised if it gains as much over threads, and if what remains is long.
const ASYNC_GAIN: usize = 4;
const ASYNC_WORK: Duration = Duration::from_secs(1);

/// More in flight is seldom what the other side bears.
const MOST_IN_FLIGHT: usize = 1_000;

/// What the caller knows and no measurement shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub(super) max_threads: NonZeroUsize,
    pub(super) may_crash: bool,
    pub(super) payload_bytes: Option<usize>,
}

/// A model, and why.
pub(super) type Verdict = (Model, String);

/// How many threads keep all processors busy if each waits for a part of its time (Goetz et al., Java Concurrency in Practice, 8.2).
pub(super) fn threads_for(cores: NonZeroUsize, waiting: f64) -> usize {
    // Wait over compute; endless if nothing computes. A cast of a float saturates.
    let ratio = waiting / (1.0 - waiting);
    ((cores.get() as f64) * (1.0 + ratio)).round() as usize
}

pub(super) fn judge(measured: &Measured, wishes: &Wishes) -> Verdict {
    let what = describe(measured);
    let (model, why) = if wishes.may_crash {
        processes(measured, wishes)
    } else {
        choose(measured, wishes)
    };
    let busy = if measured.queued >= BUSY && model != Model::Serial {
        format!("; {}", busy_machine(measured))
    } else {
        String::new()
    };
    (model, format!("{what}; {why}{busy}"))
}

/// How many items of what cost, and what they do with their time.
fn describe(measured: &Measured) -> String {
    let item = format_duration(measured.item);
    let count = match measured.total_items {
        Some(1) => "1 item".to_owned(),
        Some(total) => format!("{total} items"),
        None => "items".to_owned(),
    };
    match measured.waiting {
        Some(waiting) if waiting >= 0.5 => {
            format!("{count} of {item}, {:.0} waiting", Percent(waiting))
        }
        Some(waiting) => format!("{count} of {item}, {:.0} computing", Percent(1.0 - waiting)),
        None => format!("{count} of {item}"),
    }
}

fn choose(measured: &Measured, wishes: &Wishes) -> Verdict {
    if measured.items == 0 {
        return (Model::Serial, "there was no item to measure".to_owned());
    }
    if measured.total_items.is_some_and(|total| total < 2) {
        return (Model::Serial, "there is nothing to divide".to_owned());
    }
    if let Some(work) = work(measured).filter(|work| *work < LEAST_WORK) {
        let why = format!(
            "all of them take {}, less than it takes to wake a thread",
            format_duration(work)
        );
        return (Model::Serial, why);
    }
    match measured.best() {
        None => predict(measured, wishes),
        Some(best) if best.speedup < LEAST_SPEEDUP => {
            (Model::Serial, does_not_scale(measured, best))
        }
        Some(best) => proven(measured, wishes, best),
    }
}

/// What all items take on one thread.
fn work(measured: &Measured) -> Option<Duration> {
    let total = measured.total_items?;
    Some(
        measured
            .item
            .saturating_mul(u32::try_from(total).unwrap_or(u32::MAX)),
    )
}

/// Without a trial: there was one processor, or the items were too few.
fn predict(measured: &Measured, wishes: &Wishes) -> Verdict {
    let waiting = measured.waiting.unwrap_or(0.0);
    let cores = measured.cores.get();
    if waiting >= WAITS {
        let workers = bounded(threads_for(measured.cores, waiting), measured, wishes);
        if workers > 1 {
            return (
                Model::Threads { workers },
                "not tried, because there were too few items".to_owned(),
            );
        }
    }
    if cores == 1 {
        (Model::Serial, "there is one processor".to_owned())
    } else if measured.item >= LEAST_WORK {
        (
            Model::Parallel { workers: cores },
            "not tried, because there were too few items".to_owned(),
        )
    } else {
        (
            Model::Serial,
            "the sample was over too soon to try more; `par::map` finds out by itself, or ask with more items".to_owned(),
        )
    }
}

fn bounded(threads: usize, measured: &Measured, wishes: &Wishes) -> usize {
    threads
        .min(wishes.max_threads.get())
        .min(measured.total_items.unwrap_or(usize::MAX))
}

/// More threads were tried, and were of no use.
fn does_not_scale(measured: &Measured, best: &Trial) -> String {
    let tried = format!("{} gave {:.2} ×", best.model, best.speedup);
    let grown = match (measured.processor, best.processor) {
        (Some(alone), Some(together)) if together > alone.mul_f64(SLOWED_DOWN) => {
            Some((alone, together))
        }
        _ => None,
    };
    if measured.queued >= BUSY {
        return format!("{tried}; {}", busy_machine(measured));
    }
    if measured.item < Duration::from_micros(1) {
        return format!("{tried}: an item costs about as much as handing it over");
    }
    match grown {
        Some((alone, together)) => format!(
            "{tried}: an item takes {} of a processor instead of {}, as where threads share the bandwidth of the memory, or write to the \
             same cache lines",
            format_duration(together),
            format_duration(alone)
        ),
        None => format!(
            "{tried}: threads wait for each other, as they do for a lock or a device; if it is a lock of this process, a `ProcessPool` would \
             not have it in common (not tried)"
        ),
    }
}

fn busy_machine(measured: &Measured) -> String {
    format!(
        "other work had the processors {:.0} of the time: measure again when the machine is idle",
        Percent(measured.queued)
    )
}

fn proven(measured: &Measured, wishes: &Wishes, best: &Trial) -> Verdict {
    let best = untried_threads(measured)
        .or_else(|| simplest(measured, best))
        .unwrap_or(best);
    let Model::Threads { workers: tried } = best.model else {
        return (best.model, format!("measured {:.2} ×", best.speedup));
    };
    let mut shown = format!("measured {:.1} × with {tried} threads", best.speedup);
    // Half as many again as get through keep busy what lets no more through.
    if !gets_through(best, tried) {
        let enough = ((best.speedup * 1.5).ceil() as usize).clamp(2, tried);
        let why = format!("{shown}, of which {enough} should do: something lets no more through");
        return (Model::Threads { workers: enough }, why);
    }
    let wanted = threads_for(measured.cores, measured.waiting.unwrap_or(0.0));
    let workers = bounded(wanted, measured, wishes).max(tried);
    if workers > tried {
        shown = format!("{shown}, and it waits long enough for {workers}");
    }
    let limit = wanted
        .min(MOST_IN_FLIGHT)
        .min(measured.total_items.unwrap_or(0));
    let on_threads =
        work(measured).unwrap_or_default() / u32::try_from(workers).unwrap_or(u32::MAX);
    if limit >= workers.saturating_mul(ASYNC_GAIN) && on_threads >= ASYNC_WORK {
        let why = format!(
            "{shown}; {workers} threads would take {} for all of them, and futures, which cost no thread each, {} if the other side bears it \
             (not tried: the function would have to be rewritten)",
            format_duration(on_threads),
            format_duration(work(measured).unwrap_or_default() / limit as u32)
        );
        return (Model::Async { limit }, why);
    }
    (Model::Threads { workers }, shown)
}

/// A thread for each processor, where it is as good: it is simpler.
fn simplest<'a>(measured: &'a Measured, best: &Trial) -> Option<&'a Trial> {
    measured.trials.iter().find(|trial| {
        matches!(trial.model, Model::Parallel { .. })
            && trial.speedup >= best.speedup / LEAST_SPEEDUP
    })
}

/// The trial of threads, where it cannot be compared with a thread for each processor: the items were too long for more of them, and those that
/// were tried got through, of an item that waits long enough for more.
fn untried_threads(measured: &Measured) -> Option<&Trial> {
    let cores = measured.cores;
    let wanted = threads_for(cores, measured.waiting.unwrap_or(0.0));
    measured.trials.iter().find(|trial| {
        matches!(trial.model, Model::Threads { workers }
            if workers <= cores.get() && wanted > cores.get() && gets_through(trial, workers))
    })
}

/// Whether nothing lets only some of so many threads through.
fn gets_through(trial: &Trial, threads: usize) -> bool {
    trial.speedup >= threads as f64 / 2.0
}

/// What may crash needs another process, whatever it costs.
fn processes(measured: &Measured, wishes: &Wishes) -> Verdict {
    let workers = measured
        .cores
        .get()
        .min(measured.total_items.unwrap_or(usize::MAX))
        .max(1);
    let mut why = "it may crash, and no thread survives that".to_owned();
    if let Some(bytes) = wishes.payload_bytes {
        // A round trip over a socket, and each byte is written, copied by the system, and read: about 1 GB/s.
        let way = Duration::from_micros(20) + Duration::from_nanos(bytes as u64);
        let verdict = if way > measured.item {
            "more than the work: give a process several items at a time"
        } else {
            "which the work outweighs"
        };
        why = format!(
            "{why}; to hand {bytes} bytes to and fro takes about {} (not measured), {verdict}",
            format_duration(way)
        );
    }
    (Model::Processes { workers }, why)
}
