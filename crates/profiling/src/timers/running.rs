//! A timer that runs.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use tuneup_measure::Ticks;

use super::{
    Timers,
    nesting::{self, Share},
    statistics::Timer,
};

/// A timer from [`Timers::start`]: it counts when it is stopped or dropped, by a panic, too.
///
/// It stays in its thread. Timers need not be stopped in the order in which they were started: time belongs to the
/// running one that was started last.
///
/// ```
/// use tuneup_profiling::Timers;
///
/// let timers = Timers::new();
/// let timer = timers.start("load");
/// println!("it took {:?}", timer.stop());
/// assert_eq!(timers.get("load").unwrap().count, 1);
/// ```
///
/// ```compile_fail
/// let timers = tuneup_profiling::Timers::new();
/// let timer = timers.start("load");
/// std::thread::scope(|scope| scope.spawn(move || timer.stop()).join());
/// ```
#[must_use = "a timer that is dropped at once measures nothing; bind it: `let _timer = …`"]
#[derive(Debug)]
pub struct RunningTimer<'a> {
    timers: &'a Timers,
    timer: Arc<Timer>,
    /// What the thread knows it by; `None` if the thread is being torn down.
    serial: Option<u64>,
    started: Ticks,
    has_ended: bool,
    /// What runs inside it is looked for in this thread.
    not_send: PhantomData<*const ()>,
}

impl<'a> RunningTimer<'a> {
    pub(super) fn start(timers: &'a Timers, timer: Arc<Timer>) -> Self {
        let started = timers.clock.now();
        let serial = nesting::push(timers.id, Arc::as_ptr(&timer) as usize, started);
        Self {
            timers,
            timer,
            serial,
            started,
            has_ended: false,
            not_send: PhantomData,
        }
    }

    /// Stops it, counts it and says how long it ran.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_measure::Clock;
    /// use tuneup_profiling::Timers;
    ///
    /// # let (clock, hand) = Clock::mock();
    /// # let timers = Timers::builder().clock(clock).build()?;
    /// let timer = timers.start("load");
    /// # hand.advance(Duration::from_millis(3));
    /// let took = timer.stop();
    /// # assert_eq!(took, Duration::from_millis(3));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "most stop a timer for it to be counted"
    )]
    pub fn stop(mut self) -> Duration {
        let ticks = self.end();
        self.timers.clock.scale().duration(ticks)
    }

    /// Counts it, once, and says how many ticks it ran.
    fn end(&mut self) -> u64 {
        if std::mem::replace(&mut self.has_ended, true) {
            return 0;
        }
        let now = self.timers.clock.now();
        let ticks = now.saturating_sub(self.started);
        // What the thread no longer knows of was not nested in anything.
        let alone = Share {
            self_ticks: ticks,
            total_ticks: ticks,
        };
        let share = self
            .serial
            .and_then(|serial| nesting::remove(serial, now))
            .unwrap_or(alone);
        self.timer.add(ticks, share);
        ticks
    }
}

impl Drop for RunningTimer<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
