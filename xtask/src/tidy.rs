//! `cargo xtask tidy`: checks in code what ARCHITECTURE.md says, and lists every problem with its mending.
//!
//! Each check is a function of the [`Workspace`] snapshot, so that its tests can plant the fault that it must find.

mod architecture;
mod changelog;
mod crate_names;
mod dev_dependencies;
mod forbidden;
mod forgotten;
mod furniture;
mod includes;
mod layers;
mod length;
mod links;
mod module_docs;
mod msrv;
mod problem;
mod unused;
mod versions;
mod weight;

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;
use problem::{Problem, Severity};

/// Options of `cargo xtask tidy`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Name the checks instead of running them.
    #[arg(long)]
    list: bool,
}

struct Check {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Vec<Problem>,
}

const CHECKS: &[Check] = &[
    Check {
        name: "layers",
        about: "dependencies point down the layer picture of ARCHITECTURE.md",
        run: layers::check,
    },
    Check {
        name: "crate-names",
        about: "ARCHITECTURE.md and the workspace name the same crates",
        run: crate_names::check,
    },
    Check {
        name: "weight",
        about: "default features stay within their budget and need no C compiler",
        run: weight::check,
    },
    Check {
        name: "unused",
        about: "every dependency of a manifest is used",
        run: unused::check,
    },
    Check {
        name: "furniture",
        about: "published crates have README, docs, example, licence and lints",
        run: furniture::check,
    },
    Check {
        name: "versions",
        about: "versions are lock-step",
        run: versions::check,
    },
    Check {
        name: "dev-dependencies",
        about: "siblings are dev-dependencies by path alone",
        run: dev_dependencies::check,
    },
    Check {
        name: "msrv",
        about: "the minimum Rust version is written once",
        run: msrv::check,
    },
    Check {
        name: "changelog",
        about: "CHANGELOG.md has a section for what comes",
        run: changelog::check,
    },
    Check {
        name: "module-docs",
        about: "modules say what they are",
        run: module_docs::check,
    },
    Check {
        name: "forgotten",
        about: "no source, test or bench is left out of the build",
        run: forgotten::check,
    },
    Check {
        name: "length",
        about: "files stay short enough to read (a warning)",
        run: length::check,
    },
    Check {
        name: "forbidden",
        about: "no machine paths, leftovers or vague file names",
        run: forbidden::check,
    },
    Check {
        name: "includes",
        about: "the book includes files and anchors that exist, and lists its pages",
        run: includes::check,
    },
    Check {
        name: "links",
        about: "relative links lead somewhere",
        run: links::check,
    },
];

/// What tidy found, ready to show.
pub(crate) struct Findings {
    pub(crate) text: String,
    pub(crate) errors: usize,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.list {
        for check in CHECKS {
            println!("{:<17} {}", check.name, check.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let findings = findings()?;
    print!("{}", findings.text);
    Ok(if findings.errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads the workspace and runs every check.
pub(crate) fn findings() -> Result<Findings> {
    let mut workspace = Workspace::read()?;
    workspace.read_closures()?;
    Ok(describe(&workspace))
}

fn describe(workspace: &Workspace) -> Findings {
    let mut text = String::new();
    let (mut errors, mut warnings) = (0, 0);
    for check in CHECKS {
        for problem in (check.run)(workspace) {
            let label = match problem.severity {
                Severity::Error => {
                    errors += 1;
                    "error"
                }
                Severity::Warning => {
                    warnings += 1;
                    "warning"
                }
            };
            let Problem {
                place, what, mend, ..
            } = problem;
            let _ = writeln!(
                text,
                "{label}[{}]: {place}: {what}\n    mend: {mend}",
                check.name
            );
        }
    }
    let _ = writeln!(
        text,
        "tidy: {} checks, {errors} errors, {warnings} warnings",
        CHECKS.len()
    );
    Findings { text, errors }
}

#[cfg(test)]
mod tests;
