use tuneup_packaging::{UnpackedReport, test_unpacked};

use super::{Clean, LIBRARY, MANIFEST, Toy};

fn run(toy: &Toy) -> UnpackedReport {
    test_unpacked(&toy.workspace(), &toy.scratch(), true, &Clean).unwrap()
}

#[test]
fn the_tests_of_a_complete_package_pass() {
    let toy = Toy::package();
    let report = run(&toy);
    let [package] = &report.packages[..] else {
        panic!("{report:?}");
    };
    // The one in the library and the one in the README.
    assert_eq!(
        (package.passed, package.failed, package.said.as_deref()),
        (2, 0, None)
    );
    assert_eq!(toy.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_file_that_is_not_packed_is_named_by_the_compiler() {
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}exclude = [\"data.txt\"]\n"),
    );
    toy.write("data.txt", "x");
    toy.write(
        "src/lib.rs",
        format!("{LIBRARY}\n/// Data.\npub const DATA: &str = include_str!(\"../data.txt\");\n"),
    );
    toy.commit("Data");
    // In the checkout it compiles.
    toy.cargo(&["check", "--offline"]);
    let said = run(&toy).packages[0].said.clone().unwrap();
    assert!(said.contains("data.txt"), "{said}");
}

#[test]
fn a_test_that_needs_what_is_not_packed_is_named() {
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}exclude = [\"fixtures\"]\n"),
    );
    toy.write("fixtures/a.txt", "x");
    toy.write(
        "tests/fixture.rs",
        "#[test]\nfn reads_it() { std::fs::read(\"fixtures/a.txt\").unwrap(); }\n",
    );
    toy.commit("Fixture");
    let package = &run(&toy).packages[0];
    assert_eq!(package.failed, 1);
    let said = package.said.as_deref().unwrap();
    let begin = "test reads_it ... FAILED\n    tests/fixture.rs:2:";
    assert!(
        said.starts_with(begin) && said.contains("NotFound"),
        "{said}"
    );
}

/// `toybase` is tested with `toyfacade`, which needs it and is tested with more of it, and with `fixtures`, which nobody publishes; all without
/// a version.
fn circle() -> Toy {
    let toy = Toy::empty();
    let manifest = |name: &str| MANIFEST.replace("\"toy\"", &format!("{name:?}"));
    toy.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"toybase\", \"toyfacade\", \"fixtures\"]\nresolver = \"2\"\n",
    );
    let dev = "\n[dev-dependencies]\nfront = { path = \"../toyfacade\", package = \"toyfacade\" }\nfixtures = { path = \"../fixtures\" }\n";
    let features = "\n[features]\nmore = []\n";
    toy.write("toybase/Cargo.toml", manifest("toybase") + features + dev);
    toy.write(
        "toybase/src/lib.rs",
        "/// One.\npub fn one() -> u8 { 1 }\n/// Three.\n#[cfg(feature = \"more\")]\npub fn three() -> u8 { 3 }\n",
    );
    toy.write(
        "toybase/tests/it.rs",
        "#[test]\nfn through_the_facade() { assert_eq!(front::two(), fixtures::two()); }\n",
    );
    toy.write(
        "toyfacade/Cargo.toml",
        manifest("toyfacade")
            + "\n[dependencies]\ntoybase = { path = \"../toybase\", version = \"0.1.0\" }\n"
            + "\n[dev-dependencies]\ntoybase = { path = \"../toybase\", features = [\"more\"] }\n",
    );
    toy.write(
        "toyfacade/src/lib.rs",
        "/// Two.\npub fn two() -> u8 { toybase::one() + 1 }\n",
    );
    toy.write(
        "toyfacade/tests/it.rs",
        "#[test]\nfn more() { assert_eq!(toybase::three(), toyfacade::two() + 1); }\n",
    );
    toy.write(
        "fixtures/Cargo.toml",
        manifest("fixtures") + "publish = false\n",
    );
    toy.write(
        "fixtures/src/lib.rs",
        "/// Two.\npub fn two() -> u8 { 2 }\n",
    );
    for name in ["toybase", "toyfacade", "fixtures"] {
        toy.write(&format!("{name}/README.md"), "# Toy\n");
    }
    toy.write(".gitignore", "/target\n");
    toy.cargo(&["generate-lockfile", "--offline"]);
    toy.commit("Begin");
    toy
}

#[test]
fn dev_dependencies_that_are_left_out_are_given_back_and_told() {
    let toy = circle();
    let report = run(&toy);
    let names: Vec<&str> = report
        .packages
        .iter()
        .map(|package| &package.name[..])
        .collect();
    assert_eq!(names, ["toybase", "toyfacade"]);
    let first = &report.packages[0];
    assert_eq!(
        (first.passed, first.said.as_deref()),
        (1, None),
        "{report:?}"
    );
    assert_eq!(first.given_back, ["fixtures", "toyfacade"]);
    let second = &report.packages[1];
    assert_eq!(
        (second.passed, second.said.as_deref()),
        (1, None),
        "{report:?}"
    );
    assert_eq!(second.given_back, ["toybase"]);
}

#[test]
fn siblings_are_those_that_were_packed() {
    let toy = circle();
    // What toyfacade needs of toybase is in the checkout and not in the package.
    toy.write(
        "toybase/src/lib.rs",
        "/// One.\npub fn one() -> u8 { include!(\"one.rs\") }\n",
    );
    toy.write("toybase/src/one.rs", "1");
    let manifest = std::fs::read_to_string(toy.path().join("toybase/Cargo.toml")).unwrap();
    toy.write(
        "toybase/Cargo.toml",
        manifest.replace("license", "exclude = [\"src/one.rs\"]\nlicense"),
    );
    toy.commit("Leave it out");
    let report = run(&toy);
    assert!(
        report.packages.iter().all(|package| package
            .said
            .as_ref()
            .is_some_and(|said| said.contains("one.rs"))),
        "{report:?}"
    );
}

#[test]
fn tests_are_built_with_the_profiles_of_the_workspace() {
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[profile.dev]\ndebug-assertions = false\n\n[profile.test]\noverflow-checks = true\n"),
    );
    toy.write(
        "tests/profile.rs",
        "#[test]\nfn it_is_ours() { assert!(!cfg!(debug_assertions)); }\n",
    );
    toy.commit("Choose a profile");
    let package = &run(&toy).packages[0];
    assert_eq!((package.passed, package.said.as_deref()), (3, None));
}

#[test]
fn what_was_built_before_does_not_hide_what_is_missing_now() {
    let toy = Toy::package();
    assert_eq!(run(&toy).packages[0].said, None);
    toy.write("src/lib.rs", LIBRARY.replace("number + 1", "number + 2"));
    toy.commit("Break it");
    assert_eq!(run(&toy).packages[0].failed, 2);
}

/// `toybase` is tested with `helper`, which nobody publishes and which needs `toybase` itself.
#[test]
fn what_is_never_published_uses_what_was_packed() {
    let toy = Toy::empty();
    let manifest = |name: &str| MANIFEST.replace("\"toy\"", &format!("{name:?}"));
    toy.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"toybase\", \"helper\"]\nresolver = \"2\"\n\n[workspace.dependencies]\ntoybase = { path = \"toybase\", version = \"0.1.0\" }\n",
    );
    toy.write(
        "toybase/Cargo.toml",
        manifest("toybase") + "\n[dev-dependencies]\nhelper = { path = \"../helper\" }\n",
    );
    toy.write("toybase/src/lib.rs", "/// One.\npub struct One;\n");
    toy.write(
        "toybase/tests/it.rs",
        "#[test]\nfn of_one_kind() { let _: toybase::One = helper::one(); }\n",
    );
    for needs in [
        "base.path = \"../toybase\"\nbase.package = \"toybase\"",
        "base = { package = \"toybase\", path = \"../toybase\", version = \"0.1\" }",
    ] {
        toy.write(
            "helper/Cargo.toml",
            format!(
                "{}publish = false\n\n[dependencies]\n{needs}\n",
                manifest("helper")
            ),
        );
        toy.write(
            "helper/src/lib.rs",
            "/// One.\npub fn one() -> base::One { base::One }\n",
        );
        for name in ["toybase", "helper"] {
            toy.write(&format!("{name}/README.md"), "# Toy\n");
        }
        toy.write(".gitignore", "/target\n");
        toy.cargo(&["generate-lockfile", "--offline"]);
        toy.commit("Begin");
        let report = run(&toy);
        let package = &report.packages[0];
        assert_eq!((package.passed, package.said.as_deref()), (1, None));
    }
}

/// The way to have tests see what a feature brings.
#[test]
fn a_package_may_be_tested_with_more_of_itself() {
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[features]\nmore = []\n\n[dev-dependencies]\ntoy = {{ path = \".\", features = [\"more\"] }}\n"),
    );
    toy.write(
        "tests/it.rs",
        "#[test]\nfn it() { assert_eq!(toy::more(1), 2); }\n",
    );
    toy.cargo(&["generate-lockfile", "--offline"]);
    toy.commit("More");
    let package = &run(&toy).packages[0];
    assert_eq!((package.passed, package.said.as_deref()), (3, None));
}
