//! Files that no target reaches, in every folder of a package.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

fn with_file(path: &str, text: &str) -> Vec<(String, String)> {
    let mut workspace = sound();
    workspace.write(path, text);
    found(check, &workspace)
}

#[test]
fn a_module_that_nobody_declares_is_found() {
    let uncompiled = |path: &str| {
        [(
            path.to_owned(),
            "no target of the package compiles this file".to_owned(),
        )]
    };
    for path in [
        "crates/measure/src/ticks.rs",
        "crates/measure/src/clock/mock.rs",
        "crates/measure/tests/it/ticks.rs",
        "crates/measure/tests/alone.rs",
        "benches/benches/ticks.rs",
    ] {
        assert_eq!(with_file(path, "//! Forgotten.\n"), uncompiled(path));
    }
}

#[test]
fn what_the_build_script_packs_is_not_forgotten() {
    let mut workspace = sound();
    workspace.write("crates/measure/runtime/lib.rs", "//! For others.\n");
    assert_eq!(found(check, &workspace).len(), 1);
    workspace.write(
        "crates/measure/build.rs",
        "fn main() { pack(\"runtime/lib.rs\"); }\n",
    );
    let problems = found(check, &workspace);
    let scripts = |(path, _): &(String, String)| path.ends_with("build.rs");
    assert!(
        problems.iter().all(scripts),
        "a script that is no target: {problems:?}"
    );
}

#[test]
fn modules_of_forgotten_modules_are_found_too() {
    let mut workspace = sound();
    workspace.replace("crates/measure/src/lib.rs", "mod clock;", "");
    let places: Vec<String> = found(check, &workspace)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        [
            "crates/measure/src/clock.rs",
            "crates/measure/src/clock/tests.rs"
        ]
    );
}

#[test]
fn a_module_of_tests_without_a_test_is_found() {
    let path = "crates/measure/src/clock/tests.rs";
    assert_eq!(
        with_file(path, "use super::Clock;\n"),
        [(path.to_owned(), "there is no test in it".to_owned())]
    );
    assert_eq!(with_file(path, "proptest! {}\n"), []);
}

#[test]
fn a_compile_time_input_without_its_expectation_is_found() {
    assert_eq!(
        with_file("crates/measure/tests/ui/missing.rs", "fn main() {}"),
        [(
            "crates/measure/tests/ui/missing.rs".to_owned(),
            "the expected compiler error is missing".to_owned()
        )]
    );
    assert_eq!(
        with_file("crates/measure/tests/ui/pass/plain.rs", "fn main() {}"),
        []
    );
}

#[test]
fn compile_time_inputs_that_no_test_runs_are_found() {
    let mut workspace = sound();
    workspace.write("crates/measure/tests/it/ui.rs", "//! Empty.\n");
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/measure/tests/ui/".to_owned(),
            "no test of the package runs these files".to_owned()
        )]
    );
}

#[test]
fn a_bench_under_libtest_is_found() {
    let mut workspace = sound();
    workspace
        .member_mut("tuneup-benches")
        .manifest
        .remove("bench");
    assert_eq!(
        found(check, &workspace),
        [(
            "benches/benches/clocks.rs".to_owned(),
            "no [[bench]] of Cargo.toml says that `clocks` brings its own main".to_owned()
        )]
    );
}
