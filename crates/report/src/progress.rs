//! A progress bar for what takes long enough that somebody wonders.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(2);

/// A progress bar on standard error.
///
/// It is hidden until two seconds have passed, and for good where standard error is not a terminal. It is drawn only
/// inside [`inc`](Progress::inc) and [`set_message`](Progress::set_message), at most ten times a second: there is no
/// thread, so nothing is drawn in the middle of a measurement. Dropping it clears its line.
///
/// ```
/// use tuneup_report::Progress;
///
/// let progress = Progress::stderr(3, "benchmarks");
/// for name in ["duplicates", "queue", "words"] {
///     progress.set_message(name);
///     progress.inc(1);
/// }
/// progress.finish();
/// ```
#[derive(Debug)]
#[must_use = "dropping it at once clears it at once"]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    patience: Duration,
    /// Taken when the bar is first shown; none from the start where it never may be.
    target: std::sync::Mutex<Option<ProgressDrawTarget>>,
}

impl Progress {
    /// A bar for `total` steps of `what`.
    ///
    /// ```
    /// use tuneup_report::Progress;
    ///
    /// let progress = Progress::stderr(3, "benchmarks");
    /// progress.inc(1);
    /// ```
    pub fn stderr(total: u64, what: &str) -> Self {
        let target = std::io::stderr()
            .is_terminal()
            .then(|| ProgressDrawTarget::stderr_with_hz(10));
        Self::on(total, what, PATIENCE, target)
    }

    /// A bar that is never shown, for a `--quiet` flag.
    ///
    /// ```
    /// use tuneup_report::Progress;
    ///
    /// let quiet = true;
    /// let progress = if quiet { Progress::hidden() } else { Progress::stderr(3, "benchmarks") };
    /// progress.inc(1);
    /// ```
    pub fn hidden() -> Self {
        Self::on(0, "", PATIENCE, None)
    }

    fn on(total: u64, what: &str, patience: Duration, target: Option<ProgressDrawTarget>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} · {eta} left · {msg}")
        {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(what.to_owned());
        Self {
            bar,
            started: Instant::now(),
            patience,
            target: std::sync::Mutex::new(target),
        }
    }

    /// Counts `steps` more as done.
    ///
    /// ```
    /// tuneup_report::Progress::stderr(100, "blocks").inc(10);
    /// ```
    pub fn inc(&self, steps: u64) {
        self.show_when_late();
        self.bar.inc(steps);
    }

    /// Says what is being done now.
    ///
    /// ```
    /// tuneup_report::Progress::stderr(3, "benchmarks").set_message("queue");
    /// ```
    pub fn set_message(&self, message: impl Into<String>) {
        self.show_when_late();
        self.bar.set_message(message.into());
    }

    /// Runs `print` with the bar out of the way, so that what it prints does not mix with it.
    ///
    /// indicatif holds a lock of the bar meanwhile: do not use the bar inside.
    ///
    /// ```
    /// let progress = tuneup_report::Progress::hidden();
    /// assert_eq!(progress.suspend(|| 7), 7);
    /// ```
    pub fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.bar.suspend(print)
    }

    /// Clears the line and ends.
    ///
    /// ```
    /// tuneup_report::Progress::stderr(3, "benchmarks").finish();
    /// ```
    pub fn finish(self) {
        drop(self);
    }

    fn show_when_late(&self) {
        if self.started.elapsed() < self.patience {
            return;
        }
        let target = self.target.lock().ok().and_then(|mut target| target.take());
        if let Some(target) = target {
            self.bar.set_draw_target(target);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests;
