//! What Cargo's own linters say.

use std::process::Command;

use super::features;
use crate::{Area, Check, readiness::checklist::check::judged_as, workspace::cargo};

pub(super) fn format<'a>() -> Check<'a> {
    by_cargo(
        "format",
        "the code is formatted",
        "cargo fmt --all --check -- --files-with-diff",
        "nothing to change",
        "cargo fmt --all",
    )
}

pub(super) fn lints<'a>(all_features: bool) -> Check<'a> {
    let line = format!(
        "cargo clippy --workspace --all-targets{} -- -D warnings",
        features(all_features)
    );
    by_cargo(
        "lints",
        "the linter has nothing to say",
        &line,
        "not a word",
        "mend what Clippy says, or allow it where it is wrong, with a reason",
    )
}

fn by_cargo<'a>(id: &str, title: &str, line: &str, evidence: &'a str, mend: &'a str) -> Check<'a> {
    let arguments: Vec<String> = line.split(' ').skip(1).map(str::to_owned).collect();
    Check::new(id, Area::Quality, title, line, move |context| {
        let mut command = Command::new(cargo());
        command.args(&arguments).env("CARGO_TERM_COLOR", "never");
        Ok(judged_as(&context.run(&mut command)?, evidence, mend))
    })
}
