//! Rehearsals of toy workspaces, right ones and such with one fault each.

use std::{collections::BTreeMap, fs, path::Path, sync::Mutex};

use tuneup_packaging::{
    DownloadCache, Error, Registry, Rehearsal, RehearsalProgress, RehearsalReport, Smoke, System,
    Workspace,
};

use crate::{
    publishing::loopback::{Home, machine_with_third_party, manifest, publishable},
    small_disk::SmallDisk,
    toy::Toy,
};

mod artefacts;
mod faults;

const README: &str = "# Toy\n\n```sh\n# Cargo.toml gets a line.\n$ cargo add toy-facade --features with-base\n```\n\n\
    ```rust\n# use toy_facade as hidden;\nassert_eq!(hidden::answer(), 42);\nassert_eq!(toy_devel::devel(), 7);\n```\n\n\
    ```rust,no_run\nloop { toy_facade::answer(); }\n```\n\n```rust,compile_fail\nlet x: u32 = toy_facade::nothing();\n```\n\n\
    ```\nthis is no Rust, whatever rustdoc thinks\n```\n";

/// A diamond with a renamed dependency, features, a private member, a macro-free base that is built by a script, and a program.
fn toy() -> Toy {
    let facade = manifest(
        "toy-facade",
        "publish = [\"crates-io\"]\nreadme = \"../README.md\"\n\
         [dependencies]\nrenamed = { package = \"toy-base\", path = \"../base\", version = \"0.1\", optional = true }\n\
         [features]\ndefault = []\nwith-base = [\"dep:renamed\"]\nextra = []\n\
         [dev-dependencies]\ntoy-devel = { path = \"../devel\" }\nprivate = { path = \"../private\" }\n",
    );
    let program = manifest(
        "toy-program",
        "[dependencies]\ntoy-third = \"0.1\"\ntoy-facade = { path = \"../facade\", version = \"0.1\", features = [\"with-base\"] }\n",
    );
    Toy::new(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"facade\", \"devel\", \"program\", \"private\"]\n",
        ),
        (".gitignore", "/target\n/ignored\n"),
        ("README.md", README),
        ("ignored", "not to be copied"),
        (
            "base/Cargo.toml",
            &manifest("toy-base", "build = \"build.rs\"\nlinks = \"toy\"\n"),
        ),
        (
            "base/build.rs",
            "fn main() { println!(\"cargo:rustc-env=BUILT=yes\"); }",
        ),
        ("base/data.txt", "42"),
        (
            "base/src/lib.rs",
            "pub fn answer() -> u32 { assert_eq!(env!(\"BUILT\"), \"yes\"); include_str!(\"../data.txt\").parse().unwrap() }",
        ),
        ("facade/Cargo.toml", &facade),
        (
            "facade/src/lib.rs",
            "#[cfg(feature = \"with-base\")]\npub use renamed::answer;\n#[cfg(feature = \"extra\")]\npub fn extra() {}\n",
        ),
        (
            "devel/Cargo.toml",
            &manifest(
                "toy-devel",
                "[dependencies]\ntoy-base = { path = \"../base\", version = \"0.1\" }\n",
            ),
        ),
        (
            "devel/src/lib.rs",
            "pub fn devel() -> u32 { toy_base::answer() / 6 }",
        ),
        ("program/Cargo.toml", &program),
        (
            "program/README.md",
            "Run `toy`:\n\n```console\ncargo install toy-program --locked\n```\n",
        ),
        (
            "program/src/main.rs",
            "fn main() { println!(\"toy {} {}\", toy_facade::answer(), toy_third::third()); }",
        ),
        (
            "private/Cargo.toml",
            "[package]\nname = \"private\"\nversion = \"0.0.0\"\npublish = false\n[dependencies]\ntoy-base = { path = \"../base\" }\n",
        ),
        ("private/src/lib.rs", ""),
    ])
}

/// A committed toy whose third-party crate the machine has downloaded, after a change.
fn committed(change: impl FnOnce(&Toy), is_yanked: bool) -> (Toy, Home) {
    let (machine, _) = machine_with_third_party(false);
    let toy = toy();
    change(&toy);
    // Loopback is gone, and Cargo has what it needs.
    let serving = Registry::builder()
        .third_party(DownloadCache::open(&machine.path()).unwrap())
        .start()
        .unwrap();
    Home::of(&serving).run(toy.path(), &["generate-lockfile"]);
    toy.commit("Change");
    let machine = if is_yanked {
        machine_with_third_party(true).0
    } else {
        machine
    };
    (toy, machine)
}

fn rehearse(
    toy: &Toy,
    machine: &Home,
    change: impl FnOnce(Rehearsal<'_>) -> Rehearsal<'_>,
) -> Result<RehearsalReport, Error> {
    let workspace = Workspace::load(toy.path(), &System)?;
    let cache = DownloadCache::open(&machine.path())?;
    let smoke = Smoke::new("toy-program", "toy-program").with_expected("toy 42 3");
    change(Rehearsal::of(&workspace).third_party(cache).smoke(smoke)).run(&System, &System, &|_| {})
}

/// Every file, with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                contents.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    contents
}

#[test]
fn what_is_right_passes_and_the_checkout_is_only_read() {
    let (toy, machine) = committed(|_| {}, false);
    // A file that is not committed is part of what is tried.
    toy.write("base/src/lib.rs", "mod number;\npub use number::answer;");
    toy.write(
        "base/src/number.rs",
        "pub fn answer() -> u32 { include_str!(\"../data.txt\").parse().unwrap() }",
    );
    let before = (contents(toy.path()), contents(&machine.path()));
    let told = Mutex::new(Vec::new());
    let count = |progress: &RehearsalProgress<'_>| {
        if let RehearsalProgress::Ended(step) = progress {
            told.lock().unwrap().push(step.check.to_string());
        }
    };
    let workspace = Workspace::load(toy.path(), &System).unwrap();
    let smoke = Smoke::new("toy-program", "toy-program").with_expected("toy 42 3");
    let rehearsal = Rehearsal::of(&workspace)
        .third_party(DownloadCache::open(&machine.path()).unwrap())
        .smoke(smoke);
    let report = rehearsal.run(&System, &System, &count).unwrap();
    assert_eq!(
        report.failures().collect::<Vec<_>>(),
        Vec::<&tuneup_packaging::RehearsalStep>::new()
    );
    assert!(
        (contents(toy.path()), contents(&machine.path())) == before,
        "something was written"
    );
    let steps: Vec<String> = report
        .steps
        .iter()
        .map(|step| format!("{} {} {}", step.package, step.check, step.outcome))
        .collect();
    assert_eq!(
        steps,
        [
            " order passed",
            " third-party versions passed",
            " publish passed",
            "toy-base default features passed",
            "toy-base README skipped: it has no README",
            "toy-devel default features passed",
            "toy-devel README skipped: it has no README",
            "toy-facade default features passed",
            "toy-facade all features passed",
            "toy-facade no features passed",
            "toy-facade feature `extra` alone passed",
            "toy-facade feature `with-base` alone passed",
            "toy-facade README passed",
            "toy-program README skipped: it has no library to show examples of",
            "toy-program install passed",
        ]
    );
    assert_eq!(told.into_inner().unwrap().len(), steps.len());
    let names: Vec<_> = report
        .packages
        .iter()
        .map(|package| &package.package[..])
        .collect();
    assert_eq!(
        names,
        ["toy-base", "toy-devel", "toy-facade", "toy-program"]
    );
    assert!(
        serde_json::to_string(&report)
            .unwrap()
            .contains("\"check\":\"default_features\",\"outcome\":\"passed\"")
    );
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let Some(disk) = SmallDisk::full("a_full_disk_is_told_and_leaves_nothing") else {
        return;
    };
    let (toy, machine) = committed(|_| {}, false);
    let before = fs::read_dir(disk.path()).unwrap().count();
    let error = rehearse(&toy, &machine, |rehearsal| {
        rehearsal.scratch_in(disk.path())
    })
    .unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("No space left") || text.contains("StorageFull"),
        "{text}"
    );
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), before);
}

#[test]
fn what_no_member_is_called_is_refused_at_once() {
    let (toy, machine) = committed(|_| {}, false);
    let error = rehearse(&toy, &machine, |rehearsal| rehearsal.only("private")).unwrap_err();
    assert!(
        matches!(&error, Error::NotPublished { package } if package == "private"),
        "{error}"
    );
}

#[test]
fn a_workspace_of_a_private_registry_is_rehearsed_as_well() {
    let private = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&private));
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let rehearsal =
        Rehearsal::of(&workspace).smoke(Smoke::new("toy-top", "toy-top").with_expected("2"));
    let report = rehearsal.run(&System, &System, &|_| {}).unwrap();
    assert!(
        report.is_all_right(),
        "{:#?}",
        report.failures().collect::<Vec<_>>()
    );
    assert_eq!(report.packages.len(), 4);
    assert!(private.published().is_empty());
}
