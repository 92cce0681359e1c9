//! What the command tells the compilers that Cargo starts for it.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::Args;
use regex_lite::Regex;
use serde_json::{Value, json};

use super::instrument::Choice;

/// The orders themselves.
const ORDERS: &str = "TUNEUP_ORDERS";

/// What is recorded: Cargo compiles anew if this has changed.
pub(super) const WISH: &str = "TUNEUP_WISH";

/// Where things are, and what is wished for.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Of the workspace.
    pub(super) root: PathBuf,
    /// For shadows and reports.
    pub(super) state: PathBuf,
    /// Of the compiled runtime.
    pub(super) runtime: PathBuf,
    pub(super) wish: Wish,
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
}

impl Wish {
    fn read(text: &str) -> Option<Self> {
        let wish: Value = serde_json::from_str(text).ok()?;
        Some(Self {
            functions: wish["functions"].as_str().map(str::to_owned),
            min_lines: usize::try_from(wish["min_lines"].as_u64()?).ok()?,
        })
    }

    /// As compilers are told.
    pub(super) fn text(&self) -> String {
        json!({ "functions": self.functions, "min_lines": self.min_lines }).to_string()
    }

    /// An error says which pattern is none.
    pub(super) fn choice(&self) -> Result<Choice> {
        Ok(Choice {
            functions: self.functions.as_deref().map(pattern).transpose()?,
            min_lines: self.min_lines,
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
        });
        cargo
            .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
            .env(ORDERS, orders.to_string())
            .env(WISH, self.wish.text());
        Ok(())
    }
}

fn pattern(text: &str) -> Result<Regex> {
    Regex::new(text).with_context(|| format!("`{text}` is no regular expression"))
}
