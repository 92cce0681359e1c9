//! In which form a command prints what it found.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
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
    fn terminal(self) -> Terminal {
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
            sentence => format!("{table}\n{sentence}\n"),
        }
    }

    /// Writes it to a file, in the form that its name says.
    pub(crate) fn export(&self, path: &Path) -> Result<()> {
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Format::Json,
            Some("md") => Format::Markdown,
            _ => bail!(
                "cannot tell the form of `{}`; name a file that ends in .json or .md",
                path.display()
            ),
        };
        let text = self.text(format)?;
        fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    fn text(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Json => format!("{}\n", serde_json::to_string_pretty(&self.json)?),
            Format::Table => self.shown_on(&Terminal::plain(100)),
            Format::Markdown => format!("{}\n{}\n", self.table.to_markdown(), self.sentence),
        })
    }
}
