//! Public traces with checked hit counts, which lie outside of the repository.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use serde_json::Value;
use tuneup_caching::{Trace, TraceFormat};

/// A trace, and what is known of it.
pub(crate) struct SharedTrace {
    pub(crate) name: String,
    pub(crate) trace: Trace,
    pub(crate) requests: u64,
    pub(crate) unique: u64,
    pub(crate) sizes: Vec<u64>,
    hits: Value,
}

impl SharedTrace {
    /// The hits at each size.
    pub(crate) fn hits(&self, policy: &str) -> Vec<u64> {
        numbers(&self.hits[policy])
    }
}

fn numbers(value: &Value) -> Vec<u64> {
    let numbers = value.as_array().expect("an array");
    numbers
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect()
}

/// All traces, in the order of their names; none where the folder is absent, which is said on standard error.
///
/// The folder is the one that `TUNEUP_TRACES` names, or `../shared/traces` beside the workspace. One that is named and has no traces is
/// a mistake on a machine that tests for everybody.
pub(crate) fn all(test: &str) -> &'static [SharedTrace] {
    static TRACES: LazyLock<Result<Vec<SharedTrace>, PathBuf>> = LazyLock::new(read_all);
    match &*TRACES {
        Ok(traces) => traces,
        Err(folder) => {
            let reason = format!("no traces in {}", folder.display());
            // Past the capture of the test harness.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "left out: {test}: {reason}").unwrap();
            &[]
        }
    }
}

/// All traces, or the folder that has none.
fn read_all() -> Result<Vec<SharedTrace>, PathBuf> {
    let named = std::env::var_os("TUNEUP_TRACES").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/traces");
    let is_ci = std::env::var_os("CI").is_some();
    let must_be_there = is_ci && named.is_some();
    let folder = named.unwrap_or(beside);
    let Ok(expected) = std::fs::read_to_string(folder.join("expected.json")) else {
        let shown = folder.display();
        assert!(
            !must_be_there,
            "TUNEUP_TRACES names {shown}, which has no expected.json"
        );
        return Err(folder);
    };
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let traces = expected.as_object().expect("an object");
    Ok(traces
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, about)| SharedTrace {
            name: name.clone(),
            trace: read(&folder, name),
            requests: about["requests"].as_u64().expect("a number"),
            unique: about["unique"].as_u64().expect("a number"),
            sizes: numbers(&about["sizes"]),
            hits: about["hits"].clone(),
        })
        .collect())
}

fn read(folder: &Path, name: &str) -> Trace {
    let path = |ending| folder.join(format!("{name}{ending}"));
    let read = match name.split('/').next() {
        Some("lirs") => Trace::from_path(path(".trace.gz")),
        Some("arc") => Trace::from_path(path(".lis.zst")),
        _ => Trace::read_as(path(".trace.xz"), TraceFormat::U32Be),
    };
    read.unwrap()
}
