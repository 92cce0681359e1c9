//! Flame graphs: a tree of calls as boxes as wide as what was spent in them.

mod drawing;
mod layout;

use crate::error::Error;
use crate::plot::Svg;
use crate::unit::Unit;

/// A flame graph: one box per frame, as wide as its own weight and that of everything below it, callers above what they
/// call.
///
/// Frames are numbered from 0 in the order in which they are added, callers before what they call. Of the frames of one
/// caller the heaviest is at the left; what a box has free below it at the right is its own weight. A box tells its
/// name, value and share when the pointer rests on it, and in an [`HtmlReport`](crate::HtmlReport) a click zooms in.
///
/// A tree of any size makes a picture of bounded height: frames narrower than a thousandth of the whole and levels
/// below the hundredth are left out, and the picture says how many. Drawing is O(n log n) in the frames, and nothing
/// recurses. The same label has the same colour in every flame graph.
///
/// ```
/// use tuneup_report::{FlameGraph, Unit};
///
/// let svg = FlameGraph::new("Word count", Unit::Nanoseconds)
///     .frame(None, "main", 2e6)
///     .frame(Some(0), "read", 3e6)
///     .frame(Some(0), "count", 5e6)
///     .frame(Some(2), "hash", 10e6)
///     .to_svg()?;
/// assert!(svg.as_str().contains("<title>count\n15.00 ms, 75.0 %; own 5.000 ms</title>"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[doc(alias = "icicle")]
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a flame graph is drawn by to_svg"]
pub struct FlameGraph {
    title: String,
    unit: Unit,
    frames: Vec<Frame>,
}

/// One frame as it was given.
#[derive(Debug, Clone, PartialEq)]
struct Frame {
    parent: Option<usize>,
    label: String,
    /// Its own, without what is below it.
    weight: f64,
}

impl FlameGraph {
    /// A flame graph without frames yet, whose weights are in the base unit of `unit`.
    ///
    /// ```
    /// use tuneup_report::{Error, FlameGraph, Unit};
    ///
    /// let empty = FlameGraph::new("Allocated", Unit::Bytes).to_svg();
    /// assert!(matches!(empty, Err(Error::NoData { plot }) if plot == "Allocated"));
    /// ```
    pub fn new(title: impl Into<String>, unit: Unit) -> Self {
        Self {
            title: title.into(),
            unit,
            frames: Vec::new(),
        }
    }

    /// Adds a frame below the frame `parent`, or at the top. `weight` is its own: without what it calls.
    ///
    /// ```
    /// use tuneup_report::{FlameGraph, Unit};
    ///
    /// let svg = FlameGraph::new("Samples", Unit::Count)
    ///     .frame(None, "main", 0.0)
    ///     .frame(Some(0), "work", 12.0)
    ///     .to_svg()?;
    /// assert!(svg.as_str().contains("<title>main\n12, 100.0 %; own 0</title>"));
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    pub fn frame(mut self, parent: Option<usize>, label: impl Into<String>, weight: f64) -> Self {
        self.push(parent, label, weight);
        self
    }

    /// As [`FlameGraph::frame`], for loops; returns the number of the frame.
    ///
    /// ```
    /// use tuneup_report::{FlameGraph, Unit};
    ///
    /// let mut graph = FlameGraph::new("Recursion", Unit::Count);
    /// let mut parent = None;
    /// for depth in 0..5 {
    ///     parent = Some(graph.push(parent, "fib", f64::from(depth)));
    /// }
    /// assert_eq!(parent, Some(4));
    /// ```
    pub fn push(&mut self, parent: Option<usize>, label: impl Into<String>, weight: f64) -> usize {
        self.frames.push(Frame {
            parent,
            label: label.into(),
            weight,
        });
        self.frames.len() - 1
    }

    /// Draws the flame graph.
    ///
    /// # Errors
    /// [`Error::NoData`] if no frame weighs anything, [`Error::NotFinite`], [`Error::TooLarge`] beyond 10¹⁵⁰,
    /// [`Error::Negative`], [`Error::UnknownParent`] if a parent was not added before.
    ///
    /// ```
    /// use tuneup_report::{Error, FlameGraph, Unit};
    ///
    /// let graph = FlameGraph::new("Time", Unit::Nanoseconds).frame(Some(7), "lost", 1.0);
    /// assert!(matches!(graph.to_svg(), Err(Error::UnknownParent { parent: 7, .. })));
    /// ```
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.check()?;
        let layout = layout::Layout::of(&self.frames);
        Ok(drawing::draw(self, &layout))
    }

    fn check(&self) -> Result<(), Error> {
        /// Beyond this, a sum of weights could be infinite.
        const LARGEST: f64 = 1e150;
        let plot = || self.title.clone();
        for (index, frame) in self.frames.iter().enumerate() {
            let label = || frame.label.clone();
            let value = frame.weight;
            if !value.is_finite() {
                let series = label();
                return Err(Error::NotFinite {
                    plot: plot(),
                    series,
                    value,
                });
            }
            if value > LARGEST {
                let (series, max) = (label(), LARGEST);
                return Err(Error::TooLarge {
                    plot: plot(),
                    series,
                    value,
                    max,
                });
            }
            if value < 0.0 {
                let frame = label();
                return Err(Error::Negative {
                    plot: plot(),
                    frame,
                    value,
                });
            }
            if let Some(parent) = frame.parent.filter(|&parent| parent >= index) {
                let frame = label();
                return Err(Error::UnknownParent {
                    plot: plot(),
                    frame,
                    parent,
                });
            }
        }
        match self.frames.iter().any(|frame| frame.weight > 0.0) {
            true => Ok(()),
            false => Err(Error::NoData { plot: plot() }),
        }
    }
}

#[cfg(test)]
mod tests;
