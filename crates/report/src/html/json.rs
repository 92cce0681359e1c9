//! Reports as JSON.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::error::Error;
use crate::html::{HtmlReport, Item, Section};

impl HtmlReport {
    /// The content of the report as JSON, indented; of plots only the titles.
    ///
    /// An object of `title`, `lead`, `summary` (`key`, `value`: a cell) and `sections` (`heading`, `items`). An item is
    /// an object with one key that says what it is: `text`, `note`, `warning`, `table`, `plot`, `preformatted` or
    /// `details` (`summary`, `item`). Tables and cells are as in [`Table::to_json`](crate::Table::to_json).
    ///
    /// # Errors
    /// [`Error::Json`] if the serializer fails, which it has no reason to.
    ///
    /// ```
    /// let json = tuneup_report::HtmlReport::new("Empty").to_json()?;
    /// assert!(json.contains("\"title\": \"Empty\""));
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    pub fn to_json(&self) -> Result<String, Error> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

impl Serialize for HtmlReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Figure<'a> {
            key: &'a str,
            value: &'a crate::cell::Cell,
        }
        let figures: Vec<_> = self
            .summary
            .iter()
            .map(|(key, value)| Figure { key, value })
            .collect();
        // Nothing before the first section is no section.
        let sections: Vec<_> = self
            .sections
            .iter()
            .filter(|section| !(section.heading.is_empty() && section.items.is_empty()))
            .collect();
        let mut report = serializer.serialize_struct("HtmlReport", 4)?;
        report.serialize_field("title", &self.title)?;
        report.serialize_field("lead", &self.lead)?;
        report.serialize_field("summary", &figures)?;
        report.serialize_field("sections", &sections)?;
        report.end()
    }
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut section = serializer.serialize_struct("Section", 2)?;
        section.serialize_field("heading", &self.heading)?;
        section.serialize_field("items", &self.items)?;
        section.end()
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Details<'a> {
            summary: &'a str,
            item: &'a Item,
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Text(text) => map.serialize_entry("text", text)?,
            Self::Note(text) => map.serialize_entry("note", text)?,
            Self::Warning(text) => map.serialize_entry("warning", text)?,
            Self::Table(table) => map.serialize_entry("table", table)?,
            Self::Plot(plot) => map.serialize_entry("plot", plot.title())?,
            Self::Preformatted(text) => map.serialize_entry("preformatted", text)?,
            Self::Details(summary, item) => map.serialize_entry(
                "details",
                &Details {
                    summary,
                    item: item.as_ref(),
                },
            )?,
        }
        map.end()
    }
}
