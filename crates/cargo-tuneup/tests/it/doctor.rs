//! What a machine lets one measure.

use serde_json::Value;

use crate::printed;

#[test]
fn everything_is_looked_at_and_says_what_follows() {
    let text = printed(&["doctor", "--format", "json"]);
    let read: Value = serde_json::from_str(&text).unwrap();
    let findings = read.as_array().unwrap();
    let whats: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding["what"].as_str())
        .collect();
    assert_eq!(
        whats,
        [
            "clock",
            "perf events",
            "frame pointers",
            "processors",
            "noise"
        ]
    );
    for finding in findings {
        assert!(finding["is_well"].is_boolean());
        for part in ["found", "so"] {
            assert!(
                finding[part].as_str().is_some_and(|text| !text.is_empty()),
                "{finding}"
            );
        }
    }
}
