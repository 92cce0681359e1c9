use std::{cell::RefCell, process::Command};

use tuneup_packaging::{
    Area, Check, Readiness, ReadinessEvent, ReadinessReport, StandardChecks, State,
};

use super::{Clean, LIBRARY, MANIFEST, Toy};

/// What the standard checks with these names say of a toy.
fn judge(toy: &Toy, ids: &[&str]) -> Vec<State> {
    let workspace = toy.workspace();
    let checks = StandardChecks::new(&workspace)
        .scratch(toy.scratch())
        .checks();
    let wanted = checks.into_iter().filter(|check| ids.contains(&check.id()));
    let list = Readiness::builder(toy.path())
        .checks(wanted)
        .runner(&Clean)
        .build()
        .unwrap();
    let report = list.run();
    assert_eq!(report.checks.len(), ids.len());
    report.checks.into_iter().map(|check| check.state).collect()
}

/// That a check passes on a good toy, and what it says when the toy has changed.
fn complaint(id: &str, change: impl Fn(&Toy)) -> String {
    let toy = Toy::package();
    let good = &judge(&toy, &[id])[0];
    assert!(good.is_pass(), "{id}: {}", good.text());
    change(&toy);
    toy.commit("Change");
    let bad = &judge(&toy, &[id])[0];
    assert_eq!(bad.name(), "fail", "{id}: {}", bad.text());
    bad.text()
}

fn expect(id: &str, said: &str, change: impl Fn(&Toy)) {
    let complaint = complaint(id, change);
    assert!(complaint.contains(said), "{id}: {complaint}");
}

#[test]
fn each_fault_is_caught_by_its_check() {
    expect("secrets", "aws-access-key", |toy| {
        toy.write("key", ["AKIA", "Q7RMT3ZK5WYUB2LN"].concat());
        toy.commit("Oops");
        toy.remove("key");
    });
    expect("sources", "Cargo.lock is missing", |toy| {
        toy.remove("Cargo.lock");
    });
    expect("format", "src/lib.rs", |toy| {
        toy.write("src/lib.rs", format!("{LIBRARY}pub  fn ugly() {{}}\n"));
    });
    expect(
        "changelog",
        "CHANGELOG.md does not tell of toy 0.2.0",
        |toy| {
            toy.write("Cargo.toml", MANIFEST.replace("0.1.0", "0.2.0"));
        },
    );
    expect("contents", "toy: no text of a licence", |toy| {
        toy.remove("LICENSE");
    });
    expect("contents", "toy: deploy/.env is in it", |toy| {
        toy.write("deploy/.env", "A=1\n");
    });
    expect(
        "metadata",
        "toy has no description, no rust-version",
        |toy| {
            let text = MANIFEST.replace("description = \"A toy\"\n", "");
            toy.write("Cargo.toml", text.replace("rust-version = \"1.60\"\n", ""));
        },
    );
    expect("readme", "README.md:4: false", |toy| {
        toy.write("README.md", "# toy\n\n```sh\nfalse\n```\n");
    });
}

#[test]
fn what_the_compiler_and_the_tests_say_is_evidence() {
    expect("lints", "unused variable: `unused`", |toy| {
        toy.write(
            "src/lib.rs",
            LIBRARY.replace("number + 1", "let unused = 1;\n    number + 1"),
        );
    });
    expect(
        "tests",
        "1 of 3 tests failed:\ntest tests::wrong ... FAILED",
        |toy| {
            toy.write(
                "src/lib.rs",
                LIBRARY.replace(
                    "    #[test]\n",
                    "    #[test]\n    fn wrong() {\n        panic!();\n    }\n\n    #[test]\n",
                ),
            );
        },
    );
    expect("tests", "there is no test", |toy| {
        toy.write("src/lib.rs", "//! Nothing.\n");
    });
    expect("docs", "unresolved link to `nowhere`", |toy| {
        toy.write(
            "src/lib.rs",
            format!("{LIBRARY}\n/// See [nowhere].\npub fn f() {{}}\n"),
        );
    });
    expect("unpacked", "toy:\n", |toy| {
        toy.write(
            "Cargo.toml",
            format!("{MANIFEST}exclude = [\"README.md\"]\n")
                .replace("readme = \"README.md\"\n", "readme = false\n"),
        );
    });
}

#[test]
fn each_test_may_be_run_once_in_what_is_uploaded() {
    let toy = Toy::package();
    let tests = |toy: &Toy| {
        let workspace = toy.workspace();
        let once = StandardChecks::new(&workspace).tested_once().checks();
        let tests = once.into_iter().filter(|check| check.id() == "tests");
        let list = Readiness::builder(toy.path()).checks(tests).runner(&Clean);
        let report = list.build().unwrap().run();
        report.checks.into_iter().next().unwrap()
    };
    let all = tests(&toy);
    assert_eq!(all.state.name(), "not applicable", "{}", all.state.text());
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[workspace]\nmembers = [\"private\"]\n"),
    );
    let private = MANIFEST.replace("\"toy\"", "\"private\"") + "publish = false\n";
    toy.write(
        "private/Cargo.toml",
        private.replace("readme = \"README.md\"\n", ""),
    );
    toy.write(
        "private/src/lib.rs",
        "//! One test.\n#[test]\nfn passes() {}\n",
    );
    toy.cargo(&["generate-lockfile", "--offline"]);
    toy.commit("A private member");
    let rest = tests(&toy);
    assert!(rest.command.ends_with(" --exclude toy"), "{}", rest.command);
    assert_eq!(rest.state.text(), "1 test");
}

#[test]
fn what_is_written_but_not_released_is_told_by_the_changelog() {
    let toy = Toy::package();
    let of = |text: &str| {
        toy.write("CHANGELOG.md", text);
        judge(&toy, &["changelog"]).remove(0)
    };
    assert!(of("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- More.\n").is_pass());
    assert!(of("## v0.1.0 (2024-01-01)\n").is_pass());
    assert!(!of("# Changelog\n\n## [Unreleased]\n\n### Added\n").is_pass());
    assert!(!of("## 0.1.0-rc.1\n\n- Text with 0.1.0\n").is_pass());
    toy.remove("CHANGELOG.md");
    assert!(!judge(&toy, &["changelog"])[0].is_pass());
}

#[test]
fn a_compiler_that_is_not_there_is_unknown() {
    let toy = Toy::package();
    toy.write("Cargo.toml", MANIFEST.replace("1.60", "1.56.7"));
    let state = &judge(&toy, &["msrv"])[0];
    assert_eq!(
        state.text(),
        "Rust 1.56.7 is not installed; run `rustup toolchain install 1.56.7`"
    );
    assert_eq!(state.name(), "unknown");
}

#[test]
fn a_private_workspace_has_nothing_to_publish() {
    let toy = Toy::package();
    toy.write("Cargo.toml", format!("{MANIFEST}publish = false\n"));
    toy.commit("Keep it");
    for state in judge(&toy, &["unpacked", "changelog", "contents", "metadata"]) {
        assert_eq!(state.name(), "not applicable", "{}", state.text());
    }
}

/// Of a package that a toy does not need.
const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"sharp\"\ndate = \"2024-01-01\"\n\n[versions]\npatched = []\n```\n\n# Cuts its user\n\nLong.\n";

#[test]
fn a_good_package_with_everything_declared_is_ready() {
    let toy = Toy::package();
    let workspace = toy.workspace();
    let database = tempfile::tempdir().unwrap();
    let about = database.path().join("crates/sharp");
    std::fs::create_dir_all(&about).unwrap();
    std::fs::write(about.join("RUSTSEC-2024-0001.md"), ADVISORY).unwrap();
    let mut version = Command::new("git");
    version.arg("--version");
    let standard = StandardChecks::new(&workspace)
        .scratch(toy.scratch())
        .advisories(database.path())
        .signatures(Check::command("signatures", Area::Security, "t", version));
    let ended = RefCell::new(Vec::new());
    let list = Readiness::builder(toy.path())
        .checks(standard.checks())
        .check(Check::new("own", Area::Quality, "t", "true", |_| {
            Ok(State::pass("so it is"))
        }))
        .not_applicable("bench-gate", "a toy has no speed")
        .not_applicable("msrv", "its compiler is not here")
        .runner(&Clean)
        .on_event(|event| {
            if let ReadinessEvent::Ended { report } = event {
                ended.borrow_mut().push(report.id.clone());
            }
        })
        .build()
        .unwrap();
    let report: ReadinessReport = list.run();
    assert!(report.is_ready(), "{}", report.table());
    assert_eq!(report.total(), 100.0, "{}", report.table());
    assert_eq!(ended.borrow().len(), 18);
    assert_eq!(toy.git(&["status", "--porcelain"]), "");
}
