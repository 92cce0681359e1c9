//! Reading quantiles.

use super::Histogram;

impl Histogram {
    /// The value below which a part `q` of the counted values lies, `None` if nothing was counted.
    ///
    /// This is the value of rank ⌈q × count⌉ (the nearest rank), reported as its bucket's midpoint
    /// and therefore within [`relative_error`](Self::relative_error) of it. 0.0 is the minimum, 1.0
    /// the maximum, and nothing outside of them is ever reported. A product that is above a whole
    /// number by rounding alone counts as that number. The rank is computed in `f64`: with 2⁵⁰
    /// values and more it may be too low by up to six units in the last place, but never for 1.0.
    ///
    /// O(buckets between the minimum and the maximum); does not allocate.
    ///
    /// # Panics
    /// If `q` is not a number between 0.0 and 1.0.
    ///
    /// # Examples
    /// ```
    /// let histogram: tuneup_measure::Histogram = (1..=50).collect();
    /// assert_eq!(histogram.quantile(0.0), Some(1));
    /// assert_eq!(histogram.quantile(0.9), Some(45));
    /// assert_eq!(histogram.quantile(1.0), Some(50));
    /// ```
    #[doc(alias = "percentile")]
    #[doc(alias = "value_at_quantile")]
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        self.quantiles(&[q]).map(|[value]| value)
    }

    /// Several [`quantile`](Self::quantile)s in one pass over the buckets, in the order asked for;
    /// `None` if nothing was counted.
    ///
    /// Does not allocate. For quantiles that are only known at run time, call
    /// [`quantile`](Self::quantile) for each.
    ///
    /// # Panics
    /// If one of them is not a number between 0.0 and 1.0.
    ///
    /// # Examples
    /// ```
    /// let histogram: tuneup_measure::Histogram = (1..=50).collect();
    /// let [p90, median] = histogram.quantiles(&[0.9, 0.5]).unwrap();
    /// assert_eq!((p90, median), (45, 25));
    /// ```
    #[must_use]
    pub fn quantiles<const N: usize>(&self, q: &[f64; N]) -> Option<[u64; N]> {
        let mut wanted = [(0, 0); N];
        for (position, (&q, slot)) in q.iter().zip(&mut wanted).enumerate() {
            assert!(
                (0.0..=1.0).contains(&q),
                "quantile {q} is not between 0.0 and 1.0"
            );
            *slot = (rank(q, self.count), position);
        }
        if self.count == 0 {
            return None;
        }
        wanted.sort_unstable();

        let mut values = [0; N];
        let mut index = self.layout.index(self.min).min(self.counts.len() - 1);
        let mut through = self.counts[index];
        for (rank, position) in wanted {
            while through < rank {
                index += 1;
                through += self.counts[index];
            }
            values[position] = self.value_of(rank, index);
        }
        Some(values)
    }

    fn value_of(&self, rank: u64, index: usize) -> u64 {
        if rank == 1 {
            self.min
        } else if rank == self.count || Some(index) == self.layout.overflow_index() {
            self.max
        } else {
            self.layout.midpoint(index).clamp(self.min, self.max)
        }
    }
}

/// ⌈q × count⌉ from 1 to `count`. 0.07 × 100 is 7.000000000000001 in floating point and must be 7:
/// a few units in the last place are taken off before rounding up. From 2⁵⁰ values on that is a
/// whole rank, which the maximum must not lose.
fn rank(q: f64, count: u64) -> u64 {
    if q == 1.0 {
        return count;
    }
    let product = q * count as f64;
    ((product - product * (4.0 * f64::EPSILON)).ceil() as u64).clamp(1, count.max(1))
}
