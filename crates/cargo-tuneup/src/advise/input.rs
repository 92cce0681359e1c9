//! Files that advice is made from, told by what is in them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tuneup_benchmarking::suite::Results;
use tuneup_caching::{Info, Trace};
use tuneup_concurrency::PipelineReport;
use tuneup_memory::Snapshot;
use tuneup_profiling::Profile;

/// What is read, for those whose file is something else.
const KNOWN: &str = "what is read: profiles and heap snapshots that were saved as .json, `bench.json` and `history.sqlite` of a bench run, the `Info` of a cache and the \
    `PipelineReport` of a pipeline as JSON, and requests of a cache as numbers; keys that are texts, behind `--requests`";

const SQLITE: &[u8] = b"SQLite format 3\0";

/// The first bytes that are looked at.
const HEAD: u64 = 64 << 10;

/// What a file has turned out to be.
pub(super) enum Input {
    Profile(Profile),
    Snapshot(Snapshot),
    Bench(Results),
    History,
    /// With their names in the file.
    Caches(Vec<(String, Info)>),
    Pipeline(PipelineReport),
    Requests(Trace),
}

pub(super) fn read(path: &Path) -> Result<Input> {
    let head = head(path).with_context(|| format!("{}: cannot read it", path.display()))?;
    if head.starts_with(SQLITE) {
        return Ok(Input::History);
    }
    if is_numbers(&head) {
        return Ok(Input::Requests(Trace::from_path(path)?));
    }
    match head.trim_ascii_start().first() {
        Some(b'{' | b'[') => of_json(path),
        None => bail!("{}: the file is empty; {KNOWN}", path.display()),
        Some(_) => bail!("{}: nothing that is known; {KNOWN}", path.display()),
    }
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether there are lines of whole numbers and nothing else.
fn is_numbers(head: &[u8]) -> bool {
    let is_number_or_space = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace();
    head.iter().all(is_number_or_space)
        && head.contains(&b'\n')
        && head.iter().any(u8::is_ascii_digit)
}

fn of_json(path: &Path) -> Result<Input> {
    let text = fs::read(path).with_context(|| format!("{}: cannot read it", path.display()))?;
    let value: Value = match serde_json::from_slice(&text) {
        Ok(value) => value,
        Err(error) if error.is_eof() => {
            bail!(
                "{}: it is cut off, {error}; save it again from the program",
                path.display()
            )
        }
        Err(error) => bail!("{}: no whole JSON, {error}; {KNOWN}", path.display()),
    };
    let has = |name: &str| value.get(name).is_some();
    Ok(match value["format"].as_str() {
        Some("tuneup-profile") => Input::Profile(Profile::load(path)?),
        Some("tuneup-snapshot") => Input::Snapshot(Snapshot::load(path)?),
        Some("tuneup-bench") => Input::Bench(Results::load(path)?),
        _ if has("most_in_flight") && has("stages") => {
            Input::Pipeline(serde_json::from_value(value).with_context(|| {
                format!(
                    "{}: not a whole report of a pipeline; save it again",
                    path.display()
                )
            })?)
        }
        _ if is_cache(&value) => Input::Caches(vec![(String::new(), cache(path, value)?)]),
        _ => match several_caches(path, value)? {
            Some(caches) => Input::Caches(caches),
            None => bail!(
                "{}: JSON of a kind that is not known; {KNOWN}",
                path.display()
            ),
        },
    })
}

fn is_cache(value: &Value) -> bool {
    ["hits", "misses", "load_time_ns"]
        .iter()
        .all(|name| value.get(name).is_some())
}

fn cache(path: &Path, value: Value) -> Result<Info> {
    serde_json::from_value(value).with_context(|| {
        format!(
            "{}: not all that a cache tells of itself; save the `Info` again",
            path.display()
        )
    })
}

/// A list of them, or one for each name.
fn several_caches(path: &Path, value: Value) -> Result<Option<Vec<(String, Info)>>> {
    let named: BTreeMap<String, Value> = match value {
        Value::Object(named) => named.into_iter().collect(),
        Value::Array(list) => {
            let number = |(index, value)| (format!("cache {:>2}", index + 1), value);
            list.into_iter().enumerate().map(number).collect()
        }
        _ => return Ok(None),
    };
    if named.is_empty() || !named.values().all(is_cache) {
        return Ok(None);
    }
    let caches = named
        .into_iter()
        .map(|(name, value)| Ok((name, cache(path, value)?)));
    caches.collect::<Result<_>>().map(Some)
}
