//! The file format of speedscope (<https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources>).

use std::path::Path;

use serde::Serialize;

use super::call_paths::{CallPaths, Quantity};
use super::format::refused;
use crate::{Error, Profile};

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    exporter: &'static str,
    name: &'a str,
    #[serde(rename = "activeProfileIndex")]
    active_profile_index: usize,
    shared: Shared<'a>,
    profiles: Vec<Sampled<'a>>,
}

#[derive(Serialize)]
struct Shared<'a> {
    frames: Vec<Frame<'a>>,
}

#[derive(Serialize)]
struct Frame<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// Stacks, the outermost function first, and what each of them weighs.
#[derive(Serialize)]
#[serde(tag = "type", rename = "sampled")]
struct Sampled<'a> {
    name: &'a str,
    unit: &'static str,
    #[serde(rename = "startValue")]
    start: u64,
    #[serde(rename = "endValue")]
    end: u64,
    samples: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

pub(super) fn encode(profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
    let paths = CallPaths::of(profile);
    let mut profiles = Vec::new();
    if paths.main_quantity() == Quantity::Time {
        profiles.push(sampled(&paths, Quantity::Time, "time", "nanoseconds"));
    }
    if paths.has_samples() {
        profiles.push(sampled(&paths, Quantity::Samples, "samples", "none"));
    }
    if paths.has_allocations() {
        profiles.push(sampled(&paths, Quantity::Bytes, "allocated", "bytes"));
    }
    let frame = |index: usize| {
        let function = profile.functions.get(index);
        Frame {
            name: paths.frame_name(index),
            file: function.map_or("", |function| &function.file),
            line: function.map(|it| it.line).filter(|&line| line > 0),
        }
    };
    let file = File {
        schema: "https://www.speedscope.app/file-format-schema.json",
        exporter: concat!("tuneup-profiling ", env!("CARGO_PKG_VERSION")),
        name: &profile.program,
        active_profile_index: 0,
        shared: Shared {
            frames: (0..paths.frame_count()).map(frame).collect(),
        },
        profiles,
    };
    serde_json::to_vec(&file).map_err(|error| refused(path, error))
}

fn sampled<'a>(
    paths: &CallPaths<'_>,
    quantity: Quantity,
    name: &'a str,
    unit: &'static str,
) -> Sampled<'a> {
    let mut samples = Vec::new();
    let mut weights = Vec::new();
    paths.for_each_stack(&[quantity], |stack, values| {
        samples.push(stack.to_vec());
        weights.push(values[0]);
    });
    Sampled {
        name,
        unit,
        start: 0,
        end: weights
            .iter()
            .fold(0, |sum, &weight| sum.saturating_add(weight)),
        samples,
        weights,
    }
}
