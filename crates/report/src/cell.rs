//! Cells: a typed value, perhaps with an interval, and how much it should stand out.

use std::time::Duration;

use tuneup_measure::{Interval, Percent};

use crate::unit::Unit;

/// What a cell holds.
///
/// ```
/// use tuneup_report::{Cell, Unit, Value};
///
/// assert!(matches!(Cell::ratio(2.0).value(), Value::Number { value: 2.0, unit: Unit::Ratio, .. }));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Words, shown as they are; line breaks stay line breaks.
    Text(String),
    /// A number in its base unit.
    #[non_exhaustive]
    Number {
        /// The number, in the base unit.
        value: f64,
        /// What it is measured in.
        unit: Unit,
    },
    /// Nothing was measured: shown as `–`, in JSON `null`.
    Missing,
}

/// How much a cell stands out. A terminal shows it in colour, HTML by a class; without colour nothing is lost, because
/// styles only underline what the text says.
///
/// ```
/// use tuneup_report::{Cell, Style};
///
/// let slower = Cell::change(0.12).styled(Style::Bad);
/// assert_eq!(slower.style(), Style::Bad);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum Style {
    /// As the text around it.
    #[default]
    Plain,
    /// An improvement: green.
    Good,
    /// A regression: red.
    Bad,
    /// Something to look at: yellow.
    Warn,
    /// Less important: grey.
    Dim,
    /// More important: bold.
    Strong,
}

/// One cell of a table: a [`Value`], optionally the interval around it, and a [`Style`].
///
/// Numbers keep their unit, so that JSON holds the exact number and people see it formatted.
///
/// ```
/// use tuneup_report::Cell;
///
/// assert_eq!(Cell::nanoseconds(1_500.0).to_string(), "1.500 µs");
/// assert_eq!(Cell::nanoseconds(1_500.0).between(1_485.0, 1_509.0).to_string(), "1.500 µs ±1.0 %");
/// assert_eq!(Cell::missing().to_string(), "–");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    value: Value,
    bounds: Option<(f64, f64)>,
    style: Style,
}

impl Cell {
    fn of(value: Value) -> Self {
        Self {
            value,
            bounds: None,
            style: Style::Plain,
        }
    }

    /// Words.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::text("hash set").to_string(), "hash set");
    /// ```
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Value::Text(text.into()))
    }

    /// A number in the base unit of `unit`.
    ///
    /// ```
    /// use tuneup_report::{Cell, Unit};
    ///
    /// assert_eq!(Cell::number(3.4e6, Unit::PerSecond).to_string(), "3.4 M/s");
    /// ```
    #[must_use]
    pub fn number(value: f64, unit: Unit) -> Self {
        Self::of(Value::Number { value, unit })
    }

    /// An estimate with its interval, both in the base unit of `unit`.
    ///
    /// ```
    /// use tuneup_measure::Interval;
    /// use tuneup_report::{Cell, Unit};
    ///
    /// let time = Interval::new(980.0, 1_000.0, 1_010.0, 0.95);
    /// assert_eq!(Cell::interval(&time, Unit::Nanoseconds).to_string(), "1.000 µs ±2.0 %");
    /// ```
    #[must_use]
    pub fn interval(interval: &Interval, unit: Unit) -> Self {
        Self::number(interval.estimate, unit).between(interval.low, interval.high)
    }

    /// A time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// assert_eq!(tuneup_report::Cell::duration(Duration::from_micros(1_500)).to_string(), "1.500 ms");
    /// ```
    #[must_use]
    pub fn duration(duration: Duration) -> Self {
        Self::nanoseconds(duration.as_nanos() as f64)
    }

    /// A time in nanoseconds, fractions allowed.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::nanoseconds(0.25).to_string(), "0.250 ns");
    /// ```
    #[must_use]
    pub fn nanoseconds(ns: f64) -> Self {
        Self::number(ns, Unit::Nanoseconds)
    }

    /// A size in bytes.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::bytes(69_632).to_string(), "68 KiB");
    /// ```
    #[must_use]
    pub fn bytes(bytes: u64) -> Self {
        Self::number(bytes as f64, Unit::Bytes)
    }

    /// A factor: `2.0` is shown as `2.00×`.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::ratio(0.039).to_string(), "0.039×");
    /// ```
    #[must_use]
    pub fn ratio(ratio: f64) -> Self {
        Self::number(ratio, Unit::Ratio)
    }

    /// A fraction shown as a percentage: `0.031` is `3.1 %`.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::percent(0.031).to_string(), "3.1 %");
    /// ```
    #[must_use]
    pub fn percent(fraction: f64) -> Self {
        Self::number(fraction, Unit::Percent)
    }

    /// A relative change shown as a signed percentage: `0.031` is `+3.1 %`.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::change(0.031).to_string(), "+3.1 %");
    /// ```
    #[must_use]
    pub fn change(fraction: f64) -> Self {
        Self::number(fraction, Unit::Change)
    }

    /// A whole number; exact up to 2⁵³.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::count(6_807).to_string(), "6,807");
    /// ```
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self::number(count as f64, Unit::Count)
    }

    /// Nothing was measured.
    ///
    /// ```
    /// assert_eq!(tuneup_report::Cell::missing().to_string(), "–");
    /// ```
    #[must_use]
    pub fn missing() -> Self {
        Self::of(Value::Missing)
    }

    /// The interval around a number, in the same base unit.
    ///
    /// People see the distance to the farther end, as a percentage of the number or, where that is a percentage itself,
    /// in points: `61.90 µs ±1.3 %`, `+1.2 % ±0.3 %`. JSON holds both ends. On a cell that holds no number it does
    /// nothing.
    ///
    /// ```
    /// use tuneup_report::Cell;
    ///
    /// assert_eq!(Cell::nanoseconds(61_900.0).between(61_100.0, 62_600.0).to_string(), "61.90 µs ±1.3 %");
    /// assert_eq!(Cell::change(0.012).between(0.010, 0.015).to_string(), "+1.2 % ±0.3 %");
    /// ```
    #[must_use]
    #[doc(alias = "confidence_interval")]
    pub fn between(mut self, low: f64, high: f64) -> Self {
        if matches!(self.value, Value::Number { .. }) {
            self.bounds = Some((low, high));
        }
        self
    }

    /// How much the cell stands out; [`Style::Plain`] by default.
    ///
    /// ```
    /// use tuneup_report::{Cell, Style, Table, Terminal};
    ///
    /// let table = Table::new(["n"]).row([Cell::count(7).styled(Style::Bad)]);
    /// assert!(table.render(&Terminal::unlimited().with_color(true)).ends_with("\u{1b}[31m7\u{1b}[0m\n"));
    /// ```
    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// What the cell holds.
    ///
    /// ```
    /// use tuneup_report::{Cell, Value};
    ///
    /// assert_eq!(*Cell::text("words").value(), Value::Text("words".into()));
    /// ```
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The interval given with [`Cell::between`].
    ///
    /// ```
    /// use tuneup_report::Cell;
    ///
    /// assert_eq!(Cell::count(7).between(6.0, 9.0).bounds(), Some((6.0, 9.0)));
    /// assert_eq!(Cell::count(7).bounds(), None);
    /// ```
    #[must_use]
    pub fn bounds(&self) -> Option<(f64, f64)> {
        self.bounds
    }

    /// How much the cell stands out.
    ///
    /// ```
    /// use tuneup_report::{Cell, Style};
    ///
    /// assert_eq!(Cell::missing().style(), Style::Plain);
    /// ```
    #[must_use]
    pub fn style(&self) -> Style {
        self.style
    }

    /// Whether the cell is lined up at the right: it holds a number.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.value, Value::Number { .. })
    }

    /// Whether the cell says nothing about how its column is lined up.
    pub(crate) fn is_neutral(&self) -> bool {
        matches!(&self.value, Value::Missing)
            || matches!(&self.value, Value::Text(text) if text.is_empty())
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Value::Text(text) => f.write_str(text),
            Value::Missing => f.write_str("–"),
            Value::Number { value, unit } => {
                f.write_str(&unit.format(*value))?;
                match self.bounds.and_then(|bounds| spread(*value, unit, bounds)) {
                    Some(spread) => write!(f, " ±{:.1}", Percent(spread)),
                    None => Ok(()),
                }
            }
        }
    }
}

/// The distance from `value` to the farther end: in points where the number is a fraction itself, else as a fraction of
/// it. None where that has no meaning.
fn spread(value: f64, unit: &Unit, (low, high): (f64, f64)) -> Option<f64> {
    let distance = (value - low).abs().max((high - value).abs());
    let spread = match unit {
        Unit::Percent | Unit::Change => distance,
        _ => distance / value.abs(),
    };
    spread.is_finite().then_some(spread)
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Duration> for Cell {
    fn from(duration: Duration) -> Self {
        Self::duration(duration)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::count(count)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    /// `None` is [`Cell::missing`].
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::missing, Into::into)
    }
}
