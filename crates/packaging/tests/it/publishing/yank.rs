//! Releases that are taken back from a registry on loopback.

use tuneup_packaging::{
    CargoIndex, Fault, Publication, Registry, System, Traffic, Withdrawal, Workspace, YankOutcome,
    YankReport,
};

use crate::{
    programs::failed,
    publishing::loopback::{Home, publishable},
    toy::Toy,
};

fn published(registry: &Registry, home: &Home) -> Toy {
    let toy = publishable();
    let workspace = Workspace::load(toy.path(), home).unwrap();
    let state = toy.path().join("state/publish.json");
    let publication = Publication::of(&workspace, &state)
        .registry("loopback")
        .verify(false)
        .try_out(false);
    publication.run(registry, home, &System, &|_| {}).unwrap();
    toy
}

fn outcomes(report: &YankReport) -> Vec<(&str, &YankOutcome)> {
    let packages = report.packages.iter();
    packages
        .map(|package| (&package.package[..], &package.outcome))
        .collect()
}

#[test]
fn a_release_is_taken_back_and_brought_back() {
    use YankOutcome::{Done, NotThere, WasSo};
    let registry = Registry::builder().start().unwrap();
    let home = Home::of_publisher(&registry);
    let toy = published(&registry, &home);
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let index = CargoIndex::new(&home).with_registry("loopback");
    let withdrawal = || Withdrawal::of(&workspace).registry("loopback");

    let report = withdrawal().run(&index, &home).unwrap();
    assert_eq!(
        outcomes(&report),
        [
            ("toy-top", &Done),
            ("toy-right", &Done),
            ("toy-left", &Done),
            ("toy-base", &Done)
        ]
    );
    let user = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"user\"\nversion = \"0.0.0\"\n[dependencies]\ntoy-left = { version = \"0.1\", registry = \"loopback\" }\n",
        ),
        ("src/lib.rs", ""),
    ]);
    let said = failed(&mut home.cargo(user.path(), &["generate-lockfile"]));
    assert!(said.contains("0.1.0 is yanked"), "{said}");
    let again = withdrawal().run(&index, &home).unwrap();
    assert!(
        again
            .packages
            .iter()
            .all(|package| package.outcome == WasSo)
    );

    let report = withdrawal().undo(&index, &home).unwrap();
    assert_eq!(
        outcomes(&report),
        [
            ("toy-base", &Done),
            ("toy-left", &Done),
            ("toy-right", &Done),
            ("toy-top", &Done)
        ]
    );
    home.run(user.path(), &["generate-lockfile"]);
    let other = withdrawal()
        .at("0.2.0".parse().unwrap())
        .run(&index, &home)
        .unwrap();
    assert!(
        other.is_all_right()
            && other
                .packages
                .iter()
                .all(|package| package.outcome == NotThere)
    );
}

#[test]
fn what_fails_for_one_is_told_and_done_the_next_time() {
    let registry = Registry::builder()
        .fault(Traffic::Yank, 2, Fault::Unavailable)
        .start()
        .unwrap();
    let home = Home::of_publisher(&registry);
    let toy = published(&registry, &home);
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let withdrawal = || Withdrawal::of(&workspace).registry("loopback");
    let report = withdrawal().run(&registry, &home).unwrap();
    assert!(!report.is_all_right());
    let failures = report
        .packages
        .iter()
        .filter(|package| package.outcome != YankOutcome::Done);
    let failures: Vec<_> = failures.collect();
    assert_eq!(failures.len(), 1);
    let YankOutcome::Failed { reason } = &failures[0].outcome else {
        panic!("{:?}", failures[0])
    };
    assert!(
        failures[0].package == "toy-right" && reason.contains("503"),
        "{reason}"
    );
    let report = withdrawal().run(&registry, &home).unwrap();
    let done: Vec<&str> = report
        .packages
        .iter()
        .filter(|package| package.outcome == YankOutcome::Done)
        .map(|package| &package.package[..])
        .collect();
    assert_eq!(done, ["toy-right"]);
}

#[test]
fn what_stayed_when_others_went_is_taken_back_the_next_time() {
    use YankOutcome::{Done, WasSo};
    let registry = Registry::builder()
        .fault(Traffic::Yank, 2, Fault::Unavailable)
        .start()
        .unwrap();
    let home = Home::of_publisher(&registry);
    let toy = published(&registry, &home);
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let index = CargoIndex::new(&home).with_registry("loopback");
    let withdrawal = || Withdrawal::of(&workspace).registry("loopback");
    assert!(!withdrawal().run(&index, &home).unwrap().is_all_right());
    // What it needs has the same number, and is gone already.
    let report = withdrawal().run(&index, &home).unwrap();
    assert_eq!(
        outcomes(&report),
        [
            ("toy-top", &WasSo),
            ("toy-right", &Done),
            ("toy-left", &WasSo),
            ("toy-base", &WasSo)
        ]
    );
    assert!(registry.published().values().all(|there| there.is_yanked));
}
