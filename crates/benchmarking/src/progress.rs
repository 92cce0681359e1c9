//! The progress bar where the feature is on and one was asked for; nothing otherwise.

/// Steps of the bar: shares are shown to a tenth of a per cent.
#[cfg(feature = "progress")]
const STEPS: u64 = 1_000;

/// A bar over a share in `0.0..=1.0`.
pub(crate) struct ProgressBar {
    #[cfg(feature = "progress")]
    bar: Option<(tuneup_report::Progress, u64)>,
}

impl ProgressBar {
    /// A bar that appears after two seconds, if `wanted`.
    #[cfg_attr(not(feature = "progress"), allow(unused_variables))]
    pub(crate) fn new(wanted: bool, name: &str) -> Self {
        Self {
            #[cfg(feature = "progress")]
            bar: wanted.then(|| (tuneup_report::Progress::stderr(STEPS, name), 0)),
        }
    }

    /// Moves the bar to the share.
    #[cfg_attr(
        not(feature = "progress"),
        allow(unused_variables, clippy::unused_self)
    )]
    pub(crate) fn at(&mut self, share: f64) {
        #[cfg(feature = "progress")]
        if let Some((bar, shown)) = &mut self.bar {
            let steps = (share.min(1.0) * STEPS as f64) as u64;
            bar.inc(steps.saturating_sub(*shown));
            *shown = steps.max(*shown);
        }
    }
}
