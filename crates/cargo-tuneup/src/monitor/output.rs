//! A file for a watch.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, Result, ensure};
use tuneup_report::write_file;

use super::{page::page, rows::rows, summary::Summary};
use crate::format::Format;

/// Its name says the form: known before anything begins.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Html,
    Json,
    Csv,
    Markdown,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(path: &str) -> std::result::Result<Self, String> {
        let path = PathBuf::from(path);
        let form = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => Form::Html,
            Some("json") => Form::Json,
            Some("csv") => Form::Csv,
            Some("md") => Form::Markdown,
            _ => return Err("name a file that ends in .html, .json, .csv or .md".to_owned()),
        };
        Ok(Self { path, form })
    }
}

impl Output {
    /// Whether it can be written, as far as that can be known: asked before a program takes its time.
    pub(crate) fn check(&self) -> Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        ensure!(
            folder.is_dir(),
            "cannot write `{}`: the folder `{}` does not exist; create it first",
            self.path.display(),
            folder.display()
        );
        Ok(())
    }

    pub(crate) fn write(&self, summary: &Summary<'_>) -> Result<()> {
        let text = match self.form {
            Form::Html => page(summary),
            Form::Csv => rows(&summary.record.series),
            Form::Json => summary.findings().text(Format::Json)?,
            Form::Markdown => summary.findings().text(Format::Markdown)?,
        };
        write_file(&self.path, text.as_bytes())
            .with_context(|| format!("cannot write `{}`", self.path.display()))
    }
}
