//! Running a group under Criterion and reading what it wrote.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::{Effort, Stop, results};
use crate::Error;

#[cfg(test)]
mod tests;

/// How many lines of a failed run's log an error shows.
const LINES: usize = 5;

/// Runs one group of an executable; its own output goes to a log file, its results below `home`.
pub(super) fn run(
    executable: &Path,
    group: &str,
    effort: &Effort,
    home: &Path,
    environment: &[(String, String)],
    stop: &Stop,
) -> Result<Vec<(String, results::Time)>, Error> {
    let io = |source| Error::Io {
        path: home.to_owned(),
        source,
    };
    // What an earlier run left there is not a result of this one.
    let _ = fs::remove_dir_all(home);
    fs::create_dir_all(home).map_err(io)?;
    let log = File::create(home.join("criterion.log")).map_err(io)?;
    let mut child = Command::new(executable)
        .args(["--bench", "--noplot"])
        .args(effort.criterion_arguments())
        .arg(format!("^{}/", escape(group)))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("CRITERION_HOME", home)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(io)?)
        .stderr(log)
        .spawn()
        .map_err(|source| Error::Start {
            program: executable.display().to_string(),
            source,
        })?;
    loop {
        if let Some(status) = child.try_wait().map_err(io)? {
            stop.check()?;
            if !status.success() {
                let log = fs::read_to_string(home.join("criterion.log")).unwrap_or_default();
                return Err(Error::Session {
                    program: group.to_owned(),
                    reason: reason(&log),
                });
            }
            break;
        }
        if stop.is_set() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Error::Interrupted);
        }
        thread::sleep(Duration::from_millis(10));
    }
    collect(home, group)
}

/// Why a run failed: the error that the harness printed, else the panic without its backtrace, else the last lines.
fn reason(log: &str) -> String {
    let error = log
        .rfind("error: ")
        .map(|start| &log[start + "error: ".len()..]);
    let panic = log.find("panicked at").map(|start| &log[start..]);
    let lines: Vec<&str> = match error.or(panic) {
        Some(text) => text
            .lines()
            .take_while(|line| !line.starts_with("stack backtrace"))
            .take(LINES)
            .collect(),
        None => log.lines().collect(),
    };
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// The filter is a regular expression; a name is not.
///
/// Only what has a meaning there may be escaped: `\<` is the beginning of a word, and `\×` is an error.
fn escape(name: &str) -> String {
    let mut escaped = String::new();
    for character in name.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
    slope: Option<Estimate>,
    mean: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    confidence_interval: ConfidenceInterval,
    point_estimate: f64,
}

#[derive(Deserialize)]
struct ConfidenceInterval {
    lower_bound: f64,
    upper_bound: f64,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Reads every `new` directory below `home` that is of the group: name, estimates and samples. The filter of a group lets those of
/// groups below it pass as well.
fn collect(home: &Path, group: &str) -> Result<Vec<(String, results::Time)>, Error> {
    let mut found = Vec::new();
    let mut pending = vec![home.to_owned()];
    while let Some(directory) = pending.pop() {
        let entries = fs::read_dir(&directory).map_err(|source| Error::Io {
            path: directory.clone(),
            source,
        })?;
        for path in entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
        {
            // A case may be named `new` as well: then its own folder is one more level down.
            if path.ends_with("new") && path.join("benchmark.json").is_file() {
                found.extend(read_case(&path, group)?);
            } else {
                pending.push(path);
            }
        }
    }
    Ok(found)
}

fn read_case(directory: &Path, group: &str) -> Result<Option<(String, results::Time)>, Error> {
    let benchmark: Benchmark = read_json(&directory.join("benchmark.json"))?;
    if benchmark.group_id != group {
        return Ok(None);
    }
    let estimates: Estimates = read_json(&directory.join("estimates.json"))?;
    let sample: Sample = read_json(&directory.join("sample.json"))?;
    let typical = estimates.slope.as_ref().unwrap_or(&estimates.mean);
    let time = results::Time {
        estimate_ns: typical.point_estimate,
        low_ns: typical.confidence_interval.lower_bound,
        high_ns: typical.confidence_interval.upper_bound,
        median_ns: estimates.median.point_estimate,
        samples_ns: sample
            .times
            .iter()
            .zip(&sample.iters)
            .map(|(time, iterations)| time / iterations)
            .collect(),
    };
    Ok(benchmark.function_id.map(|name| (name, time)))
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Session {
        program: path.display().to_string(),
        reason: format!("Criterion wrote something else than expected: {error}"),
    })
}
