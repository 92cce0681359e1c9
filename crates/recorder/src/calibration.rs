//! What recording a call costs on this machine, in the mode at hand.

use crate::{
    frame::enter,
    options::Options,
    registry,
    site::{Site, SiteKind},
};

/// Calls in a batch: long against a reading of the clock, short against the time between interruptions.
const CALLS: u64 = 64;
const BATCHES: usize = 24;

static SITE: Site = Site::new(|| "calibration", SiteKind::Function, file!(), line!());

/// What recording one call costs, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct CallCost {
    /// What ends up in the time of the call itself.
    pub inside_ns: f64,
    /// What ends up in the time of its caller.
    pub outside_ns: f64,
}

/// Records empty calls in a session of its own; `None` if a session is recording already.
///
/// The quietest batch counts: whatever interrupts one makes it longer.
pub(crate) fn measure(options: &Options) -> Option<CallCost> {
    registry::lock().begin(options.clone())?;
    let costs = (0..BATCHES).map(|_| batch(options));
    let least = costs.min_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
    registry::lock().end();
    let scale = options.clock.scale();
    let (inside, outside) = least.unwrap_or_default();
    let ns_per_tick = scale.ns(1);
    Some(CallCost {
        inside_ns: inside * ns_per_tick,
        outside_ns: outside * ns_per_tick,
    })
}

/// Ticks for each call: inside and outside of it.
fn batch(options: &Options) -> (f64, f64) {
    let recorded = || enter(&SITE).recorded_ticks();
    let before = recorded();
    let start = options.clock.now();
    for _ in 0..CALLS {
        drop(std::hint::black_box(enter(&SITE)));
    }
    let total = options.clock.now().saturating_sub(start) as f64;
    // The look before is itself a call that has ended since.
    let inside = recorded().saturating_sub(before) as f64 / (CALLS + 1) as f64;
    (inside, (total / CALLS as f64 - inside).max(0.0))
}
