//! What the command tells the compilers that Cargo starts for it.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use regex_lite::Regex;
use serde_json::{Value, json};

use super::instrument::Choice;

/// The orders themselves.
const ORDERS: &str = "TUNEUP_ORDERS";

/// Which functions: Cargo compiles anew if this has changed.
pub(super) const CHOICE: &str = "TUNEUP_CHOICE";

/// Where things are, and what is to be recorded.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Of the workspace.
    pub(super) root: PathBuf,
    /// For shadows and reports.
    pub(super) state: PathBuf,
    /// Of the compiled runtime.
    pub(super) runtime: PathBuf,
    pub(super) functions: Option<String>,
    pub(super) min_lines: usize,
}

impl Orders {
    /// Those that Cargo was given, and has passed on.
    pub(super) fn from_environment() -> Option<Self> {
        let orders: Value = serde_json::from_str(&env::var(ORDERS).ok()?).ok()?;
        let choice: Value = serde_json::from_str(&env::var(CHOICE).ok()?).ok()?;
        let path = |name: &str| Some(PathBuf::from(orders[name].as_str()?));
        Some(Self {
            root: path("root")?,
            state: path("state")?,
            runtime: path("runtime")?,
            functions: choice["functions"].as_str().map(str::to_owned),
            min_lines: usize::try_from(choice["min_lines"].as_u64()?).ok()?,
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
            .env(CHOICE, self.choice_text());
        Ok(())
    }

    pub(super) fn choice_text(&self) -> String {
        json!({ "functions": self.functions, "min_lines": self.min_lines }).to_string()
    }

    pub(super) fn choice(&self) -> Result<Choice> {
        Ok(Choice {
            functions: self.functions.as_deref().map(pattern).transpose()?,
            min_lines: self.min_lines,
        })
    }
}

fn pattern(text: &str) -> Result<Regex> {
    Regex::new(text).with_context(|| format!("`{text}` is no regular expression"))
}
