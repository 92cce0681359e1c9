//! `TUNEUP_PROFILE`: continuous profiling as a switch of the deployment.

use std::{env, ffi::OsString, time::Duration};

use tuneup_measure::parse_duration;

use crate::{Detail, Error, Profiler, ProfilerBuilder, Session};

const VARIABLE: &str = "TUNEUP_PROFILE";

/// Begins the session that the environment variable `TUNEUP_PROFILE` describes; `None` if it is unset or
/// empty, and then recorded functions cost one relaxed load each.
///
/// ```sh
/// TUNEUP_PROFILE=profile.json ./server
/// TUNEUP_PROFILE='/var/tmp/server-{pid}.pb.gz,interval=5min,rotate=12,sample=99,filter=^server::' ./server
/// ```
///
/// The path comes first and decides the format; `{pid}` stands for the number of the process, and a comma in
/// it is written `\,`. Then, separated by commas:
///
/// | option | meaning | default |
/// |---|---|---|
/// | `interval=5min` | save again and again | only at the end |
/// | `rotate=12` | keep so many of these files | 1 |
/// | `sample=99` | sample so many times a second | no sampler |
/// | `detail=flat` | `full`, `flat` or `counted`: [`Detail`] | `full` |
/// | `nodes=65536` | nodes of each thread's call tree | 16384 |
/// | `filter=^server::` | save only functions that match; it may contain commas and comes last | all |
///
/// SIGINT and SIGTERM wait for the profile if the feature `signals` is on.
///
/// # Errors
/// [`Error::Environment`] if the variable says something that is not understood, and what
/// [`ProfilerBuilder::start`] fails with. The program is not harmed: it can go on without.
///
/// ```
/// fn main() -> Result<(), tuneup_profiling::Error> {
///     let _session = tuneup_profiling::from_env()?;
///     // … the program …
///     Ok(())
/// }
/// ```
pub fn from_env() -> Result<Option<Session>, Error> {
    match env::var_os(VARIABLE) {
        Some(value) if !value.is_empty() => parse(value)?.start().map(Some),
        _ => Ok(None),
    }
}

fn parse(value: OsString) -> Result<ProfilerBuilder, Error> {
    let value = value.into_string().map_err(|value| Error::Environment {
        what: format!("{} is no Unicode text", value.display()),
        mend: "write the path in UTF-8".to_owned(),
    })?;
    let (path, mut options) = split_path(&value);
    if path.is_empty() {
        return Err(Error::Environment {
            what: "the path is missing".to_owned(),
            mend: "begin with it, as in `profile.json,interval=5min`".to_owned(),
        });
    }
    let mut builder = guarding_signals(Profiler::builder().save_to(path));
    while let Some(rest) = options {
        let (option, after) = split_option(rest);
        builder = apply(builder, option)?;
        options = after;
    }
    Ok(builder)
}

#[cfg(all(unix, feature = "signals"))]
fn guarding_signals(builder: ProfilerBuilder) -> ProfilerBuilder {
    builder.guard_signals(true)
}

#[cfg(not(all(unix, feature = "signals")))]
fn guarding_signals(builder: ProfilerBuilder) -> ProfilerBuilder {
    builder
}

/// Up to the first comma that is not escaped.
fn split_path(value: &str) -> (String, Option<&str>) {
    let mut path = String::new();
    let mut characters = value.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' if characters.peek().is_some_and(|(_, next)| *next == ',') => {
                path.push(',');
                characters.next();
            }
            ',' => return (path, Some(&value[index + 1..])),
            other => path.push(other),
        }
    }
    (path, None)
}

/// A filter takes the rest: expressions have commas.
fn split_option(rest: &str) -> (&str, Option<&str>) {
    if rest.trim_start().starts_with("filter=") {
        return (rest, None);
    }
    match rest.split_once(',') {
        Some((option, after)) => (option, Some(after)),
        None => (rest, None),
    }
}

fn apply(builder: ProfilerBuilder, option: &str) -> Result<ProfilerBuilder, Error> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let (name, value) = (name.trim(), value.trim());
    match name {
        "interval" => Ok(builder.interval(duration(value)?)),
        "rotate" => {
            Ok(builder.keep_files(number(name, value, "a number of files, as `rotate=12`")?))
        }
        "sample" => {
            Ok(builder.sample_rate(number(name, value, "samples a second, as `sample=99`")?))
        }
        "nodes" => {
            Ok(builder.max_nodes(number(name, value, "a number of nodes, as `nodes=65536`")?))
        }
        "detail" => Ok(builder.detail(detail(value)?)),
        "filter" => Ok(builder.filter(value)),
        _ => Err(Error::Environment {
            what: format!("`{name}` is no option"),
            mend: "use interval, rotate, sample, detail, nodes or filter".to_owned(),
        }),
    }
}

fn duration(value: &str) -> Result<Duration, Error> {
    parse_duration(value).map_err(|_| Error::Environment {
        what: format!("`interval={value}` is no time"),
        mend: "write a number with its unit, as `interval=5min`".to_owned(),
    })
}

fn number<T: std::str::FromStr>(name: &str, value: &str, wanted: &str) -> Result<T, Error> {
    value.parse().map_err(|_| Error::Environment {
        what: format!("`{name}={value}` is no number"),
        mend: format!("write {wanted}"),
    })
}

fn detail(value: &str) -> Result<Detail, Error> {
    match value {
        "full" => Ok(Detail::Full),
        "flat" => Ok(Detail::Flat),
        "counted" => Ok(Detail::Counted),
        _ => Err(Error::Environment {
            what: format!("`detail={value}` is not known"),
            mend: "use full, flat or counted".to_owned(),
        }),
    }
}
