use serde_json::json;

use super::*;
use crate::publishing::registry::upload::tests::{GZIP, body, metadata};

fn publish(catalogue: &mut Catalogue, name: &str, version: &str) -> Result<(), Refused> {
    publish_value(catalogue, &metadata(name, version))
}

fn publish_value(catalogue: &mut Catalogue, metadata: &Value) -> Result<(), Refused> {
    catalogue.publish(Upload::parse(&body(metadata, GZIP), 100).unwrap(), None)
}

fn line(catalogue: &Catalogue, name: &str) -> Value {
    let lines = catalogue.index_lines(name).unwrap();
    serde_json::from_str(&lines[0].1).unwrap()
}

#[test]
fn a_version_is_taken_once() {
    let mut catalogue = Catalogue::default();
    publish(&mut catalogue, "mine", "0.1.0").unwrap();
    for again in ["0.1.0", "0.1.0+other"] {
        let refused = publish(&mut catalogue, "mine", again).unwrap_err();
        assert!(
            refused.reason.contains("there already"),
            "{}",
            refused.reason
        );
    }
    publish(&mut catalogue, "mine", "0.1.0-rc.1").unwrap();
}

#[test]
fn a_name_that_is_almost_the_same_is_refused() {
    let mut catalogue = Catalogue::default();
    publish(&mut catalogue, "my-crate", "0.1.0").unwrap();
    for similar in ["my_crate", "My-Crate"] {
        let refused = publish(&mut catalogue, similar, "0.2.0").unwrap_err();
        assert!(refused.reason.contains("`my-crate`"), "{}", refused.reason);
    }
    let upload = Upload::parse(&body(&metadata("serde-json", "0.1.0"), GZIP), 100).unwrap();
    let refused = catalogue.publish(upload, Some("serde_json")).unwrap_err();
    assert!(
        refused.reason.contains("`serde_json`"),
        "{}",
        refused.reason
    );
    assert_eq!(catalogue.index_lines("my_crate"), None);
    assert!(catalogue.index_lines("MY-crate").is_some());
}

#[test]
fn a_line_has_what_cargo_looks_for() {
    let mut catalogue = Catalogue::default();
    let mut metadata = metadata("mine", "0.1.0");
    metadata["deps"] = json!([{ "name": "real", "version_req": "^1.2", "kind": "build", "explicit_name_in_toml": "alias", "registry": "elsewhere" }]);
    metadata["features"] =
        json!({ "old": ["real/x"], "strong": ["dep:alias"], "weak": ["alias?/x"] });
    metadata["links"] = json!("z");
    metadata["rust_version"] = json!("1.70");
    publish_value(&mut catalogue, &metadata).unwrap();
    assert_eq!(
        line(&catalogue, "mine"),
        json!({
            "name": "mine", "vers": "0.1.0", "v": 2, "yanked": false, "links": "z", "rust_version": "1.70",
            "cksum": hex(&sha256(GZIP)),
            "features": { "old": ["real/x"] },
            "features2": { "strong": ["dep:alias"], "weak": ["alias?/x"] },
            "deps": [{
                "name": "alias", "package": "real", "req": "^1.2", "kind": "build", "registry": "elsewhere",
                "features": [], "optional": false, "default_features": true, "target": null
            }],
        })
    );
}

#[test]
fn what_is_taken_back_stays_and_can_be_brought_back() {
    let mut catalogue = Catalogue::default();
    let version = Version::new(0, 1, 0);
    publish(&mut catalogue, "mine", "0.1.0").unwrap();
    catalogue.set_yanked("mine", &version, true).unwrap();
    assert_eq!(line(&catalogue, "mine")["yanked"], true);
    assert!(catalogue.crate_file("mine", &version).is_some());
    catalogue.set_yanked("mine", &version, false).unwrap();
    assert_eq!(line(&catalogue, "mine")["yanked"], false);
    assert_eq!(
        catalogue
            .set_yanked("mine", &Version::new(9, 0, 0), true)
            .unwrap_err()
            .status,
        404
    );
}

#[test]
fn words_are_found_in_names_and_descriptions() {
    let mut catalogue = Catalogue::default();
    publish(&mut catalogue, "mine", "0.1.0").unwrap();
    publish(&mut catalogue, "mine", "0.2.0").unwrap();
    publish(&mut catalogue, "other", "0.1.0").unwrap();
    let found = catalogue.search("MIN crate", 10);
    assert_eq!(
        found["crates"],
        json!([{ "name": "mine", "description": "a crate", "max_version": "0.2.0" }])
    );
    let first = catalogue.search("", 1);
    assert_eq!(
        (
            first["crates"].as_array().unwrap().len(),
            &first["meta"]["total"]
        ),
        (1, &json!(2))
    );
}
