//! Confidence intervals for any statistic, by resampling.

use crate::{Error, Interval, normal_cdf, normal_quantile, random::Random, sample};

#[cfg(test)]
mod tests;

/// Confidence intervals by the bootstrap: the statistic is computed for many samples drawn from the
/// sample with replacement (B. Efron and R. Tibshirani, *An Introduction to the Bootstrap*, 1993).
///
/// The same seed gives the same interval, on every machine. The statistic is given a slice that it
/// may reorder, so that it need not copy: [`median_in_place`](crate::median_in_place) fits.
///
/// [`percentile`](Self::percentile) reads the interval off the resampled statistics;
/// [`bca`](Self::bca) corrects it for bias and skew, for n more evaluations of the statistic.
///
/// # Examples
/// ```
/// use tuneup_measure::{Bootstrap, median_in_place};
///
/// let times_ns = [212.0, 208.0, 215.0, 209.0, 211.0, 390.0, 210.0, 213.0, 207.0];
/// let median = Bootstrap::new().bca(&times_ns, median_in_place)?;
/// assert_eq!(median.estimate, 211.0);
/// assert!(median.low >= 207.0 && median.high <= 215.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "resampling")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    seed: u64,
    resamples: usize,
    confidence: f64,
}

impl Bootstrap {
    /// 2000 resamples, a confidence of 0.95, seed 0.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Bootstrap;
    ///
    /// let mean = Bootstrap::new().percentile(&[1.0, 2.0, 3.0], |s| s.iter().sum::<f64>() / 3.0)?;
    /// assert_eq!(mean.confidence, 0.95);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seed: 0,
            resamples: 2_000,
            confidence: 0.95,
        }
    }

    /// Options for the seed, the number of resamples and the confidence.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Bootstrap;
    ///
    /// let bootstrap = Bootstrap::builder().seed(7).resamples(10_000).confidence(0.99).build()?;
    /// # let _ = bootstrap;
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub const fn builder() -> BootstrapBuilder {
        BootstrapBuilder {
            bootstrap: Self::new(),
        }
    }

    /// The percentile interval: the quantiles (1 ∓ confidence) / 2 of the resampled statistics.
    ///
    /// Computes the statistic `resamples + 1` times on n values; allocates one buffer of n and one
    /// of `resamples` values.
    ///
    /// # Errors
    /// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if a value, or what the
    /// statistic gives for a resample (then with that resample's number), is infinite or NaN.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Bootstrap, median_in_place};
    ///
    /// let interval = Bootstrap::new().percentile(&[1.0, 2.0, 3.0, 4.0, 5.0], median_in_place)?;
    /// assert!(interval.contains(3.0));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn percentile(
        &self,
        values: &[f64],
        mut statistic: impl FnMut(&mut [f64]) -> f64,
    ) -> Result<Interval, Error> {
        let (estimate, replicates) = self.replicates(values, &mut statistic)?;
        let tail = (1.0 - self.confidence) / 2.0;
        Ok(self.interval(estimate, &replicates, tail, 1.0 - tail))
    }

    /// The bias-corrected and accelerated interval (B. Efron, "Better Bootstrap Confidence
    /// Intervals", 1987), with the acceleration from the jackknife.
    ///
    /// Computes the statistic `resamples + n + 1` times on n values, so that it costs O(n²) for
    /// large samples; allocates as [`percentile`](Self::percentile) does. A resample that gives
    /// exactly the estimate counts half as below it. If all resamples lie on one side of the
    /// estimate the correction is not defined, and the percentile interval is given.
    ///
    /// # Errors
    /// [`Error::TooFew`] if there are fewer than two values, [`Error::NotFinite`] as for
    /// [`percentile`](Self::percentile).
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Bootstrap, median_in_place};
    ///
    /// let bootstrap = Bootstrap::new();
    /// let sample = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0];
    /// let interval = bootstrap.bca(&sample, median_in_place)?;
    /// assert_eq!(interval, bootstrap.bca(&sample, median_in_place)?);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "bias-corrected and accelerated")]
    pub fn bca(
        &self,
        values: &[f64],
        mut statistic: impl FnMut(&mut [f64]) -> f64,
    ) -> Result<Interval, Error> {
        sample::check(values, 2)?;
        let (estimate, replicates) = self.replicates(values, &mut statistic)?;
        let acceleration = acceleration(values, &mut statistic)?;
        let tail = (1.0 - self.confidence) / 2.0;
        let (low, high) = corrected_tails(estimate, &replicates, acceleration, tail);
        Ok(self.interval(estimate, &replicates, low, high))
    }

    /// The statistic of the sample, and of all resamples in ascending order.
    fn replicates(
        &self,
        values: &[f64],
        statistic: &mut dyn FnMut(&mut [f64]) -> f64,
    ) -> Result<(f64, Vec<f64>), Error> {
        sample::check(values, 1)?;
        let mut random = Random::from_seed(self.seed);
        let mut resample = values.to_vec();
        let estimate = statistic(&mut resample);
        let mut replicates = Vec::with_capacity(self.resamples);
        for _ in 0..self.resamples {
            for slot in &mut resample {
                *slot = values[random.below(values.len())];
            }
            replicates.push(statistic(&mut resample));
        }
        sample::check(&[estimate], 1)?;
        sample::check(&replicates, 1)?;
        replicates.sort_unstable_by(f64::total_cmp);
        Ok((estimate, replicates))
    }

    fn interval(&self, estimate: f64, replicates: &[f64], low: f64, high: f64) -> Interval {
        Interval {
            low: sample::quantile_sorted(replicates, low),
            estimate,
            high: sample::quantile_sorted(replicates, high),
            confidence: self.confidence,
        }
    }
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self::new()
    }
}

/// The skewness of the jackknife estimates, over six.
fn acceleration(
    values: &[f64],
    statistic: &mut dyn FnMut(&mut [f64]) -> f64,
) -> Result<f64, Error> {
    let mut rest = vec![0.0; values.len() - 1];
    let estimates: Vec<f64> = (0..values.len())
        .map(|left_out| {
            rest[..left_out].copy_from_slice(&values[..left_out]);
            rest[left_out..].copy_from_slice(&values[left_out + 1..]);
            statistic(&mut rest)
        })
        .collect();
    sample::check(&estimates, 1)?;
    let mean = sample::mean_of(&estimates);
    let (squares, cubes) = estimates
        .iter()
        .fold((0.0, 0.0), |(squares, cubes), estimate| {
            let deviation = mean - estimate;
            (squares + deviation.powi(2), cubes + deviation.powi(3))
        });
    let scale = 6.0 * squares.powf(1.5);
    Ok(if scale > 0.0 { cubes / scale } else { 0.0 })
}

/// Which quantiles of the replicates to read instead of `tail` and `1 - tail`.
fn corrected_tails(estimate: f64, replicates: &[f64], acceleration: f64, tail: f64) -> (f64, f64) {
    let below = replicates.partition_point(|&replicate| replicate < estimate);
    let not_above = replicates.partition_point(|&replicate| replicate <= estimate);
    let bias = normal_quantile((below + not_above) as f64 / (2 * replicates.len()) as f64);
    if !bias.is_finite() {
        return (tail, 1.0 - tail);
    }
    let corrected = |p: f64| {
        let shifted = bias + normal_quantile(p);
        let stretch = 1.0 - acceleration * shifted;
        if stretch > 0.0 {
            normal_cdf(bias + shifted / stretch)
        } else {
            // So skewed that the correction has passed infinity: read the outermost replicate.
            f64::from(shifted > 0.0)
        }
    };
    (corrected(tail), corrected(1.0 - tail))
}

/// Options of a [`Bootstrap`], from [`Bootstrap::builder`].
///
/// # Examples
/// ```
/// use tuneup_measure::Bootstrap;
///
/// assert_eq!(Bootstrap::builder().build()?, Bootstrap::new());
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct BootstrapBuilder {
    bootstrap: Bootstrap,
}

impl BootstrapBuilder {
    const MOST_RESAMPLES: usize = 10_000_000;

    /// What the resampling starts from, by default 0. Any number will do.
    ///
    /// # Examples
    /// ```
    /// # use tuneup_measure::Bootstrap;
    /// assert_ne!(Bootstrap::builder().seed(1).build()?, Bootstrap::new());
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.bootstrap.seed = seed;
        self
    }

    /// How many resamples are drawn, 1 to 10 million, by default 2000. Each takes one evaluation of
    /// the statistic and 8 bytes.
    ///
    /// # Examples
    /// ```
    /// # use tuneup_measure::Bootstrap;
    /// assert!(Bootstrap::builder().resamples(0).build().is_err());
    /// ```
    pub const fn resamples(mut self, resamples: usize) -> Self {
        self.bootstrap.resamples = resamples;
        self
    }

    /// How sure the interval shall be of covering the true value, above 0.0 and below 1.0, by
    /// default 0.95.
    ///
    /// # Examples
    /// ```
    /// # use tuneup_measure::Bootstrap;
    /// assert!(Bootstrap::builder().confidence(95.0).build().is_err());
    /// ```
    pub const fn confidence(mut self, confidence: f64) -> Self {
        self.bootstrap.confidence = confidence;
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if one is outside its range.
    ///
    /// # Examples
    /// ```
    /// # use tuneup_measure::Bootstrap;
    /// assert!(Bootstrap::builder().resamples(500).build().is_ok());
    /// ```
    pub fn build(self) -> Result<Bootstrap, Error> {
        let Bootstrap {
            resamples,
            confidence,
            ..
        } = self.bootstrap;
        if !(1..=Self::MOST_RESAMPLES).contains(&resamples) {
            return Err(Error::OutOfRange {
                option: "number of resamples",
                value: resamples as f64,
                allowed: "a number from 1 to 10000000",
            });
        }
        sample::check_confidence(confidence)?;
        Ok(self.bootstrap)
    }
}
