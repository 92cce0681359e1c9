//! What is worth doing, from what was saved.

mod benches;
mod caches;
mod files;
mod heap;
mod pipelines;
mod profiles;
#[cfg(target_os = "linux")]
mod programs;
mod saved;

use serde_json::Value;
use tempfile::TempDir;

use crate::printed;
use saved::written;

/// What is advised of these, each in a file of its own, as JSON.
fn advised(inputs: &[&Value], options: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| written(&folder, &format!("{index}.json"), input))
        .collect();
    advised_of(&paths, options)
}

fn advised_of(paths: &[String], options: &[&str]) -> Value {
    let mut arguments = vec!["advise", "--format", "json"];
    arguments.extend(paths.iter().map(String::as_str));
    arguments.extend(options);
    serde_json::from_str(&printed(&arguments)).unwrap()
}

/// The rules that have found something, the largest gain first.
fn rules(advice: &Value) -> Vec<&str> {
    let findings = advice["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

/// The only finding.
fn only<'a>(advice: &'a Value, rule: &str) -> &'a Value {
    assert_eq!(rules(advice), [rule], "{advice:#}");
    &advice["findings"][0]
}

fn share(finding: &Value) -> f64 {
    finding["gain"]["share"].as_f64().unwrap()
}

/// To some thousandths.
fn assert_near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 0.005,
        "{found} is not {expected}"
    );
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
