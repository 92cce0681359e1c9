//! Programs out of archives, wheels, packages and crates.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tuneup_packaging::{Artefact, Installable, Registry, RehearsalOutcome, Smoke};

use super::{committed, rehearse};
use crate::{
    programs::{output, skip},
    publishing::loopback::{Home, manifest},
    toy::Toy,
};

const PROGRAM: &str = "#!/bin/sh\necho toy 42 3\n";

/// A wheel with one script, as pip takes it; the records that it does not look at are left empty.
const WHEEL: &str = r#"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    script = zipfile.ZipInfo("toy-0.1.0.data/scripts/toy-program")
    script.external_attr = 0o100755 << 16
    wheel.writestr(script, sys.argv[2])
    wheel.writestr("toy-0.1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 0.1.0\n")
    wheel.writestr("toy-0.1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: toy\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("toy-0.1.0.dist-info/RECORD", "")
"#;

const CONTROL: &str = "Package: toy\nVersion: 0.1.0\nArchitecture: all\nMaintainer: Toy <toy@example.org>\nDepends: no-such-package\nDescription: A toy\n";

/// Whether a program is there; says so where it is not.
fn has(program: &str, test: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        skip(test, &format!("{program} is not installed"));
    }
    is_there
}

/// One artefact of each kind that the machine can make, in a folder.
fn artefacts(folder: &Path, test: &str) -> Vec<(Artefact, PathBuf)> {
    let tree = Toy::new(&[
        ("toy-0.1.0/bin/toy-program", PROGRAM),
        ("deb/usr/bin/toy-program", PROGRAM),
        ("deb/DEBIAN/control", CONTROL),
        ("crate/Cargo.toml", &manifest("toy-program", "")),
        ("crate/src/main.rs", "fn main() { println!(\"toy 42 3\"); }"),
    ]);
    let run = |program: &str, arguments: &[&str]| {
        output(
            Command::new(program)
                .args(arguments)
                .current_dir(tree.path()),
        );
    };
    let path = |name: &str| folder.join(name).display().to_string();
    run(
        "chmod",
        &[
            "755",
            "toy-0.1.0/bin/toy-program",
            "deb/usr/bin/toy-program",
        ],
    );
    run("tar", &["-czf", &path("toy.tar.gz"), "toy-0.1.0"]);
    let mut artefacts = vec![(Artefact::Archive, folder.join("toy.tar.gz"))];
    let registry = Registry::builder().start().unwrap();
    let home = Home::of(&registry);
    home.run(
        &tree.path().join("crate"),
        &["package", "--allow-dirty", "--no-verify"],
    );
    artefacts.push((
        Artefact::CrateFile,
        home.target().join("package/toy-program-0.1.0.crate"),
    ));
    fs::copy(&artefacts[1].1, folder.join("toy.crate")).unwrap();
    artefacts[1].1 = folder.join("toy.crate");
    if has("zip", test) && has("unzip", test) {
        run("zip", &["-qr", &path("toy.zip"), "toy-0.1.0"]);
        artefacts.push((Artefact::Archive, folder.join("toy.zip")));
    }
    if has("python3", test) {
        let wheel = "toy-0.1.0-py3-none-any.whl";
        run("python3", &["-c", WHEEL, &path(wheel), PROGRAM]);
        artefacts.push((Artefact::Wheel, folder.join(wheel)));
    }
    if has("dpkg-deb", test) {
        run(
            "dpkg-deb",
            &["--root-owner-group", "--build", "deb", &path("toy.deb")],
        );
        artefacts.push((Artefact::Deb, folder.join("toy.deb")));
    }
    artefacts
}

#[test]
fn artefacts_are_installed_and_tried() {
    let (toy, machine) = committed(|_| {}, false);
    let folder = tempfile::tempdir().unwrap();
    let mut artefacts = artefacts(folder.path(), "artefacts_are_installed_and_tried");
    let whole = artefacts.len();
    let broken = folder.path().join("broken.tar.gz");
    fs::write(&broken, &fs::read(&artefacts[0].1).unwrap()[..40]).unwrap();
    artefacts.push((Artefact::Archive, broken));
    artefacts.push((Artefact::Wheel, folder.path().join("missing.whl")));
    let report = rehearse(&toy, &machine, |mut rehearsal| {
        rehearsal = rehearsal.only("toy-program").verify(false);
        for (artefact, path) in &artefacts {
            let smoke = Smoke::new("toy-program", "toy-program").with_expected("toy 42 3");
            rehearsal = rehearsal.installable(Installable {
                artefact: *artefact,
                path: path.clone(),
                smoke,
            });
        }
        rehearsal
    })
    .unwrap();
    let steps = &report.steps[report.steps.len() - artefacts.len()..];
    for (number, step) in steps.iter().enumerate() {
        let is_right = step.outcome == RehearsalOutcome::Passed;
        assert_eq!(is_right, number < whole, "{}: {}", step.check, step.outcome);
    }
}
