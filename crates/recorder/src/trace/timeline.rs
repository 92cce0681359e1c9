//! How many bytes were live, over the time of a trace: so many spans, which double their width when the time runs out of them.

use std::array;

/// Spans of a timeline.
const SPANS: usize = 256;
const FIRST_WIDTH_NS: u64 = 1 << 14;

/// What was told of the live bytes within one span of time.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// [`NOTHING`] if nothing was told.
    most: i64,
    last: i64,
}

const NOTHING: i64 = i64::MIN;

impl Span {
    const EMPTY: Self = Self {
        most: NOTHING,
        last: NOTHING,
    };

    fn and(self, later: Self) -> Self {
        Self {
            most: self.most.max(later.most),
            last: match later.last {
                NOTHING => self.last,
                last => last,
            },
        }
    }
}

/// Of one trace; in memory of its own, whatever happens.
#[derive(Debug)]
pub(crate) struct Timeline {
    begun_ns: u64,
    width_ns: u64,
    spans: [Span; SPANS],
}

/// The most live bytes over time, in spans of one width.
///
/// ```
/// let timeline = tuneup_recorder::TimelineReading::default();
/// assert_eq!((timeline.span_ns, timeline.most_bytes.len()), (0, 0));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineReading {
    /// The width of a span, in nanoseconds.
    pub span_ns: u64,
    /// The most bytes that were live in each span, from the begin of the trace on; at most 256.
    pub most_bytes: Vec<u64>,
}

impl Timeline {
    pub(crate) const fn new() -> Self {
        Self {
            begun_ns: 0,
            width_ns: FIRST_WIDTH_NS,
            spans: [Span::EMPTY; SPANS],
        }
    }

    /// Begins anew.
    pub(crate) fn begin(&mut self, now_ns: u64) {
        *self = Self {
            begun_ns: now_ns,
            ..Self::new()
        };
    }

    pub(crate) fn add(&mut self, now_ns: u64, live_bytes: i64) {
        let place = self.place(now_ns);
        let now = Span {
            most: live_bytes,
            last: live_bytes,
        };
        self.spans[place] = self.spans[place].and(now);
    }

    /// The span of a moment, for which there is room afterwards.
    fn place(&mut self, now_ns: u64) -> usize {
        let elapsed = now_ns.saturating_sub(self.begun_ns);
        while elapsed / self.width_ns >= SPANS as u64 {
            let spans = self.spans;
            let pair = |first: usize| spans[first].and(spans[first + 1]);
            self.spans = array::from_fn(|place| match 2 * place < SPANS {
                true => pair(2 * place),
                false => Span::EMPTY,
            });
            self.width_ns *= 2;
        }
        (elapsed / self.width_ns) as usize
    }

    /// Sees to it that a moment is in it of which nobody has told.
    pub(crate) fn raise(&mut self, at_ns: u64, live_bytes: i64) {
        let place = self.place(at_ns);
        let span = &mut self.spans[place];
        span.most = span.most.max(live_bytes);
    }

    /// Up to now. Allocates.
    pub(crate) fn read(mut self, now_ns: u64) -> TimelineReading {
        let last = self.place(now_ns);
        let mut level = 0;
        let most = self.spans[..=last].iter().map(|span| {
            // Where nothing was told, nothing has changed by much.
            let most = span.most.max(level);
            level = match span.last {
                NOTHING => level,
                last => last,
            };
            most.max(0).cast_unsigned()
        });
        TimelineReading {
            span_ns: self.width_ns,
            most_bytes: most.collect(),
        }
    }

    /// What it is now, without an allocation.
    pub(crate) fn copy(&self) -> Self {
        Self { ..*self }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDTH: u64 = FIRST_WIDTH_NS;

    #[test]
    fn a_gap_goes_on_with_what_was_there_last() {
        let mut timeline = Timeline::new();
        timeline.begin(5 * WIDTH);
        timeline.add(5 * WIDTH, 10);
        timeline.add(5 * WIDTH + 1, 7);
        timeline.add(9 * WIDTH, 3);
        timeline.add(10 * WIDTH, 3);
        timeline.raise(9 * WIDTH, 8);
        let reading = timeline.read(10 * WIDTH);
        assert_eq!(reading.span_ns, WIDTH);
        assert_eq!(reading.most_bytes, [10, 7, 7, 7, 8, 3]);
    }

    proptest! {
        #[test]
        fn no_peak_is_lost_however_long_it_takes(
            steps in prop::collection::vec((0..2_000_000_000_u64, 0..1_000_000_i64), 1..400),
        ) {
            let mut timeline = Timeline::new();
            timeline.begin(0);
            let mut now = 0;
            for (pause, live) in &steps {
                now += pause;
                timeline.add(now, *live);
            }
            let reading = timeline.read(now);
            prop_assert!(reading.most_bytes.len() <= SPANS);
            prop_assert_eq!(reading.most_bytes.len() as u64, now / reading.span_ns + 1);
            let peak = steps.iter().map(|(_, live)| live.cast_unsigned()).max();
            prop_assert_eq!(reading.most_bytes.iter().copied().max(), peak);
        }
    }
}
