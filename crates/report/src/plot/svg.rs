//! A finished picture.

use std::fmt;

use crate::plot::theme::dark_rules;

/// Units of the drawing per pixel: plotters counts in whole units, and whole pixels would make curves ragged.
pub(crate) const PRECISION: u32 = 10;

/// A finished plot or flame graph: one SVG file that follows the reader's choice of light or dark.
///
/// It holds no script and no link, and no `id`, so several of them can stand in one HTML page. It is sized in CSS
/// pixels and shrinks with the page.
///
/// ```
/// use tuneup_report::{FlameGraph, Unit};
///
/// let svg = FlameGraph::new("Time", Unit::Nanoseconds).frame(None, "main", 120.0).to_svg()?;
/// assert!(svg.as_str().starts_with("<svg "));
/// // std::fs::write("plot.svg", &svg)?;
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg {
    text: String,
    title: String,
    /// Where the style rules stand in `text`.
    style: std::ops::Range<usize>,
}

impl Svg {
    /// Puts a drawing, which counts in fractions of a pixel, into a document.
    pub(crate) fn of(title: &str, (width, height): (u32, u32), drawing: &str) -> Self {
        let (inner_width, inner_height) = (width * PRECISION, height * PRECISION);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tuneup-plot\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {inner_width} {inner_height}\" \
             style=\"max-width:100%;height:auto\">\n<title>{}</title>\n",
            escape(title)
        );
        let start = text.len();
        text.push_str("<style>");
        text.push_str(&dark_rules());
        text.push_str("</style>\n");
        let style = start..text.len();
        text.push_str(drawing);
        text.push_str("</svg>\n");
        Self {
            text,
            title: title.to_owned(),
            style,
        }
    }

    /// The document.
    ///
    /// ```
    /// use tuneup_report::{FlameGraph, Unit};
    ///
    /// let svg = FlameGraph::new("Time", Unit::Nanoseconds).frame(None, "main", 120.0).to_svg()?;
    /// assert!(svg.as_str().ends_with("</svg>\n"));
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The title of the plot, as given.
    ///
    /// ```
    /// use tuneup_report::{FlameGraph, Unit};
    ///
    /// let svg = FlameGraph::new("Time", Unit::Nanoseconds).frame(None, "main", 120.0).to_svg()?;
    /// assert_eq!(svg.title(), "Time");
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The document without its style rules, for a page that has them already.
    #[cfg(feature = "html")]
    pub(crate) fn without_style(&self) -> String {
        format!(
            "{}{}",
            &self.text[..self.style.start],
            &self.text[self.style.end..]
        )
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<[u8]> for Svg {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl From<Svg> for String {
    fn from(svg: Svg) -> Self {
        svg.text
    }
}

/// `text` as the content of an element or an attribute in double quotes.
pub(crate) fn escape(text: &str) -> String {
    crate::text::visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
