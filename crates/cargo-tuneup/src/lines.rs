//! `cargo tuneup lines`: how often each line of some functions is reached, and what time it takes.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use tuneup_measure::parse_duration;
use tuneup_profiling::Profile;

use crate::{
    format::{Format, Stream, print_all},
    injection::{Target, Where, Wish},
    line_view::LineView,
    profile::{Order, record},
};

/// Of which functions, of what program.
#[derive(Args)]
#[command(
    after_help = "Only the functions that match record anything; what they call is in the time of the line that calls it. Nothing is edited: the packages of the\n\
    workspace are compiled from a shadow of their sources, as by `cargo tuneup profile`, which with --lines shows the same below its functions.\n\n\
    Example: cargo tuneup lines 'parser::next$' --bin server -o lines.html -- --port 8080"
)]
pub(crate) struct Options {
    /// Functions whose path matches one of these regular expressions
    #[arg(required = true, value_name = "PATTERN")]
    patterns: Vec<String>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    place: Where,
    /// End the program after so long, by SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    /// Write all lines to this file: .json, .html or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// At most so many functions, those that took longest
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// What the program is given
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    check(&options.output)?;
    let wish = Wish::lines_alone(options.patterns.clone(), options.place.clone());
    let recorded = record(&Order {
        target: &options.target,
        wish: &wish,
        detail: "flat",
        duration: options.duration,
        arguments: &options.arguments,
    })?;
    let Some(profile) = &recorded.profile else {
        return Ok(recorded.code);
    };
    for path in &options.output {
        profile.save(path)?;
    }
    if profile.line_tables.is_empty() {
        eprintln!("none of the functions that match was called");
    } else {
        tell(profile, options)?;
    }
    recorded.program.tell_skipped();
    Ok(recorded.code)
}

fn tell(profile: &Profile, options: &Options) -> Result<()> {
    let view = LineView::hottest(profile.line_tables.iter().collect(), options.top);
    let tables: Vec<_> = view.tables().collect();
    let json = json!({ "lines": view.json()? });
    print_all(
        &tables,
        &view.sentence(),
        &json,
        options.format,
        Stream::Error,
    )
}

/// Formats of stacks have no place for lines.
fn check(output: &[PathBuf]) -> Result<()> {
    for path in output {
        Profile::check_path(path)?;
        let name = path.to_string_lossy().to_lowercase();
        let is_whole = name.ends_with(".json")
            && !name.ends_with(".speedscope.json")
            && !name.ends_with(".trace.json");
        if !is_whole && !name.ends_with(".html") && !name.ends_with(".txt") {
            bail!(
                "`{}` has a format for calls, which are not recorded here; name a file that ends in .json, .html or .txt, or use `cargo tuneup profile --lines`",
                path.display()
            );
        }
    }
    Ok(())
}
