//! Reports as one HTML file.

#[cfg(feature = "json")]
mod json;
mod page;

use crate::cell::Cell;
use crate::plot::Svg;
use crate::table::Table;

/// A report in one HTML file: it loads nothing, follows the reader's choice of light or dark, can be read on a phone
/// and printed.
///
/// Whatever it is given is shown as text: names cannot become markup. A content security policy in the file forbids the
/// network and every script but the small one of this crate, which sorts tables and zooms into flame graphs; the page is
/// complete without it.
///
/// It is built from top to bottom: what is added stands in the section that was begun last, or before the first.
///
/// ```
/// use tuneup_report::{Axis, Bar, BarPlot, Cell, HtmlReport, Table, Unit};
///
/// let plot = BarPlot::new("Time per call", Axis::linear("time", Unit::Nanoseconds))
///     .bar(Bar::new("naive", 120.0))
///     .to_svg()?;
/// let html = HtmlReport::new("Word count")
///     .lead("Two ways to count words, on the same text.")
///     .summary("cases", Cell::count(2))
///     .section("Time")
///     .plot(&plot)
///     .table(&Table::new(["case", "time"]).row([Cell::text("<naive>"), Cell::nanoseconds(120.0)]))
///     .note("The machine was busy.")
///     .render();
/// assert!(html.contains("&lt;naive&gt;"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a report is made by render"]
pub struct HtmlReport {
    title: String,
    lead: Option<String>,
    summary: Vec<(String, Cell)>,
    /// The first has no heading: it is what stands before the first section.
    sections: Vec<Section>,
}

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    heading: String,
    items: Vec<Item>,
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    Text(String),
    Note(String),
    Warning(String),
    Table(Table),
    Plot(Svg),
    Preformatted(String),
    Details(String, Box<Item>),
}

impl HtmlReport {
    /// An empty report.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("Word count").render();
    /// assert!(html.contains("<h1>Word count</h1>"));
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        let first = Section {
            heading: String::new(),
            items: Vec::new(),
        };
        Self {
            title: title.into(),
            lead: None,
            summary: Vec::new(),
            sections: vec![first],
        }
    }

    /// A sentence below the title.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").lead("Two ways.").render();
    /// assert!(html.contains("Two ways.</p>"));
    /// ```
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = Some(lead.into());
        self
    }

    /// A figure to see first, shown in a box at the top.
    ///
    /// ```
    /// use tuneup_report::{Cell, HtmlReport};
    ///
    /// let html = HtmlReport::new("T").summary("cases", Cell::count(7)).summary("machine", "2 cores").render();
    /// assert!(html.contains("<dt>cases</dt><dd>7</dd>"));
    /// ```
    pub fn summary(mut self, key: impl Into<String>, value: impl Into<Cell>) -> Self {
        self.summary.push((key.into(), value.into()));
        self
    }

    /// Begins a section. Its anchor is made of its heading: `Word count` is `#word-count`. Without a heading it only ends
    /// the section before.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").section("Word count").render();
    /// assert!(html.contains("<h2 id=\"word-count\">"));
    /// ```
    pub fn section(mut self, heading: impl Into<String>) -> Self {
        self.sections.push(Section {
            heading: heading.into(),
            items: Vec::new(),
        });
        self
    }

    /// A paragraph; line breaks are kept.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").text("1 < 2").render();
    /// assert!(html.contains("<p>1 &lt; 2</p>"));
    /// ```
    pub fn text(self, text: impl Into<String>) -> Self {
        self.item(Item::Text(text.into()))
    }

    /// A remark that stands out.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").note("Small input.").render();
    /// assert!(html.contains("Small input."));
    /// ```
    pub fn note(self, note: impl Into<String>) -> Self {
        self.item(Item::Note(note.into()))
    }

    /// Something the reader must know before believing the figures.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").warning("The machine was busy.").render();
    /// assert!(html.contains("The machine was busy."));
    /// ```
    pub fn warning(self, warning: impl Into<String>) -> Self {
        self.item(Item::Warning(warning.into()))
    }

    /// A table; a click on a header sorts it, each group by itself. Copies the table.
    ///
    /// ```
    /// use tuneup_report::{HtmlReport, Table};
    ///
    /// let html = HtmlReport::new("T").table(&Table::new(["case"]).row(["a"])).render();
    /// assert!(html.contains("<td>a</td>"));
    /// ```
    pub fn table(self, table: &Table) -> Self {
        self.item(Item::Table(table.clone()))
    }

    /// A plot or flame graph. Copies it.
    ///
    /// ```
    /// use tuneup_report::{Axis, Bar, BarPlot, HtmlReport, Unit};
    ///
    /// let plot = BarPlot::new("Time", Axis::linear("time", Unit::Nanoseconds)).bar(Bar::new("a", 1.0)).to_svg()?;
    /// let html = HtmlReport::new("T").plot(&plot).render();
    /// assert!(html.contains("<figure><svg "));
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    pub fn plot(self, plot: &Svg) -> Self {
        self.item(Item::Plot(plot.clone()))
    }

    /// Text as it is, in letters of equal width.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").preformatted("a  b").render();
    /// assert!(html.contains("<pre>a  b</pre>"));
    /// ```
    pub fn preformatted(self, text: impl Into<String>) -> Self {
        self.item(Item::Preformatted(text.into()))
    }

    /// Text as [`HtmlReport::preformatted`], folded away under `summary`.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("T").details("Machine", "2 cores").render();
    /// assert!(html.contains("<summary>Machine</summary>"));
    /// ```
    pub fn details(self, summary: impl Into<String>, text: impl Into<String>) -> Self {
        self.item(Item::Details(
            summary.into(),
            Box::new(Item::Preformatted(text.into())),
        ))
    }

    /// A table, folded away under `summary`.
    ///
    /// ```
    /// use tuneup_report::{HtmlReport, Table};
    ///
    /// let html = HtmlReport::new("T").details_table("All rows", &Table::new(["case"]).row(["a"])).render();
    /// assert!(html.contains("<summary>All rows</summary>"));
    /// ```
    pub fn details_table(self, summary: impl Into<String>, table: &Table) -> Self {
        self.item(Item::Details(
            summary.into(),
            Box::new(Item::Table(table.clone())),
        ))
    }

    /// The file. O(size of the content); allocates the text it returns.
    ///
    /// ```
    /// use tuneup_report::HtmlReport;
    ///
    /// let html = HtmlReport::new("Word count").render();
    /// assert!(html.starts_with("<!DOCTYPE html>"));
    /// // std::fs::write("report.html", html)?;
    /// ```
    #[must_use]
    pub fn render(&self) -> String {
        page::render(self)
    }

    fn item(mut self, item: Item) -> Self {
        if let Some(section) = self.sections.last_mut() {
            section.items.push(item);
        }
        self
    }
}
