//! Adding histograms up and taking an earlier state off a later one.

use super::{Error, Histogram};

impl Histogram {
    /// Adds everything that `other` counted. Exact, O(buckets), does not allocate.
    ///
    /// # Errors
    /// [`Error::LayoutMismatch`] if the two were built with different options,
    /// [`Error::OutOfRange`] if there would be more than `u64::MAX` values. This histogram is then
    /// unchanged.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let mut all: Histogram = (1..=10).collect();
    /// let more: Histogram = (11..=20).collect();
    /// all.merge(&more)?;
    /// assert_eq!(all, (1..=20).collect());
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "add")]
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.check_layout(other)?;
        let count = self
            .count
            .checked_add(other.count)
            .ok_or(Error::OutOfRange {
                option: "count",
                value: self.count as f64 + other.count as f64,
                allowed: "histograms that hold at most 18446744073709551615 values together",
            })?;
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count = count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.sum_is_exact &= other.sum_is_exact;
        Ok(())
    }

    /// Takes off what `earlier`, an earlier state of this histogram, had counted: what remains is
    /// the window between the two.
    ///
    /// Counts and sum are exact. The minimum and maximum of a window are known only to their
    /// buckets; the lower end of the lowest bucket and the upper end of the highest are given (or
    /// the overall minimum and maximum, if they are tighter). O(buckets), does not allocate.
    ///
    /// # Errors
    /// [`Error::LayoutMismatch`] if the two were built with different options,
    /// [`Error::NotEarlier`] if `earlier` counted something that this histogram did not. This
    /// histogram is then unchanged.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let mut histogram: Histogram = (1..=10).collect();
    /// let earlier = histogram.clone();
    /// histogram.extend(11..=20);
    /// histogram.subtract(&earlier)?;
    /// assert_eq!((histogram.count(), histogram.min(), histogram.max()), (10, Some(11), Some(20)));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "window")]
    #[doc(alias = "delta")]
    pub fn subtract(&mut self, earlier: &Self) -> Result<(), Error> {
        self.check_layout(earlier)?;
        if self
            .counts
            .iter()
            .zip(&earlier.counts)
            .any(|(now, then)| now < then)
        {
            return Err(Error::NotEarlier {
                what: "count of a bucket",
            });
        }
        let Some(dropped) = self.dropped.checked_sub(earlier.dropped) else {
            return Err(Error::NotEarlier {
                what: "number of saturated values",
            });
        };
        let Some(sum) = self.sum.checked_sub(earlier.sum) else {
            return Err(Error::NotEarlier { what: "sum" });
        };
        for (now, then) in self.counts.iter_mut().zip(&earlier.counts) {
            *now -= then;
        }
        self.count -= earlier.count;
        self.dropped = dropped;
        self.sum_is_exact &= earlier.sum_is_exact;
        self.sum = sum;
        self.fit_to_buckets();
        Ok(())
    }

    /// Moves minimum, maximum and sum into the ranges that the buckets leave for them.
    pub(super) fn fit_to_buckets(&mut self) {
        let filled = |&index: &usize| self.counts[index] > 0;
        let lowest = (0..self.counts.len()).find(filled);
        let highest = (0..self.counts.len()).rev().find(filled);
        let (Some(lowest), Some(highest)) = (lowest, highest) else {
            (self.min, self.max, self.sum) = (u64::MAX, 0, 0);
            return;
        };
        let (low, high) = self.layout.bounds(lowest);
        self.min = self.min.clamp(low, high);
        let (low, high) = self.layout.bounds(highest);
        self.max = self.max.clamp(low.max(self.min), high);
        let (least, most) = self.sum_bounds();
        self.sum = self.sum.clamp(least, most);
    }

    pub(super) fn sum_bounds(&self) -> (u128, u128) {
        self.buckets().fold((0, 0), |(least, most), bucket| {
            let count = u128::from(bucket.count);
            (
                least + count * u128::from(bucket.low),
                most + count * u128::from(bucket.high),
            )
        })
    }

    fn check_layout(&self, other: &Self) -> Result<(), Error> {
        if self.layout == other.layout {
            return Ok(());
        }
        Err(Error::LayoutMismatch {
            left_relative_error: self.relative_error(),
            left_max_value: self.max_value(),
            right_relative_error: other.relative_error(),
            right_max_value: other.max_value(),
        })
    }
}
