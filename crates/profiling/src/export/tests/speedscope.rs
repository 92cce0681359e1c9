use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{HOSTILE, any_profile, empty, encoded, full, sample, sampled, self_times};
use crate::Profile;

const SCHEMA: &str = include_str!("../../../tests/data/speedscope/file-format-schema.json");

/// What the schema that speedscope publishes has against a file.
fn faults(file: &Value) -> Result<(), String> {
    static COMPILED: LazyLock<(boon::Schemas, boon::SchemaIndex)> = LazyLock::new(|| {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        let name = "file-format-schema.json";
        compiler
            .add_resource(name, serde_json::from_str(SCHEMA).unwrap())
            .unwrap();
        let index = compiler.compile(name, &mut schemas).unwrap();
        (schemas, index)
    });
    let (schemas, index) = &*COMPILED;
    schemas
        .validate(file, *index)
        .map_err(|error| error.to_string())
}

/// The file, after the schema has had nothing against it.
fn speedscope(profile: &Profile) -> Value {
    let text = encoded(profile, "p.speedscope.json");
    let file: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(faults(&file), Ok(()));
    // What the schema cannot say.
    let frames = file["shared"]["frames"].as_array().unwrap().len() as u64;
    for profile in file["profiles"].as_array().unwrap() {
        let samples = profile["samples"].as_array().unwrap();
        let weights = profile["weights"].as_array().unwrap();
        assert_eq!(samples.len(), weights.len());
        assert_eq!(profile["endValue"].as_u64().unwrap(), sum(weights));
        let mut indices = samples.iter().flat_map(|stack| stack.as_array().unwrap());
        assert!(indices.all(|index| index.as_u64().unwrap() < frames));
    }
    file
}

fn sum(weights: &[Value]) -> u64 {
    weights.iter().map(|weight| weight.as_u64().unwrap()).sum()
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let mut file = speedscope(&sample());
    file["profiles"][0]
        .as_object_mut()
        .unwrap()
        .remove("weights");
    let faults = faults(&file).unwrap_err();
    assert!(faults.contains("weights"), "{faults}");
}

#[test]
fn stacks_begin_with_the_outermost_function() {
    let file = speedscope(&sample());
    assert_eq!(file["name"], "shop");
    let profile = &file["profiles"][0];
    assert_eq!(
        (&profile["type"], &profile["unit"]),
        (&json!("sampled"), &json!("nanoseconds"))
    );
    assert_eq!(
        profile["samples"],
        json!([[0], [1], [1, 2], [1, 2, 2], [1, 2, 2, 3]])
    );
    assert_eq!(
        profile["weights"],
        json!([7, 1_000, 20_000, 300_000, 4_000_000])
    );
    let frames = &file["shared"]["frames"];
    assert_eq!(
        frames[2],
        json!({ "name": "shop::parse", "file": "src/parse.rs", "line": 34 })
    );
    assert_eq!(frames[3], json!({ "name": "next" }));
}

#[test]
fn samples_and_bytes_are_profiles_of_their_own() {
    let names = |profile: &Profile| -> Vec<(String, String)> {
        let file = speedscope(profile);
        let profiles = file["profiles"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        profiles
            .map(|it| (text(&it["name"]), text(&it["unit"])))
            .collect()
    };
    let own = |name: &str, unit: &str| (name.to_owned(), unit.to_owned());
    let (time, samples) = (own("time", "nanoseconds"), own("samples", "none"));
    let allocated = own("allocated", "bytes");
    assert_eq!(
        names(&full()),
        [time.clone(), samples.clone(), allocated.clone()]
    );
    assert_eq!(names(&sampled()), [samples, allocated]);
    assert_eq!(names(&empty()), [time]);
}

#[test]
fn names_are_kept_as_they_are() {
    let mut profile = sample();
    profile.functions[1].name = HOSTILE.to_owned();
    assert_eq!(speedscope(&profile)["shared"]["frames"][1]["name"], HOSTILE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn weights_add_up_to_the_self_times(profile in any_profile()) {
        let file = speedscope(&profile);
        let weights = file["profiles"][0]["weights"].as_array().unwrap();
        prop_assert_eq!(sum(weights), self_times(&profile));
    }
}
