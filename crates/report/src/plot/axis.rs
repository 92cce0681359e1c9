//! Axes: what they say, how values map to places, and where their ticks are.

use crate::error::Error;
use crate::unit::Unit;

/// Far more than anybody measures, and far enough from the end of the numbers that no difference overflows.
const LARGEST: f64 = 1e150;

/// What one axis of a plot shows.
///
/// ```
/// use tuneup_report::{Axis, Unit};
///
/// let sizes = Axis::logarithmic("input", Unit::Count);
/// let time = Axis::linear("time", Unit::Nanoseconds).with_zero();
/// assert_ne!(sizes, time);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    label: String,
    unit: Unit,
    logarithmic: bool,
    with_zero: bool,
}

impl Axis {
    /// Equal steps are equally far apart. The unit that suits the largest value stands beside the label.
    ///
    /// ```
    /// use tuneup_report::{Axis, Unit};
    ///
    /// let time = Axis::linear("time", Unit::Nanoseconds);
    /// # let _ = time;
    /// ```
    pub fn linear(label: impl Into<String>, unit: Unit) -> Self {
        Self {
            label: label.into(),
            unit,
            logarithmic: false,
            with_zero: false,
        }
    }

    /// Equal factors are equally far apart; zero and negative values are refused.
    ///
    /// ```
    /// use tuneup_report::{Axis, Unit};
    ///
    /// let size = Axis::logarithmic("size", Unit::Bytes);
    /// # let _ = size;
    /// ```
    #[doc(alias = "log_scale")]
    pub fn logarithmic(label: impl Into<String>, unit: Unit) -> Self {
        Self {
            label: label.into(),
            unit,
            logarithmic: true,
            with_zero: false,
        }
    }

    /// Lets a linear axis reach to zero, so that lengths can be compared. Nothing changes on a logarithmic one.
    ///
    /// ```
    /// use tuneup_report::{Axis, Unit};
    ///
    /// let throughput = Axis::linear("throughput", Unit::PerSecond).with_zero();
    /// # let _ = throughput;
    /// ```
    #[must_use]
    pub fn with_zero(mut self) -> Self {
        self.with_zero = true;
        self
    }

    pub(super) fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    pub(super) fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Refuses what this axis cannot show.
    pub(super) fn check(&self, plot: &str, series: &str, value: f64) -> Result<(), Error> {
        let is_sound = value.abs() <= LARGEST && (!self.logarithmic || value > 0.0);
        if is_sound {
            return Ok(());
        }
        let (plot, series) = (plot.to_owned(), series.to_owned());
        Err(if !value.is_finite() {
            Error::NotFinite {
                plot,
                series,
                value,
            }
        } else if value.abs() > LARGEST {
            Error::TooLarge {
                plot,
                series,
                value,
                max: LARGEST,
            }
        } else {
            Error::NotPositive {
                plot,
                series,
                value,
            }
        })
    }

    /// The scale that shows all `values`, which were checked and of which there is at least one.
    pub(super) fn scale(&self, values: impl Iterator<Item = f64>) -> Scale {
        let (mut low, mut high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if self.logarithmic {
            let (from, to) = (low.log10(), high.log10());
            let margin = ((to - from) * 0.05).max(0.02);
            let margin = if to - from < 1e-9 { 0.3 } else { margin };
            return Scale {
                low: from - margin,
                high: to + margin,
                logarithmic: true,
            };
        }
        if high - low <= high.abs().max(low.abs()) * 1e-12 {
            let around = (high.abs() * 0.1).max(f64::MIN_POSITIVE);
            (low, high) = if high == 0.0 {
                (0.0, 1.0)
            } else {
                (low - around, high + around)
            };
        }
        let margin = (high - low) * 0.05;
        // A margin does not reach across zero: nobody measures negative times.
        let reaches_zero = |end: f64| self.with_zero || end.abs() < margin;
        Scale {
            low: if low >= 0.0 && reaches_zero(low) {
                0.0
            } else {
                low - margin
            },
            high: if high <= 0.0 && reaches_zero(high) {
                0.0
            } else {
                high + margin
            },
            logarithmic: false,
        }
    }

    /// The label with the unit of the ticks, where they share one.
    pub(super) fn caption(&self, scale: &Scale) -> String {
        let (_, unit) = self.shared_unit(scale);
        match (self.label.is_empty(), unit.is_empty()) {
            (_, true) => self.label.clone(),
            (true, false) => unit,
            (false, false) => format!("{} ({unit})", self.label),
        }
    }

    /// The ticks, at most about `wanted` of them with a label.
    pub(super) fn ticks(&self, scale: &Scale, wanted: usize) -> Vec<Tick> {
        let mut ticks = match (scale.logarithmic, &self.unit) {
            (false, _) => self.linear_ticks(scale.low, scale.high, scale, wanted),
            (true, Unit::Bytes) => self.binary_ticks(scale, wanted),
            (true, _) => self.decimal_ticks(scale, wanted),
        };
        if scale.logarithmic && ticks.iter().filter(|tick| tick.label.is_some()).count() < 2 {
            let (low, high) = (10_f64.powf(scale.low), 10_f64.powf(scale.high));
            ticks = self.linear_ticks(low, high, scale, wanted);
        }
        // The smallest numbers lose so many digits that a step may leave the picture.
        ticks.retain(|tick| scale.contains(tick.at));
        ticks
    }

    fn linear_ticks(&self, low: f64, high: f64, scale: &Scale, wanted: usize) -> Vec<Tick> {
        let (divisor, _) = self.shared_unit(scale);
        let (low, high) = (low / divisor, high / divisor);
        let step = match self.unit {
            Unit::Bytes | Unit::BytesPerSecond => binary_step(high - low, wanted),
            Unit::Count => decimal_step(high - low, wanted).max(1.0),
            _ => decimal_step(high - low, wanted),
        };
        if !step.is_finite() || step <= 0.0 {
            return Vec::new();
        }
        let decimals = decimals(step);
        let first = (low / step - 1e-9).ceil();
        let count = ((high / step + 1e-9).floor() - first).clamp(0.0, 50.0) as usize;
        let tick = |index: usize| {
            let shown = (first + index as f64) * step;
            let label = match scale.logarithmic {
                true => self.unit.format_short(shown * divisor),
                false => self.tick_label(shown, decimals),
            };
            Tick {
                at: shown * divisor,
                label: Some(label),
            }
        };
        (0..=count).map(tick).collect()
    }

    /// 1, 2 and 5 of every power of ten if there are few, else powers of ten, with the steps between them unlabelled.
    fn decimal_ticks(&self, scale: &Scale, wanted: usize) -> Vec<Tick> {
        let (from, to) = (scale.low.floor() as i32, scale.high.ceil() as i32);
        let decades = scale.high - scale.low;
        let every = ((decades / wanted as f64).ceil() as i32).max(1);
        let labelled: &[i32] = if decades * 3.0 <= wanted as f64 + 1.0 {
            &[1, 2, 5]
        } else {
            &[1]
        };
        let mut ticks = Vec::new();
        for decade in from..=to {
            for digit in 1..=9 {
                let at = f64::from(digit) * 10_f64.powi(decade);
                let has_label = labelled.contains(&digit) && decade.rem_euclid(every) == 0;
                if scale.contains(at) && (has_label || (every == 1 && decades < 8.0)) {
                    ticks.push(Tick {
                        at,
                        label: has_label.then(|| self.unit.format_short(at)),
                    });
                }
            }
        }
        ticks
    }

    fn binary_ticks(&self, scale: &Scale, wanted: usize) -> Vec<Tick> {
        let (from, to) = (
            10_f64.powf(scale.low).log2().ceil() as i32,
            10_f64.powf(scale.high).log2().floor() as i32,
        );
        let every = ((to - from) / wanted.max(1) as i32 + 1).max(1);
        let tick = |power: i32| Tick {
            at: 2_f64.powi(power),
            label: Some(self.unit.format_short(2_f64.powi(power))),
        };
        (from..=to)
            .filter(|power| power.rem_euclid(every) == 0)
            .map(tick)
            .collect()
    }

    fn tick_label(&self, shown: f64, decimals: usize) -> String {
        let shown = if shown == 0.0 { 0.0 } else { shown };
        match self.unit {
            Unit::Count if decimals == 0 => Unit::Count.format(shown),
            Unit::Change if shown != 0.0 => format!("{shown:+.decimals$}"),
            _ if shown.abs() >= 1e7 => format!("{shown:.3e}"),
            _ => format!("{shown:.decimals$}"),
        }
    }

    /// The unit that all ticks of a linear axis share: what to divide by, and its name. On a logarithmic axis every
    /// tick has its own.
    fn shared_unit(&self, scale: &Scale) -> (f64, String) {
        if scale.logarithmic {
            return (1.0, String::new());
        }
        let largest = scale.low.abs().max(scale.high.abs());
        let step = |steps: &[(f64, &str)]| {
            let (divisor, name) = steps
                .iter()
                .rev()
                .find(|(divisor, _)| largest >= *divisor)
                .unwrap_or(&steps[0]);
            (*divisor, (*name).to_owned())
        };
        const KIB: f64 = 1024.0;
        let bytes = [
            (1.0, "B"),
            (KIB, "KiB"),
            (KIB * KIB, "MiB"),
            (KIB * KIB * KIB, "GiB"),
        ];
        match &self.unit {
            Unit::Nanoseconds => step(&[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")]),
            Unit::Bytes => step(&bytes),
            Unit::BytesPerSecond => {
                let (divisor, name) = step(&bytes);
                (divisor, format!("{name}/s"))
            }
            Unit::PerSecond => step(&[(1.0, "per s"), (1e3, "k/s"), (1e6, "M/s"), (1e9, "G/s")]),
            Unit::Percent | Unit::Change => (0.01, "%".to_owned()),
            Unit::Ratio => (1.0, "×".to_owned()),
            Unit::Named(name) => (1.0, name.clone().into_owned()),
            Unit::Count if largest >= 1e7 => step(&[(1e6, "M"), (1e9, "G"), (1e12, "T")]),
            Unit::Plain | Unit::Count => (1.0, String::new()),
        }
    }
}

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// The value it stands at.
    pub(super) at: f64,
    /// What is written beside it; nothing at the small steps of a logarithmic axis.
    pub(super) label: Option<String>,
}

/// From values to places between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// The lowest value shown; its decimal logarithm on a logarithmic scale.
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// Where `value` is: 0 at the low end, 1 at the high end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let value = if self.logarithmic {
            value.max(0.0).log10()
        } else {
            value
        };
        (value - self.low) / (self.high - self.low)
    }

    /// Whether `value` is within the picture.
    pub(super) fn contains(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.place(value))
    }
}

/// 1, 2 or 5 times a power of ten, so that about `wanted` steps make up `span`.
fn decimal_step(span: f64, wanted: usize) -> f64 {
    let raw = span / wanted.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= raw * 0.999)
        .unwrap_or(10.0);
    factor * power
}

/// A power of two, so that about `wanted` steps make up `span`.
fn binary_step(span: f64, wanted: usize) -> f64 {
    2_f64.powf((span / wanted.max(1) as f64).log2().ceil())
}

impl Scale {
    /// The scale from 0 to 1, for what is placed by row.
    pub(super) fn unit() -> Self {
        Self {
            low: 0.0,
            high: 1.0,
            logarithmic: false,
        }
    }
}

/// The decimals that all multiples of `step` can be written with.
fn decimals(step: f64) -> usize {
    let is_whole = |decimals: &usize| {
        let scaled = step * 10_f64.powi(*decimals as i32);
        scaled >= 0.5 && (scaled - scaled.round()).abs() < 1e-6
    };
    (0..12).find(is_whole).unwrap_or(12)
}

#[cfg(test)]
mod tests;
