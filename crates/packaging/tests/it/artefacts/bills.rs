//! Bills of materials and licences of a small program with dependencies of every kind.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use tuneup_packaging::{
    LicencePolicy, Licences, Sbom, Selection, System, Workspace, gather_licences, verify_sbom,
    write_sbom,
};

use super::tool::date;
use crate::programs::{judges, output, skip};

/// A workspace, and packages beside it that are somebody else's.
struct Toy {
    folder: TempDir,
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{rest}")
}

impl Toy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let toy = Self { folder };
        let third = |name: &str, rest: &str, licence: &str| {
            toy.write(&format!("third/{name}/Cargo.toml"), &package(name, rest));
            toy.write(&format!("third/{name}/src/lib.rs"), "");
            if !licence.is_empty() {
                toy.write(&format!("third/{name}/LICENSE"), licence);
            }
        };
        third("gpl", "license = \"GPL-3.0-only\"\n", "Share alike.\n");
        third(
            "middle",
            "license = \"MIT/Apache-2.0\"\nauthors = [\"Bob\"]\n[dependencies]\ngpl = { path = \"../gpl\", optional = true }\n",
            "Do as you like.\n",
        );
        third("bare", "license = \"MIT\"\nauthors = [\"Eve\"]\n", "");
        third("filed", "license-file = \"TERMS\"\n", "");
        toy.write("third/filed/TERMS", "Terms of our own.\n");
        third("made", "license = \"Apache-2.0\"\n", "Do  as you\nlike.\n");
        third(
            "tested",
            "license = \"AGPL-3.0-only\"\n",
            "For tests alone.\n",
        );
        third(
            "windows",
            "license = \"AGPL-3.0-only\"\n",
            "For another system.\n",
        );

        toy.write(
            "ours/Cargo.toml",
            "[workspace]\nmembers = [\"tool\", \"own\"]\nresolver = \"3\"\n",
        );
        toy.write("ours/own/Cargo.toml", &package("own", ""));
        toy.write("ours/own/src/lib.rs", "");
        toy.write(
            "ours/tool/Cargo.toml",
            &package(
                "tool",
                "license = \"MIT\"\nhomepage = \"https://example.org\"\n[features]\nextra = [\"middle/gpl\"]\n[dependencies]\nown = { path = \"../own\" }\n\
                 renamed = { package = \"middle\", path = \"../../third/middle\" }\nbare = { path = \"../../third/bare\" }\nfiled = { path = \"../../third/filed\" }\n\
                 [build-dependencies]\nmade = { path = \"../../third/made\" }\n[dev-dependencies]\ntested = { path = \"../../third/tested\" }\n\
                 [target.'cfg(windows)'.dependencies]\nwindows = { path = \"../../third/windows\" }\n",
            )
            .replace("middle/gpl", "renamed/gpl"),
        );
        toy.write("ours/tool/src/main.rs", "fn main() {}\n");
        toy.write("ours/tool/build.rs", "fn main() {}\n");
        let mut cargo = Command::new("cargo");
        cargo
            .args(["generate-lockfile", "--offline"])
            .current_dir(toy.path("ours"));
        output(&mut cargo);
        toy
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn workspace(&self) -> Workspace {
        Workspace::load(&self.path("ours"), &System).unwrap()
    }

    fn sbom(&self) -> Sbom {
        let path = self.path("dist/tool.cdx.json");
        write_sbom(&path, &self.workspace(), &selection(), date(), &System).unwrap()
    }

    fn licences(&self, selection: &Selection, policy: &LicencePolicy) -> Licences {
        gather_licences(&self.workspace(), selection, policy, &System).unwrap()
    }
}

fn selection() -> Selection {
    Selection::new("tool")
        .offline()
        .target("x86_64-unknown-linux-gnu")
}

fn policy() -> LicencePolicy {
    LicencePolicy::new(["MIT", "Apache-2.0"]).except(
        "filed",
        "TERMS",
        "read: the terms of MIT in other words",
    )
}

#[test]
fn a_bill_of_materials_is_equal_to_the_lock_file_from_two_folders() {
    let [here, there] = [Toy::new(), Toy::new()];
    let (one, other) = (here.sbom(), there.sbom());
    assert_eq!(one.sha256, other.sha256);
    // Two members and seven others; without what tests, other systems and other features need.
    assert_eq!((one.packages, one.linked), (9, 6));
    assert_eq!(one.without_licence, ["own 1.0.0"]);
    verify_sbom(&one.path, &here.path("ours/Cargo.lock")).unwrap();
}

#[test]
fn what_differs_from_the_lock_file_is_named() {
    let toy = Toy::new();
    let sbom = toy.sbom();
    let lock = fs::read_to_string(toy.path("ours/Cargo.lock")).unwrap();
    let bare = "name = \"bare\"\nversion = \"1.0.0\"\n";
    for (before, after, expected) in [
        (
            bare,
            "name = \"bare\"\nversion = \"1.0.1\"\n",
            vec![
                "`path#bare@1.0.0` is not in the lock file",
                "`path#bare@1.0.1` of the lock file is missing",
            ],
        ),
        (
            bare,
            &format!("{bare}checksum = \"00\"\n"),
            vec!["`path#bare@1.0.0` has another hash in the lock file"],
        ),
        (
            " \"bare\",\n",
            "",
            vec!["`path#tool@1.0.0` needs other packages in the lock file: `path#bare@1.0.0`"],
        ),
    ] {
        assert!(lock.contains(before));
        fs::write(toy.path("changed.lock"), lock.replace(before, after)).unwrap();
        let error = verify_sbom(&sbom.path, &toy.path("changed.lock"))
            .unwrap_err()
            .to_string();
        for expected in expected {
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
    fs::write(&sbom.path, "{}").unwrap();
    let error = verify_sbom(&sbom.path, &toy.path("ours/Cargo.lock"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("no CycloneDX document"), "{error}");
}

#[test]
fn a_validator_finds_nothing_wrong_with_a_bill_of_materials() {
    const TEST: &str = "a_validator_finds_nothing_wrong_with_a_bill_of_materials";
    let toy = Toy::new();
    let sbom = toy.sbom();
    let Some(bin) = judges() else {
        return skip(TEST, "cyclonedx-python-lib cannot be installed");
    };
    let said = validated(bin, &toy, &sbom.path);
    assert_eq!(said.trim(), "None");
    let broken = fs::read_to_string(&sbom.path)
        .unwrap()
        .replace("\"library\"", "\"book\"");
    fs::write(&sbom.path, broken).unwrap();
    let said = validated(bin, &toy, &sbom.path);
    assert!(said.contains("book"), "the validator looks: {said}");
}

fn validated(bin: &Path, toy: &Toy, path: &Path) -> String {
    let script = "import sys\nfrom cyclonedx.schema import SchemaVersion\nfrom cyclonedx.validation.json import JsonStrictValidator\n\
                  print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))\n";
    toy.write("validate.py", script);
    output(
        Command::new(bin.join("python"))
            .arg(toy.path("validate.py"))
            .arg(path),
    )
}

#[test]
fn licences_are_gathered_from_what_is_linked() {
    let toy = Toy::new();
    toy.write("third/bare/COPYING", "Bare terms.\n");
    let licences = toy.licences(&selection(), &policy());
    licences.check().unwrap();
    let names: Vec<_> = licences
        .packages
        .iter()
        .map(|package| &package.name[..])
        .collect();
    assert_eq!(names, ["bare", "filed", "made", "middle"]);
    assert_eq!(
        licences.packages[1].exception.as_deref(),
        Some("read: the terms of MIT in other words")
    );
    assert_eq!(licences.packages[3].path, ["tool 1.0.0", "middle 1.0.0"]);
    assert_eq!(
        licences.text(),
        format!(
            "tool 1.0.0 contains software of others, by the licences below.\n\n  bare 1.0.0: MIT\n  filed 1.0.0: see its text\n  made 1.0.0: Apache-2.0\n  middle 1.0.0: MIT/Apache-2.0\n\
             \n{line}\nbare 1.0.0\n\nBare terms.\n\n{line}\nfiled 1.0.0\n\nTerms of our own.\n\n{line}\nmade 1.0.0, middle 1.0.0\n\nDo  as you\nlike.\n",
            line = "=".repeat(80)
        )
    );
    let path = toy.path("dist/THIRD-PARTY.txt");
    licences.write(&path).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), licences.text());
}

#[test]
fn a_licence_that_is_not_allowed_is_refused_with_the_way_to_it() {
    let toy = Toy::new();
    let licences = toy.licences(
        &selection().features(["extra"]),
        &policy().with_standard_texts(),
    );
    assert_eq!(
        licences.problems,
        [
            "`gpl 1.0.0` has the licence GPL-3.0-only, which is not allowed; it is there by tool 1.0.0 → middle 1.0.0 → gpl 1.0.0"
        ]
    );
    let path = toy.path("THIRD-PARTY.txt");
    let error = licences.write(&path).unwrap_err().to_string();
    assert!(
        error.starts_with("the licences of `tool`: `gpl 1.0.0` has"),
        "{error}"
    );
    assert!(!path.exists());

    let excepted = policy()
        .with_standard_texts()
        .except("gpl", "GPL-3.0-only", "only a test of this")
        .except("gone", "GPL-3.0-only", "was there once");
    let licences = toy.licences(&selection().features(["extra"]), &excepted);
    licences.check().unwrap();
    assert_eq!(licences.unused_exceptions, ["`gone` with GPL-3.0-only"]);
    // Somebody else's package that was copied into the workspace.
    let path = toy.path("ours/own/Cargo.toml");
    fs::write(&path, package("own", "license = \"GPL-2.0-only\"\n")).unwrap();
    let licences = toy.licences(&selection(), &policy().with_standard_texts());
    assert!(licences.problems[0].starts_with("`own 1.0.0` has the licence GPL-2.0-only"));
    fs::write(&path, package("own", "")).unwrap();
    let windows = toy.licences(
        &selection().target("x86_64-pc-windows-msvc"),
        &policy().with_standard_texts(),
    );
    assert!(
        windows.problems[0].starts_with("`windows 1.0.0` has the licence AGPL-3.0-only"),
        "{:?}",
        windows.problems
    );
}

#[test]
fn a_text_that_is_missing_is_named_and_can_be_given() {
    let toy = Toy::new();
    let licences = toy.licences(&selection(), &policy());
    assert_eq!(
        licences.problems,
        [
            "`bare 1.0.0` (MIT) comes without the text of its licence; give one by `text_of`, or take that of SPDX by `with_standard_texts`"
        ]
    );
    toy.write("bare.txt", "Given terms.\n");
    let given = toy.licences(
        &selection(),
        &policy().text_of("bare", toy.path("bare.txt")),
    );
    given.check().unwrap();
    assert!(given.text().contains("bare 1.0.0\n\nGiven terms.\n"));
    let standard = toy.licences(&selection(), &policy().with_standard_texts());
    standard.check().unwrap();
    assert_eq!(standard.packages[0].files, ["MIT, the text of SPDX"]);
    assert!(
        standard.text().contains("Copyright (c) Eve\n"),
        "{}",
        standard.text()
    );
    assert!(standard.text().contains("Permission is hereby granted"));
}

#[test]
fn a_package_that_names_no_licence_is_refused() {
    let toy = Toy::new();
    let licences = toy.licences(
        &selection(),
        &LicencePolicy::new(["MIT"]).with_standard_texts(),
    );
    let problems = licences.problems.join("\n");
    assert!(
        problems.contains("`filed 1.0.0` names no licence but the file `TERMS`"),
        "{problems}"
    );
    assert!(
        problems.contains("`made 1.0.0` has the licence Apache-2.0, which is not allowed"),
        "{problems}"
    );
    assert_eq!(
        licences.problems.len(),
        2,
        "one of `middle`'s two is enough: {problems}"
    );
}
