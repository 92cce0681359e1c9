//! Tables as JSON: numbers stay numbers, with their unit beside them.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use crate::cell::{Cell, Value};
use crate::error::Error;
use crate::table::{Align, Row, Table};

impl Table {
    /// The table as JSON, indented.
    ///
    /// An object of `title`, `columns` (`name`, `align`), `rows` (`group`: the heading it stands under or `null`;
    /// `cells`) and `notes`. A cell is `null`, `{"text": …}` or `{"value": …, "unit": …}`, the latter with `low` and
    /// `high` where an interval is known. Whole numbers below 2⁵³ are written without a fraction; what is not finite is
    /// `null`. The table also implements `serde::Serialize`, to be part of something larger.
    ///
    /// # Errors
    /// [`Error::Json`] if the serializer fails, which it has no reason to.
    ///
    /// ```
    /// use tuneup_report::{Cell, Table};
    ///
    /// let json = Table::new(["case", "time"]).row([Cell::text("a"), Cell::nanoseconds(12.5)]).to_json()?;
    /// let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    /// assert_eq!(read["rows"][0]["cells"][1], serde_json::json!({ "value": 12.5, "unit": "ns" }));
    /// # Ok::<(), tuneup_report::Error>(())
    /// ```
    pub fn to_json(&self) -> Result<String, Error> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_struct("Table", 4)?;
        table.serialize_field("title", &self.title)?;
        table.serialize_field("columns", &Columns(self))?;
        table.serialize_field("rows", &Rows(self))?;
        table.serialize_field("notes", &self.notes)?;
        table.end()
    }
}

struct Columns<'a>(&'a Table);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.0.column_count()).map(|index| {
            let align = match self.0.alignment(index) {
                Align::Left => "left",
                Align::Right => "right",
                Align::Center => "center",
            };
            let name = self.0.header.get(index).map_or("", String::as_str);
            std::collections::BTreeMap::from([("align", align), ("name", name)])
        }))
    }
}

struct Rows<'a>(&'a Table);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        let mut group = None;
        for row in &self.0.rows {
            match row {
                Row::Group(heading) => group = Some(heading.as_str()),
                Row::Cells(cells) => rows.serialize_element(&GroupedRow { group, cells })?,
            }
        }
        rows.end()
    }
}

#[derive(serde::Serialize)]
struct GroupedRow<'a> {
    group: Option<&'a str>,
    cells: &'a [Cell],
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value() {
            Value::Missing => serializer.serialize_none(),
            Value::Text(text) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("text", text)?;
                map.end()
            }
            Value::Number { value, unit } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("value", &Number(*value))?;
                map.serialize_entry("unit", unit.name())?;
                if let Some((low, high)) = self.bounds() {
                    map.serialize_entry("low", &Number(low))?;
                    map.serialize_entry("high", &Number(high))?;
                }
                map.end()
            }
        }
    }
}

/// A number that is written without a fraction if it has none.
struct Number(f64);

/// Every whole number up to here is exact as a floating-point number.
const EXACT: f64 = (1_u64 << 53) as f64;

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if !value.is_finite() => serializer.serialize_none(),
            value if value.fract() == 0.0 && value.abs() <= EXACT => {
                serializer.serialize_i64(value as i64)
            }
            value => serializer.serialize_f64(value),
        }
    }
}
