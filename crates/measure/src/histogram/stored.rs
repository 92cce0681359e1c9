//! A histogram as it is stored: only the buckets that hold something, and nothing believed when it
//! is read back.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Error, Histogram, layout::HistogramLayout as Layout};

/// The sum is in two words, because few formats have 128-bit numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    sub_bucket_bits: u32,
    max_value: u64,
    min: Option<u64>,
    max: Option<u64>,
    sum_high: u64,
    sum_low: u64,
    sum_is_exact: bool,
    dropped: u64,
    /// Index and count of every non-empty bucket, by ascending index.
    buckets: Vec<(u32, u64)>,
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filled = (0_u32..).zip(&self.counts).filter(|&(_, &count)| count > 0);
        Stored {
            sub_bucket_bits: self.layout.sub_bucket_bits(),
            max_value: self.max_value(),
            min: self.min(),
            max: self.max(),
            sum_high: (self.sum >> u64::BITS) as u64,
            sum_low: self.sum as u64,
            sum_is_exact: self.sum_is_exact,
            dropped: self.dropped,
            buckets: filled.map(|(index, &count)| (index, count)).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        restore(Stored::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn restore(stored: Stored) -> Result<Histogram, Error> {
    let damaged = |what| Error::Inconsistent { what };
    let layout = Layout::from_stored(stored.sub_bucket_bits, stored.max_value).ok_or(damaged(
        "there is no layout with this precision and largest value",
    ))?;
    let mut histogram = Histogram::with_layout(layout);
    let mut free = 0;
    for (index, count) in stored.buckets {
        let index = index as usize;
        if index < free || index >= layout.len() || count == 0 {
            return Err(damaged(
                "buckets must be in order, within the layout and not empty",
            ));
        }
        free = index + 1;
        histogram.counts[index] = count;
        histogram.count = histogram.count.checked_add(count).ok_or(damaged(
            "the counts add up to more than a histogram can hold",
        ))?;
    }
    histogram.sum = u128::from(stored.sum_high) << u64::BITS | u128::from(stored.sum_low);
    histogram.min = stored.min.unwrap_or(u64::MAX);
    histogram.max = stored.max.unwrap_or(0);
    histogram.dropped = stored.dropped;
    histogram.sum_is_exact = stored.sum_is_exact;

    let mut fitting = histogram.clone();
    fitting.fit_to_buckets();
    let presence = stored.min.is_some() == (histogram.count > 0)
        && stored.max.is_some() == (histogram.count > 0);
    if presence && fitting == histogram {
        Ok(histogram)
    } else {
        Err(damaged(
            "minimum, maximum and sum must lie where the buckets put them",
        ))
    }
}
