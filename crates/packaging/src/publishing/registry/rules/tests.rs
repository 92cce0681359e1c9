use serde_json::{Value, json};

use super::*;
use crate::publishing::registry::upload::tests::metadata;

fn refusal(change: impl FnOnce(&mut Value)) -> Option<String> {
    let mut metadata = metadata("mine", "0.1.0");
    change(&mut metadata);
    let metadata = serde_json::from_value(metadata).unwrap();
    check(&metadata).err().map(|refused| refused.reason)
}

fn is_refused_for(field: &str, value: Value, reason: &str) {
    let refusal = refusal(|metadata| metadata[field] = value.clone());
    let refusal = refusal.unwrap_or_else(|| panic!("{field} = {value} is accepted"));
    assert!(refusal.contains(reason), "{field} = {value}: {refusal}");
}

#[test]
fn what_keeps_the_rules_is_accepted() {
    assert_eq!(refusal(|_| {}), None);
    assert_eq!(
        refusal(|metadata| {
            metadata["name"] = json!("Mine_2-x");
            metadata["license"] = json!(null);
            metadata["license_file"] = json!("LICENCE");
            metadata["keywords"] = json!(["a-b", "c++"]);
            metadata["repository"] = json!("https://example.org/mine");
            metadata["features"] = json!({ "default": [], "c++20": ["dep:x"], "_private": [] });
        }),
        None
    );
}

#[test]
fn each_rule_is_kept() {
    is_refused_for("name", json!("1st"), "letter");
    is_refused_for("name", json!("a b"), "letter");
    is_refused_for("name", json!("é"), "letter");
    is_refused_for("name", json!(""), "letter");
    is_refused_for("name", json!("a".repeat(65)), "64");
    is_refused_for("name", json!("Proc_Macro"), "another name");
    is_refused_for("description", json!(" "), "`description`");
    is_refused_for("license", json!(null), "`license` or `license-file`");
    is_refused_for("keywords", json!(["a", "b", "c", "d", "e", "f"]), "5");
    is_refused_for("keywords", json!(["two words"]), "two words");
    is_refused_for("categories", json!(["a", "b", "c", "d", "e", "f"]), "5");
    is_refused_for("homepage", json!("example.org"), "`homepage`");
    is_refused_for("features", json!({ "a b": [] }), "`a b`");
    is_refused_for(
        "deps",
        json!([{ "name": "other", "version_req": "*" }]),
        "`other`",
    );
    is_refused_for(
        "deps",
        json!([{ "name": "-", "version_req": "1" }]),
        "dependency",
    );
    is_refused_for(
        "deps",
        json!([{ "name": "other", "version_req": "1", "artifact": ["bin"] }]),
        "artifact",
    );
    let many: serde_json::Map<String, Value> =
        (0..301).map(|n| (format!("f{n}"), json!([]))).collect();
    is_refused_for("features", Value::Object(many), "300");
}
