//! A thread that looks at regular times where all other threads are.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{processor_clock, recording::SamplerRecording, registry, thread_block::ThreadBlock};

/// Looks at the innermost call of every thread: one pointer each, from which the whole stack follows.
/// No signal is sent and no thread is stopped.
pub(crate) struct Sampler {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    ended: AtomicBool,
    ticks: AtomicU64,
    missed: AtomicU64,
}

impl Sampler {
    pub(crate) fn start(session: u64, period: Duration) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            ended: AtomicBool::new(false),
            ticks: AtomicU64::new(0),
            missed: AtomicU64::new(0),
        });
        let thread = {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("tuneup-sampler".to_owned())
                .spawn(move || shared.run(session, period))?
        };
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    pub(crate) fn read(&self) -> SamplerRecording {
        SamplerRecording {
            ticks: self.shared.ticks.load(Ordering::Relaxed),
            missed: self.shared.missed.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to say: a panic in there was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Deadlines are multiples of the period from the start, so that a late look does not delay those
    /// after it.
    fn run(&self, session: u64, period: Duration) {
        let mut deadline = Instant::now() + period;
        while !self.ended.load(Ordering::Relaxed) {
            let now = Instant::now();
            if now < deadline {
                thread::park_timeout(deadline - now);
                continue;
            }
            sample_all(session, period);
            self.ticks.fetch_add(1, Ordering::Relaxed);
            deadline += period;
            while deadline <= now {
                self.missed.fetch_add(1, Ordering::Relaxed);
                deadline += period;
            }
        }
    }
}

fn sample_all(session: u64, period: Duration) {
    let registry = registry::lock();
    for block in registry.blocks_of(session) {
        if block.adopted.load(Ordering::Relaxed) {
            sample(block, period);
        }
    }
}

fn sample(block: &ThreadBlock, period: Duration) {
    // SAFETY: null or a node of this block, whose place was published before the position.
    let Some(node) = (unsafe { block.position.read().as_ref() }) else {
        return;
    };
    node.wall_samples.add(1);
    if is_on_processor(block, period) {
        node.cpu_samples.add(1);
    }
}

/// Whether the thread ran for at least half of the time since the last look.
fn is_on_processor(block: &ThreadBlock, period: Duration) -> bool {
    let clock = block.processor_clock.load(Ordering::Relaxed);
    let Some(now_ns) = processor_clock::read_ns(clock) else {
        return false;
    };
    let before_ns = block.sampled_processor_ns.swap(now_ns, Ordering::Relaxed);
    before_ns > 0 && u128::from(now_ns.saturating_sub(before_ns)) * 2 >= period.as_nanos()
}
