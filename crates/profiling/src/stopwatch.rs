//! A stopwatch with laps.

use std::{fmt, io::Write as _, time::Duration};

use tuneup_measure::{Clock, Ticks, format_duration};
use tuneup_report::{Cell, Style, Table};

/// How many laps a stopwatch keeps: one that is forgotten in a loop does not grow for ever.
const MAX_LAPS: usize = 4_096;

/// Measures one thing after another by hand.
///
/// Reads the time-stamp counter where there is one ([`Clock`]). Starting and stopping cost a reading; what returns a
/// [`Duration`] costs about a microsecond, for the worth of a tick. Not for several threads at once: that is
/// [`Timers`](crate::Timers).
///
/// ```
/// use tuneup_profiling::Stopwatch;
///
/// let mut watch = Stopwatch::start();
/// let numbers: Vec<u64> = (0..1_000).collect();
/// watch.lap("fill");
/// let sum: u64 = numbers.iter().sum();
/// watch.lap("add up");
/// let total = watch.stop();
/// assert_eq!(sum, 499_500);
/// assert_eq!(watch.laps().len(), 2);
/// println!("{total:?} in all\n{}", watch.table());
/// ```
#[derive(Debug, Clone)]
pub struct Stopwatch {
    clock: Clock,
    /// When it was started or resumed last; `None` while it stands still.
    running_since: Option<Ticks>,
    /// What it had shown then.
    passed_ticks: u64,
    laps: Vec<Lap>,
    /// What it had shown when the last lap ended, and that as the sum of the laps.
    lapped_ticks: u64,
    lapped: Duration,
    laps_left_out: u64,
}

/// A lap of a [`Stopwatch`].
///
/// ```
/// use tuneup_profiling::Stopwatch;
///
/// let mut watch = Stopwatch::start();
/// watch.lap("first");
/// let lap = &watch.laps()[0];
/// assert_eq!((&*lap.name, lap.time), ("first", lap.end));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lap {
    /// The name it was given.
    pub name: String,
    /// The time since the lap before it ended, less the time for which the stopwatch stood still.
    pub time: Duration,
    /// What the stopwatch showed at its end: this lap and all before it.
    pub end: Duration,
}

impl Stopwatch {
    /// A stopwatch that runs from now on.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// assert!(Stopwatch::start().is_running());
    /// ```
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(Clock::new())
    }

    /// A stopwatch that reads `clock`: a mock in tests.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_measure::Clock;
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let (clock, hand) = Clock::mock();
    /// let watch = Stopwatch::start_with(clock);
    /// hand.advance(Duration::from_millis(3));
    /// assert_eq!(watch.elapsed(), Duration::from_millis(3));
    /// ```
    #[must_use]
    pub fn start_with(clock: Clock) -> Self {
        let running_since = Some(clock.now());
        Self {
            clock,
            running_since,
            passed_ticks: 0,
            laps: Vec::new(),
            lapped_ticks: 0,
            lapped: Duration::ZERO,
            laps_left_out: 0,
        }
    }

    /// Stops it and says what it shows. Stopping one that stands still does nothing.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// println!("it took {:?}", watch.stop());
    /// assert!(!watch.is_running());
    /// ```
    pub fn stop(&mut self) -> Duration {
        self.passed_ticks = self.elapsed_ticks();
        self.running_since = None;
        self.duration(self.passed_ticks)
    }

    /// Lets it run on from what it shows. Resuming one that runs does nothing.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// watch.stop();
    /// watch.resume();
    /// assert!(watch.is_running());
    /// ```
    pub fn resume(&mut self) {
        if self.running_since.is_none() {
            self.running_since = Some(self.clock.now());
        }
    }

    /// Sets it back to zero, without laps. One that runs goes on running, one that stands still stays so.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// watch.lap("first");
    /// watch.stop();
    /// watch.reset();
    /// assert!(watch.elapsed().is_zero() && watch.laps().is_empty());
    /// ```
    pub fn reset(&mut self) {
        self.running_since = self.running_since.map(|_| self.clock.now());
        self.passed_ticks = 0;
        self.laps.clear();
        self.lapped_ticks = 0;
        self.lapped = Duration::ZERO;
        self.laps_left_out = 0;
    }

    /// Whether it runs.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// watch.stop();
    /// assert!(!watch.is_running());
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    /// What it shows: the time for which it ran.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let watch = Stopwatch::start();
    /// println!("{:?} so far", watch.elapsed());
    /// assert!(watch.is_running());
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.duration(self.elapsed_ticks())
    }

    /// Ends a lap, which the next one follows, and says how long it took. Allocates the name.
    ///
    /// Of more than 4096 laps the later ones are not kept.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// let read = watch.lap("read");
    /// assert_eq!(watch.laps()[0].time, read);
    /// ```
    #[doc(alias = "split")]
    pub fn lap(&mut self, name: impl Into<String>) -> Duration {
        let elapsed = self.elapsed_ticks();
        let time = self.duration(elapsed.saturating_sub(self.lapped_ticks));
        self.lapped_ticks = elapsed;
        self.lapped = self.lapped.saturating_add(time);
        match self.laps.len() < MAX_LAPS {
            true => self.laps.push(Lap {
                name: name.into(),
                time,
                end: self.lapped,
            }),
            false => self.laps_left_out += 1,
        }
        time
    }

    /// The laps so far, in their order.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let mut watch = Stopwatch::start();
    /// watch.lap("read");
    /// watch.lap("parse");
    /// let names: Vec<&str> = watch.laps().iter().map(|lap| &*lap.name).collect();
    /// assert_eq!(names, ["read", "parse"]);
    /// ```
    #[must_use]
    pub fn laps(&self) -> &[Lap] {
        &self.laps
    }

    /// The laps with their times, and what of all of them each is.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_measure::Clock;
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let (clock, hand) = Clock::mock();
    /// let mut watch = Stopwatch::start_with(clock);
    /// hand.advance(Duration::from_millis(3));
    /// watch.lap("read");
    /// hand.advance(Duration::from_millis(1));
    /// watch.lap("parse");
    /// assert_eq!(
    ///     watch.table().to_string(),
    ///     "\
    /// lap        time       %       end
    /// ─────────────────────────────────
    /// read   3.000 ms  75.0 %  3.000 ms
    /// parse  1.000 ms  25.0 %  4.000 ms
    ///
    /// total 4.000 ms
    /// "
    /// );
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let longest = self.laps.iter().map(|lap| lap.time).max();
        let mut table = Table::new(["lap", "time", "%", "end"]);
        for lap in &self.laps {
            let style = match self.laps.len() > 1 && Some(lap.time) == longest {
                true => Style::Strong,
                false => Style::Plain,
            };
            table.push([
                Cell::text(&lap.name).styled(style),
                Cell::duration(lap.time),
                crate::cells::share(lap.time, self.lapped),
                Cell::duration(lap.end),
            ]);
        }
        if self.laps_left_out > 0 {
            table = table.note(format!(
                "{} not kept",
                crate::cells::counted(self.laps_left_out, "later lap")
            ));
        }
        table.note(format!("total {}", format_duration(self.elapsed())))
    }

    /// Writes `label: 1.234 ms`, with what it shows, to standard error. What cannot be written is lost.
    ///
    /// ```
    /// use tuneup_profiling::Stopwatch;
    ///
    /// let watch = Stopwatch::start();
    /// watch.print("start-up");
    /// ```
    pub fn print(&self, label: impl fmt::Display) {
        let line = format!("{label}: {}\n", format_duration(self.elapsed()));
        // A standard error that is closed must not end the program that is measured.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    fn elapsed_ticks(&self) -> u64 {
        let running = self
            .running_since
            .map_or(0, |since| self.clock.now().saturating_sub(since));
        self.passed_ticks.saturating_add(running)
    }

    fn duration(&self, ticks: u64) -> Duration {
        self.clock.scale().duration(ticks)
    }
}

#[cfg(test)]
mod tests;
