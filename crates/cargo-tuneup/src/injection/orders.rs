//! What the command tells the compilers that Cargo starts for it.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};

use super::choice::{Choice, FilePattern, regex};

/// The orders themselves.
const ORDERS: &str = "TUNEUP_ORDERS";

/// What is recorded: Cargo compiles anew if this has changed.
pub(super) const WISH: &str = "TUNEUP_WISH";

/// Where the compiled runtime is: likewise.
pub(super) const RUNTIME: &str = "TUNEUP_RUNTIME";

/// Where things are, and what is wished for.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Of the workspace.
    pub(super) root: PathBuf,
    /// For shadows and reports.
    pub(super) state: PathBuf,
    /// Of the compiled runtime.
    pub(super) runtime: PathBuf,
    /// What the program is built for, if it is not this machine.
    pub(super) target: Option<String>,
    pub(super) records: Records,
    pub(super) wish: Wish,
}

/// What a program records of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Records {
    /// Its functions, as they are wished for.
    Functions,
    /// What it allocates.
    Heap,
}

/// What is to be recorded.
#[derive(Args, Clone, Default)]
pub(crate) struct Wish {
    /// Record only functions whose path matches this regular expression
    #[arg(long = "fn", value_name = "PATTERN")]
    functions: Option<String>,
    /// Record only functions with so many lines or more
    #[arg(long, value_name = "N", default_value_t = 0)]
    min_lines: usize,
    #[command(flatten)]
    place: Where,
    /// Record and show the lines of functions whose path matches this regular expression, too; may be repeated
    #[arg(long, value_name = "PATTERN")]
    lines: Vec<String>,
    /// Count how often functions whose path matches this regular expression are called with the same arguments
    #[arg(id = "counted_arguments", long = "arguments", value_name = "PATTERN")]
    arguments: Option<String>,
    #[arg(skip)]
    without_calls: bool,
}

/// Where functions are recorded.
#[derive(Args, Clone, Default)]
pub(crate) struct Where {
    /// Record only functions in this file: a path, the end of one, or a pattern with * and **; may be repeated
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<String>,
    /// Record only functions of this module, by its path from the crate on; may be repeated
    #[arg(long = "module", value_name = "PATH")]
    modules: Vec<String>,
}

impl Wish {
    /// Lines alone, of the functions that match one of the patterns.
    pub(crate) fn lines_alone(lines: Vec<String>, place: Where) -> Self {
        Self {
            lines,
            place,
            without_calls: true,
            ..Self::default()
        }
    }

    /// Whether lines are to be recorded.
    pub(crate) fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    fn read(text: &str) -> Option<Self> {
        let wish: Value = serde_json::from_str(text).ok()?;
        let texts = |name: &str| -> Option<Vec<String>> {
            let texts = wish[name].as_array()?.iter();
            texts.map(|text| Some(text.as_str()?.to_owned())).collect()
        };
        Some(Self {
            functions: wish["functions"].as_str().map(str::to_owned),
            min_lines: usize::try_from(wish["min_lines"].as_u64()?).ok()?,
            place: Where {
                files: texts("files")?,
                modules: texts("modules")?,
            },
            lines: texts("lines")?,
            without_calls: wish["without_calls"].as_bool()?,
            arguments: wish["arguments"].as_str().map(str::to_owned),
        })
    }

    /// As compilers are told.
    pub(super) fn text(&self) -> String {
        let wish = json!({
            "functions": self.functions,
            "min_lines": self.min_lines,
            "files": self.place.files,
            "modules": self.place.modules,
            "lines": self.lines,
            "arguments": self.arguments,
            "without_calls": self.without_calls,
        });
        wish.to_string()
    }

    /// An error says which pattern is none.
    pub(super) fn choice(&self) -> Result<Choice> {
        let files = self.place.files.iter().map(|file| FilePattern::new(file));
        Ok(Choice {
            functions: self.functions.as_deref().map(regex).transpose()?,
            min_lines: self.min_lines,
            without_calls: self.without_calls,
            lines: self
                .lines
                .iter()
                .map(|pattern| regex(pattern))
                .collect::<Result<_>>()?,
            files: files.collect::<Result<_>>()?,
            modules: self.place.modules.clone(),
            arguments: self.arguments.as_deref().map(regex).transpose()?,
        })
    }
}

impl Orders {
    /// Those that Cargo was given, and has passed on.
    pub(super) fn from_environment() -> Option<Self> {
        let orders: Value = serde_json::from_str(&env::var(ORDERS).ok()?).ok()?;
        let path = |name: &str| Some(PathBuf::from(orders[name].as_str()?));
        Some(Self {
            root: path("root")?,
            state: path("state")?,
            runtime: path("runtime")?,
            target: orders["target"].as_str().map(str::to_owned),
            records: match orders["heap"].as_bool()? {
                true => Records::Heap,
                false => Records::Functions,
            },
            wish: Wish::read(&env::var(WISH).ok()?)?,
        })
    }

    /// Gives them to a Cargo that is about to be started.
    pub(super) fn give(&self, cargo: &mut Command) -> Result<()> {
        let path = |path: &PathBuf| -> Result<String> {
            let text = path
                .to_str()
                .with_context(|| format!("`{}` is no Unicode", path.display()))?;
            Ok(text.to_owned())
        };
        let orders = json!({
            "root": path(&self.root)?,
            "state": path(&self.state)?,
            "runtime": path(&self.runtime)?,
            "target": self.target,
            "heap": self.records == Records::Heap,
        });
        match self.records {
            Records::Functions => cargo.env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?),
            // Crates from elsewhere allocate, too.
            Records::Heap => cargo
                .env("RUSTC_WRAPPER", env::current_exe()?)
                .env_remove("RUSTC_WORKSPACE_WRAPPER"),
        };
        cargo
            .env(RUNTIME, &self.runtime)
            .env(ORDERS, orders.to_string())
            .env(WISH, self.wish.text());
        Ok(())
    }
}
