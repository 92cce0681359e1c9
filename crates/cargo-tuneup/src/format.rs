//! In which form a command prints what it found.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    str::FromStr,
};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::Value;
use tuneup_report::{Table, Terminal};

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table that fits the terminal, in colour where that is one
    Table,
    /// All numbers, for a program
    Json,
    /// A table for a page or an issue
    Markdown,
}

/// A file for what a command finds, whose name says the form: known before it begins.
#[derive(Clone)]
pub(crate) struct Export {
    path: PathBuf,
    format: Format,
}

impl FromStr for Export {
    type Err = String;

    fn from_str(path: &str) -> std::result::Result<Self, String> {
        let path = PathBuf::from(path);
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Format::Json,
            Some("md") => Format::Markdown,
            _ => return Err("name a file that ends in .json or .md".to_owned()),
        };
        Ok(Self { path, format })
    }
}

/// What a command found.
pub(crate) struct Findings {
    pub(crate) table: Table,
    /// Below the table; empty for none.
    pub(crate) sentence: String,
    pub(crate) json: Value,
}

/// Where it is printed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Output,
    /// Standard error, where standard output is another program's.
    Error,
}

impl Stream {
    pub(crate) fn terminal(self) -> Terminal {
        match self {
            Self::Output => Terminal::detect(),
            Self::Error => Terminal::detect_stderr(),
        }
    }

    /// Whoever does not read on to the end, such as `head`, has seen enough.
    pub(crate) fn write(self, text: &str) -> Result<()> {
        let written = match self {
            Self::Output => io::stdout().write_all(text.as_bytes()),
            Self::Error => io::stderr().write_all(text.as_bytes()),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot print"),
        }
    }
}

/// Prints several tables, one below the other, and what is said of all of them; as JSON what is given as that.
pub(crate) fn print_all(
    tables: &[Table],
    sentence: &str,
    json: &Value,
    format: Format,
    stream: Stream,
) -> Result<()> {
    if format == Format::Json {
        return stream.write(&format!("{}\n", serde_json::to_string_pretty(json)?));
    }
    let mut parts: Vec<String> = tables
        .iter()
        .map(|table| match format {
            Format::Markdown => table.to_markdown(),
            _ => table.render(&stream.terminal()),
        })
        .collect();
    if !sentence.is_empty() {
        parts.push(format!("{sentence}\n"));
    }
    stream.write(&parts.join("\n"))
}

impl Findings {
    pub(crate) fn print(&self, format: Format, stream: Stream) -> Result<()> {
        let text = match format {
            Format::Table => self.shown_on(&stream.terminal()),
            other => self.text(other)?,
        };
        stream.write(&text)
    }

    fn shown_on(&self, terminal: &Terminal) -> String {
        let table = self.table.render(terminal);
        match &self.sentence[..] {
            "" => format!("{table}\n"),
            sentence if self.table == Table::default() => format!("{sentence}\n"),
            sentence => format!("{table}\n{sentence}\n"),
        }
    }

    /// Writes it to a file.
    pub(crate) fn export(&self, to: &Export) -> Result<()> {
        let text = self.text(to.format)?;
        fs::write(&to.path, text).with_context(|| format!("cannot write `{}`", to.path.display()))
    }

    pub(crate) fn text(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Json => format!("{}\n", serde_json::to_string_pretty(&self.json)?),
            Format::Table => self.shown_on(&Terminal::plain(100)),
            Format::Markdown => format!("{}\n{}\n", self.table.to_markdown(), self.sentence),
        })
    }
}
