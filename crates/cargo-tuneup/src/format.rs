//! In which form a command prints what it found.

use std::{fs, path::Path};

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

impl Findings {
    /// Prints it to standard output.
    pub(crate) fn print(&self, format: Format) -> Result<()> {
        match format {
            Format::Table => {
                println!("{}", self.table.render(&Terminal::detect()));
                if !self.sentence.is_empty() {
                    println!("{}", self.sentence);
                }
            }
            other => print!("{}", self.text(other)?),
        }
        Ok(())
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
            Format::Table => self.table.render(&Terminal::plain(100)),
            Format::Markdown => format!("{}\n{}\n", self.table.to_markdown(), self.sentence),
        })
    }
}
