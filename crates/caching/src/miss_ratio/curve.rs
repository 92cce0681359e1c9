//! The curve.

use std::fmt;

use super::{
    StackDistances,
    shards::{Shards, spread_id},
};
use crate::{Error, Trace};

/// What share of requests an LRU cache hits, for every size at once.
///
/// The curve is a staircase: it says exactly what the requests that it was made from would have hit, from a cold start, each
/// entry using one unit of the capacity. Made [from a trace](Self::from_trace) it is exact; from a
/// [sample](Self::sampled) it is an estimate.
///
/// ```
/// use tuneup_caching::{MissRatioCurve, Trace};
///
/// let curve = MissRatioCurve::from_trace(&Trace::from_keys([1, 2, 3, 1, 2, 2])?);
/// assert_eq!(curve.hit_ratio(1), 1.0 / 6.0);
/// assert_eq!(curve.hit_ratio(3), 3.0 / 6.0);
/// assert_eq!(curve.hit_ratio(1000), 3.0 / 6.0);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[doc(alias = "MRC")]
#[doc(alias = "hit ratio curve")]
#[derive(Clone, Debug, PartialEq)]
pub struct MissRatioCurve {
    /// By size; each holds from its size to the next one.
    points: Vec<CurvePoint>,
    requests: u64,
    distinct: u64,
    rate: f64,
}

/// A step of a [`MissRatioCurve`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CurvePoint {
    /// The smallest size, in entries, that has this hit ratio.
    pub size: u64,
    /// The share of requests that are hits, 0.0 to 1.0.
    pub hit_ratio: f64,
}

impl MissRatioCurve {
    /// The exact curve, by stack distances. O(n log distinct); 13 bytes a key while it runs, and 16 bytes a step of the curve.
    #[must_use]
    pub fn from_trace(trace: &Trace) -> Self {
        let mut distances = StackDistances::new(trace.distinct() as usize);
        let mut counts = vec![0_u64; trace.distinct() as usize];
        for &id in trace.ids() {
            if let Some(distance) = distances.record(id) {
                counts[distance as usize - 1] += 1;
            }
        }
        let requests = trace.len() as u64;
        let steps = (1..).zip(counts).map(|(size, hits)| (size, hits as f64));
        Self::from_steps(
            steps,
            requests as f64,
            0.0,
            requests,
            trace.distinct().into(),
            1.0,
        )
    }

    /// An estimate from at most so many keys at a time, 1 or more; exact, if there are no more: SHARDS with a fixed number of samples, Waldspurger et
    /// al., "Efficient MRC construction with SHARDS" (FAST 2015), and its correction for keys that are used a lot and are in the sample by
    /// chance, or not (SHARDS-adj).
    ///
    /// [`MissRatioSampler::DEFAULT_SAMPLES`](crate::MissRatioSampler::DEFAULT_SAMPLES), 8192, are right within 0.02 on average on real traces. O(1) a request, O(log samples) for one of a
    /// key that is in the sample; memory as [`MissRatioSampler`](crate::MissRatioSampler), whatever the trace. The same trace gives the same curve.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `samples` is 1 to 2²⁴.
    ///
    /// ```
    /// use tuneup_caching::{MissRatioCurve, MissRatioSampler, Trace};
    ///
    /// let trace = Trace::from_keys((0..100_000_u64).map(|request| request * request % 30_011))?;
    /// let estimate = MissRatioCurve::sampled(&trace, MissRatioSampler::DEFAULT_SAMPLES)?;
    /// assert!(estimate.mean_absolute_error(&MissRatioCurve::from_trace(&trace)) < 0.02);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "SHARDS")]
    pub fn sampled(trace: &Trace, samples: usize) -> Result<Self, Error> {
        let mut shards = Shards::new(samples, 1.0)?;
        for &id in trace.ids() {
            let place = spread_id(id, 0);
            if place < shards.threshold() {
                shards.record(place);
            }
        }
        Ok(shards.curve(Some(trace.len() as u64), 0))
    }

    /// From pairs of a size and the hits that come with it, by size; `total` is the weight of all requests, and `first` what the smallest
    /// caches hit besides: SHARDS-adj, which may be negative.
    pub(super) fn from_steps(
        steps: impl Iterator<Item = (u64, f64)>,
        total: f64,
        first: f64,
        requests: u64,
        distinct: u64,
        rate: f64,
    ) -> Self {
        let mut points = Vec::new();
        let mut hits = first;
        let mut last = 0.0;
        let steps = std::iter::once((1, 0.0)).chain(steps);
        for (size, more) in steps {
            hits += more;
            let hit_ratio = if total > 0.0 {
                (hits / total).clamp(last, 1.0)
            } else {
                0.0
            };
            if hit_ratio > last {
                match points.last_mut() {
                    Some(CurvePoint {
                        size: same,
                        hit_ratio: ratio,
                    }) if *same == size => {
                        *ratio = hit_ratio;
                    }
                    _ => points.push(CurvePoint { size, hit_ratio }),
                }
                last = hit_ratio;
            }
        }
        points.shrink_to_fit();
        Self {
            points,
            requests,
            distinct,
            rate,
        }
    }

    /// The share of requests that a cache of so many entries hits, 0.0 to 1.0. O(log steps).
    #[must_use]
    pub fn hit_ratio(&self, size: u64) -> f64 {
        let above = self.points.partition_point(|point| point.size <= size);
        match above.checked_sub(1) {
            Some(at) => self.points[at].hit_ratio,
            None => 0.0,
        }
    }

    /// The share of requests that a cache of so many entries misses, 0.0 to 1.0. O(log steps).
    #[must_use]
    pub fn miss_ratio(&self, size: u64) -> f64 {
        1.0 - self.hit_ratio(size)
    }

    /// The smallest cache that hits this share of requests; none, if no cache does. O(log steps).
    ///
    /// ```
    /// use tuneup_caching::{MissRatioCurve, Trace};
    ///
    /// let curve = MissRatioCurve::from_trace(&Trace::from_keys((0..1000).map(|request| request % 50))?);
    /// assert_eq!(curve.size_for(0.9), Some(50));
    /// assert_eq!(curve.size_for(0.99), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn size_for(&self, hit_ratio: f64) -> Option<u64> {
        if hit_ratio <= 0.0 {
            return Some(0);
        }
        let at = self
            .points
            .partition_point(|point| point.hit_ratio < hit_ratio);
        self.points.get(at).map(|point| point.size)
    }

    /// The steps, by size. Below the first one nothing is hit; beyond the last one nothing more.
    #[must_use]
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// From how many requests the curve was made; with a live sampler, as far as they are known.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// How many keys were requested; estimated, if the curve is.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Which share of the keys was looked at in the end, above 0.0; 1.0 if the curve is exact.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// By how much the hit ratios of two curves differ, on average over all sizes from 1 to the larger number of distinct keys: 0.0 to
    /// 1.0. O(steps of both).
    ///
    /// This is the measure of Waldspurger et al., "Efficient MRC construction with SHARDS" (FAST 2015). It says little about
    /// sizes that are small beside the number of keys.
    ///
    /// ```
    /// use tuneup_caching::{MissRatioCurve, Trace};
    ///
    /// let trace = Trace::from_keys((0..10_000_u32).map(|request| request * request % 4999))?;
    /// let exact = MissRatioCurve::from_trace(&trace);
    /// assert_eq!(exact.mean_absolute_error(&exact), 0.0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn mean_absolute_error(&self, other: &Self) -> f64 {
        let largest = self.distinct.max(other.distinct);
        if largest == 0 {
            return 0.0;
        }
        let mut sizes: Vec<u64> = [self, other]
            .iter()
            .flat_map(|curve| curve.points.iter().map(|point| point.size))
            .filter(|&size| size > 1 && size <= largest)
            .collect();
        sizes.sort_unstable();
        sizes.dedup();
        let starts = std::iter::once(1).chain(sizes.iter().copied());
        let ends = sizes.iter().copied().chain(std::iter::once(largest + 1));
        let sum: f64 = starts
            .zip(ends)
            .map(|(start, end)| {
                (self.hit_ratio(start) - other.hit_ratio(start)).abs() * (end - start) as f64
            })
            .sum();
        sum / largest as f64
    }
}

#[cfg(feature = "plots")]
impl MissRatioCurve {
    /// A plot of the hit ratio by size, which has a logarithmic axis. O(steps); of a curve of many steps, 512 places are drawn.
    ///
    /// # Errors
    /// [`tuneup_report::Error::NoData`] when nothing hits at any size.
    ///
    /// ```
    /// use tuneup_caching::{MissRatioCurve, Trace};
    ///
    /// let trace = Trace::from_keys((0..9000_u64).map(|request| request * request % 701))?;
    /// let svg = MissRatioCurve::from_trace(&trace).to_svg("Squares")?;
    /// assert!(svg.as_str().contains("hit ratio"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_svg(
        &self,
        title: impl Into<String>,
    ) -> Result<tuneup_report::Svg, tuneup_report::Error> {
        use tuneup_report::{Axis, LinePlot, Series, Unit};

        let (x, y) = (
            Axis::logarithmic("size", Unit::Count),
            Axis::linear("hit ratio", Unit::Percent).with_zero(),
        );
        LinePlot::new(title, x, y)
            .series(Series::new("LRU", self.outline()))
            .to_svg()
    }

    /// The corners of the staircase, or places on it that are equally far apart on a logarithmic axis.
    fn outline(&self) -> Vec<(f64, f64)> {
        const MOST: u32 = 512;
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Vec::new();
        };
        let end = self.distinct.max(last.size);
        if self.points.len() > MOST as usize {
            let (low, high) = ((first.size as f64).ln(), (end as f64).ln());
            let mut sizes: Vec<u64> = (0..MOST)
                .map(|at| (low + (high - low) * f64::from(at) / f64::from(MOST - 1)).exp())
                .map(|size| size.round() as u64)
                .collect();
            sizes.dedup();
            let point = |size| (size as f64, self.hit_ratio(size));
            return sizes.into_iter().map(point).collect();
        }
        let mut outline = Vec::new();
        let mut before = 0.0;
        for point in &self.points {
            outline.push((point.size as f64, before));
            outline.push((point.size as f64, point.hit_ratio));
            before = point.hit_ratio;
        }
        outline.push((end as f64, before));
        outline
    }
}

/// A table of the hit ratios at powers of two.
impl fmt::Display for MissRatioCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12}  {:>6}", "size", "hits %")?;
        let doubling = std::iter::successors(Some(1_u64), |size| size.checked_mul(2));
        let sizes = doubling
            .take_while(|&size| size < self.distinct)
            .chain(std::iter::once(self.distinct));
        for size in sizes {
            writeln!(f, "{size:>12}  {:>6.2}", 100.0 * self.hit_ratio(size))?;
        }
        Ok(())
    }
}
